//! Memory, in the table `memory`: one sealed item per node, edge, line of evidence, mention list and
//! suppression, one marker per session that was remembered, and the manifest `recall`. Nodes and edges
//! may be kept in a graph database instead ([`Keeping`]); all else is the same.
//!
//! # How a write is atomic
//!
//! A commit takes 100 items at most and a write may touch thousands. So the manifest decides what is
//! true. It counts its own changes (`revision`), and **every** write to an item of a memory is part
//! of a commit that also puts the manifest, or checks that its revision is still the one that was
//! read. There are two ways:
//!
//! * What fits into one commit is stored in one: the records, the marker of the session, and the
//!   manifest with the next generation.
//! * What does not is a redo log. The records, sealed as the items will hold them, are put as pieces
//!   `redo#<revision>#<attempt>#<n>`, which nothing reads yet. One commit then puts the manifest
//!   with the next generation and the hashes of the pieces, and the marker: from here on the write is
//!   true. The records are laid down on the items in commits of 90, each of which checks the
//!   manifest's revision; then the manifest lets go of the change, and the pieces are deleted.
//!
//! **Readers** read the manifest, the pieces that it names, the items, and the manifest once more.
//! They lay the pieces over the items, never write, and begin anew if the generation moved. Laying
//! down puts and deletes whole records, so a change over items that hold all, some or none of it
//! gives the same: a reader sees the generation before the commit or the one after, nothing between.
//!
//! **Writers** finish what is pending before they begin. Two processes may lay down the same change;
//! each commit of either leaves what the other would. A process that was held up for long cannot
//! bring back what a later write changed or deleted: a later write needs a manifest with nothing
//! pending, which is a later revision, and every commit of the late process checks the earlier one
//! and is refused. That is why items carry no generation of their own and deleted ones leave no
//! tombstone. The same holds for the pieces: a try can only be committed at the revision in their
//! key, so pieces of that revision or an earlier one that the manifest does not name are dropped.
//!
//! **A crash** leaves pieces that nothing names, or a change that is true and not laid down. Before
//! the first piece is put the teen becomes due for retention within ten minutes, which does both. An
//! erase of the memory is a pending change that deletes everything.
//!
//! # A graph outside of the tables
//!
//! A write then has, in place of items of nodes and edges, the pieces of a patch among its records
//! ([`waiting`]). The graph writer applies them and deletes them, the first one first. A reader lays
//! the pieces that it found over the rows that it read after them. Those pieces decide about every
//! record that they touch, whatever of them was applied meanwhile; no other record changes while the
//! generation stands still. An erase leaves one piece that deletes the whole graph.
//!
//! What a session begins with may be laid down beside it ([`laid_down`]), so that no answer waits for the
//! graph.
//!
//! The generation moves once per write, the revision with every change of the manifest: texts that
//! end bring no new generation. What is left to chance: DynamoDB shows the items of a
//! commit one by one while it is being applied, so a reader that begins within these milliseconds may
//! find the new manifest and an old item (not with a logged change, which is named before it is laid down).
//! A fold mends it: it is computed from all mention lists anew, at every write.
//!
//! # How evidence ends
//!
//! A line's item has no end of its own: the stub must outlive the text, and the table's own deletion
//! knows only whole items. The instant of the text's end lies beside it; a read hides the text from
//! then on, and retention, which looks at the teen when the first text ends, puts the stub in its
//! place. Stubs, nodes, edges and lists go with retention of the graph.

mod commit;
mod due;
mod erase;
mod expire;
mod keeping;
mod laid_down;
mod manifest;
mod read;
mod record;
mod redo;
mod waiting;

use std::sync::Arc;

use async_trait::async_trait;
use innerworld_core::{
    clock::Timestamp,
    error::{ErrorKind, PortError},
    ids::{TeenId, TurnId},
    memory::store::{
        Applied, AppliedKey, GraphStore, Horizon, MemoryWrite, MentionList, StoredMemory,
        Suppression,
    },
};

pub use self::keeping::{GraphDatabase, GraphWrites};
use self::{
    commit::{Change, TRIES},
    due::Due,
    manifest::Pending,
    record::{Kind, Sealing},
};
pub(crate) use self::{keeping::Keeping, waiting::Waiting};
use crate::shared::Shared;

/// [`GraphStore`] on the table `memory`, and on what else keeps the graph.
#[derive(Debug)]
pub(crate) struct DynamoGraphStore {
    shared: Arc<Shared>,
    keeping: Keeping,
}

impl DynamoGraphStore {
    /// The store of a deployment.
    pub(crate) fn new(shared: Arc<Shared>, keeping: Keeping) -> Self {
        Self { shared, keeping }
    }
}

#[async_trait]
impl GraphStore for DynamoGraphStore {
    async fn load(&self, teen: TeenId, horizon: Horizon) -> Result<StoredMemory, PortError> {
        let Some(seals) = self.shared.teen_keys.for_reading(teen).await? else {
            return Ok(StoredMemory::default());
        };
        let kinds = [Kind::Node, Kind::Edge, Kind::Evidence];
        let snapshot = self.snapshot(teen, &kinds).await?;
        let stored = StoredMemory {
            evidence: snapshot.evidence(&seals)?,
            ..snapshot.graph(&seals)?
        };
        Ok(stored.within(horizon))
    }

    async fn load_graph(&self, teen: TeenId, horizon: Horizon) -> Result<StoredMemory, PortError> {
        let Some(seals) = self.shared.teen_keys.for_reading(teen).await? else {
            return Ok(StoredMemory::default());
        };
        let snapshot = self.snapshot(teen, &[Kind::Node, Kind::Edge]).await?;
        Ok(snapshot.graph(&seals)?.within(horizon))
    }

    async fn evidence_ids(&self, teen: TeenId) -> Result<Vec<TurnId>, PortError> {
        if self.shared.teen_keys.for_reading(teen).await?.is_none() {
            return Ok(Vec::new());
        }
        let keys = self.evidence_keys(teen).await?;
        keys.iter().map(|key| record::turn_of(key)).collect()
    }

    async fn generation(&self, teen: TeenId) -> Result<u64, PortError> {
        if self.shared.teen_keys.for_reading(teen).await?.is_none() {
            return Ok(0);
        }
        Ok(self.manifest(teen).await?.generation)
    }

    async fn mention_lists(&self, teen: TeenId) -> Result<Vec<MentionList>, PortError> {
        let Some(seals) = self.shared.teen_keys.for_reading(teen).await? else {
            return Ok(Vec::new());
        };
        let snapshot = self.snapshot(teen, &[Kind::Mentions]).await?;
        snapshot.mention_lists(&seals)
    }

    async fn suppressions(&self, teen: TeenId) -> Result<Vec<Suppression>, PortError> {
        let Some(seals) = self.shared.teen_keys.for_reading(teen).await? else {
            return Ok(Vec::new());
        };
        let snapshot = self.snapshot(teen, &[Kind::Suppression]).await?;
        snapshot.suppressions(&seals)
    }

    async fn is_applied(&self, teen: TeenId, key: &AppliedKey) -> Result<bool, PortError> {
        if self.shared.teen_keys.for_reading(teen).await?.is_none() {
            return Ok(false);
        }
        if !self.has_marker(teen, key).await? {
            return Ok(false);
        }
        // Under an erase that is not finished the markers still lie there.
        let pending = self.manifest(teen).await?.pending;
        Ok(!matches!(pending, Some(Pending::Erase)))
    }

    async fn write(&self, teen: TeenId, write: &MemoryWrite) -> Result<Applied, PortError> {
        const OPERATION: &str = "write a memory";
        let seals = self.shared.teen_keys.for_writing(teen).await?;
        for _ in 0..TRIES {
            let manifest = self.settled(teen).await?;
            if let Some(key) = &write.applied
                && self.has_marker(teen, key).await?
            {
                self.remind_writer(teen, manifest.generation).await?;
                return Ok(Applied::Already);
            }
            if manifest.generation != write.expected_generation {
                return Err(PortError::new(ErrorKind::Conflict, OPERATION));
            }
            let ids = &*self.shared.ids;
            let generation = write.expected_generation.saturating_add(1);
            let mut sealing = Sealing::new(&seals, ids);
            sealing.beside_graph(write)?;
            self.seal_delta(&mut sealing, (teen, generation), &write.delta)
                .await?;
            let change = Change {
                generation,
                records: sealing.records,
                digest: Some(seals.seal(ids, manifest::DIGEST, &write.digest)?),
                applied: write.applied.clone(),
                due: manifest.due.meet(Due::of(write)),
            };
            if self.store(teen, &manifest, change).await? {
                return Ok(Applied::Now);
            }
        }
        Err(PortError::new(ErrorKind::Throttled, OPERATION))
    }

    async fn erase_memory(&self, teen: TeenId) -> Result<(), PortError> {
        self.shared.teen_keys.for_writing(teen).await?;
        self.erase(teen).await
    }

    async fn expire(
        &self,
        now: Timestamp,
        graph_before: Timestamp,
        limit: usize,
    ) -> Result<usize, PortError> {
        self.expire_all((now, graph_before), limit).await
    }
}
