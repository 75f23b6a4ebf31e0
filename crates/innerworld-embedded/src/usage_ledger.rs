//! The ledger of model calls, in `memory.db`.

use std::{collections::BTreeSet, sync::Arc};

use async_trait::async_trait;
use innerworld_core::{
    clock::Timestamp,
    error::PortError,
    ids::TeenId,
    model::call::CallPurpose,
    usage::{UsageLedger, UsageRecord},
};
use rusqlite::Connection;

use crate::{fault::Failure, keys::teen_keys::TeenSeals, shared::Shared};

const TABLE: &str = "memory/usage";

/// [`UsageLedger`] on `memory.db`.
#[derive(Debug)]
pub(crate) struct SqliteUsageLedger {
    shared: Arc<Shared>,
}

impl SqliteUsageLedger {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    async fn put(&self, teen: TeenId, record: &UsageRecord) -> Result<(), PortError> {
        let seals = self.shared.teen_keys.for_writing(teen).await?;
        let row = Row::new(&self.shared, &seals, record)?;
        self.shared
            .memory
            .write_single("record a model call", Some(teen), move |connection| {
                row.put(connection)
            })
            .await
    }
}

#[async_trait]
impl UsageLedger for SqliteUsageLedger {
    async fn started(&self, teen: TeenId, record: &UsageRecord) -> Result<(), PortError> {
        self.put(teen, record).await
    }

    async fn finished(&self, teen: TeenId, record: &UsageRecord) -> Result<(), PortError> {
        self.put(teen, record).await
    }

    async fn list(&self, teen: TeenId) -> Result<Vec<UsageRecord>, PortError> {
        let Some(seals) = self.shared.teen_keys.for_reading(teen).await? else {
            return Ok(Vec::new());
        };
        self.shared
            .memory
            .read("read the ledger", move |connection| {
                let mut statement = connection.prepare_cached(
                    "SELECT hop, sealed FROM usage WHERE teen = ?1 ORDER BY started, id",
                )?;
                let mut found = statement.query([seals.number])?;
                let mut records = Vec::new();
                while let Some(row) = found.next()? {
                    let (hop, sealed): (Vec<u8>, Vec<u8>) = (row.get(0)?, row.get(1)?);
                    records.push(seals.open((TABLE, &hop), &sealed)?);
                }
                Ok(records)
            })
            .await
    }

    async fn calls(
        &self,
        teen: TeenId,
        purpose: CallPurpose,
        since: Timestamp,
    ) -> Result<u32, PortError> {
        let Some(seals) = self.shared.teen_keys.for_reading(teen).await? else {
            return Ok(0);
        };
        self.shared
            .memory
            .read("count calls", move |connection| {
                let mut statement = connection.prepare_cached(
                    "SELECT hop, sealed FROM usage WHERE teen = ?1 AND started >= ?2",
                )?;
                let mut found = statement.query((seals.number, since.as_millis()))?;
                let mut calls = BTreeSet::new();
                while let Some(row) = found.next()? {
                    let (hop, sealed): (Vec<u8>, Vec<u8>) = (row.get(0)?, row.get(1)?);
                    let record: UsageRecord = seals.open((TABLE, &hop), &sealed)?;
                    if record.purpose == purpose {
                        calls.insert(record.call);
                    }
                }
                Ok(u32::try_from(calls.len()).unwrap_or(u32::MAX))
            })
            .await
    }
}

struct Row {
    number: i64,
    hop: Vec<u8>,
    started: i64,
    sealed: Vec<u8>,
}

impl Row {
    fn new(shared: &Shared, seals: &TeenSeals, record: &UsageRecord) -> Result<Self, PortError> {
        // Call, provider and model name a hop: a retry inside it is not a new one.
        let mut hop = record.call.to_bytes().to_vec();
        hop.extend_from_slice(record.provider.as_bytes());
        hop.push(0);
        hop.extend_from_slice(record.model_asked.as_bytes());
        let sealed = seals.seal(&*shared.ids, (TABLE, &hop), record)?;
        Ok(Self {
            number: seals.number,
            hop,
            started: record.started_at.as_millis(),
            sealed,
        })
    }

    fn put(self, connection: &Connection) -> Result<(), Failure> {
        connection
            .prepare_cached(
                "INSERT INTO usage (teen, hop, started, sealed)
                 VALUES (?1, ?2, ?3, ?4) ON CONFLICT (teen, hop) DO UPDATE SET
                   started = excluded.started, sealed = excluded.sealed",
            )?
            .execute((self.number, self.hop, self.started, self.sealed))?;
        Ok(())
    }
}
