//! The day's time and the notice clock, in `memory.db`. Neither holds a word; both are rows in the
//! clear under the teen's random number.

use std::sync::Arc;

use async_trait::async_trait;
use innerworld_core::{
    clock::Timestamp,
    error::{ErrorKind, PortError},
    identity::profile::{DayUse, NoticeClock, TeenClockStore},
    ids::TeenId,
};
use rusqlite::{Connection, OptionalExtension};

use crate::{fault::Failure, rows, shared::Shared};

/// [`TeenClockStore`] on `memory.db`.
#[derive(Debug)]
pub(crate) struct SqliteTeenClockStore {
    shared: Arc<Shared>,
}

impl SqliteTeenClockStore {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }
}

#[async_trait]
impl TeenClockStore for SqliteTeenClockStore {
    async fn day(&self, teen: TeenId, day: &str) -> Result<DayUse, PortError> {
        let Some(seals) = self.shared.teen_keys.for_reading(teen).await? else {
            return Ok(DayUse::default());
        };
        let day = day.to_owned();
        self.shared
            .memory
            .read("read a day's time", move |connection| {
                find_day(connection, seals.number, &day)
            })
            .await
    }

    async fn tick(
        &self,
        teen: TeenId,
        day: &str,
        expected: Timestamp,
        used: DayUse,
    ) -> Result<(), PortError> {
        const OPERATION: &str = "charge a day's time";
        let number = self.shared.teen_keys.for_writing(teen).await?.number;
        let day = day.to_owned();
        self.shared
            .memory
            .write(OPERATION, Some(teen), move |connection| {
                let before = find_day(connection, number, &day)?;
                if before.ticked_at != expected {
                    return Err(PortError::new(ErrorKind::Conflict, OPERATION).into());
                }
                let used_ms = rows::signed(used.used_ms);
                connection
                    .prepare_cached(
                        "INSERT INTO day (teen, date, used_ms, ticked_at) VALUES (?1, ?2, ?3, ?4)
                         ON CONFLICT (teen, date) DO UPDATE SET
                           used_ms = excluded.used_ms, ticked_at = excluded.ticked_at",
                    )?
                    .execute((number, day, used_ms, used.ticked_at.as_millis()))?;
                let added = used.used_ms.saturating_sub(before.used_ms);
                if added > 0 {
                    connection
                        .prepare_cached(
                            "INSERT INTO notice_clock (teen, since_ms, break_given_on)
                             VALUES (?1, ?2, NULL) ON CONFLICT (teen) DO UPDATE SET
                               since_ms = since_ms + excluded.since_ms",
                        )?
                        .execute((number, rows::signed(added)))?;
                }
                Ok(())
            })
            .await
    }

    async fn notices(&self, teen: TeenId) -> Result<NoticeClock, PortError> {
        let Some(seals) = self.shared.teen_keys.for_reading(teen).await? else {
            return Ok(NoticeClock::default());
        };
        self.shared
            .memory
            .read("read a notice clock", move |connection| {
                let found = connection
                    .prepare_cached(
                        "SELECT since_ms, break_given_on FROM notice_clock WHERE teen = ?1",
                    )?
                    .query_row([seals.number], |row| {
                        Ok((row.get::<_, i64>(0)?, row.get(1)?))
                    })
                    .optional()?;
                let (since_ms, break_given_on) = found.unwrap_or_default();
                Ok(NoticeClock {
                    since_not_human_ms: rows::unsigned(since_ms),
                    break_given_on,
                })
            })
            .await
    }

    async fn put_notices(&self, teen: TeenId, clock: NoticeClock) -> Result<(), PortError> {
        let number = self.shared.teen_keys.for_writing(teen).await?.number;
        self.shared
            .memory
            .write_single("store a notice clock", Some(teen), move |connection| {
                let since_ms = rows::signed(clock.since_not_human_ms);
                connection
                    .prepare_cached(
                        "INSERT INTO notice_clock (teen, since_ms, break_given_on)
                         VALUES (?1, ?2, ?3) ON CONFLICT (teen) DO UPDATE SET
                           since_ms = excluded.since_ms, break_given_on = excluded.break_given_on",
                    )?
                    .execute((number, since_ms, clock.break_given_on))?;
                Ok(())
            })
            .await
    }
}

/// The stored use, zero if there is none.
fn find_day(connection: &Connection, number: i64, day: &str) -> Result<DayUse, Failure> {
    let found = connection
        .prepare_cached("SELECT used_ms, ticked_at FROM day WHERE teen = ?1 AND date = ?2")?
        .query_row((number, day), |row| {
            Ok((row.get::<_, i64>(0)?, row.get(1)?))
        })
        .optional()?;
    Ok(
        found.map_or_else(DayUse::default, |(used_ms, ticked_at)| DayUse {
            used_ms: rows::unsigned(used_ms),
            ticked_at: Timestamp::from_millis(ticked_at),
        }),
    )
}
