//! Tests of core's public behaviour.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helper functions of tests; the lint's exception covers only test functions"
)]

mod account_day;
mod digest;
mod memory;
mod pack;
mod personas;
mod recall;
mod resume;
mod safety;
mod second_look;
mod secret;
mod srp;
mod transcript;
mod usage;
mod veil;
