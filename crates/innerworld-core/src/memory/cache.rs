//! Loaded memories of the teens who talk now, bounded in bytes.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::{
    encoder::Encoder,
    graph::Graph,
    recall::RecallIndex,
    store::{StoredDigest, StoredMemory},
};
use crate::{clock::Timestamp, identity::consent::MemoryMode, ids::TeenId, secret::Text};

/// Bytes of an indexed turn beside its text: postings, ids, times.
const TURN_OVERHEAD: usize = 400;
/// An indexed character costs about this many bytes: the text itself and three forms of it.
const BYTES_PER_CHAR: usize = 4;
const NODE_BYTES: usize = 500;
const ASSERTION_BYTES: usize = 260;

/// What a session needs of a teen's memory; derived, never written anywhere.
#[derive(Debug)]
pub(super) struct Loaded {
    pub(super) teen: TeenId,
    pub(super) mode: MemoryMode,
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
    fn is_current(&self, wanted: &Wanted) -> bool {
        self.graph.generation == wanted.generation
            && self.mode == wanted.mode
            && self.fresh_until.is_none_or(|until| wanted.now < until)
    }
}

/// Which state of a teen's memory is asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    pub(super) teen: TeenId,
    pub(super) generation: u64,
    pub(super) mode: MemoryMode,
    pub(super) now: Timestamp,
}

/// About how many bytes of memory these records take when loaded.
pub(super) fn weigh(stored: &StoredMemory, encoder: Option<&dyn Encoder>) -> usize {
    let (graph, turns) = (&stored.graph, &stored.evidence);
    let vector = encoder.map_or(0, Encoder::dimensions);
    let said: usize = turns
        .iter()
        .filter_map(|turn| turn.text.as_ref())
        .map(|text| TURN_OVERHEAD + vector + BYTES_PER_CHAR * text.reveal().len())
        .sum();
    let assertions: usize = graph.edges.values().map(|edge| 1 + edge.log.len()).sum();
    said + graph.nodes.len() * NODE_BYTES + assertions * ASSERTION_BYTES
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
    pub(super) fn take(&self, wanted: &Wanted) -> Option<Arc<Loaded>> {
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
