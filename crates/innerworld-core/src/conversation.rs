//! Sessions and turns: their records, the store's port, and the rules of resuming, pacing and the
//! daily budget.
//!
//! This module knows nothing of sockets, HTTP or wire names; `innerworld-protocol` maps its
//! records to frames, and both carriers drive these rules.

pub mod budget;
pub mod cursor;
pub mod limits;
pub mod record;
pub mod resume;
pub mod store;
