//! Records of the memory graph. An edge is a key plus a set of assertions; everything else about
//! it is derived (memory.md 3).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::ontology::{EdgeKind, NodeKind};
use crate::{
    clock::Timestamp,
    ids::{SessionId, TurnId},
    secret::Text,
};

/// Seven emotion weights: anger, disgust, fear, joy, neutral, sadness, surprise.
pub type EmotionWeights = [f32; 7];

/// Id of a node: 128 bits of a keyed hash over kind, key and qualifier at creation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NodeId(#[serde(with = "hex128")] pub u128);

/// Id of an edge: 128 bits of a keyed hash over kind, ends and slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EdgeId(#[serde(with = "hex128")] pub u128);

/// Id of an assertion: the same when the same session is extracted again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AssertionId(#[serde(with = "hex128")] pub u128);

mod hex128 {
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(bits: &u128, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{bits:032x}"))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<u128, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        u128::from_str_radix(&text, 16).map_err(serde::de::Error::custom)
    }
}

/// How precisely an instant is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    /// To the day.
    Day,
    /// To the week.
    Week,
    /// To the month.
    Month,
    /// To the year.
    Year,
    /// Not at all: the turn's own time stands in.
    Unknown,
}

/// Whether an assertion says that the edge holds or that it does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Polarity {
    /// It holds from `valid_at` on.
    #[serde(rename = "+")]
    Holds,
    /// It stopped at `valid_at`.
    #[serde(rename = "-")]
    Stopped,
}

/// One statement that an edge holds or stopped, with the turns it comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Assertion {
    /// Its id.
    pub id: AssertionId,
    /// Holds or stopped.
    pub polarity: Polarity,
    /// The event's own time if a date resolved, else the turn's.
    pub valid_at: Timestamp,
    /// How precisely.
    pub precision: Precision,
    /// When it was written down.
    pub recorded_at: Timestamp,
    /// The turns that say so; never empty.
    pub turns: Vec<TurnId>,
    /// The session they belong to.
    pub session: SessionId,
    /// Name of the extractor.
    pub extractor: String,
    /// Its version.
    pub version: String,
    /// 0 to 1.
    pub confidence: f32,
    /// Mood of the turns; all zero without the consent `mood`.
    pub emotion: EmotionWeights,
}

/// A vertex.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Node {
    /// Its id.
    pub id: NodeId,
    /// Its kind.
    pub kind: NodeKind,
    /// Display form, at most 80 characters.
    pub name: Text,
    /// Normalised form.
    pub key: Text,
    /// Tells apart what has the same key.
    pub qualifier: Option<Text>,
    /// Other names, at most 16.
    pub aliases: Vec<Text>,
    /// Closed list of attributes per kind, values at most 80 characters.
    pub attrs: BTreeMap<String, Text>,
    /// First turn that mentions it.
    pub first_seen: Timestamp,
    /// Last turn that mentions it.
    pub last_seen: Timestamp,
    /// The newest turns that mention it, at most 64, oldest first.
    pub turns: Vec<TurnId>,
    /// Number of distinct turns, also those whose text expired.
    pub support: u32,
    /// Distinct sessions that mention it.
    pub sessions: u32,
    /// Highest confidence of a mention.
    pub confidence: f32,
    /// Mood of its turns.
    pub mood: EmotionWeights,
}

/// A directed edge with its log and what is derived from it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Edge {
    /// Its id.
    pub id: EdgeId,
    /// Its kind.
    pub kind: EdgeKind,
    /// Where it starts.
    pub from: NodeId,
    /// Where it ends.
    pub to: NodeId,
    /// Exclusive slot (`attends`, `lives_in`, …) or relation (`friend`, `mom`); empty if none.
    pub slot: String,
    /// Start of the last interval.
    pub valid_from: Timestamp,
    /// Its end; `None` while it holds.
    pub valid_until: Option<Timestamp>,
    /// When the newest assertion was written down.
    pub recorded_at: Timestamp,
    /// When it was last spoken of; retention counts from here.
    pub last_seen: Timestamp,
    /// 1 - product of (1 - confidence) over the open interval, at most 0.99.
    pub confidence: f32,
    /// Number of assertions, folded ones included.
    pub count: u32,
    /// Decayed mean mood over the open interval.
    pub emotion: EmotionWeights,
    /// All assertions.
    pub log: Vec<Assertion>,
}

impl Edge {
    /// Whether it holds at an instant, as far as its last interval tells.
    pub fn holds_at(&self, at: Timestamp) -> bool {
        self.valid_from <= at && self.valid_until.is_none_or(|until| at < until)
    }
}

/// A whole graph, as stored.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Graph {
    /// Nodes by id.
    pub nodes: BTreeMap<NodeId, Node>,
    /// Edges by id.
    pub edges: BTreeMap<EdgeId, Edge>,
    /// Counts every applied change; the digest and the recall index name the one they were built
    /// from.
    pub generation: u64,
}

/// Full records to put and ids to delete: replaying it is harmless.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GraphDelta {
    /// Nodes to write, whole.
    pub put_nodes: Vec<Node>,
    /// Edges to write, whole.
    pub put_edges: Vec<Edge>,
    /// Nodes to delete.
    pub delete_nodes: Vec<NodeId>,
    /// Edges to delete.
    pub delete_edges: Vec<EdgeId>,
}

impl GraphDelta {
    /// Whether applying it changes nothing.
    pub fn is_empty(&self) -> bool {
        self.put_nodes.is_empty()
            && self.put_edges.is_empty()
            && self.delete_nodes.is_empty()
            && self.delete_edges.is_empty()
    }
}
