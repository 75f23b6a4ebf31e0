//! What of a model's answer was believed, and what was not.

use std::collections::BTreeMap;

use crate::{
    clock::Timestamp,
    ids::TurnId,
    memory::{
        graph::{NodeId, Polarity, Precision},
        ontology::{EdgeKind, NodeKind},
    },
    secret::Text,
};

/// Why an item or an answer was dropped, in the order of the checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// It does not fit the schema, or stands beyond the bounds of one session.
    Schema,
    /// A line that is not there or not the teen's.
    Line,
    /// The quote is not in its lines, or does not speak of what is named.
    Quote,
    /// The vocabulary has no such edge between such things.
    Kinds,
    /// A name that names nothing, is too long, holds forbidden characters or an instruction.
    Name,
    /// A question, or the persona's words.
    NotClaimed,
    /// An id that was not sent, or of another kind.
    Existing,
    /// A date that cannot be resolved.
    Date,
    /// The schema or the example instead of an answer.
    Echo,
}

impl Reason {
    /// Its name in metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Schema => "schema",
            Self::Line => "line",
            Self::Quote => "quote",
            Self::Kinds => "kinds",
            Self::Name => "name",
            Self::NotClaimed => "not_claimed",
            Self::Existing => "existing",
            Self::Date => "date",
            Self::Echo => "echo",
        }
    }

    /// What a model is told to do better.
    pub(super) const fn advice(self) -> &'static str {
        match self {
            Self::Schema => "does not fit the schema",
            Self::Line => "names a line that does not exist or is not the teen's",
            Self::Quote => {
                "the quote is not a word-for-word piece of its lines, or the name is not in it"
            }
            Self::Kinds => "no such edge is allowed between these kinds, or an end is missing",
            Self::Name => "the name is empty, too long or not a name",
            Self::NotClaimed => "the teen does not state this: it is a question or the persona's",
            Self::Existing => "existing_id is not one of the known ids of that kind",
            Self::Date => "when is not a date of the form YYYY-MM-DD, YYYY-MM or YYYY",
            Self::Echo => "repeats the schema or the example",
        }
    }
}

/// Dropped items, counted.
pub type Drops = BTreeMap<Reason, u32>;

/// Where something was said: the turn, and the byte span in its scrubbed text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    /// The turn.
    pub turn: TurnId,
    /// When it was said.
    pub said_at: Timestamp,
    /// The span of the name or quote.
    pub span: (u32, u32),
}

/// A name as it stands in one turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The name.
    pub name: Text,
    /// Where.
    pub source: Source,
    /// Whether it is another name than the node's own.
    pub alias: bool,
}

/// A thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatchNode {
    /// Its kind.
    pub kind: NodeKind,
    /// Its name.
    pub name: Text,
    /// The known node it is.
    pub existing: Option<NodeId>,
    /// Every turn that speaks of it; never empty, names before aliases.
    pub said: Vec<Said>,
}

/// What is said between two things.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatchEdge {
    /// Its kind.
    pub kind: EdgeKind,
    /// Position of its start among the nodes; `None` is the teen.
    pub from: Option<usize>,
    /// Position of its end.
    pub to: usize,
    /// Slot, empty if none.
    pub slot: String,
    /// Holds or stopped.
    pub polarity: Polarity,
    /// A date that was said.
    pub when: Option<(Timestamp, Precision)>,
    /// The turns that say so; never empty.
    pub sources: Vec<Source>,
}

/// A mood.
#[derive(Clone, Debug, PartialEq)]
pub struct PatchMood {
    /// The turns that show it.
    pub turns: Vec<TurnId>,
    /// Its place among the seven weights.
    pub label: usize,
    /// 0 to 1.
    pub weight: f32,
}

/// What of an answer was believed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ModelPatch {
    /// The things.
    pub nodes: Vec<PatchNode>,
    /// What is between them.
    pub edges: Vec<PatchEdge>,
    /// The moods.
    pub moods: Vec<PatchMood>,
}

/// A model's reading of a session.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelReading {
    /// What is believed of it.
    pub patch: ModelPatch,
    /// Version of the reader.
    pub version: String,
}

impl ModelPatch {
    /// Whether nothing was found.
    pub const fn is_empty(&self) -> bool {
        self.nodes.is_empty() && self.edges.is_empty() && self.moods.is_empty()
    }

    /// Takes in what was found in another part of the session.
    pub fn absorb(&mut self, other: Self) {
        let first = self.nodes.len();
        self.nodes.extend(other.nodes);
        self.edges
            .extend(other.edges.into_iter().map(|edge| PatchEdge {
                from: edge.from.map(|from| from + first),
                to: edge.to + first,
                ..edge
            }));
        self.moods.extend(other.moods);
    }
}

/// Adds up dropped items.
pub fn add_drops(sum: &mut Drops, more: &Drops) {
    for (reason, count) in more {
        *sum.entry(*reason).or_default() += count;
    }
}
