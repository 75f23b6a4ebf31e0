//! Rules, use cases and ports of `InnerWorld`.
//!
//! Nothing here does I/O: time, identifiers and randomness come in through ports
//! ([`clock::Clock`], [`ids::IdSource`]), stores and model providers are traits. Both runtimes
//! (one machine, AWS) run this code; only adapters differ.

pub mod calendar;
pub mod clock;
pub mod cluster;
pub mod conversation;
pub mod error;
pub mod hash;
pub mod health;
pub mod hex;
pub mod identity;
pub mod ids;
pub mod memory;
pub mod model;
pub mod persona;
pub mod safety;
pub mod seal;
pub mod secret;
pub mod usage;
