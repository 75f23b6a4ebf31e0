//! Memory.

use std::time::Duration;

use async_trait::async_trait;
use innerworld_core::{
    clock::Timestamp,
    error::{ErrorKind, PortError},
    ids::TeenId,
    memory::store::{
        Applied, AppliedKey, GraphStore, Horizon, MemoryWrite, MentionList, StoredMemory,
        Suppression,
    },
};

use super::{Defect, Reference, fault, state::Memory};

fn put(memory: &mut Memory, write: &MemoryWrite) {
    let graph = &mut memory.graph;
    for id in &write.delta.delete_nodes {
        graph.nodes.remove(id);
    }
    for id in &write.delta.delete_edges {
        graph.edges.remove(id);
    }
    for node in &write.delta.put_nodes {
        graph.nodes.insert(node.id, node.clone());
    }
    for edge in &write.delta.put_edges {
        graph.edges.insert(edge.id, edge.clone());
    }
    for id in &write.delete_evidence {
        memory.evidence.remove(id);
    }
    for turn in &write.evidence {
        memory.evidence.insert(turn.id, turn.clone());
    }
    for (session, extractor) in &write.delete_mentions {
        memory.mentions.remove(&(*session, extractor.clone()));
    }
    for list in &write.mentions {
        let key = (list.session, list.extractor.clone());
        memory.mentions.insert(key, list.clone());
    }
    for one in &write.suppressions {
        memory.suppressions.insert(one.id, one.clone());
    }
}

#[async_trait]
impl GraphStore for Reference {
    async fn load(&self, teen: TeenId, horizon: Horizon) -> Result<StoredMemory, PortError> {
        let mut state = self.reading(teen)?;
        let memory = &self.person(&mut state, teen).memory;
        let mut evidence: Vec<_> = memory.evidence.values().cloned().collect();
        evidence.sort_by_key(|turn| (turn.session, turn.sequence));
        self.order(&mut evidence);
        let stored = StoredMemory {
            graph: memory.graph.clone(),
            evidence,
            digest: memory.digest.clone(),
        };
        let late = |instant: Timestamp| {
            let late = self.is(Defect::ExpiresLate);
            instant.minus(Duration::from_millis(u64::from(late)))
        };
        if self.is(Defect::ForgetsExpiry) {
            return Ok(stored);
        }
        Ok(stored.within(Horizon {
            now: late(horizon.now),
            graph_before: late(horizon.graph_before),
        }))
    }

    async fn generation(&self, teen: TeenId) -> Result<u64, PortError> {
        let mut state = self.reading(teen)?;
        Ok(self.person(&mut state, teen).memory.graph.generation)
    }

    async fn mention_lists(&self, teen: TeenId) -> Result<Vec<MentionList>, PortError> {
        let mut state = self.reading(teen)?;
        let lists = self.person(&mut state, teen).memory.mentions.values();
        let mut lists: Vec<_> = lists.cloned().collect();
        if !self.is(Defect::WrongOrder) {
            lists.sort_by_key(|list| list.session_started_at);
        }
        Ok(lists)
    }

    async fn suppressions(&self, teen: TeenId) -> Result<Vec<Suppression>, PortError> {
        let mut state = self.reading(teen)?;
        let stored = self.person(&mut state, teen).memory.suppressions.values();
        Ok(stored.cloned().collect())
    }

    async fn is_applied(&self, teen: TeenId, key: &AppliedKey) -> Result<bool, PortError> {
        let mut state = self.reading(teen)?;
        let applied = &self.person(&mut state, teen).memory.applied;
        let stored = applied.get(&(key.session, key.extractor.clone()));
        Ok(stored == Some(&key.version))
    }

    async fn write(&self, teen: TeenId, write: &MemoryWrite) -> Result<Applied, PortError> {
        let mut state = self.writing(teen)?;
        let memory = &mut self.person(&mut state, teen).memory;
        let key = write
            .applied
            .as_ref()
            .map(|key| ((key.session, key.extractor.clone()), key.version.clone()));
        if let Some((place, version)) = &key
            && memory.applied.get(place) == Some(version)
            && !self.is(Defect::RepeatsAreNew)
        {
            return Ok(Applied::Already);
        }
        let stale = memory.graph.generation != write.expected_generation;
        if stale && !self.is(Defect::IgnoresConditions) {
            if self.is(Defect::HalfCommits) {
                put(memory, write);
            }
            return Err(fault(ErrorKind::Conflict));
        }
        put(memory, write);
        memory.graph.generation = write.expected_generation + 1;
        memory.digest = Some(write.digest.clone());
        memory.applied.extend(key);
        Ok(Applied::Now)
    }

    async fn erase_memory(&self, teen: TeenId) -> Result<(), PortError> {
        let mut state = self.writing(teen)?;
        let memory = &mut self.person(&mut state, teen).memory;
        if self.is(Defect::KeepsEverything) {
            return Ok(());
        }
        let generation = memory.graph.generation + 1;
        *memory = Memory::default();
        if !self.is(Defect::Resurrects) {
            memory.graph.generation = generation;
        }
        Ok(())
    }

    async fn expire(
        &self,
        now: Timestamp,
        graph_before: Timestamp,
        limit: usize,
    ) -> Result<usize, PortError> {
        let mut state = self.state();
        let limit = self.limit(limit);
        let mut gone = 0;
        let mut take = |is_due: bool| {
            let takes = is_due && gone < limit;
            gone += usize::from(takes);
            takes
        };
        if self.is(Defect::KeepsEverything) {
            return Ok(0);
        }
        for memory in state.people.values_mut().map(|one| &mut one.memory) {
            for turn in memory.evidence.values_mut() {
                if take(turn.text.is_some() && !self.exists(turn.expires_at, now)) {
                    turn.drop_text();
                }
            }
            let graph = &mut memory.graph;
            graph
                .edges
                .retain(|_, edge| !take(edge.last_seen < graph_before));
            graph
                .nodes
                .retain(|_, node| !take(node.last_seen < graph_before));
        }
        Ok(gone)
    }
}
