//! Safety records in the table `teens`, referral counters in the table `counters`.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use futures_util::future::try_join_all;
use innerworld_core::{
    clock::Timestamp,
    error::{ErrorKind, PortError},
    ids::TeenId,
    safety::{SafetyCommit, SafetyCount, SafetyRecord, record::SafetyNotice, store::SafetyStore},
};

use crate::{
    dynamo::{Committed, Item, Key, Query, Range, Table},
    keys::TeenKeys,
    safety_rows::{SHARDS, STATE, SafetyRows, behind, first_of, shard_of},
    shared::Shared,
};

/// [`SafetyStore`] on the tables `teens` and `counters`.
#[derive(Debug)]
pub(crate) struct DynamoSafetyStore {
    shared: Arc<Shared>,
}

impl DynamoSafetyStore {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }
}

#[async_trait]
impl SafetyStore for DynamoSafetyStore {
    async fn load(&self, teen: TeenId) -> Result<Option<SafetyRecord>, PortError> {
        let Some(seals) = self.shared.teen_keys.for_reading(teen).await? else {
            return Ok(None);
        };
        let key = Key::teen(Table::Teens, teen, STATE);
        let found = self.shared.dynamo.get("read a safety record", &key).await?;
        found
            .map(|item| SafetyRows::open(&seals, &item))
            .transpose()
    }

    async fn commit(&self, commit: &SafetyCommit, now: Timestamp) -> Result<(), PortError> {
        const OPERATION: &str = "store a safety record";
        let seals = self.shared.teen_keys.for_writing(commit.teen).await?;
        let mut writes = vec![
            TeenKeys::unfenced(commit.teen),
            SafetyRows::record(&self.shared, &seals, commit, now)?,
        ];
        let without_notice = writes.len();
        if let Some(notice) = &commit.notice {
            writes.extend(SafetyRows::notice(notice, now)?);
        }
        let dynamo = &self.shared.dynamo;
        let mut committed = dynamo.commit(OPERATION, &writes).await?;
        let of_the_change = (0..without_notice).any(|write| committed.refused(write));
        if !of_the_change && committed.refused(without_notice) {
            // Counted before: the change is stored all the same.
            writes.truncate(without_notice);
            committed = dynamo.commit(OPERATION, &writes).await?;
        }
        if committed.refused(0) {
            return Err(PortError::new(ErrorKind::Denied, OPERATION));
        }
        match committed {
            Committed::Yes => Ok(()),
            Committed::No(_) => Err(PortError::new(ErrorKind::Conflict, OPERATION)),
        }
    }

    async fn count(&self, teen: TeenId, notice: &SafetyNotice) -> Result<(), PortError> {
        const OPERATION: &str = "count a notice";
        let mut writes = vec![TeenKeys::unfenced(teen)];
        writes.extend(SafetyRows::notice(notice, self.shared.clock.now())?);
        let committed = self.shared.dynamo.commit(OPERATION, &writes).await?;
        if committed.refused(0) {
            return Err(PortError::new(ErrorKind::Denied, OPERATION));
        }
        // A refused notice was counted before.
        Ok(())
    }

    async fn counts(&self, from: &str, to: &str) -> Result<Vec<(SafetyCount, u64)>, PortError> {
        if from > to {
            return Ok(Vec::new());
        }
        let now = self.shared.clock.now();
        let shards = (0..SHARDS).map(|shard| self.of_shard(shard, from, to));
        let mut sums = BTreeMap::new();
        for item in try_join_all(shards).await?.into_iter().flatten() {
            if item.lives(now) {
                let (count, number) = SafetyRows::count(&item)?;
                let sum: &mut u64 = sums.entry(count).or_default();
                *sum = sum.saturating_add(number);
            }
        }
        Ok(sums.into_iter().collect())
    }
}

impl DynamoSafetyStore {
    async fn of_shard(&self, shard: u8, from: &str, to: &str) -> Result<Vec<Item>, PortError> {
        let days = Range::Between(first_of(from).into(), behind(to).into());
        let query = Query::of(Table::Counters, shard_of(shard)).range(days);
        self.shared.dynamo.query("read the counters", query).await
    }
}
