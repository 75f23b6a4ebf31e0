//! The ledger of model calls: the items `usage#<start>#<call>#<hop>` of a teen, so that their order
//! is that of the starts.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use async_trait::async_trait;
use innerworld_core::{
    clock::Timestamp,
    error::PortError,
    hex,
    ids::TeenId,
    model::call::CallPurpose,
    seal::Seals,
    usage::{UsageLedger, UsageRecord},
};

use crate::{
    dynamo::{Item, Key, Query, Range, Table},
    shared::{SEALED, Shared},
};

/// Where a sealed record lies.
const PLACE: &str = "memory/usage";
/// What the items' names begin with.
const PREFIX: &str = "usage#";
/// How long a record is kept.
const LIFE: Duration = Duration::from_secs(30 * 24 * 3_600);

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
        let item = Item::new()
            .with(SEALED, sealed)
            .until(record.started_at.plus(LIFE));
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
