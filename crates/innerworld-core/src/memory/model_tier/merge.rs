//! What the model found, joined with what the local tier found.
//!
//! Nothing of the local tier goes. Where both found the same thing they are surer together; what
//! only the model found comes in less sure.

use std::collections::BTreeSet;

use super::{
    MODEL_CONFIDENCE,
    patch::{ModelPatch, PatchEdge, PatchMood, PatchNode, Said, Source},
};
use crate::{
    clock::Timestamp,
    ids::TurnId,
    memory::{
        graph::{Polarity, Precision},
        names,
        ontology::{EdgeKind, NodeKind},
        store::{EvidenceTurn, Extraction, Means, Mention, NameLink, Relation, Speaker},
    },
};

/// Slots that say what a person is to the teen; "kin" does not say which.
const ROLES: &[&str] = &[
    "friend",
    "teacher",
    "coach",
    "team_mate",
    "classmate",
    "neighbour",
    "helper",
];

/// Both tiers together.
#[derive(Debug)]
pub struct Merged {
    /// Mentions and relations.
    pub found: Extraction,
    /// Names that mean another mention, or a node of an earlier session.
    pub links: Vec<NameLink>,
}

/// Joins the tiers. `local` has its mentions numbered as they stand.
pub fn merge(local: Extraction, patch: &ModelPatch) -> Merged {
    let mut joining = Joining {
        next: local
            .mentions
            .iter()
            .map(|mention| mention.index + 1)
            .max()
            .unwrap_or(0),
        local: local.relations.len(),
        raised: BTreeSet::new(),
        found: local,
        links: Vec::new(),
        homes: Vec::new(),
    };
    let raised = joining.agreeing_mentions(patch);
    for (at, node) in patch.nodes.iter().enumerate() {
        joining.node(node, role(patch, at));
    }
    for mention in &mut joining.found.mentions {
        if raised.contains(&mention.index) {
            mention.confidence = surer(mention.confidence);
        }
    }
    for edge in &patch.edges {
        joining.edge(edge);
    }
    Merged {
        found: joining.found,
        links: joining.links,
    }
}

/// Blends the model's moods into those of the teen's turns it names: half of each.
pub fn blend_moods(said: &mut [EvidenceTurn], moods: &[PatchMood]) {
    /// Place of "neutral" among the weights.
    const NEUTRAL: usize = 4;
    for turn in said.iter_mut().filter(|turn| turn.speaker == Speaker::Teen) {
        let seen: Vec<&PatchMood> = moods
            .iter()
            .filter(|mood| mood.turns.contains(&turn.id))
            .collect();
        let Some(strongest) = seen.iter().max_by(|a, b| a.weight.total_cmp(&b.weight)) else {
            continue;
        };
        for (label, weight) in turn.emotion.iter_mut().enumerate() {
            let mut of_model = if label == strongest.label {
                strongest.weight
            } else {
                0.0
            };
            if label == NEUTRAL && strongest.label != NEUTRAL {
                of_model = 1.0 - strongest.weight;
            }
            *weight = f32::midpoint(*weight, of_model);
        }
    }
}

/// Two tiers that agree: 1 - (1-a)(1-b).
fn surer(local: f32) -> f32 {
    (1.0 - local).mul_add(-(1.0 - MODEL_CONFIDENCE), 1.0)
}

/// What a person is to the teen, if the model says so, and the turns that say it.
fn role(patch: &ModelPatch, at: usize) -> Option<(String, BTreeSet<TurnId>)> {
    let mut edges = patch.edges.iter();
    let says = edges.find(|edge| {
        edge.to == at
            && edge.from.is_none()
            && edge.kind == EdgeKind::RelatesTo
            && edge.polarity == Polarity::Holds
            && ROLES.contains(&edge.slot.as_str())
    })?;
    let turns = says.sources.iter().map(|source| source.turn).collect();
    Some((says.slot.replace('_', " "), turns))
}

/// A node's mentions, by turn; the first stands for it elsewhere.
type Home = Vec<(TurnId, u32)>;

struct Joining {
    found: Extraction,
    links: Vec<NameLink>,
    /// Of every node of the patch, in their order.
    homes: Vec<Home>,
    next: u32,
    /// How many relations are the local tier's.
    local: usize,
    /// Those of them that the model said too.
    raised: BTreeSet<usize>,
}

impl Joining {
    /// Local mentions of things that the model found in the same turn.
    fn agreeing_mentions(&self, patch: &ModelPatch) -> Vec<u32> {
        let same = |mention: &&Mention| {
            let key = mention_key(mention);
            patch.nodes.iter().any(|node| {
                node.kind == mention.kind
                    && names::key(node.kind, node.name.reveal()) == key
                    && node
                        .said
                        .iter()
                        .any(|said| mention.turns.contains(&said.source.turn))
            })
        };
        let mentions = self.found.mentions.iter().filter(same);
        mentions.map(|mention| mention.index).collect()
    }

    fn node(&mut self, node: &PatchNode, role: Option<(String, BTreeSet<TurnId>)>) {
        let own = names::key(node.kind, node.name.reveal());
        let local = self
            .found
            .mentions
            .iter()
            .any(|mention| mention.kind == node.kind && mention_key(mention) == own);
        let role = role.filter(|_| node.kind == NodeKind::Person && !local);
        let mut home = Home::new();
        let mut first: BTreeSet<String> = BTreeSet::new();
        for said in &node.said {
            let key = names::key(node.kind, said.name.reveal());
            // Each mention holds only what its own turn says, so that forgetting takes it along.
            let role = role
                .as_ref()
                .filter(|(_, turns)| turns.contains(&said.source.turn));
            let role = role.map(|(role, _)| role.as_str());
            let index = self.mention(node.kind, said, &key, role);
            home.push((said.source.turn, index));
            if first.insert(key) {
                self.link(node, said, index, &home);
            }
        }
        self.homes.push(home);
    }

    /// The local mention of the same name in the same turn, or a new one.
    fn mention(&mut self, kind: NodeKind, said: &Said, key: &str, role: Option<&str>) -> u32 {
        let mut mentions = self.found.mentions.iter_mut();
        let there = mentions.find(|mention| {
            mention.kind == kind
                && mention.turns.contains(&said.source.turn)
                && mention_key(mention) == key
        });
        if let Some(there) = there {
            there.tentative = false;
            return there.index;
        }
        let index = self.next;
        self.next += 1;
        let attrs = role.map(|role| ("role".to_owned(), role.to_owned().into()));
        self.found.mentions.push(Mention {
            index,
            kind,
            surface: said.name.clone(),
            qualifier: None,
            attrs: attrs.into_iter().collect(),
            span: said.source.span,
            turns: vec![said.source.turn],
            said_at: said.source.said_at,
            confidence: MODEL_CONFIDENCE,
            by: String::new(),
            tentative: false,
        });
        index
    }

    /// An alias means the node's first mention; that one means the known node.
    fn link(&mut self, node: &PatchNode, said: &Said, index: u32, home: &Home) {
        let first = home.first().map_or(index, |(_, first)| *first);
        let means = if said.alias && first != index {
            Some(Means::Mention(first))
        } else {
            node.existing.map(Means::Node)
        };
        self.links.extend(means.map(|means| NameLink {
            mention: index,
            means,
        }));
    }

    /// The mention that stands for an end: the one of the same turn, else the first.
    fn end(&self, node: usize, turn: TurnId) -> Option<u32> {
        let home = self.homes.get(node)?;
        let same = home.iter().find(|(of, _)| *of == turn);
        same.or_else(|| home.first()).map(|(_, index)| *index)
    }

    /// Where the local tier read the same from the same turn, both are surer; what is said in
    /// other turns comes in beside it, and the fold adds up the two.
    fn edge(&mut self, edge: &PatchEdge) {
        let mut alone: Vec<Source> = Vec::new();
        for source in &edge.sources {
            let Some(ends) = self.ends(edge, source.turn) else {
                continue;
            };
            match self.same(edge, source.turn, ends) {
                None => alone.push(*source),
                Some(at) => {
                    // What the model says twice is no surer for it.
                    let raise = self.raised.insert(at);
                    if let Some(relation) = self.found.relations.get_mut(at) {
                        agree(relation, edge, raise);
                    }
                }
            }
        }
        let first = alone.first().map(|source| source.turn);
        if let Some(ends) = first.and_then(|turn| self.ends(edge, turn)) {
            self.found.relations.push(relation(edge, &alone, ends));
        }
    }

    /// The mentions that stand for both ends in a turn; `None` as the first is the teen.
    fn ends(&self, edge: &PatchEdge, turn: TurnId) -> Option<(Option<u32>, u32)> {
        let from = match edge.from {
            None => None,
            Some(from) => Some(self.end(from, turn)?),
        };
        Some((from, self.end(edge.to, turn)?))
    }

    /// The local relation that says the same, from this turn.
    fn same(
        &self,
        edge: &PatchEdge,
        turn: TurnId,
        (from, to): (Option<u32>, u32),
    ) -> Option<usize> {
        let named = |from: Option<u32>, to| (from.map(|from| self.named(from)), self.named(to));
        let ends = named(from, to);
        let mut local = self.found.relations.iter().take(self.local);
        local.position(|other| {
            (other.kind, other.slot.as_str(), other.polarity)
                == (edge.kind, edge.slot.as_str(), edge.polarity)
                && other.turns.contains(&turn)
                && named(other.from, other.to) == ends
        })
    }

    /// What a mention is called, to compare ends by.
    fn named(&self, index: u32) -> Option<(NodeKind, String)> {
        let mut mentions = self.found.mentions.iter();
        let mention = mentions.find(|mention| mention.index == index)?;
        Some((mention.kind, mention_key(mention)))
    }
}

fn relation(edge: &PatchEdge, sources: &[Source], (from, to): (Option<u32>, u32)) -> Relation {
    let first = sources.first();
    let said_at = first.map_or(Timestamp::default(), |source| source.said_at);
    let (valid_at, precision) = edge.when.unwrap_or((said_at, Precision::Unknown));
    Relation {
        kind: edge.kind,
        from,
        to,
        slot: edge.slot.clone(),
        polarity: edge.polarity,
        valid_at,
        precision,
        turns: sources.iter().map(|source| source.turn).collect(),
        span: first.map_or((0, 0), |source| source.span),
        confidence: MODEL_CONFIDENCE,
        emotion: [0.0; 7],
        by: String::new(),
    }
}

/// Both tiers say it: surer together, at the date that one of them knows.
fn agree(relation: &mut Relation, edge: &PatchEdge, raise: bool) {
    if raise {
        relation.confidence = surer(relation.confidence);
    }
    if let Some((at, precision)) = edge
        .when
        .filter(|_| relation.precision == Precision::Unknown)
    {
        relation.valid_at = at;
        relation.precision = precision;
    }
}

fn mention_key(mention: &Mention) -> String {
    names::key(mention.kind, mention.surface.reveal())
}
