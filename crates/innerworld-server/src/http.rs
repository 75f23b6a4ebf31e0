//! HTTP beside the socket.

pub mod account;
pub mod context;
pub mod error;
pub mod export;
pub mod health;
pub(crate) mod idempotency;
pub mod journal;
pub mod memory;
pub mod public;
pub mod talk;
pub(crate) mod visits;
