//! SQLite as this crate uses it: one writer thread and a few reader threads per file.

pub(crate) mod database;
pub(crate) mod file;
pub(crate) mod item;
pub(crate) mod log;
pub(crate) mod migrations;
pub(crate) mod pragmas;
pub(crate) mod queue;
pub(crate) mod readers;
pub(crate) mod writer;
