//! The ledger of model calls: the items `usage#<start>#<call>#<hop>` of a teen, so that their order
//! is that of the starts. One that is open lies in the sweep's index as well, under its start.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use async_trait::async_trait;
use innerworld_core::{
    clock::Timestamp,
    error::{ErrorKind, PortError},
    hex,
    ids::TeenId,
    model::call::CallPurpose,
    seal::Seals,
    usage::{UsageLedger, UsageRecord, UsageState},
};

use crate::{
    dynamo::{Change, Condition, Index, Item, Key, Query, Range, Table},
    elsewhere,
    shared::{SEALED, Shared},
};

/// Where a sealed record lies.
const PLACE: &str = "memory/usage";
/// What the items' names begin with.
const PREFIX: &str = "usage#";
/// How long a record is kept.
const LIFE: Duration = Duration::from_secs(30 * 24 * 3_600);
/// The index's partitions that hold open records are `usage#0` to `usage#7`: nothing else that is
/// due stands between them.
const SHARDS: u8 = 8;
/// Open records closed per shard and call; what is left is closed by the next call.
const REAPED: usize = 1_000;
/// The attributes by which an open record lies in the index.
const SHARD: &str = "sweep_shard";
const AT: &str = "sweep_at";

/// [`UsageLedger`] on the table `teens`.
#[derive(Debug)]
pub(crate) struct DynamoUsageLedger {
    shared: Arc<Shared>,
}

impl DynamoUsageLedger {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    async fn put(&self, teen: TeenId, record: &UsageRecord) -> Result<(), PortError> {
        let seals = self.shared.teen_keys.for_writing(teen).await?;
        let name = name(record);
        let sealed = seals.seal(&*self.shared.ids, (PLACE, name.as_bytes()), record)?;
        let mut item = Item::new()
            .with(SEALED, sealed)
            .until(record.started_at.plus(LIFE));
        if record.state == UsageState::Started {
            item = item
                .with(SHARD, shard_of(teen))
                .with(AT, record.started_at.as_millis());
        }
        let key = Key::teen(Table::Teens, teen, name);
        self.shared
            .dynamo
            .put("record a model call", (&key, item), None)
            .await
            .map(|_stored| ())
    }

    /// The teen's records whose names are in `range`, oldest first.
    async fn read(&self, teen: TeenId, range: Range) -> Result<Vec<UsageRecord>, PortError> {
        let Some(seals) = self.shared.teen_keys.for_reading(teen).await? else {
            return Ok(Vec::new());
        };
        let query = Query::of(Table::Teens, teen.to_string()).range(range);
        let found = self.shared.dynamo.query("read the ledger", query).await?;
        let now = self.shared.clock.now();
        found
            .iter()
            .filter(|item| item.lives(now))
            .map(|item| open(&seals, item))
            .collect()
    }

    /// Closes the record with this key of the index, if it is open still; whether it was.
    async fn close(&self, found: &Item, before: Timestamp) -> Result<bool, PortError> {
        const OPERATION: &str = "close an open model call";
        let teen = elsewhere::teen_in(found, "user_id")?;
        let key = Key::teen(Table::Teens, teen, found.text("item")?);
        // The index may lag: what counts is the item.
        let Some(item) = self.shared.dynamo.get(OPERATION, &key).await? else {
            return Ok(false);
        };
        let started: Option<i64> = item.maybe_number(AT)?;
        if started.is_none_or(|started| started >= before.as_millis()) {
            return Ok(false);
        }
        let mut change = Change::new().remove(SHARD).remove(AT);
        // A record that nothing opens any more is closed as it is; the erase deletes it.
        if let Some(sealed) = self.unknown(teen, &item).await? {
            change = change.set(SEALED, sealed);
        }
        let open = Some(Condition::Present(SHARD));
        self.shared
            .dynamo
            .update(OPERATION, (&key, change), open)
            .await
    }

    /// The record sealed anew as one whose end nobody knows; `None` if the key is gone or the record
    /// is damaged.
    async fn unknown(&self, teen: TeenId, item: &Item) -> Result<Option<Vec<u8>>, PortError> {
        let opened = match self.shared.teen_keys.for_reading(teen).await {
            Ok(None) => return Ok(None),
            Ok(Some(seals)) => open(&seals, item).map(|record| (seals, record)),
            Err(error) => Err(error),
        };
        let (seals, mut record) = match opened {
            Ok(opened) => opened,
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::Corrupt) => {
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        record.state = UsageState::Unknown;
        let name = item.text("item")?.as_bytes();
        seals
            .seal(&*self.shared.ids, (PLACE, name), &record)
            .map(Some)
    }
}

#[async_trait]
impl UsageLedger for DynamoUsageLedger {
    async fn started(&self, teen: TeenId, record: &UsageRecord) -> Result<(), PortError> {
        self.put(teen, record).await
    }

    async fn finished(&self, teen: TeenId, record: &UsageRecord) -> Result<(), PortError> {
        self.put(teen, record).await
    }

    async fn list(&self, teen: TeenId) -> Result<Vec<UsageRecord>, PortError> {
        self.read(teen, Range::Prefix(PREFIX.to_owned())).await
    }

    async fn calls(
        &self,
        teen: TeenId,
        purpose: CallPurpose,
        since: Timestamp,
    ) -> Result<u32, PortError> {
        // A tilde sorts behind every digit.
        let range = Range::Between(from(since).into(), format!("{PREFIX}~").into());
        let found = self.read(teen, range).await?;
        let calls: BTreeSet<_> = found
            .iter()
            .filter(|record| record.purpose == purpose)
            .map(|record| record.call)
            .collect();
        Ok(u32::try_from(calls.len()).unwrap_or(u32::MAX))
    }

    async fn reap(&self, before: Timestamp) -> Result<usize, PortError> {
        let last = before.as_millis().saturating_sub(1);
        let mut reaped = 0;
        for shard in 0..SHARDS {
            let query = Query::of(Table::Teens, format!("{PREFIX}{shard}"))
                .through(Index::Sweep)
                .range(Range::UpTo(last.into()))
                .limit(REAPED);
            let found = self
                .shared
                .dynamo
                .query("find open model calls", query)
                .await?;
            for key in &found {
                reaped += usize::from(self.close(key, before).await?);
            }
        }
        Ok(reaped)
    }
}

fn open(seals: &Seals, item: &Item) -> Result<UsageRecord, PortError> {
    seals.open((PLACE, item.text("item")?.as_bytes()), item.bytes(SEALED)?)
}

/// What the names of all records from this start on come after.
fn from(started_at: Timestamp) -> String {
    format!("{PREFIX}{:014}", started_at.as_millis().max(0))
}

/// Start, call and hop: a call's record of the same hop takes its place. Provider and model name a
/// hop; a retry inside it is not a new one.
fn name(record: &UsageRecord) -> String {
    let hop = format!("{}\0{}", record.provider, record.model_asked);
    let hop = hex::sha256(hop.as_bytes());
    let started = from(record.started_at);
    let call = record.call;
    format!("{started}#{call}#{}", hop.get(..16).unwrap_or(&hop))
}

fn shard_of(teen: TeenId) -> String {
    let shard = teen.bits() % u128::from(SHARDS);
    format!("{PREFIX}{shard}")
}
