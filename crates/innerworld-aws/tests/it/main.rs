//! Tests of the adapters against local peers.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::string_slice,
    reason = "a helper of a test may stop the test; clippy only knows the test functions themselves"
)]

mod checkup;
mod gateway;
#[path = "../graph_suite/suite.rs"]
mod graph_suite;
mod neptune;
mod posting;
mod tokens;
