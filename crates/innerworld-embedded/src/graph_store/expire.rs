//! Retention: texts end by their own date, the graph by when a thing was last seen.

mod plan;

use std::sync::Arc;

use innerworld_core::{
    clock::Timestamp,
    error::{ErrorKind, PortError},
    memory::store::EvidenceTurn,
};
use rusqlite::Connection;

use self::plan::Stored;
use super::EVIDENCE;
use crate::{fault::Failure, keys::teen_keys::TeenSeals, rows, shared::Shared};

/// Drops texts whose time came, at most `limit`.
pub(super) async fn texts(
    shared: &Shared,
    now: Timestamp,
    limit: usize,
) -> Result<usize, PortError> {
    let due: Vec<(i64, [u8; 16], Vec<u8>)> = shared
        .memory
        .read("find expired texts", move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT teen, id, sealed FROM evidence
                 WHERE expires IS NOT NULL AND expires <= ?1 ORDER BY expires LIMIT ?2",
            )?;
            let found = statement.query_map((now.as_millis(), rows::limit(limit)), |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })?;
            Ok(found.collect::<Result<_, _>>()?)
        })
        .await?;
    if due.is_empty() {
        return Ok(0);
    }
    let mut stubs = Vec::with_capacity(due.len());
    for (number, id, sealed) in due {
        // Without a key the row is noise; the erase that destroyed the key may be under way.
        let stub = match shared.teen_keys.by_number(number).await? {
            Some(seals) => Some(Stub::new(shared, &seals, (id, &sealed))?),
            None => None,
        };
        stubs.push((number, id, stub));
    }
    shared
        .memory
        .write("drop expired texts", None, move |connection| {
            let mut gone = 0;
            for (number, id, stub) in stubs {
                gone += match stub {
                    Some(stub) => stub.put(connection, (number, id), now)?,
                    None => connection
                        .prepare_cached("DELETE FROM evidence WHERE teen = ?1 AND id = ?2")?
                        .execute((number, id))?,
                };
            }
            Ok(gone)
        })
        .await
}

struct Stub {
    said_at: i64,
    sealed: Vec<u8>,
}

impl Stub {
    fn new(
        shared: &Shared,
        seals: &TeenSeals,
        (id, sealed): ([u8; 16], &[u8]),
    ) -> Result<Self, PortError> {
        let mut turn: EvidenceTurn = seals.open((EVIDENCE, &id), sealed)?;
        turn.drop_text();
        Ok(Self {
            said_at: turn.said_at.as_millis(),
            sealed: seals.seal(&*shared.ids, (EVIDENCE, &id), &turn)?,
        })
    }

    /// Replaces the row, unless a newer text came meanwhile.
    fn put(
        self,
        connection: &Connection,
        (number, id): (i64, [u8; 16]),
        now: Timestamp,
    ) -> Result<usize, Failure> {
        let changed = connection
            .prepare_cached(
                "UPDATE evidence SET expires = NULL, sealed = ?4
                 WHERE teen = ?1 AND id = ?2 AND expires <= ?3",
            )?
            .execute((number, id, now.as_millis(), self.sealed))?;
        connection
            .prepare_cached("UPDATE recall SET oldest = min(oldest, ?2) WHERE teen = ?1")?
            .execute((number, self.said_at))?;
        Ok(changed)
    }
}

/// Drops nodes and edges not seen since `before`, and what only they needed; at most `limit`
/// records.
pub(super) async fn graphs(
    shared: &Shared,
    before: Timestamp,
    limit: usize,
) -> Result<usize, PortError> {
    let mut gone: usize = 0;
    let mut last = (i64::MIN, i64::MIN);
    while gone < limit {
        let Some(next) = next_due(shared, before, last).await? else {
            break;
        };
        last = next;
        let (_, number) = next;
        let left = limit.saturating_sub(gone);
        gone = gone.saturating_add(of_teen(shared, number, (before, left)).await?);
    }
    Ok(gone)
}

/// The teen with the oldest memory that is due, after the one looked at last.
async fn next_due(
    shared: &Shared,
    before: Timestamp,
    (oldest, number): (i64, i64),
) -> Result<Option<(i64, i64)>, PortError> {
    shared
        .memory
        .read("find memories that are due", move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT oldest, teen FROM recall
                 WHERE oldest < ?1 AND (oldest, teen) > (?2, ?3) ORDER BY oldest, teen LIMIT 1",
            )?;
            let mut found = statement.query((before.as_millis(), oldest, number))?;
            let row = found.next()?;
            row.map(|row| Ok((row.get(0)?, row.get(1)?))).transpose()
        })
        .await
}

async fn of_teen(
    shared: &Shared,
    number: i64,
    (before, limit): (Timestamp, usize),
) -> Result<usize, PortError> {
    const OPERATION: &str = "drop what was not seen";
    // Rows without a key are the erase's to delete.
    let Some(seals) = shared.teen_keys.by_number(number).await? else {
        return Ok(0);
    };
    let reader = Arc::clone(&seals);
    let stored = shared
        .memory
        .read(OPERATION, move |connection| {
            Stored::read(connection, &reader)
        })
        .await?;
    let plan = stored.plan(before, limit);
    let gone = plan.count();
    let batch = plan.seal(&*shared.ids, &seals)?;
    let written = shared
        .memory
        .write(OPERATION, Some(seals.teen()), move |connection| {
            batch.commit(connection)
        })
        .await;
    match written {
        Ok(()) => Ok(gone),
        // A session was remembered meanwhile, or the teen is being erased: the next round is near.
        Err(error) if matches!(error.kind(), ErrorKind::Conflict | ErrorKind::Denied) => Ok(0),
        Err(error) => Err(error),
    }
}
