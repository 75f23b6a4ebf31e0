//! Safety records and referral counters, in `live.db` beside the messages.

mod calm;

use std::sync::Arc;

use async_trait::async_trait;
use innerworld_core::{
    clock::Timestamp,
    error::{ErrorKind, PortError},
    ids::TeenId,
    safety::{SafetyCommit, SafetyCount, SafetyRecord, record::SafetyNotice, store::SafetyStore},
};
use rusqlite::{Connection, OptionalExtension};

pub(crate) use self::calm::sweep;
use crate::{fault::Failure, keys::teen_keys::TeenSeals, shared::Shared};

const TABLE: &str = "live/safety_state";

/// [`SafetyStore`] on `live.db`.
#[derive(Debug)]
pub(crate) struct SqliteSafetyStore {
    shared: Arc<Shared>,
}

impl SqliteSafetyStore {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }
}

#[async_trait]
impl SafetyStore for SqliteSafetyStore {
    async fn load(&self, teen: TeenId) -> Result<Option<SafetyRecord>, PortError> {
        let Some(seals) = self.shared.teen_keys.for_reading(teen).await? else {
            return Ok(None);
        };
        self.shared
            .live
            .read("read a safety record", move |connection| {
                let sealed: Option<Vec<u8>> = connection
                    .prepare_cached("SELECT sealed FROM safety_state WHERE teen = ?1")?
                    .query_row([seals.number], |row| row.get(0))
                    .optional()?;
                let record = sealed.map(|sealed| seals.open((TABLE, &row_of(&seals)), &sealed));
                Ok(record.transpose()?)
            })
            .await
    }

    async fn commit(&self, commit: &SafetyCommit, now: Timestamp) -> Result<(), PortError> {
        let seals = self.shared.teen_keys.for_writing(commit.teen).await?;
        let change = Change::new(&self.shared, &seals, commit)?;
        self.shared
            .live
            .write(
                "store a safety record",
                Some(commit.teen),
                move |connection| {
                    if change.apply(connection, now)? {
                        return Ok(());
                    }
                    Err(PortError::new(ErrorKind::Conflict, "store a safety record").into())
                },
            )
            .await
    }

    async fn count(&self, teen: TeenId, notice: &SafetyNotice) -> Result<(), PortError> {
        let (now, notice) = (self.shared.clock.now(), Notice::new(notice)?);
        self.shared
            .live
            .write("count a notice", Some(teen), move |connection| {
                notice.apply(connection, now)
            })
            .await
    }

    async fn counts(&self, from: &str, to: &str) -> Result<Vec<(SafetyCount, u64)>, PortError> {
        let (from, to) = (from.to_owned(), to.to_owned());
        self.shared
            .live
            .read("read the counters", move |connection| {
                read_counts(connection, &from, &to)
            })
            .await
    }
}

/// All counters of the days `from` to `to`, both included.
pub(crate) fn read_counts(
    connection: &Connection,
    from: &str,
    to: &str,
) -> Result<Vec<(SafetyCount, u64)>, Failure> {
    let mut statement = connection.prepare_cached(
        "SELECT day, key, n FROM safety_count WHERE day BETWEEN ?1 AND ?2 ORDER BY day, key",
    )?;
    let mut rows = statement.query((from, to))?;
    let mut counts = Vec::new();
    while let Some(row) = rows.next()? {
        let key: String = row.get(1)?;
        let n: i64 = row.get(2)?;
        let n = u64::try_from(n).unwrap_or(0);
        counts.push((SafetyCount::of_key(row.get(0)?, &key)?, n));
    }
    Ok(counts)
}

/// A safety change made ready on the caller's thread, to run in any transaction of `live.db`.
pub(crate) struct Change {
    number: i64,
    expected: i64,
    rev: i64,
    sealed: Vec<u8>,
    notice: Option<Notice>,
}

impl Change {
    pub(crate) fn new(
        shared: &Shared,
        seals: &TeenSeals,
        commit: &SafetyCommit,
    ) -> Result<Self, PortError> {
        let number = |rev: u64| {
            i64::try_from(rev).map_err(|cause| {
                PortError::with_source(ErrorKind::Invalid, "store a safety record", cause)
            })
        };
        Ok(Self {
            number: seals.number,
            expected: number(commit.expected_rev)?,
            rev: number(commit.record.rev)?,
            sealed: seals.seal(&*shared.ids, (TABLE, &row_of(seals)), &commit.record)?,
            notice: commit.notice.as_ref().map(Notice::new).transpose()?,
        })
    }

    /// Stores record, notice and count; `false`, and nothing changed, if the stored revision is
    /// not the expected one.
    pub(crate) fn apply(&self, connection: &Connection, now: Timestamp) -> Result<bool, Failure> {
        let changed = if self.expected == 0 {
            connection
                .prepare_cached(
                    "INSERT INTO safety_state (teen, rev, changed, sealed) VALUES (?1, ?2, ?3, ?4)
                     ON CONFLICT DO NOTHING",
                )?
                .execute((self.number, self.rev, now.as_millis(), &self.sealed))?
        } else {
            connection
                .prepare_cached(
                    "UPDATE safety_state SET rev = ?2, changed = ?3, sealed = ?4
                     WHERE teen = ?1 AND rev = ?5",
                )?
                .execute((
                    self.number,
                    self.rev,
                    now.as_millis(),
                    &self.sealed,
                    self.expected,
                ))?
        };
        if changed == 0 {
            return Ok(false);
        }
        if let Some(notice) = &self.notice {
            notice.apply(connection, now)?;
        }
        Ok(true)
    }
}

/// A notice made ready to be counted.
pub(crate) struct Notice {
    id: [u8; 16],
    expires: i64,
    day: String,
    key: String,
}

impl Notice {
    pub(crate) fn new(notice: &SafetyNotice) -> Result<Self, PortError> {
        Ok(Self {
            id: notice.id,
            expires: notice.expires_at.as_millis(),
            day: notice.count.day.clone(),
            key: notice.count.key()?,
        })
    }

    /// Counts it unless it was counted while its row lives.
    pub(crate) fn apply(&self, connection: &Connection, now: Timestamp) -> Result<(), Failure> {
        connection
            .prepare_cached("DELETE FROM safety_notice WHERE expires <= ?1")?
            .execute([now.as_millis()])?;
        let new = connection
            .prepare_cached(
                "INSERT INTO safety_notice (notice_id, expires) VALUES (?1, ?2)
                 ON CONFLICT DO NOTHING",
            )?
            .execute((self.id, self.expires))?;
        if new == 1 {
            connection
                .prepare_cached(
                    "INSERT INTO safety_count (day, key, n) VALUES (?1, ?2, 1)
                     ON CONFLICT (day, key) DO UPDATE SET n = n + 1",
                )?
                .execute((&self.day, &self.key))?;
        }
        Ok(())
    }
}

fn row_of(seals: &TeenSeals) -> [u8; 8] {
    seals.number.to_be_bytes()
}
