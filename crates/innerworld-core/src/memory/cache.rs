//! Loaded memories of the teens who talk now, bounded in bytes.

use std::{
    collections::HashMap,
    mem::size_of,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::{
    facts::{self, Voice},
    graph::{Edge, EdgeId, Graph, Node, NodeId},
    recall::{ALLOCATION_BYTES, RecallIndex},
    recipe::KnownWeights,
    store::StoredDigest,
};
use crate::{clock::Timestamp, identity::consent::MemoryMode, ids::TeenId, secret::Text};

/// What a session needs of a teen's memory; derived, never written anywhere.
#[derive(Debug)]
pub(super) struct Loaded {
    pub(super) teen: TeenId,
    pub(super) mode: MemoryMode,
    /// The zone in which days are told.
    pub(super) zone: Box<str>,
    pub(super) graph: Graph,
    pub(super) index: RecallIndex,
    pub(super) digest: Option<StoredDigest>,
    /// What memory holds in general, as clauses.
    pub(super) known: Vec<Text>,
    /// At this instant something in it expires, and it must be loaded again.
    pub(super) fresh_until: Option<Timestamp>,
    pub(super) bytes: usize,
}

impl Loaded {
    fn is_current(&self, wanted: &Wanted<'_>) -> bool {
        self.graph.generation == wanted.generation
            && self.mode == wanted.mode
            && *self.zone == *wanted.zone
            && self.fresh_until.is_none_or(|until| wanted.now < until)
    }
}

/// Which state of a teen's memory is asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted<'a> {
    pub(super) teen: TeenId,
    pub(super) generation: u64,
    pub(super) mode: MemoryMode,
    pub(super) zone: &'a str,
    pub(super) now: Timestamp,
}

/// What recall reads of a graph: edges that say something, and neither what they nor what nodes rest
/// on, which is most of it, unless turns are ranked by what nodes rest on.
pub(super) fn for_recall(mut graph: Graph, known: KnownWeights) -> Graph {
    let mut edges = std::mem::take(&mut graph.edges);
    edges.retain(|_id, edge| facts::clause(&graph, edge, Voice::ToTeen).is_some());
    let edges = edges.into_iter().map(|(id, edge)| {
        let log = Vec::new();
        (id, Edge { log, ..edge })
    });
    let nodes = graph.nodes.into_iter().map(|(id, node)| {
        let turns = if known.needs_turns() {
            node.turns
        } else {
            Vec::new()
        };
        (id, Node { turns, ..node })
    });
    // Collected and not changed in place: a map that grew key by key is half empty.
    Graph {
        nodes: nodes.collect(),
        edges: edges.collect(),
        generation: graph.generation,
    }
}

/// About how many bytes of memory a graph takes.
pub(super) fn graph_bytes(graph: &Graph) -> usize {
    let heap = |bytes: usize| bytes + ALLOCATION_BYTES;
    let text = |text: &Text| heap(text.reveal().capacity());
    let nodes = graph.nodes.values().map(|node| {
        let attrs = node.attrs.iter();
        let attrs: usize = attrs
            .map(|(name, value)| heap(name.capacity()) + text(value))
            .sum();
        // The first attribute brings a leaf of the map.
        let leaf = 11 * 2 * size_of::<Text>() * usize::from(!node.attrs.is_empty());
        let aliases: usize = node.aliases.iter().map(text).sum();
        let aliases = aliases + heap(node.aliases.capacity() * size_of::<Text>());
        text(&node.name)
            + text(&node.key)
            + node.qualifier.as_ref().map_or(0, text)
            + attrs
            + leaf
            + aliases
    });
    let slots = graph.edges.values().map(|edge| heap(edge.slot.capacity()));
    nodes.sum::<usize>()
        + slots.sum::<usize>()
        + graph.nodes.len() * size_of::<(NodeId, Node)>()
        + graph.edges.len() * size_of::<(EdgeId, Edge)>()
}

/// The least recently used go first.
#[derive(Debug)]
pub(super) struct Cache {
    slots: Mutex<Slots>,
    most_bytes: usize,
}

#[derive(Debug, Default)]
struct Slots {
    by_teen: HashMap<TeenId, (u64, Arc<Loaded>)>,
    bytes: usize,
    clock: u64,
}

impl Cache {
    pub(super) fn new(most_bytes: usize) -> Self {
        Self {
            slots: Mutex::default(),
            most_bytes,
        }
    }

    /// The loaded memory of this teen in this state. Another teen's index is the worst that
    /// could come back, so the owner is checked again here.
    pub(super) fn take(&self, wanted: &Wanted<'_>) -> Option<Arc<Loaded>> {
        let mut slots = self.slots();
        slots.clock += 1;
        let used = slots.clock;
        let slot = slots.by_teen.get_mut(&wanted.teen)?;
        assert!(slot.1.teen == wanted.teen, "the cache mixed up two teens");
        if !slot.1.is_current(wanted) {
            slots.remove(wanted.teen);
            return None;
        }
        slot.0 = used;
        Some(Arc::clone(&slot.1))
    }

    pub(super) fn put(&self, loaded: Arc<Loaded>) {
        let mut slots = self.slots();
        slots.clock += 1;
        let used = slots.clock;
        slots.remove(loaded.teen);
        if loaded.bytes > self.most_bytes {
            return;
        }
        slots.bytes += loaded.bytes;
        slots.by_teen.insert(loaded.teen, (used, loaded));
        while slots.bytes > self.most_bytes {
            let Some(oldest) = slots.oldest() else { break };
            slots.remove(oldest);
        }
    }

    pub(super) fn remove(&self, teen: TeenId) {
        self.slots().remove(teen);
    }

    pub(super) fn clear(&self) {
        *self.slots() = Slots::default();
    }

    /// Bytes held now.
    pub(super) fn bytes(&self) -> usize {
        self.slots().bytes
    }

    fn slots(&self) -> MutexGuard<'_, Slots> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Slots {
    fn remove(&mut self, teen: TeenId) {
        if let Some((_used, loaded)) = self.by_teen.remove(&teen) {
            self.bytes = self.bytes.saturating_sub(loaded.bytes);
        }
    }

    fn oldest(&self) -> Option<TeenId> {
        let slots = self.by_teen.iter();
        slots
            .min_by_key(|(_teen, (used, _loaded))| *used)
            .map(|(teen, _slot)| *teen)
    }
}
