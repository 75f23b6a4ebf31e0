//! Tests of the adapters at programs that stand for AWS on this machine: `cargo xtask test --stage
//! aws` starts them and says where they are.
#![expect(
    clippy::unwrap_used,
    reason = "a helper of a test may stop the test; clippy only knows the test functions themselves"
)]

mod place;
mod reach;
