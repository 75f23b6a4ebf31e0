//! Journal entries that the teen kept, in `memory.db`.

use std::sync::Arc;

use async_trait::async_trait;
use innerworld_core::{
    clock::Timestamp,
    error::PortError,
    ids::{JournalId, TeenId},
    safety::store::{JournalEntry, JournalStore},
};

use crate::{rows, shared::Shared};

const TABLE: &str = "memory/journal";

/// [`JournalStore`] on `memory.db`.
#[derive(Debug)]
pub(crate) struct SqliteJournalStore {
    shared: Arc<Shared>,
}

impl SqliteJournalStore {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }
}

#[async_trait]
impl JournalStore for SqliteJournalStore {
    async fn put(&self, teen: TeenId, entry: &JournalEntry) -> Result<(), PortError> {
        let seals = self.shared.teen_keys.for_writing(teen).await?;
        let (number, id) = (seals.number, entry.id.to_bytes());
        let sealed = seals.seal(&*self.shared.ids, (TABLE, &id), entry)?;
        let expires = entry.expires_at.as_millis();
        self.shared
            .memory
            .write_single("keep a journal entry", Some(teen), move |connection| {
                connection
                    .prepare_cached(
                        "INSERT INTO journal (teen, id, expires, sealed) VALUES (?1, ?2, ?3, ?4)
                         ON CONFLICT DO NOTHING",
                    )?
                    .execute((number, id, expires, sealed))?;
                Ok(())
            })
            .await
    }

    async fn list(
        &self,
        teen: TeenId,
        before: Option<JournalId>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<JournalEntry>, PortError> {
        let Some(seals) = self.shared.teen_keys.for_reading(teen).await? else {
            return Ok(Vec::new());
        };
        let before = before.map(JournalId::to_bytes);
        self.shared
            .memory
            .read("read the journal", move |connection| {
                let mut statement = connection.prepare_cached(
                    "SELECT id, sealed FROM journal
                     WHERE teen = ?1 AND expires > ?2 AND (?3 IS NULL OR id < ?3)
                     ORDER BY id DESC LIMIT ?4",
                )?;
                let mut found =
                    statement.query((seals.number, now.as_millis(), before, rows::limit(limit)))?;
                let mut entries = Vec::new();
                while let Some(row) = found.next()? {
                    let id: [u8; 16] = row.get(0)?;
                    let sealed: Vec<u8> = row.get(1)?;
                    entries.push(seals.open((TABLE, &id), &sealed)?);
                }
                Ok(entries)
            })
            .await
    }

    async fn delete(&self, teen: TeenId, id: JournalId) -> Result<(), PortError> {
        let Some(number) = self.shared.teen_keys.number(teen).await? else {
            return Ok(());
        };
        self.shared
            .memory
            .write_single("delete a journal entry", None, move |connection| {
                connection
                    .prepare_cached("DELETE FROM journal WHERE teen = ?1 AND id = ?2")?
                    .execute((number, id.to_bytes()))?;
                Ok(())
            })
            .await
    }
}
