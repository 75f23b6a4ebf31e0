//! Memory as the rest of the system uses it.

use std::{sync::Arc, time::Duration};

use super::{
    cache::{self, Cache, Loaded, Wanted},
    digest::{self, Account},
    encoder::Encoder,
    graph::{EmotionWeights, Graph},
    known,
    ontology::NodeKind,
    recall::RecallIndex,
    recipe::Recipe,
    refold::{After, Before},
    session_memory::SessionMemory,
    store::{
        EntityExtractor, GraphStore, Horizon, Line, NamerSource, Speaker, StoredDigest,
        StoredMemory,
    },
    thesaurus::Thesaurus,
};
use crate::{
    clock::{Clock, Timestamp},
    error::PortError,
    identity::consent::MemoryMode,
    ids::{IdSource, TeenId, TurnId},
    model::call::Scrubber,
    secret::Text,
};

/// What memory works with.
#[derive(Clone)]
pub struct MemoryPorts {
    /// Where it is stored.
    pub graph: Arc<dyn GraphStore>,
    /// Makes ids under the teen's key.
    pub namer: Arc<dyn NamerSource>,
    /// Finds people, places and goals.
    pub extractor: Arc<dyn EntityExtractor>,
    /// Tells what a text is about, for recall; without one recall goes by words alone.
    pub encoder: Option<Arc<dyn Encoder>>,
    /// Knows words that mean about the same, for recall; without one only the words themselves are
    /// found.
    pub thesaurus: Option<Arc<dyn Thesaurus>>,
    /// Replaces contact data.
    pub scrubber: Arc<dyn Scrubber>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Ids of corrections.
    pub ids: Arc<dyn IdSource>,
}

impl std::fmt::Debug for MemoryPorts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MemoryPorts").finish_non_exhaustive()
    }
}

/// All teens' memories, over the stores, with those of running sessions in RAM.
#[derive(Debug)]
pub struct Memory {
    pub(super) ports: MemoryPorts,
    graph_life: Duration,
    cache: Cache,
}

/// What one message says, for the offline persona; nothing of it is stored.
#[derive(Clone, Debug, Default)]
pub struct Insight {
    /// Emotion weights.
    pub emotion: EmotionWeights,
    /// What it names, with kinds.
    pub entities: Vec<(NodeKind, Text)>,
}

impl Memory {
    /// Memory over these ports. What was not spoken of for `graph_life` is gone; at most
    /// `cache_bytes` of loaded memories are held in RAM.
    pub fn new(ports: MemoryPorts, graph_life: Duration, cache_bytes: usize) -> Self {
        Self {
            ports,
            graph_life,
            cache: Cache::new(cache_bytes),
        }
    }

    /// What a session that starts now knows of the teen. `zone` is the account's IANA time zone:
    /// days are told as the teen lived them.
    ///
    /// # Errors
    /// What the store says; `NotFound` once the teen's key is destroyed.
    pub async fn open(
        &self,
        teen: TeenId,
        mode: MemoryMode,
        zone: &str,
        now: Timestamp,
    ) -> Result<SessionMemory, PortError> {
        if mode == MemoryMode::Off {
            return Ok(SessionMemory::without_memory());
        }
        let wanted = Wanted {
            teen,
            generation: self.ports.graph.generation(teen).await?,
            mode,
            zone,
            now,
        };
        let loaded = match self.cache.take(&wanted) {
            Some(loaded) => loaded,
            None => self.load(&wanted).await?,
        };
        let scrubber = Arc::clone(&self.ports.scrubber);
        Ok(SessionMemory::new(loaded, scrubber, now))
    }

    async fn load(&self, wanted: &Wanted<'_>) -> Result<Arc<Loaded>, PortError> {
        let horizon = self.horizon(wanted.now);
        let mut stored = self.ports.graph.load(wanted.teen, horizon).await?;
        if wanted.mode != MemoryMode::Full {
            stored.evidence.clear();
        }
        let mut loaded = self.loaded(wanted, stored);
        let oldest = oldest_seen(&loaded.graph);
        // What was seen exactly one life ago still counts.
        let graph_until = oldest.map(|seen| just_after(seen.plus(self.graph_life)));
        loaded.fresh_until = loaded.fresh_until.into_iter().chain(graph_until).min();
        let loaded = Arc::new(loaded);
        self.cache.put(Arc::clone(&loaded));
        Ok(loaded)
    }

    fn loaded(&self, wanted: &Wanted<'_>, stored: StoredMemory) -> Loaded {
        let expiries = stored
            .evidence
            .iter()
            .filter(|turn| turn.text.is_some())
            .map(|turn| turn.expires_at);
        let fresh_until = expiries.min();
        let digest = stored.digest;
        let digest = digest.or_else(|| fresh_digest(&stored.graph, wanted));
        let in_digest = digest.as_ref().map_or(&[][..], |digest| &digest.nodes);
        let known = known::clauses(&stored.graph, in_digest, wanted.now);
        let index = RecallIndex::of(stored.evidence, self.ports.encoder.clone())
            .with_thesaurus(self.ports.thesaurus.clone());
        let graph = cache::for_recall(stored.graph, Recipe::default().known);
        Loaded {
            teen: wanted.teen,
            mode: wanted.mode,
            zone: wanted.zone.into(),
            known,
            fresh_until,
            bytes: index.bytes() + cache::graph_bytes(&graph),
            index,
            digest,
            graph,
        }
    }

    /// What reads at `now` may still see.
    pub(super) fn horizon(&self, now: Timestamp) -> Horizon {
        Horizon {
            now,
            graph_before: now.minus(self.graph_life),
        }
    }

    /// Reads one message locally: its mood and what it names.
    pub fn insight(&self, text: &str) -> Insight {
        let line = Line {
            id: TurnId::from_bits(0),
            speaker: Speaker::Teen,
            said_at: self.ports.clock.now(),
            text,
        };
        Insight {
            emotion: self.ports.extractor.emotions(text),
            entities: self.ports.extractor.glance(&line),
        }
    }

    /// Retention: the store drops at most `limit` records whose time came; returns how many.
    ///
    /// # Errors
    /// What the store says.
    pub async fn expire(
        &self,
        now: Timestamp,
        graph_before: Timestamp,
        limit: usize,
    ) -> Result<usize, PortError> {
        let gone = self.ports.graph.expire(now, graph_before, limit).await?;
        if gone > 0 {
            // The store does not say whose records went, and a sweep is rare.
            self.cache.clear();
        }
        Ok(gone)
    }

    /// Drops what is held in RAM of a teen: after an erasure, and whenever memory changed.
    pub fn forget_cached(&self, teen: TeenId) {
        self.cache.remove(teen);
    }

    /// About how many bytes of loaded memories are held.
    pub fn cached_bytes(&self) -> usize {
        self.cache.bytes()
    }

    /// The digest of the graph as a write leaves it.
    pub(super) fn render_digest(
        &self,
        before: &Before,
        after: &After,
        account: Account<'_>,
    ) -> StoredDigest {
        let generation = before.next_generation();
        let graph = after.graph(generation);
        let (text, nodes) = digest::render(
            &graph,
            self.ports.clock.now(),
            account,
            after.last_session(),
        );
        StoredDigest {
            text: text.into(),
            nodes,
            generation,
        }
    }

    /// Everything stored, to change something of it.
    pub(super) async fn read(&self, teen: TeenId, now: Timestamp) -> Result<Before, PortError> {
        // Whole, so that what expired leaves the rows with the next write.
        let whole = Horizon::whole_graph(now);
        let stored = self.ports.graph.load(teen, whole).await?;
        self.before(teen, stored).await
    }

    /// The same without evidence: remembering adds to it and does not read it.
    pub(super) async fn read_graph(
        &self,
        teen: TeenId,
        now: Timestamp,
    ) -> Result<Before, PortError> {
        let whole = Horizon::whole_graph(now);
        let stored = self.ports.graph.load_graph(teen, whole).await?;
        self.before(teen, stored).await
    }

    async fn before(&self, teen: TeenId, stored: StoredMemory) -> Result<Before, PortError> {
        let graph = &self.ports.graph;
        Ok(Before {
            stored,
            lists: graph
                .mention_lists(teen)
                .await?
                .into_iter()
                .map(Arc::new)
                .collect(),
            suppressions: graph.suppressions(teen).await?,
            namer: self.ports.namer.namer(teen).await?,
            extractor: Arc::clone(&self.ports.extractor),
        })
    }
}

fn oldest_seen(graph: &Graph) -> Option<Timestamp> {
    let nodes = graph.nodes.values().map(|node| node.last_seen);
    let edges = graph.edges.values().map(|edge| edge.last_seen);
    nodes.chain(edges).min()
}

fn just_after(instant: Timestamp) -> Timestamp {
    instant.plus(Duration::from_millis(1))
}

/// Stands in for a stored digest that retention dropped because it named what expired. Without
/// the teen's name, which only the next session's end knows again.
fn fresh_digest(graph: &Graph, wanted: &Wanted<'_>) -> Option<StoredDigest> {
    let account = Account {
        teen_name: None,
        zone: wanted.zone,
    };
    let (text, nodes) = digest::render(graph, wanted.now, account, None);
    (!text.is_empty()).then(|| StoredDigest {
        text: text.into(),
        nodes,
        generation: graph.generation,
    })
}
