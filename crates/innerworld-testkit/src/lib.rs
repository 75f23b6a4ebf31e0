//! Contract suites of the ports, a clock and ids that tests control, records to store, a scripted
//! model, a hostile upstream, an identity service that stands for Apple's, and systems that lack one
//! control each.
//!
//! For tests only: a failed clause panics, as a failed assertion does. Each port has one suite in
//! [`contract`]; every adapter runs it through the suite's macro. [`mod@reference`] holds the plainest
//! possible implementation of the stores, in maps: the suites are tested with it and with its
//! deliberately wrong variants, and random operations on a real adapter are compared with it.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a testkit reports by failing the test that runs it"
)]

pub mod apple;
pub mod aws_json;
pub mod chat_model_contract;
pub mod contract;
pub mod cutting_proxy;
pub mod fake_clock;
pub mod fake_neptune;
pub mod fates;
pub mod fifo_queue;
pub mod fixture;
pub mod gateway;
pub mod histories;
pub mod hostile_upstream;
pub mod http_api;
pub mod lambda;
pub mod model_calls;
pub mod random_memory;
pub mod records;
pub mod reference;
pub mod scenario;
pub mod scripted_look;
pub mod scripted_model;
pub mod scripted_screen;
pub mod seeded_ids;
pub mod signature;
mod tasks;
pub mod user_pool;
pub mod weakened;

pub use fake_clock::FakeClock;

/// Cases that a property test tries: `quick`, unless `PROPTEST_CASES` asks for another number.
pub fn cases(quick: u32) -> u32 {
    #[expect(
        clippy::disallowed_methods,
        reason = "the same variable as in proptest, which lets a number in the code win over it"
    )]
    let asked = std::env::var("PROPTEST_CASES").ok();
    asked.and_then(|asked| asked.parse().ok()).unwrap_or(quick)
}

pub use seeded_ids::SeededIds;
