//! A graph store in maps, for these tests alone.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard},
};

use async_trait::async_trait;
use innerworld_core::{
    clock::Timestamp,
    error::{ErrorKind, PortError},
    ids::{SessionId, TeenId, TurnId},
    memory::store::{
        Applied, AppliedKey, EvidenceTurn, GraphStore, Horizon, MemoryWrite, MentionList,
        NamerSource, StoredMemory, Suppression,
    },
    seal::{Namer, TeenKey},
};

#[derive(Clone, Debug, Default)]
struct Rows {
    stored: StoredMemory,
    evidence: BTreeMap<TurnId, EvidenceTurn>,
    lists: BTreeMap<(SessionId, String), MentionList>,
    suppressions: BTreeMap<u128, Suppression>,
    applied: Vec<AppliedKey>,
}

/// Every teen's rows, and how many writes are refused before one goes through.
#[derive(Debug, Default)]
pub(crate) struct MapStore {
    teens: Mutex<BTreeMap<TeenId, Rows>>,
    conflicts: Mutex<u32>,
}

impl MapStore {
    pub(crate) fn refuse_next(&self, writes: u32) {
        *self.conflicts.lock().unwrap() = writes;
    }

    /// Everything stored of a teen as text, to search for words.
    pub(crate) fn dump(&self, teen: TeenId) -> String {
        let rows = self.rows().get(&teen).cloned().unwrap_or_default();
        let lists: Vec<_> = rows.lists.values().collect();
        let evidence: Vec<_> = rows.evidence.values().collect();
        let digest = rows.stored.digest.map(|digest| digest.text);
        format!(
            "{}{}{}{}{}",
            serde_json::to_string(&rows.stored.graph.nodes.values().collect::<Vec<_>>()).unwrap(),
            serde_json::to_string(&rows.stored.graph.edges.values().collect::<Vec<_>>()).unwrap(),
            serde_json::to_string(&lists).unwrap(),
            serde_json::to_string(&evidence).unwrap(),
            serde_json::to_string(&digest).unwrap(),
        )
    }

    fn rows(&self) -> MutexGuard<'_, BTreeMap<TeenId, Rows>> {
        self.teens.lock().unwrap()
    }

    fn read<T>(&self, teen: TeenId, read: impl FnOnce(&Rows) -> T) -> T {
        read(self.rows().entry(teen).or_default())
    }
}

#[async_trait]
impl GraphStore for MapStore {
    async fn load(&self, teen: TeenId, horizon: Horizon) -> Result<StoredMemory, PortError> {
        Ok(self.read(teen, |rows| {
            let mut stored = rows.stored.clone();
            stored.evidence = rows.evidence.values().cloned().collect();
            stored
                .evidence
                .sort_by_key(|turn| (turn.said_at, turn.session, turn.sequence));
            stored.within(horizon)
        }))
    }

    async fn generation(&self, teen: TeenId) -> Result<u64, PortError> {
        Ok(self.read(teen, |rows| rows.stored.graph.generation))
    }

    async fn mention_lists(&self, teen: TeenId) -> Result<Vec<MentionList>, PortError> {
        Ok(self.read(teen, |rows| rows.lists.values().cloned().collect()))
    }

    async fn suppressions(&self, teen: TeenId) -> Result<Vec<Suppression>, PortError> {
        Ok(self.read(teen, |rows| rows.suppressions.values().cloned().collect()))
    }

    async fn is_applied(&self, teen: TeenId, key: &AppliedKey) -> Result<bool, PortError> {
        Ok(self.read(teen, |rows| rows.applied.contains(key)))
    }

    async fn write(&self, teen: TeenId, write: &MemoryWrite) -> Result<Applied, PortError> {
        let mut refusals = self.conflicts.lock().unwrap();
        let mut teens = self.rows();
        let rows = teens.entry(teen).or_default();
        if write
            .applied
            .as_ref()
            .is_some_and(|key| rows.applied.contains(key))
        {
            return Ok(Applied::Already);
        }
        if *refusals > 0 || rows.stored.graph.generation != write.expected_generation {
            *refusals = refusals.saturating_sub(1);
            return Err(PortError::new(ErrorKind::Conflict, "write a graph"));
        }
        rows.apply(write);
        Ok(Applied::Now)
    }

    async fn erase_memory(&self, teen: TeenId) -> Result<(), PortError> {
        self.rows().remove(&teen);
        Ok(())
    }

    async fn expire(
        &self,
        _now: Timestamp,
        _graph_before: Timestamp,
        _limit: usize,
    ) -> Result<usize, PortError> {
        Ok(0)
    }
}

impl Rows {
    fn apply(&mut self, write: &MemoryWrite) {
        let graph = &mut self.stored.graph;
        graph.generation += 1;
        for node in &write.delta.put_nodes {
            graph.nodes.insert(node.id, node.clone());
        }
        for edge in &write.delta.put_edges {
            graph.edges.insert(edge.id, edge.clone());
        }
        for node in &write.delta.delete_nodes {
            graph.nodes.remove(node);
        }
        for edge in &write.delta.delete_edges {
            graph.edges.remove(edge);
        }
        for turn in &write.delete_evidence {
            self.evidence.remove(turn);
        }
        for turn in &write.evidence {
            self.evidence.insert(turn.id, turn.clone());
        }
        for place in &write.delete_mentions {
            self.lists.remove(place);
        }
        for list in &write.mentions {
            self.lists
                .insert((list.session, list.extractor.clone()), list.clone());
        }
        for row in &write.suppressions {
            self.suppressions.insert(row.id, row.clone());
        }
        self.applied.extend(write.applied.clone());
        self.stored.digest = Some(write.digest.clone());
    }
}

/// The same key for every teen: graphs of two stores can be compared.
#[derive(Debug)]
pub(crate) struct OneKey;

#[async_trait]
impl NamerSource for OneKey {
    async fn namer(&self, _teen: TeenId) -> Result<Namer, PortError> {
        Ok(TeenKey::from_bytes([7; 32]).namer())
    }
}
