//! The closed vocabulary of the graph.

use serde::{Deserialize, Serialize};

/// Kinds of vertices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum NodeKind {
    /// The owner; exactly one per graph.
    Teen,
    /// Somebody met or talked about.
    Person,
    /// School, city, room, gym.
    Place,
    /// Product, work of art, pet, instrument, group, company.
    Thing,
    /// Subject of talk.
    Topic,
    /// A dated or datable happening.
    Event,
    /// A repeated doing.
    Activity,
    /// Something wanted.
    Goal,
}

impl NodeKind {
    /// Every kind, in the order of the vocabulary.
    pub const ALL: [Self; 8] = [
        Self::Teen,
        Self::Person,
        Self::Place,
        Self::Thing,
        Self::Topic,
        Self::Event,
        Self::Activity,
        Self::Goal,
    ];

    /// The kind's name in exports and in the graph database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Teen => "Teen",
            Self::Person => "Person",
            Self::Place => "Place",
            Self::Thing => "Thing",
            Self::Topic => "Topic",
            Self::Event => "Event",
            Self::Activity => "Activity",
            Self::Goal => "Goal",
        }
    }

    /// The kind with this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The attributes that a node of this kind may carry; anything else is dropped.
    pub const fn attributes(self) -> &'static [&'static str] {
        match self {
            Self::Teen => &[],
            Self::Person => &["role"],
            Self::Place | Self::Thing => &["sub"],
            Self::Topic => &["lexicon_id"],
            Self::Event => &["when_from", "when_until", "precision", "status"],
            Self::Activity => &["frequency"],
            Self::Goal => &["status"],
        }
    }
}

/// Kinds of edges.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EdgeKind {
    /// Spoke of it.
    Mentions,
    /// Takes part, uses, happens at.
    Involves,
    /// Subject of.
    About,
    /// Before, after, during, every.
    Temporal,
    /// Makes, because.
    Causal,
    /// Helps.
    Supports,
    /// Stands in the way.
    Conflicts,
    /// Kin, friend, teacher, `same_as`, attends, `lives_in`, … or co-occurrence.
    RelatesTo,
}

impl EdgeKind {
    /// Every kind, in the order of the vocabulary.
    pub const ALL: [Self; 8] = [
        Self::Mentions,
        Self::Involves,
        Self::About,
        Self::Temporal,
        Self::Causal,
        Self::Supports,
        Self::Conflicts,
        Self::RelatesTo,
    ];

    /// The kind's name in exports and in the graph database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mentions => "mentions",
            Self::Involves => "involves",
            Self::About => "about",
            Self::Temporal => "temporal",
            Self::Causal => "causal",
            Self::Supports => "supports",
            Self::Conflicts => "conflicts",
            Self::RelatesTo => "relates_to",
        }
    }

    /// The kind with this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Whether the vocabulary allows an edge of this kind between these kinds.
    pub const fn allows(self, from: NodeKind, to: NodeKind) -> bool {
        use NodeKind as N;
        match self {
            Self::Mentions => matches!(from, N::Teen),
            Self::Involves => {
                matches!(from, N::Teen | N::Event | N::Activity)
                    && matches!(to, N::Person | N::Place | N::Thing | N::Activity)
            }
            Self::About => {
                matches!(from, N::Goal | N::Event | N::Thing | N::Activity)
                    && matches!(to, N::Topic)
            }
            // A topic on the left is allowed for the system description's own example
            // (school stress -> morning routine).
            Self::Temporal => {
                matches!(from, N::Event | N::Activity | N::Topic)
                    && matches!(to, N::Event | N::Activity)
            }
            Self::Causal => matches!(to, N::Event | N::Topic | N::Goal | N::Activity),
            Self::Supports | Self::Conflicts => {
                matches!(from, N::Activity | N::Person | N::Event | N::Thing)
                    && matches!(to, N::Goal)
            }
            Self::RelatesTo => true,
        }
    }
}
