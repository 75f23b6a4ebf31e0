//! The functions at programs that stand for the services of AWS. `cargo xtask test --stage aws`
//! starts them.
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests fail by panicking"
)]

mod account;
mod chaos;
mod connections;
mod functions;
mod gateway;
mod graph;
mod looks;
mod place;
mod privacy;
mod queues;
mod remember;
mod rights;
mod scenarios;
mod sweeper;
mod talk;
