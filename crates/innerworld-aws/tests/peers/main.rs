//! The adapters against real peers of the services. `cargo xtask test --stage aws` starts them.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests fail by panicking"
)]

mod contracts;
mod erasure;
mod graph;
mod graph_history;
mod person;
mod place;
mod spool;
mod talk;
