//! Settings of a connection, set and read back: a setting that did not take is an error, not a
//! surprise on the day of a power failure.

use rusqlite::{Connection, types::Value};

/// A setting that the file or the build refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) name: &'static str,
    pub(crate) wanted: &'static str,
}

/// Name, value as set, value as read back.
const ALL: &[(&str, &str, &str)] = &[
    ("page_size", "4096", "4096"),
    ("busy_timeout", "5000", "5000"),
    ("journal_mode", "WAL", "wal"),
    ("synchronous", "FULL", "2"),
    ("secure_delete", "ON", "1"),
    // The writer does it after its answers: see `log.rs`.
    ("wal_autocheckpoint", "0", "0"),
    ("foreign_keys", "ON", "1"),
    ("trusted_schema", "OFF", "0"),
    // No temporary file: it would keep rows outside of the data directory.
    ("temp_store", "MEMORY", "2"),
];

/// Prepares a connection. `in_memory` leaves out what only a file has.
pub(crate) fn apply(
    connection: &Connection,
    in_memory: bool,
) -> Result<Result<(), Refused>, rusqlite::Error> {
    for (name, value, expected) in ALL.iter().copied() {
        let of_files = matches!(name, "journal_mode" | "wal_autocheckpoint" | "page_size");
        if in_memory && of_files {
            continue;
        }
        connection.pragma_update(None, name, value)?;
        let found: Value = connection.pragma_query_value(None, name, |row| row.get(0))?;
        let as_expected = match found {
            Value::Integer(number) => number.to_string() == expected,
            Value::Text(text) => text == expected,
            Value::Null | Value::Real(_) | Value::Blob(_) => false,
        };
        if !as_expected {
            return Ok(Err(Refused {
                name,
                wanted: value,
            }));
        }
    }
    connection.set_prepared_statement_cache_capacity(128);
    Ok(Ok(()))
}
