//! What a running session knows of the teen: the shared index, and what was said since.

use std::{collections::BTreeSet, sync::Arc};

use super::{
    asks::{asked_stems, asks_for_memory},
    cache::Loaded,
    evidence::{self, EvidenceRules},
    facts::{self, Voice},
    graph::{Edge, Graph, Node, NodeId},
    named::{named_in, names_of},
    pack,
    recall::{Known, Query, RecallIndex, Speakers},
    store::EvidenceTurn,
    tokens::each_stem,
};
use crate::{
    clock::Timestamp, conversation::record::TurnRecord, identity::consent::MemoryMode, ids::TurnId,
    model::call::Scrubber, secret::Text,
};

/// Turns of the running session that are kept for recall; a session is twenty minutes.
const MOST_ADDED: usize = 400;
/// Facts in one recalled block.
const MOST_FACTS: usize = 3;

mod why;

pub use why::{ScoredTurn, Why};

/// Memory fixed at the start of a session. It costs a few words while nothing is said: the index
/// is shared by all sessions of the teen.
#[derive(Clone)]
pub struct SessionMemory {
    loaded: Option<Arc<Loaded>>,
    scrubber: Option<Arc<dyn Scrubber>>,
    added: Vec<EvidenceTurn>,
    /// The index with some of `added`, from the moment that a turn left the prompt.
    grown: Option<Box<Grown>>,
    persona: String,
    /// When it began.
    opened_at: Timestamp,
}

#[derive(Clone)]
struct Grown {
    index: RecallIndex,
    /// How many of the added turns it holds.
    holds: usize,
}

/// Memory that goes with one message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recalled {
    /// Quoted data for the prompt.
    pub block: Text,
    /// The turns in it.
    pub turns: Vec<TurnId>,
    /// A plain clause about something sure, for the offline persona.
    pub fact: Option<Text>,
    /// Estimated size.
    pub tokens: usize,
}

impl std::fmt::Debug for SessionMemory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SessionMemory")
            .field("on", &self.loaded.is_some())
            .field("added", &self.added.len())
            .finish_non_exhaustive()
    }
}

impl SessionMemory {
    /// A session that knows nothing and learns nothing.
    pub(super) fn without_memory() -> Self {
        Self {
            loaded: None,
            scrubber: None,
            added: Vec::new(),
            grown: None,
            persona: String::new(),
            opened_at: Timestamp::default(),
        }
    }

    pub(super) fn new(
        loaded: Arc<Loaded>,
        scrubber: Arc<dyn Scrubber>,
        opened_at: Timestamp,
    ) -> Self {
        Self {
            loaded: Some(loaded),
            scrubber: Some(scrubber),
            added: Vec::new(),
            grown: None,
            persona: String::new(),
            opened_at,
        }
    }

    /// What the persona knows from the first word on; the same bytes for the whole session.
    pub fn digest(&self) -> Option<&Text> {
        let digest = self.loaded.as_ref()?.digest.as_ref()?;
        Some(&digest.text).filter(|text| !text.reveal().is_empty())
    }

    /// Version of the digest, 0 without one.
    pub fn digest_version(&self) -> u64 {
        let digest = self
            .loaded
            .as_ref()
            .and_then(|loaded| loaded.digest.as_ref());
        digest.map_or(0, |digest| digest.generation)
    }

    /// Memory about `message`, if the topic moved or it is asked for; at most `budget_tokens`, and
    /// nothing that is `in_prompt` anyway.
    pub fn recall(
        &mut self,
        message: &str,
        in_prompt: &[TurnId],
        budget_tokens: usize,
    ) -> Option<Recalled> {
        let loaded = Arc::clone(self.loaded.as_ref()?);
        let in_prompt = self.with_answers(in_prompt);
        let (persona, now) = (self.persona.clone(), self.opened_at);
        let grown = self.grow(&loaded, &in_prompt);
        let index = grown.map_or(&loaded.index, |grown| &grown.index);
        let query = asked(message, &persona);
        let gains = index.gains(&query, &loaded.known_at(&[&loaded.graph], now));
        let ranked = index.query_knowing(&query, &gains);
        let named = named_in(&loaded.graph, message);
        pack::moved(message, (index, &ranked), &in_prompt, loaded.unseen(&named))?;
        let known = loaded.facts_for(message, &named);
        let lines: Vec<String> = known
            .iter()
            .filter_map(|edge| facts::dated(&loaded.graph, edge, &loaded.zone))
            .take(MOST_FACTS)
            .collect();
        let packed = pack::pack(index, &ranked, &lines, &in_prompt, budget_tokens)?;
        Some(Recalled {
            block: packed.block,
            turns: packed.turns,
            fact: loaded.sure_fact(&known, now),
            tokens: packed.tokens,
        })
    }

    /// A plain clause about something sure that the message names or asks for, whether or not the
    /// topic moved: for the offline persona, which reads no prompt.
    pub fn fact_about(&self, message: &str) -> Option<Text> {
        let loaded = self.loaded.as_ref()?;
        let named = named_in(&loaded.graph, message);
        loaded.sure_fact(&loaded.facts_for(message, &named), self.opened_at)
    }

    /// What memory holds in general, as clauses, most telling first: for the offline persona.
    pub fn known(&self) -> &[Text] {
        self.loaded.as_ref().map_or(&[], |loaded| &loaded.known)
    }

    /// Takes in a turn of this session, so that it can be recalled once it left the prompt.
    pub fn add_turn(&mut self, turn: &TurnRecord, teen_name: Option<&Text>, persona_name: &str) {
        let loaded = self.loaded.as_deref();
        let (Some(loaded), Some(scrubber)) = (loaded, self.scrubber.as_deref()) else {
            return;
        };
        if loaded.mode != MemoryMode::Full {
            return;
        }
        let rules = EvidenceRules {
            scrubber,
            mood: None,
            zone: &loaded.zone,
            days: 1,
            teen_name,
            persona_name,
            version: "",
            encoder: None,
        };
        persona_name.clone_into(&mut self.persona);
        let said = evidence::of_turn(turn, &rules);
        let before = self.added.len();
        self.added
            .retain(|old| said.iter().all(|new| new.id != old.id));
        let replaced = self.added.len() < before;
        self.added.extend(said);
        let excess = self.added.len().saturating_sub(MOST_ADDED);
        self.added.drain(..excess);
        if replaced || excess > 0 {
            self.grown = None;
        }
    }

    /// A turn of this session that is in the prompt is there with its answer, which has an id of
    /// its own.
    fn with_answers(&self, in_prompt: &[TurnId]) -> Vec<TurnId> {
        let answers = in_prompt.iter().map(|turn| evidence::answer_id(*turn));
        let mut all = in_prompt.to_vec();
        all.extend(answers.filter(|id| self.added.iter().any(|turn| turn.id == *id)));
        all
    }

    /// The index with this session's turns, if any of them left the prompt. Usually none did, and
    /// the shared index serves. It is copied once; later turns are added to the copy.
    fn grow(&mut self, loaded: &Loaded, in_prompt: &[TurnId]) -> Option<&Grown> {
        if self.added.iter().all(|turn| in_prompt.contains(&turn.id)) {
            return None;
        }
        let grown = self.grown.get_or_insert_with(|| {
            Box::new(Grown {
                index: loaded.index.clone(),
                holds: 0,
            })
        });
        for turn in self.added.iter().skip(grown.holds) {
            grown.index.add(turn.clone());
        }
        grown.holds = self.added.len();
        Some(grown)
    }
}

/// A message to the persona of this name, as a query.
const fn asked<'a>(message: &'a str, persona: &'a str) -> Query<'a> {
    Query {
        text: message,
        speakers: Speakers::Talk { persona },
    }
}

impl Loaded {
    fn known_at<'a>(&'a self, graph: &'a [&'a Graph], now: Timestamp) -> Known<'a> {
        Known {
            graphs: graph,
            now,
            zone: &self.zone,
        }
    }

    /// Names of those of these nodes that the digest does not hold.
    fn unseen<'a>(&self, named: &[&'a Node]) -> impl Iterator<Item = &'a str> {
        let unseen = named.iter().filter(|node| !self.in_digest(node.id));
        unseen.flat_map(|node| names_of(node))
    }

    fn in_digest(&self, node: NodeId) -> bool {
        self.digest
            .as_ref()
            .is_some_and(|digest| digest.nodes.contains(&node))
    }

    /// Facts that say something about the named nodes. If memory is asked for and nothing is named,
    /// those that hold half of the words of what is asked about, or any if that is nothing. Open
    /// ones come before closed ones, then the surest, then the newest.
    fn facts_for(&self, message: &str, named: &[&Node]) -> Vec<&Edge> {
        let ids: BTreeSet<NodeId> = named.iter().map(|node| node.id).collect();
        let any = ids.is_empty() && asks_for_memory(message);
        let about = if any {
            asked_stems(message)
        } else {
            BTreeSet::new()
        };
        let shares = |edge: &Edge| {
            let clause = facts::clause(&self.graph, edge, Voice::ToTeen);
            let mut shared = BTreeSet::new();
            each_stem(&clause.unwrap_or_default(), |stem| {
                shared.extend(about.get(stem));
            });
            shared.len() * 2 >= about.len()
        };
        let mut known: Vec<&Edge> = self
            .graph
            .edges
            .values()
            .filter(|edge| {
                let named = ids.contains(&edge.from) || ids.contains(&edge.to);
                named || (any && shares(edge))
            })
            .collect();
        known.sort_by(|a, b| {
            a.valid_until
                .is_some()
                .cmp(&b.valid_until.is_some())
                .then(b.confidence.total_cmp(&a.confidence))
                .then(b.last_seen.cmp(&a.last_seen))
                .then(a.id.cmp(&b.id))
        });
        known
    }

    /// The first of these facts that holds now, is sure, and can be put as a clause.
    fn sure_fact(&self, known: &[&Edge], now: Timestamp) -> Option<Text> {
        known
            .iter()
            .filter(|edge| edge.holds_at(now) && edge.confidence >= facts::SURE)
            .find_map(|edge| facts::clause(&self.graph, edge, Voice::ToTeen))
            .map(Text::from)
    }
}
