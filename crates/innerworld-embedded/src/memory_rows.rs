//! Deleting rows of `memory.db`: a teen's, and those whose time is over.

use std::time::Duration;

use innerworld_core::clock::Timestamp;
use rusqlite::{Connection, OptionalExtension};

use crate::{fault::Failure, retention};

/// How long the use of a day, and a ledger record, are kept.
const MONTH: Duration = Duration::from_secs(30 * 24 * 3_600);

/// The keyed hash of a teen's address; `None` once the account is gone.
pub(crate) fn address(connection: &Connection, number: i64) -> Result<Option<Vec<u8>>, Failure> {
    Ok(connection
        .prepare_cached("SELECT email_mac FROM account WHERE teen = ?1")?
        .query_row([number], |row| row.get(0))
        .optional()?)
}

/// Deletes up to `limit` rows of a teen.
pub(crate) fn delete(connection: &Connection, number: i64, limit: usize) -> Result<usize, Failure> {
    const ALL: [&str; 19] = [
        "DELETE FROM node WHERE (teen, id, chunk) IN
           (SELECT teen, id, chunk FROM node WHERE teen = ?1 LIMIT ?2)",
        "DELETE FROM evidence WHERE (teen, id) IN
           (SELECT teen, id FROM evidence WHERE teen = ?1 LIMIT ?2)",
        "DELETE FROM mentions WHERE (teen, session_id, extractor) IN
           (SELECT teen, session_id, extractor FROM mentions WHERE teen = ?1 LIMIT ?2)",
        "DELETE FROM applied WHERE (teen, session_id, extractor) IN
           (SELECT teen, session_id, extractor FROM applied WHERE teen = ?1 LIMIT ?2)",
        "DELETE FROM suppression WHERE (teen, id) IN
           (SELECT teen, id FROM suppression WHERE teen = ?1 LIMIT ?2)",
        "DELETE FROM recall WHERE teen IN (SELECT teen FROM recall WHERE teen = ?1 LIMIT ?2)",
        "DELETE FROM journal WHERE (teen, id) IN
           (SELECT teen, id FROM journal WHERE teen = ?1 LIMIT ?2)",
        "DELETE FROM usage WHERE id IN (SELECT id FROM usage WHERE teen = ?1 LIMIT ?2)",
        "DELETE FROM day WHERE (teen, date) IN
           (SELECT teen, date FROM day WHERE teen = ?1 LIMIT ?2)",
        "DELETE FROM notice_clock WHERE teen IN
           (SELECT teen FROM notice_clock WHERE teen = ?1 LIMIT ?2)",
        "DELETE FROM consent WHERE (teen, n) IN
           (SELECT teen, n FROM consent WHERE teen = ?1 LIMIT ?2)",
        "DELETE FROM profile WHERE teen IN (SELECT teen FROM profile WHERE teen = ?1 LIMIT ?2)",
        "DELETE FROM code WHERE (teen, kind) IN
           (SELECT teen, kind FROM code WHERE teen = ?1 LIMIT ?2)",
        "DELETE FROM refresh WHERE hash IN
           (SELECT hash FROM refresh WHERE teen = ?1 LIMIT ?2)",
        "DELETE FROM authorization_code WHERE hash IN
           (SELECT hash FROM authorization_code WHERE teen = ?1 LIMIT ?2)",
        "DELETE FROM provider_grant WHERE teen IN
           (SELECT teen FROM provider_grant WHERE teen = ?1 LIMIT ?2)",
        "DELETE FROM app_transaction WHERE (mac, teen) IN
           (SELECT mac, teen FROM app_transaction WHERE teen = ?1 LIMIT ?2)",
        "DELETE FROM credential WHERE teen IN
           (SELECT teen FROM credential WHERE teen = ?1 LIMIT ?2)",
        "DELETE FROM account WHERE teen IN (SELECT teen FROM account WHERE teen = ?1 LIMIT ?2)",
    ];
    let mut gone = retention::delete(connection, &ALL, number, limit)?;
    // The deny mark goes last: until then no old token gets in, whatever else failed.
    if gone < limit {
        gone += connection
            .prepare_cached("DELETE FROM deny WHERE teen = ?1")?
            .execute([number])?;
    }
    Ok(gone)
}

/// Deletes up to `limit` rows that ended by `now`. Memory has a retention of its own.
pub(crate) fn sweep(
    connection: &Connection,
    now: Timestamp,
    limit: usize,
) -> Result<usize, Failure> {
    const ENDED: [&str; 7] = [
        "DELETE FROM code WHERE (teen, kind) IN
           (SELECT teen, kind FROM code WHERE expires <= ?1 LIMIT ?2)",
        "DELETE FROM refresh WHERE hash IN
           (SELECT hash FROM refresh WHERE expires <= ?1 LIMIT ?2)",
        "DELETE FROM refusal WHERE mac IN
           (SELECT mac FROM refusal WHERE until <= ?1 LIMIT ?2)",
        "DELETE FROM journal WHERE (teen, id) IN
           (SELECT teen, id FROM journal WHERE expires <= ?1 LIMIT ?2)",
        "DELETE FROM tombstone WHERE mac IN
           (SELECT mac FROM tombstone WHERE until <= ?1 LIMIT ?2)",
        "DELETE FROM sign_in_request WHERE hash IN
           (SELECT hash FROM sign_in_request WHERE expires <= ?1 LIMIT ?2)",
        "DELETE FROM authorization_code WHERE hash IN
           (SELECT hash FROM authorization_code WHERE expires <= ?1 LIMIT ?2)",
    ];
    const OLD: [&str; 2] = [
        "DELETE FROM usage WHERE id IN (SELECT id FROM usage WHERE started <= ?1 LIMIT ?2)",
        "DELETE FROM day WHERE (teen, date) IN
           (SELECT teen, date FROM day WHERE ticked_at <= ?1 LIMIT ?2)",
    ];
    let gone = retention::delete(connection, &ENDED, now.as_millis(), limit)?;
    let month_ago = now.minus(MONTH).as_millis();
    let left = limit.saturating_sub(gone);
    Ok(gone + retention::delete(connection, &OLD, month_ago, left)?)
}
