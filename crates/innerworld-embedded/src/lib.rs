//! Adapters for one machine: SQLite stores, sealing, keys, clock.
//!
//! Three files in the data directory, because backup and deletion rules differ per file:
//! `live.db` (talk of a day at most, and what commits with a message), `memory.db` (what outlives
//! a day) and `keys.db` (keys only). Personal content is sealed per teen before it reaches a file.
//!
//! Every file has one writer thread and a few reader threads; adapters hand them closures and
//! seal on the caller's thread. Nothing outside this crate names a database.

mod clock;
mod erasure_store;
mod fault;
mod fences;
mod health;
mod job_store;
mod key_store;
mod keys;
mod lock;
mod open;
mod ports;
mod rows;
mod safety_store;
mod shared;
mod sqlite;
mod ticket_store;

pub use clock::{OsIds, SystemClock};
pub use keys::master::MasterKeyError;
pub use lock::LockError;
pub use open::{Embedded, OpenError, OpenOptions};
pub use sqlite::file::FileError;
