//! Consent records, append-only, in `memory.db`.

use std::sync::Arc;

use async_trait::async_trait;
use innerworld_core::{
    error::PortError,
    identity::consent::{ConsentRecord, ConsentStore},
    ids::TeenId,
};

use crate::{rows, shared::Shared};

const TABLE: &str = "memory/consent";

/// [`ConsentStore`] on `memory.db`.
#[derive(Debug)]
pub(crate) struct SqliteConsentStore {
    shared: Arc<Shared>,
}

impl SqliteConsentStore {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }
}

#[async_trait]
impl ConsentStore for SqliteConsentStore {
    async fn append(&self, teen: TeenId, records: &[ConsentRecord]) -> Result<(), PortError> {
        let seals = self.shared.teen_keys.for_writing(teen).await?;
        let ids = Arc::clone(&self.shared.ids);
        let records = records.to_vec();
        self.shared
            .memory
            .write("store consents", Some(teen), move |connection| {
                let next: i64 = connection
                    .prepare_cached("SELECT coalesce(max(n), 0) + 1 FROM consent WHERE teen = ?1")?
                    .query_row([seals.number], |row| row.get(0))?;
                let mut insert = connection
                    .prepare_cached("INSERT INTO consent (teen, n, sealed) VALUES (?1, ?2, ?3)")?;
                // The number is part of what a seal is bound to, and only known here.
                for (n, record) in (next..).zip(&records) {
                    let key = rows::numbers(seals.number, n);
                    let sealed = seals.seal(&*ids, (TABLE, &key), record)?;
                    insert.execute((seals.number, n, sealed))?;
                }
                Ok(())
            })
            .await
    }

    async fn list(&self, teen: TeenId) -> Result<Vec<ConsentRecord>, PortError> {
        let Some(seals) = self.shared.teen_keys.for_reading(teen).await? else {
            return Ok(Vec::new());
        };
        self.shared
            .memory
            .read("read the consents", move |connection| {
                let mut statement = connection
                    .prepare_cached("SELECT n, sealed FROM consent WHERE teen = ?1 ORDER BY n")?;
                let mut found = statement.query([seals.number])?;
                let mut records = Vec::new();
                while let Some(row) = found.next()? {
                    let key = rows::numbers(seals.number, row.get(0)?);
                    let sealed: Vec<u8> = row.get(1)?;
                    records.push(seals.open((TABLE, &key), &sealed)?);
                }
                Ok(records)
            })
            .await
    }
}
