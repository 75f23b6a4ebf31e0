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
