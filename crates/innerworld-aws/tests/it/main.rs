//! Tests of the adapters against local peers.

#![expect(
    clippy::unwrap_used,
    clippy::string_slice,
    reason = "a helper of a test may stop the test; clippy only knows the test functions themselves"
)]

mod checkup;
#[path = "../graph_suite/suite.rs"]
mod graph_suite;
mod neptune;
mod tokens;
