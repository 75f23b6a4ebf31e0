//! The reading statements of a talk. Rows are opened on the reader's thread, so that nothing
//! sealed is copied twice.

use innerworld_core::{
    conversation::{
        record::{SessionRecord, TurnRecord},
        store::SessionLog,
    },
    ids::SessionId,
};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::sealed::{self, CLOSING, Key, PROCESSED};
use crate::{fault::Failure, keys::teen_keys::TeenSeals, rows};

/// A session's columns. Its counters live in memory while it goes on and are found again in the
/// newest of its rows, also in those that expired.
macro_rules! sessions_where {
    ($condition:literal) => {
        concat!(
            "SELECT sno, session_id, state,
               max(seq, coalesce((SELECT max(seq) FROM turn WHERE turn.sno = session.sno), 0),
                 coalesce((SELECT max(seq) FROM event WHERE event.sno = session.sno), 0)),
               max(next_sequence,
                 coalesce((SELECT max(teen_seq) + 1 FROM turn WHERE turn.sno = session.sno), 0)),
               sealed
             FROM session WHERE ",
            $condition
        )
    };
}

/// One session of this teen.
pub(super) fn session(
    connection: &Connection,
    seals: &TeenSeals,
    (key, now): (Key, i64),
) -> Result<Option<SessionLog>, Failure> {
    let mut statement = connection.prepare_cached(sessions_where!(
        "session_id = ?1 AND teen = ?2 AND expires > ?3"
    ))?;
    let mut found = statement.query((key.session, key.teen, now))?;
    match found.next()? {
        Some(row) => with_rows(connection, seals, (session_of(row, seals)?, now)).map(Some),
        None => Ok(None),
    }
}

/// The newest session of this teen that was not processed.
pub(super) fn live_session(
    connection: &Connection,
    seals: &TeenSeals,
    now: i64,
) -> Result<Option<SessionLog>, Failure> {
    let mut statement = connection.prepare_cached(sessions_where!(
        "teen = ?1 AND state <> ?2 AND expires > ?3 ORDER BY session_id DESC LIMIT 1"
    ))?;
    let mut found = statement.query((seals.number, PROCESSED, now))?;
    match found.next()? {
        Some(row) => with_rows(connection, seals, (session_of(row, seals)?, now)).map(Some),
        None => Ok(None),
    }
}

/// A page of this teen's sessions, newest first.
pub(super) fn sessions(
    connection: &Connection,
    seals: &TeenSeals,
    (before, limit): (Option<SessionId>, usize),
    now: i64,
) -> Result<Vec<SessionRecord>, Failure> {
    let mut statement = connection.prepare_cached(sessions_where!(
        "teen = ?1 AND expires > ?2 AND (?3 IS NULL OR session_id < ?3)
         ORDER BY session_id DESC LIMIT ?4"
    ))?;
    let before = before.map(SessionId::to_bytes);
    let mut found = statement.query(params![seals.number, now, before, rows::limit(limit)])?;
    let mut sessions = Vec::new();
    while let Some(row) = found.next()? {
        sessions.push(session_of(row, seals)?.1);
    }
    Ok(sessions)
}

/// Teen number and id of every session that is open or closing, oldest first.
pub(super) fn unfinished(
    connection: &Connection,
    now: i64,
) -> Result<Vec<(i64, SessionId)>, Failure> {
    let mut statement = connection.prepare_cached(
        "SELECT teen, session_id FROM session WHERE state <= ?1 AND expires > ?2
         ORDER BY session_id",
    )?;
    let found = statement.query_map((CLOSING, now), |row| {
        Ok((row.get(0)?, SessionId::from_bytes(row.get(1)?)))
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// The turn of a message.
pub(super) fn turn_of_message(
    connection: &Connection,
    seals: &TeenSeals,
    (key, client): (Key, [u8; 16]),
    now: i64,
) -> Result<Option<TurnRecord>, Failure> {
    let found: Option<Vec<u8>> = connection
        .prepare_cached(
            "SELECT turn.sealed FROM session JOIN turn USING (sno)
             WHERE session_id = ?1 AND teen = ?2 AND client_id = ?3
               AND session.expires > ?4 AND turn.expires > ?4",
        )?
        .query_row((key.session, key.teen, client, now), |row| row.get(0))
        .optional()?;
    let turn = found.map(|sealed| sealed::open_turn(seals, (key.session, client), &sealed));
    // A turn that no message made stands under its own id: not what was asked for.
    let turn = turn.transpose()?.filter(|turn| turn.message.is_some());
    Ok(turn)
}

fn session_of(row: &Row<'_>, seals: &TeenSeals) -> Result<(i64, SessionRecord), Failure> {
    let columns = (row.get(2)?, row.get(3)?, row.get(4)?);
    let sealed = row.get_ref(5)?.as_blob().map_err(rusqlite::Error::from)?;
    let session = sealed::open_session(seals, row.get(1)?, columns, sealed)?;
    Ok((row.get(0)?, session))
}

/// A session with what exists of its turns and events.
fn with_rows(
    connection: &Connection,
    seals: &TeenSeals,
    ((sno, session), now): ((i64, SessionRecord), i64),
) -> Result<SessionLog, Failure> {
    let id = session.id.to_bytes();
    let mut turns = Vec::new();
    let mut statement = connection.prepare_cached(
        "SELECT client_id, sealed FROM turn WHERE sno = ?1 AND expires > ?2
         ORDER BY teen_seq, id",
    )?;
    let mut found = statement.query((sno, now))?;
    while let Some(row) = found.next()? {
        let sealed = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
        turns.push(sealed::open_turn(seals, (id, row.get(0)?), sealed)?);
    }
    let mut events = Vec::new();
    let mut statement =
        connection.prepare_cached("SELECT seq, sealed FROM event WHERE sno = ?1 ORDER BY seq")?;
    let mut found = statement.query([sno])?;
    while let Some(row) = found.next()? {
        let sealed = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
        events.push(sealed::open_event(seals, (id, row.get(0)?), sealed)?);
    }
    Ok(SessionLog {
        session,
        turns,
        events,
    })
}
