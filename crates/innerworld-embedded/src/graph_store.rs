//! Memory, in `memory.db`: one sealed row per node with its out-edges, one per line of evidence,
//! one per mention list, and one that counts generations and holds the digest.
//!
//! Rows are prepared outside of the writer: a write reads the rows it touches, seals the new ones,
//! and the writer only compares the generation and puts them.

mod expire;
mod pack;
mod read;
mod write;

use std::sync::Arc;

use async_trait::async_trait;
use innerworld_core::{
    clock::Timestamp,
    error::PortError,
    ids::{TeenId, TurnId},
    memory::store::{
        Applied, AppliedKey, GraphStore, Horizon, MemoryWrite, MentionList, StoredMemory,
        Suppression,
    },
};

use crate::shared::Shared;

const NODE: &str = "memory/node";
const EVIDENCE: &str = "memory/evidence";
const MENTIONS: &str = "memory/mentions";
const SUPPRESSION: &str = "memory/suppression";
const RECALL: &str = "memory/recall";

/// [`GraphStore`] on `memory.db`.
#[derive(Debug)]
pub(crate) struct SqliteGraphStore {
    shared: Arc<Shared>,
}

impl SqliteGraphStore {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }
}

#[async_trait]
impl GraphStore for SqliteGraphStore {
    async fn load(&self, teen: TeenId, horizon: Horizon) -> Result<StoredMemory, PortError> {
        let Some(seals) = self.shared.teen_keys.for_reading(teen).await? else {
            return Ok(StoredMemory::default());
        };
        self.shared
            .memory
            .read("load a memory", move |connection| {
                read::memory(connection, &seals, horizon)
            })
            .await
    }

    async fn load_graph(&self, teen: TeenId, horizon: Horizon) -> Result<StoredMemory, PortError> {
        let Some(seals) = self.shared.teen_keys.for_reading(teen).await? else {
            return Ok(StoredMemory::default());
        };
        self.shared
            .memory
            .read("load a graph", move |connection| {
                read::graph(connection, &seals, horizon)
            })
            .await
    }

    async fn evidence_ids(&self, teen: TeenId) -> Result<Vec<TurnId>, PortError> {
        let Some(seals) = self.shared.teen_keys.for_reading(teen).await? else {
            return Ok(Vec::new());
        };
        self.shared
            .memory
            .read("list evidence", move |connection| {
                read::evidence_ids(connection, seals.number)
            })
            .await
    }

    async fn generation(&self, teen: TeenId) -> Result<u64, PortError> {
        let Some(seals) = self.shared.teen_keys.for_reading(teen).await? else {
            return Ok(0);
        };
        self.shared
            .memory
            .read("read a generation", move |connection| {
                Ok(read::recall(connection, &seals)?.generation)
            })
            .await
    }

    async fn mention_lists(&self, teen: TeenId) -> Result<Vec<MentionList>, PortError> {
        let Some(seals) = self.shared.teen_keys.for_reading(teen).await? else {
            return Ok(Vec::new());
        };
        self.shared
            .memory
            .read("read mention lists", move |connection| {
                read::mention_lists(connection, &seals)
            })
            .await
    }

    async fn suppressions(&self, teen: TeenId) -> Result<Vec<Suppression>, PortError> {
        let Some(seals) = self.shared.teen_keys.for_reading(teen).await? else {
            return Ok(Vec::new());
        };
        self.shared
            .memory
            .read("read suppressions", move |connection| {
                read::suppressions(connection, &seals)
            })
            .await
    }

    async fn is_applied(&self, teen: TeenId, key: &AppliedKey) -> Result<bool, PortError> {
        let Some(seals) = self.shared.teen_keys.for_reading(teen).await? else {
            return Ok(false);
        };
        let key = key.clone();
        self.shared
            .memory
            .read("look for an applied patch", move |connection| {
                read::is_applied(connection, seals.number, &key)
            })
            .await
    }

    async fn write(&self, teen: TeenId, write: &MemoryWrite) -> Result<Applied, PortError> {
        const OPERATION: &str = "write a memory";
        let seals = self.shared.teen_keys.for_writing(teen).await?;
        let memory = &self.shared.memory;
        let (job, reader) = (write.clone(), Arc::clone(&seals));
        let found = memory
            .read(OPERATION, move |connection| {
                write::touched(connection, &reader, &job)
            })
            .await?;
        let Some(touched) = found else {
            return Ok(Applied::Already);
        };
        let batch = write::Batch::prepare(&*self.shared.ids, &seals, touched, write)?;
        memory
            .write(OPERATION, Some(teen), move |connection| {
                batch.commit(connection)
            })
            .await
    }

    async fn erase_memory(&self, teen: TeenId) -> Result<(), PortError> {
        let number = self.shared.teen_keys.for_writing(teen).await?.number;
        self.shared
            .memory
            .write("erase a memory", Some(teen), move |connection| {
                write::erase(connection, number)
            })
            .await?;
        // The log still holds the pages as they were. It is emptied now if no reader stands in the
        // way, else by the next checkpoint.
        if let Err(error) = self.shared.memory.truncate_log().await {
            tracing::warn!(
                error = %error,
                "a database log keeps erased pages until its next checkpoint"
            );
        }
        Ok(())
    }

    async fn expire(
        &self,
        now: Timestamp,
        graph_before: Timestamp,
        limit: usize,
    ) -> Result<usize, PortError> {
        let texts = expire::texts(&self.shared, now, limit).await?;
        let left = limit.saturating_sub(texts);
        let graphs = expire::graphs(&self.shared, graph_before, left).await?;
        Ok(texts.saturating_add(graphs))
    }
}
