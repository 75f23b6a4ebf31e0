//! The adapters of one machine, from outside.

#![expect(
    clippy::unwrap_used,
    reason = "a helper of a test may stop the test; clippy only knows the test functions themselves"
)]

mod contracts;
mod directory;
mod erase;
mod everything;
mod fixture_contents;
mod fixtures;
mod injection;
mod keys;
mod kill;
mod live;
mod place;
mod ports;
mod random_memory;
mod remember;
mod residue;
mod spool;
mod stolen;
mod tables;
mod talk;
