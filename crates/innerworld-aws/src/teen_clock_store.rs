//! The day's time and the notice clock: the items `day#<date>` and `clock` of a teen. Neither holds
//! a word; both are in the clear.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use innerworld_core::{
    clock::Timestamp,
    error::{ErrorKind, PortError},
    identity::profile::{DayUse, NoticeClock, TeenClockStore},
    ids::TeenId,
};

use crate::{
    dynamo::{Change, Committed, Condition, Item, Key, Table, Write},
    shared::Shared,
};

const TICK: &str = "charge a day's time";
/// Sort key of the notice clock.
const CLOCK: &str = "clock";
/// How long a day's use is kept after its last tick.
const DAY_LIFE: Duration = Duration::from_secs(8 * 24 * 3_600);
/// Attributes of a day.
const USED: &str = "used_ms";
const TICKED: &str = "ticked_at";
/// Attributes of the notice clock.
const SINCE: &str = "since_ms";
const BREAK: &str = "break_given_on";

/// [`TeenClockStore`] on the table `teens`.
#[derive(Debug)]
pub(crate) struct DynamoTeenClockStore {
    shared: Arc<Shared>,
}

impl DynamoTeenClockStore {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    async fn find_day(&self, key: &Key) -> Result<Option<Item>, PortError> {
        self.shared.dynamo.get("read a day's time", key).await
    }

    /// Charges a day that was charged before: by two writes, for a third of what a transaction costs. Items
    /// that are there are changed, never made anew: what an erase deletes stays deleted. A process that dies
    /// between the two leaves the notice clock behind by one charge, a few seconds.
    async fn tick_on(
        &self,
        teen: TeenId,
        (day, change, unchanged): (&Key, Change, Condition),
        added: i64,
    ) -> Result<(), PortError> {
        self.shared.teen_keys.allow_writing(teen).await?;
        let dynamo = &self.shared.dynamo;
        if !dynamo.update(TICK, (day, change), Some(unchanged)).await? {
            return Err(PortError::new(ErrorKind::Conflict, TICK));
        }
        if added == 0 {
            return Ok(());
        }
        let clock = clock_of(teen);
        let change = || Change::new().add(SINCE, added);
        let there = Some(Condition::Present("user_id"));
        if !dynamo.update(TICK, (&clock, change()), there).await? {
            let first = vec![Write::Update(clock, change(), None)];
            self.shared.commit_for(teen, TICK, first).await?;
        }
        Ok(())
    }

    fn use_in(&self, day: Option<&Item>) -> Result<DayUse, PortError> {
        let now = self.shared.clock.now();
        let Some(day) = day.filter(|day| day.lives(now)) else {
            return Ok(DayUse::default());
        };
        Ok(DayUse {
            used_ms: day.number(USED)?,
            ticked_at: Timestamp::from_millis(day.number(TICKED)?),
        })
    }
}

#[async_trait]
impl TeenClockStore for DynamoTeenClockStore {
    async fn day(&self, teen: TeenId, day: &str) -> Result<DayUse, PortError> {
        let found = self.find_day(&day_of(teen, day)).await?;
        self.use_in(found.as_ref())
    }

    async fn tick(
        &self,
        teen: TeenId,
        day: &str,
        expected: Timestamp,
        used: DayUse,
    ) -> Result<(), PortError> {
        let key = day_of(teen, day);
        let stored = self.find_day(&key).await?;
        let before = self.use_in(stored.as_ref())?;
        if before.ticked_at != expected {
            return Err(PortError::new(ErrorKind::Conflict, TICK));
        }
        let change = Change::new()
            .set(USED, used.used_ms)
            .set(TICKED, used.ticked_at.as_millis())
            .until(used.ticked_at.plus(DAY_LIFE));
        let unchanged = unchanged(stored.as_ref())?;
        // What is added to the clock is right only for the use that was read above.
        let added = used.used_ms.saturating_sub(before.used_ms);
        let added = i64::try_from(added).unwrap_or(i64::MAX);
        if stored.is_some() {
            return self.tick_on(teen, (&key, change, unchanged), added).await;
        }
        let mut writes = vec![Write::Update(key, change, Some(unchanged))];
        if added > 0 {
            let change = Change::new().add(SINCE, added);
            writes.push(Write::Update(clock_of(teen), change, None));
        }
        match self.shared.commit_for(teen, TICK, writes).await? {
            Committed::Yes => Ok(()),
            Committed::No(_) => Err(PortError::new(ErrorKind::Conflict, TICK)),
        }
    }

    async fn notices(&self, teen: TeenId) -> Result<NoticeClock, PortError> {
        let key = clock_of(teen);
        let found = self.shared.dynamo.get("read a notice clock", &key).await?;
        let Some(clock) = found else {
            return Ok(NoticeClock::default());
        };
        Ok(NoticeClock {
            since_not_human_ms: clock.maybe_number(SINCE)?.unwrap_or_default(),
            break_given_on: clock.maybe_number(BREAK)?,
        })
    }

    async fn put_notices(&self, teen: TeenId, clock: NoticeClock) -> Result<(), PortError> {
        let mut item = Item::new().with(SINCE, clock.since_not_human_ms);
        if let Some(day) = clock.break_given_on {
            item = item.with(BREAK, day);
        }
        let writes = vec![Write::Put(clock_of(teen), item, None)];
        self.shared
            .commit_for(teen, "store a notice clock", writes)
            .await
            .map(|_stored| ())
    }
}

/// Holds if the day is still as it was read.
fn unchanged(stored: Option<&Item>) -> Result<Condition, PortError> {
    let Some(stored) = stored else {
        return Ok(Condition::Absent("user_id"));
    };
    Ok(Condition::All(vec![
        Condition::Is(USED, stored.number::<u64>(USED)?.into()),
        Condition::Is(TICKED, stored.number::<i64>(TICKED)?.into()),
    ]))
}

fn day_of(teen: TeenId, day: &str) -> Key {
    Key::teen(Table::Teens, teen, format!("day#{day}"))
}

fn clock_of(teen: TeenId) -> Key {
    Key::teen(Table::Teens, teen, CLOCK)
}
