//! Everything stored of a teen's memory -> the one write that brings it up to date.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    delta::{Changes, delta},
    digest::LastSession,
    fold::{CORRECTIONS, Fold, fold},
    graph::{Graph, GraphDelta, NodeId},
    ontology::NodeKind,
    store::{EntityExtractor, MemoryWrite, MentionList, StoredDigest, StoredMemory, Suppression},
    suppressed::Suppressed,
};
use crate::{clock::Timestamp, ids::SessionId, seal::Namer};

/// A teen's memory as read, before a change.
#[derive(Clone)]
pub(super) struct Before {
    /// Graph, evidence and digest.
    pub(super) stored: StoredMemory,
    /// Mention lists; most of them stay as they are whatever changes.
    pub(super) lists: Vec<Arc<MentionList>>,
    /// What was forgotten.
    pub(super) suppressions: Vec<Suppression>,
    /// Makes ids.
    pub(super) namer: Namer,
    /// Tells which names mean the same.
    pub(super) extractor: Arc<dyn EntityExtractor>,
}

/// A teen's memory after a change, and what differs.
#[derive(Debug)]
pub(super) struct After {
    /// The graph folded from the changed lists.
    pub(super) fold: Fold,
    /// The lists as they were folded.
    pub(super) folded: Vec<Arc<MentionList>>,
    /// The lists that stay: without what became nothing.
    pub(super) lists: Vec<Arc<MentionList>>,
    /// What the store must put and delete.
    pub(super) delta: GraphDelta,
    /// The same, counted.
    pub(super) changes: Changes,
    /// Nodes and edges dropped for lack of room.
    pub(super) dropped: usize,
}

/// How far back a graph reaches.
#[derive(Clone, Copy, Debug)]
pub(super) struct Horizon {
    /// The present.
    pub(super) now: Timestamp,
    /// What was not spoken of since then goes.
    pub(super) seen_since: Timestamp,
}

impl Horizon {
    /// Nothing goes by age.
    pub(super) const fn open(now: Timestamp) -> Self {
        Self {
            now,
            seen_since: Timestamp::from_millis(i64::MIN),
        }
    }
}

impl Before {
    /// Folds `lists` in place of the stored ones.
    pub(super) fn refold(
        &self,
        lists: &[Arc<MentionList>],
        suppressed: &Suppressed,
        horizon: Horizon,
    ) -> After {
        let folded: Vec<Arc<MentionList>> =
            lists.iter().map(|list| suppressed.strip(list)).collect();
        let mut fold = fold(&folded, suppressed, &self.namer, &*self.extractor);
        let dropped = fold.prune(horizon.now, horizon.seen_since);
        let lists = fold.retained(&folded, suppressed, horizon.seen_since);
        let (delta, changes) = delta(&self.stored.graph, &fold);
        After {
            fold,
            folded,
            lists,
            delta,
            changes,
            dropped,
        }
    }

    /// The generation that the next write makes.
    pub(super) fn next_generation(&self) -> u64 {
        self.stored.graph.generation.saturating_add(1)
    }
}

impl After {
    /// The folded graph as the next write leaves it.
    pub(super) fn graph(&self, generation: u64) -> Graph {
        Graph {
            nodes: self.fold.nodes.clone(),
            edges: self.fold.edges.clone(),
            generation,
        }
    }

    /// The newest session, with the topic it spoke of most.
    pub(super) fn last_session(&self) -> Option<LastSession<'_>> {
        let sessions = self
            .folded
            .iter()
            .filter(|list| list.extractor != CORRECTIONS);
        let last = sessions.max_by_key(|list| (list.session_started_at, list.session))?;
        let mut topics: BTreeMap<NodeId, usize> = BTreeMap::new();
        for mention in &last.mentions {
            let node = self.fold.node_of(last, mention.index);
            if let Some(node) = node.filter(|_id| mention.kind == NodeKind::Topic) {
                *topics.entry(node).or_default() += mention.turns.len();
            }
        }
        let topic = topics
            .into_iter()
            .filter_map(|(id, said)| Some((said, &self.fold.nodes.get(&id)?.name)))
            .max_by(|a, b| a.0.cmp(&b.0).then_with(|| b.1.cmp(a.1)))
            .map(|(_said, name)| name.reveal().as_str());
        Some(LastSession {
            at: last.session_started_at,
            topic,
        })
    }

    /// The write, still without evidence and suppressions.
    pub(super) fn into_write(self, before: &Before, digest: StoredDigest) -> MemoryWrite {
        let is_kept = |new: &Arc<MentionList>| {
            let mut old = before.lists.iter();
            old.any(|old| Arc::ptr_eq(old, new) || (place(old) == place(new) && old == new))
        };
        let changed = self.lists.iter().filter(|list| !is_kept(list));
        let gone = before.lists.iter().filter(|old| {
            let same = |new: &&Arc<MentionList>| place(new) == place(old);
            !self.lists.iter().any(|new| same(&new))
        });
        MemoryWrite {
            applied: None,
            expected_generation: before.stored.graph.generation,
            evidence: Vec::new(),
            delete_evidence: Vec::new(),
            mentions: changed.map(|list| MentionList::clone(list)).collect(),
            delete_mentions: gone
                .map(|list| (list.session, list.extractor.clone()))
                .collect(),
            suppressions: Vec::new(),
            digest,
            delta: self.delta,
        }
    }
}

fn place(list: &MentionList) -> (SessionId, &str) {
    (list.session, &list.extractor)
}
