//! Adapters for one machine: SQLite stores, sealing, keys, clock.
//!
//! Three files in the data directory, because backup and deletion rules differ per file:
//! `live.db` (talk of a day at most, and what commits with a message), `memory.db` (what outlives
//! a day) and `keys.db` (keys only). Personal content is sealed per teen before it reaches a file.
//!
//! Every file has one writer thread and a few reader threads; adapters hand them closures and
//! seal on the caller's thread. Nothing outside this crate names a database.

mod account_store;
mod authorization_store;
mod clock;
mod consent_store;
mod conversation_store;
mod counters;
mod erasure_store;
mod fault;
mod federation_store;
mod fences;
mod graph_store;
mod health;
mod inspect;
mod job_store;
mod journal_store;
mod key_store;
mod keys;
mod lock;
mod memory_rows;
mod open;
mod outbox;
mod ports;
mod profile_store;
mod retention;
mod revocation_store;
mod rows;
mod safety_store;
mod server_seals;
mod shared;
mod spool;
mod sqlite;
mod teen_clock_store;
mod ticket_store;
mod usage_ledger;

pub use clock::{OsIds, SystemClock};
pub use counters::LocalCounters;
pub use inspect::{FileState, Inspection, KeyState, inspect};
pub use keys::master::MasterKeyError;
pub use lock::LockError;
pub use open::{Embedded, OpenError, OpenOptions};
pub use outbox::{LocalOutbox, OutboxError};
pub use sqlite::file::FileError;
