//! Contract suites of the ports, a scripted model and a hostile upstream.
//!
//! For tests only: a failed clause panics, as a failed assertion does.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a testkit reports by failing the test that runs it"
)]

pub mod chat_model_contract;
pub mod hostile_upstream;
pub mod model_calls;
pub mod scripted_model;
