//! Ports: what outlives a session.

mod bits;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{
    encoder::{Encoded, Vector},
    graph::{EmotionWeights, Graph, GraphDelta, NodeId},
    ontology::{EdgeKind, NodeKind},
};
use crate::{
    clock::Timestamp,
    error::PortError,
    ids::{SessionId, TeenId, TurnId},
    secret::Text,
};

/// Who said it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Speaker {
    /// The teen.
    Teen,
    /// The persona.
    Persona,
}

/// One utterance kept as evidence. Contact data was replaced before it got here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EvidenceTurn {
    /// Its id, unique for the teen. A message keeps its turn's id, the answer has its own.
    pub id: TurnId,
    /// The session it was said in.
    pub session: SessionId,
    /// Position in the session.
    pub sequence: u32,
    /// Who said it.
    pub speaker: Speaker,
    /// Display name of the speaker.
    pub name: Text,
    /// When.
    pub said_at: Timestamp,
    /// The scrubbed text, at most 2,000 characters; `None` for a stub (the text expired).
    pub text: Option<Text>,
    /// The session's day in words, as the index reads it: `8 May 2023 Monday`.
    pub day: String,
    /// Words of facts that extraction found in it.
    pub fact_words: Vec<Text>,
    /// Picture caption; only evaluation data has one.
    pub caption: Option<Text>,
    /// Text that came from recall; never extracted again.
    pub recalled: bool,
    /// Version of the assets that made its fact words.
    pub asset_version: String,
    /// What the text is about, for recall; made anew where another encoder is used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoded: Option<Encoded>,
    /// Seven emotion weights; all zero without the consent `mood`.
    pub emotion: EmotionWeights,
    /// The text goes at this instant; the row stays as a stub.
    pub expires_at: Timestamp,
}

/// A mention as an extractor found it: input of the resolver, kept so that the graph can be
/// folded again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mention {
    /// Number inside its list; relations name it.
    pub index: u32,
    /// Kind of thing.
    pub kind: NodeKind,
    /// The words as written.
    pub surface: Text,
    /// Tells apart what has the same key (`coach` of "coach dan").
    pub qualifier: Option<Text>,
    /// Attributes of the closed list.
    pub attrs: std::collections::BTreeMap<String, Text>,
    /// Byte span in the scrubbed text of the first turn.
    pub span: (u32, u32),
    /// The turns that mention it, oldest first. Best one mention per turn, so that forgetting a
    /// turn takes exactly the surface and attributes that came from it.
    pub turns: Vec<TurnId>,
    /// When the first of them was said.
    pub said_at: Timestamp,
    /// 0 to 1.
    pub confidence: f32,
    /// What read it: a rule of the extractor; empty where it has none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub by: String,
    /// Names something only together with a mention of another session: a phrase that may have been
    /// said in passing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub tentative: bool,
}

/// What is said between two mentions (or between the teen and one).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Relation {
    /// Kind of edge.
    pub kind: EdgeKind,
    /// Index of the mention it starts at; `None` is the teen.
    pub from: Option<u32>,
    /// Index of the mention it ends at.
    pub to: u32,
    /// Slot or relation, empty if none.
    pub slot: String,
    /// Holds or stopped.
    pub polarity: super::graph::Polarity,
    /// When it holds from (or stopped).
    pub valid_at: Timestamp,
    /// How precisely.
    pub precision: super::graph::Precision,
    /// The turns that say so.
    pub turns: Vec<TurnId>,
    /// Byte span in the first turn.
    pub span: (u32, u32),
    /// 0 to 1.
    pub confidence: f32,
    /// Mood of its turns.
    pub emotion: EmotionWeights,
    /// What read it, as of a mention.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub by: String,
}

/// All that one extractor found in one session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MentionList {
    /// The session.
    pub session: SessionId,
    /// When the session began: lists are folded in (start, id) order.
    pub session_started_at: Timestamp,
    /// Name of the extractor.
    pub extractor: String,
    /// Its version; a newer one replaces the list.
    pub version: String,
    /// When the session was first written down by this extractor; a newer version of it keeps the
    /// time, or nothing would have been known before it.
    pub recorded_at: Timestamp,
    /// The mentions.
    pub mentions: Vec<Mention>,
    /// The relations between them.
    pub relations: Vec<Relation>,
    /// Names that mean something which their letters do not show; only a model gives them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<NameLink>,
}

/// What a name means whose letters do not show it. It holds no name, so that forgetting the other
/// side takes its name along.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameLink {
    /// Index of the mention.
    pub mention: u32,
    /// What it means.
    pub means: Means,
}

/// The other side of a [`NameLink`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Means {
    /// A node of earlier sessions; without effect where that does not exist.
    Node(NodeId),
    /// An earlier mention of the same list.
    Mention(u32),
    /// Nothing else: the teen said that it is not what it was taken for.
    Itself,
}

/// What was forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Forgotten {
    /// A turn: nothing is read from it again.
    Turn,
    /// A thing: its turns as for `Turn`, and its name in anything said before it was forgotten.
    Node,
    /// A fact: this edge alone is not read again from these turns.
    Fact,
}

/// What must not come back after it was forgotten.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suppression {
    /// Keyed hash of what was forgotten and from which turns: asking twice adds nothing.
    #[serde(with = "bits")]
    pub id: u128,
    /// What was forgotten.
    pub what: Forgotten,
    /// Source turns that are not read again.
    pub turns: Vec<TurnId>,
    /// Id of the forgotten node (a keyed hash of kind, name and qualifier) or edge.
    #[serde(with = "bits::optional")]
    pub name: Option<u128>,
    /// When it was asked for.
    pub recorded_at: Timestamp,
}

/// The rendered digest of a teen, with the graph it was made from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredDigest {
    /// The text.
    pub text: Text,
    /// Nodes it names.
    pub nodes: Vec<NodeId>,
    /// The graph generation it was rendered from; also its version.
    pub generation: u64,
}

/// Everything that remembering (or forgetting) writes in one commit.
#[derive(Clone, Debug, PartialEq)]
pub struct MemoryWrite {
    /// The session and extractor this stands for; `None` for forgetting and corrections.
    pub applied: Option<AppliedKey>,
    /// Graph generation that the delta was computed from; the commit makes it one higher.
    pub expected_generation: u64,
    /// Records to put and delete.
    pub delta: GraphDelta,
    /// Evidence to add (ids already there are replaced).
    pub evidence: Vec<EvidenceTurn>,
    /// Evidence to delete.
    pub delete_evidence: Vec<TurnId>,
    /// Mention lists to put.
    pub mentions: Vec<MentionList>,
    /// Mention lists to delete, by session and extractor.
    pub delete_mentions: Vec<(SessionId, String)>,
    /// Suppressions to add.
    pub suppressions: Vec<Suppression>,
    /// The digest of the new graph.
    pub digest: StoredDigest,
}

/// Names an applied patch.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AppliedKey {
    /// The session.
    pub session: SessionId,
    /// The extractor.
    pub extractor: String,
    /// Its version.
    pub version: String,
}

/// Whether a write took place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applied {
    /// It was written now.
    Now,
    /// The same session, extractor and version was written before; nothing changed.
    Already,
}

/// All that is stored about a teen's memory, as a load returns it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StoredMemory {
    /// The graph.
    pub graph: Graph,
    /// Evidence, by (session start, sequence).
    pub evidence: Vec<EvidenceTurn>,
    /// The digest, if one was rendered.
    pub digest: Option<StoredDigest>,
}

/// The bounds of a read: what ended before them is not there, whether or not it was deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Horizon {
    /// The present: a text that ends at or before it is gone.
    pub now: Timestamp,
    /// Nodes and edges last seen before it are gone.
    pub graph_before: Timestamp,
}

impl Horizon {
    /// Everything that is stored, but for texts that ended.
    pub const fn whole_graph(now: Timestamp) -> Self {
        Self {
            now,
            graph_before: Timestamp::from_millis(i64::MIN),
        }
    }
}

impl EvidenceTurn {
    /// Leaves of a turn what may outlive its text.
    pub fn drop_text(&mut self) {
        self.text = None;
        self.fact_words.clear();
        self.encoded = None;
        self.caption = None;
    }
}

impl StoredMemory {
    /// What of a stored memory still exists: the one rule for every adapter.
    ///
    /// A digest that may speak of what is gone goes with it.
    #[must_use]
    pub fn within(mut self, horizon: Horizon) -> Self {
        for turn in &mut self.evidence {
            if turn.expires_at <= horizon.now {
                turn.drop_text();
            }
        }
        let before = horizon.graph_before;
        let graph = &mut self.graph;
        let nodes = graph.nodes.len();
        graph.nodes.retain(|_id, node| node.last_seen >= before);
        let nodes_left = &graph.nodes;
        let mut told = false;
        let digest = self.digest.as_ref();
        graph.edges.retain(|_id, edge| {
            let stays = edge.last_seen >= before
                && nodes_left.contains_key(&edge.from)
                && nodes_left.contains_key(&edge.to);
            let tells_of = |id| digest.is_some_and(|digest| digest.nodes.contains(id));
            told |= !stays && (tells_of(&edge.from) || tells_of(&edge.to));
            stays
        });
        let names_a_lost_node = nodes != nodes_left.len()
            && digest.is_some_and(|digest| {
                let mut named = digest.nodes.iter();
                named.any(|id| !nodes_left.contains_key(id))
            });
        if told || names_a_lost_node {
            self.digest = None;
        }
        self
    }
}

/// A teen's graph, evidence, mention lists and digest.
///
/// # Contract
/// * `load` of a teen with nothing stored is empty, generation 0.
/// * Evidence text is not returned at or after its `expires_at`: the turn comes back as a stub.
/// * Nodes and edges last seen before the horizon of the read are not returned, nor edges of such
///   nodes, nor a digest that may speak of them ([`StoredMemory::within`]).
/// * `write` with a known `applied` of the same version changes nothing and says `Already`.
/// * `write` is `Conflict` if the stored generation is not `expected_generation`.
/// * `write` computed before `erase_memory` is `Conflict` after it: the generation goes on counting.
/// * `load_graph` and `evidence_ids` tell of the same memory as `load`.
/// * Nothing of one teen is ever returned for another.
/// * After the teen's key is destroyed every read is `NotFound`.
#[async_trait]
pub trait GraphStore: Send + Sync {
    /// Graph, evidence and digest.
    async fn load(&self, teen: TeenId, horizon: Horizon) -> Result<StoredMemory, PortError>;

    /// The same without evidence, for whoever does not read what was said: reading that takes most
    /// of the time.
    async fn load_graph(&self, teen: TeenId, horizon: Horizon) -> Result<StoredMemory, PortError> {
        let mut stored = self.load(teen, horizon).await?;
        stored.evidence.clear();
        Ok(stored)
    }

    /// Ids of all evidence turns, stubs included, in the order of the ids: the oldest first.
    async fn evidence_ids(&self, teen: TeenId) -> Result<Vec<TurnId>, PortError> {
        let whole = Horizon::whole_graph(Timestamp::from_millis(i64::MIN));
        let evidence = self.load(teen, whole).await?.evidence;
        let mut ids: Vec<TurnId> = evidence.iter().map(|turn| turn.id).collect();
        ids.sort_unstable();
        Ok(ids)
    }

    /// The graph's generation alone, to see whether a loaded memory is still the stored one.
    async fn generation(&self, teen: TeenId) -> Result<u64, PortError>;

    /// Mention lists of all sessions, by (session start, session id, extractor).
    async fn mention_lists(&self, teen: TeenId) -> Result<Vec<MentionList>, PortError>;

    /// What must not come back.
    async fn suppressions(&self, teen: TeenId) -> Result<Vec<Suppression>, PortError>;

    /// Whether this patch was applied.
    async fn is_applied(&self, teen: TeenId, key: &AppliedKey) -> Result<bool, PortError>;

    /// One commit.
    async fn write(&self, teen: TeenId, write: &MemoryWrite) -> Result<Applied, PortError>;

    /// Deletes all memory of the teen (switching memory off); the account stays.
    async fn erase_memory(&self, teen: TeenId) -> Result<(), PortError>;

    /// Retention: drops evidence text whose time came, and nodes and edges not seen since
    /// `graph_before`, at most `limit` records; returns how many.
    async fn expire(
        &self,
        now: Timestamp,
        graph_before: Timestamp,
        limit: usize,
    ) -> Result<usize, PortError>;
}

/// Port: makes the ids of a teen's nodes, edges and assertions.
///
/// # Contract
/// * The same teen gives the same ids until the key is destroyed; then the call is `NotFound`.
#[async_trait]
pub trait NamerSource: Send + Sync {
    /// The teen's namer.
    async fn namer(&self, teen: TeenId) -> Result<crate::seal::Namer, PortError>;
}

/// A line of a session as extractors read it.
#[derive(Clone, Debug)]
pub struct Line<'a> {
    /// The evidence turn's id.
    pub id: TurnId,
    /// Who said it; persona lines are context, never a source of mentions.
    pub speaker: Speaker,
    /// When.
    pub said_at: Timestamp,
    /// The scrubbed text.
    pub text: &'a str,
}

/// Port: finds mentions and relations in a session. Synchronous and pure.
pub trait EntityExtractor: Send + Sync {
    /// Name that goes into assertions: `local`.
    fn name(&self) -> &str;

    /// Version of rules and assets.
    fn version(&self) -> &str;

    /// Reads a session. `zone` is the account's IANA time zone, for dates.
    fn extract(&self, lines: &[Line<'_>], zone: &str) -> Extraction;

    /// What one message names, at little cost: it is asked while a teen waits, and may find less
    /// than [`extract`](Self::extract) does.
    fn glance(&self, line: &Line<'_>) -> Vec<(NodeKind, Text)> {
        let found = self.extract(std::slice::from_ref(line), "UTC");
        let mentions = found.mentions.into_iter();
        mentions
            .map(|mention| (mention.kind, mention.surface))
            .collect()
    }

    /// Seven emotion weights of a text.
    fn emotions(&self, text: &str) -> EmotionWeights;

    /// What a name is about, as a direction in space: names whose directions are alike mean the
    /// same. `None` without a table of words, then no two names do by that.
    fn direction(&self, _name: &str) -> Option<Vector> {
        None
    }
}

/// What an extractor found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Extraction {
    /// Mentions, `index` ascending from 0.
    pub mentions: Vec<Mention>,
    /// Relations between them.
    pub relations: Vec<Relation>,
}
