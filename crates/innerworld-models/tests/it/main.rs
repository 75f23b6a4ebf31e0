//! Tests of the model clients: one binary, one module per subject.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::string_slice,
    reason = "helpers of tests fail the test that calls them"
)]

mod chain;
mod consent;
mod contract;
mod egress;
mod extraction;
mod hostile;
mod leaks;
mod offline;
mod prompt;
mod second_look;
mod sse;
mod support;
mod veiled;
