//! The writing statements of a talk, each run inside a transaction of the writer.

use innerworld_core::error::{ErrorKind, PortError};
use rusqlite::{Connection, OptionalExtension, params};

use super::sealed::{CLOSING, EventRow, Key, PROCESSED, SessionRow, TurnRow};
use crate::fault::Failure;

/// A session's log keeps this many events …
const EVENTS_KEPT: i64 = 1_024;
/// … of this many sealed bytes together.
const EVENT_BYTES_KEPT: i64 = 256 * 1_024;

/// Inserts a session unless the teen has an open one that exists when this one starts.
pub(super) fn open_session(connection: &Connection, row: &SessionRow) -> Result<i64, Failure> {
    let changed = connection
        .prepare_cached(
            "INSERT INTO session (session_id, teen, state, seq, next_sequence, last_activity,
               expires, sealed)
             SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8 WHERE NOT EXISTS
               (SELECT 1 FROM session WHERE teen = ?2 AND state < ?9 AND expires > ?10)",
        )?
        .execute(params![
            row.key.session,
            row.key.teen,
            row.state,
            row.seq,
            row.next_sequence,
            row.last_activity,
            row.expires,
            row.sealed,
            CLOSING,
            row.started,
        ])?;
    if changed == 0 {
        return Err(PortError::new(ErrorKind::Conflict, "open a session").into());
    }
    Ok(connection.last_insert_rowid())
}

/// Replaces a session's row while its state is at most `state_at_most`; `None` if it is not there
/// or further on. Counters never go back.
pub(super) fn update_session(
    connection: &Connection,
    row: &SessionRow,
    state_at_most: i64,
) -> Result<Option<i64>, Failure> {
    Ok(connection
        .prepare_cached(
            "UPDATE session SET state = ?3, seq = max(seq, ?4),
               next_sequence = max(next_sequence, ?5), last_activity = ?6, expires = ?7, sealed = ?8
             WHERE session_id = ?1 AND teen = ?2 AND state <= ?9 RETURNING sno",
        )?
        .query_row(
            params![
                row.key.session,
                row.key.teen,
                row.state,
                row.seq,
                row.next_sequence,
                row.last_activity,
                row.expires,
                row.sealed,
                state_at_most,
            ],
            |row| row.get(0),
        )
        .optional()?)
}

/// The number of a session's row.
pub(super) fn find_session(connection: &Connection, key: Key) -> Result<Option<i64>, Failure> {
    Ok(connection
        .prepare_cached("SELECT sno FROM session WHERE session_id = ?1 AND teen = ?2")?
        .query_row((key.session, key.teen), |row| row.get(0))
        .optional()?)
}

/// The number of a session's row if it takes messages now.
pub(super) fn find_open(
    connection: &Connection,
    key: Key,
    now: i64,
) -> Result<Option<i64>, Failure> {
    Ok(connection
        .prepare_cached(
            "SELECT sno FROM session
             WHERE session_id = ?1 AND teen = ?2 AND state < ?3 AND expires > ?4",
        )?
        .query_row((key.session, key.teen, CLOSING, now), |row| row.get(0))
        .optional()?)
}

/// Inserts a turn; `false`, and nothing changed, if its message has a row that exists at `now`.
pub(super) fn insert_turn(
    connection: &Connection,
    (sno, row): (i64, &TurnRow),
    now: i64,
) -> Result<bool, Failure> {
    let changed = connection
        .prepare_cached(
            "INSERT INTO turn (sno, client_id, seq, teen_seq, ts, expires, sealed)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (sno, client_id) DO UPDATE SET seq = excluded.seq,
               teen_seq = excluded.teen_seq, ts = excluded.ts, expires = excluded.expires,
               sealed = excluded.sealed
             WHERE turn.expires <= ?8",
        )?
        .execute(params![
            sno,
            row.client,
            row.seq,
            row.teen_seq,
            row.created,
            row.expires,
            row.sealed,
            now
        ])?;
    Ok(changed == 1)
}

/// Replaces a turn's row; the session's number, or `None` if the row is gone.
pub(super) fn update_turn(connection: &Connection, row: &TurnRow) -> Result<Option<i64>, Failure> {
    let Some(sno) = find_session(connection, row.key)? else {
        return Ok(None);
    };
    let changed = connection
        .prepare_cached(
            "UPDATE turn SET seq = max(seq, ?3), teen_seq = ?4, ts = ?5, expires = ?6, sealed = ?7
             WHERE sno = ?1 AND client_id = ?2",
        )?
        .execute(params![
            sno,
            row.client,
            row.seq,
            row.teen_seq,
            row.created,
            row.expires,
            row.sealed
        ])?;
    Ok((changed == 1).then_some(sno))
}

/// The sealed turn of a message if it exists at `now`.
pub(super) fn find_turn(
    connection: &Connection,
    (sno, client): (i64, [u8; 16]),
    now: i64,
) -> Result<Option<Vec<u8>>, Failure> {
    Ok(connection
        .prepare_cached(
            "SELECT sealed FROM turn WHERE sno = ?1 AND client_id = ?2 AND expires > ?3",
        )?
        .query_row((sno, client, now), |row| row.get(0))
        .optional()?)
}

/// Appends events and trims the log from its old end. Event 1, the disclosure, stays: a client
/// that is sent a snapshot is shown it again.
pub(super) fn insert_events(
    connection: &Connection,
    sno: i64,
    events: &[EventRow],
) -> Result<(), Failure> {
    if events.is_empty() {
        return Ok(());
    }
    let mut insert = connection.prepare_cached(
        "INSERT INTO event (sno, seq, sealed) VALUES (?1, ?2, ?3)
         ON CONFLICT (sno, seq) DO UPDATE SET sealed = excluded.sealed",
    )?;
    for event in events {
        insert.execute((sno, event.seq, &event.sealed))?;
    }
    connection
        .prepare_cached(
            "DELETE FROM event WHERE sno = ?1 AND seq > 1 AND seq <=
               (SELECT max(seq) FROM
                 (SELECT seq, row_number() OVER newest AS n,
                         sum(length(sealed)) OVER newest AS bytes
                  FROM event WHERE sno = ?1 WINDOW newest AS (ORDER BY seq DESC))
                WHERE n > ?2 OR bytes > ?3)",
        )?
        .execute((sno, EVENTS_KEPT, EVENT_BYTES_KEPT))?;
    Ok(())
}

/// Deletes what was said and marks the row; its counters outlive the rows that they came from.
pub(super) fn finish_session(connection: &Connection, sno: i64) -> Result<(), Failure> {
    connection
        .prepare_cached(
            "UPDATE session SET state = ?2,
               seq = max(seq,
                 coalesce((SELECT max(seq) FROM turn WHERE turn.sno = ?1), 0),
                 coalesce((SELECT max(seq) FROM event WHERE event.sno = ?1), 0)),
               next_sequence = max(next_sequence,
                 coalesce((SELECT max(teen_seq) + 1 FROM turn WHERE turn.sno = ?1), 0))
             WHERE sno = ?1",
        )?
        .execute((sno, PROCESSED))?;
    for statement in [
        "DELETE FROM turn WHERE sno = ?1",
        "DELETE FROM event WHERE sno = ?1",
    ] {
        connection.prepare_cached(statement)?.execute([sno])?;
    }
    Ok(())
}
