//! Keys: the master, the teens' keys wrapped by it, and who was erased.

pub(crate) mod master;
pub(crate) mod service;
pub(crate) mod teen_keys;
pub(crate) mod tombstones;
