//! Small conversions between core's numbers and SQLite's.

use rusqlite::{Connection, params};

/// A limit as a statement takes it.
pub(crate) fn limit(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

/// Touches a file for a health check: a real write of one row.
pub(crate) fn touch(connection: &Connection, now_ms: i64) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO scratch (id, checked) VALUES (1, ?1)
             ON CONFLICT (id) DO UPDATE SET checked = excluded.checked",
        )?
        .execute(params![now_ms])
        .map(drop)
}

/// A row's key for its seal: the teen's number.
pub(crate) fn number(number: i64) -> [u8; 8] {
    number.to_be_bytes()
}

/// A row's key for its seal: the teen's number and one of the row's own.
pub(crate) fn numbers(number: i64, row: i64) -> [u8; 16] {
    let mut key = [0; 16];
    let bytes = number.to_be_bytes().into_iter().chain(row.to_be_bytes());
    for (to, from) in key.iter_mut().zip(bytes) {
        *to = from;
    }
    key
}

/// A count as SQLite holds it.
pub(crate) fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// A count as it came back; no row holds a negative one.
pub(crate) fn unsigned(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}
