//! Tests against peers that the stage `aws` starts: real engines in processes of their own.
//!
//! `cargo test` does not run them; `cargo xtask test --stage aws` starts the peers and does. A peer
//! that is missing fails its tests.
#![expect(
    clippy::unwrap_used,
    reason = "a helper of a test may stop the test; clippy only knows the test functions themselves"
)]

#[path = "../graph_suite/suite.rs"]
mod graph_suite;
mod neo4j;
mod peer;
