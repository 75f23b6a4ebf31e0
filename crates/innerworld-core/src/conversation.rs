//! Sessions and turns: their records, the store's port, and the rules of the daily budget.
//!
//! This module knows nothing of sockets, HTTP or wire names; `innerworld-protocol` maps its
//! records to frames.

pub mod record;
pub mod store;
