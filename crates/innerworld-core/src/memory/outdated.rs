//! What retention takes of one memory: the one rule for every adapter.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    graph::{Edge, GraphDelta, Node, NodeId},
    store::{EvidenceTurn, Means, MentionList, NameLink, StoredDigest},
};
use crate::{
    clock::Timestamp,
    ids::{SessionId, TurnId},
};

/// A memory as it was read.
#[derive(Clone, Debug, Default)]
pub struct Holdings<'a> {
    /// All nodes.
    pub nodes: Vec<&'a Node>,
    /// All edges.
    pub edges: Vec<&'a Edge>,
    /// All evidence, stubs included.
    pub evidence: &'a [EvidenceTurn],
    /// All mention lists.
    pub lists: &'a [MentionList],
    /// The digest.
    pub digest: Option<&'a StoredDigest>,
}

/// What is to go.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outdated {
    /// Nodes and edges to delete; nothing is put.
    pub delta: GraphDelta,
    /// Whether the digest may tell of them.
    pub drops_digest: bool,
    /// Stubs on which nothing stands any more.
    pub delete_evidence: Vec<TurnId>,
    /// Lists that lose mentions.
    pub put_lists: Vec<MentionList>,
    /// Lists that lose all of theirs, by session and extractor.
    pub delete_lists: Vec<(SessionId, String)>,
    /// Whether all that is due is in it. Otherwise the memory stays due.
    pub is_whole: bool,
    /// The oldest instant that a later look compares, if it is whole; `None` if there is none.
    pub oldest: Option<Timestamp>,
}

impl Outdated {
    /// How many records go or shrink.
    pub fn count(&self) -> usize {
        self.delta.delete_nodes.len()
            + self.delta.delete_edges.len()
            + self.delete_evidence.len()
            + self.put_lists.len()
            + self.delete_lists.len()
    }
}

impl Holdings<'_> {
    /// At most `limit` records not seen since `before`. What hangs on them goes only once all of
    /// them fit.
    pub fn outdated(&self, before: Timestamp, limit: usize) -> Outdated {
        let delta = self.due(before);
        let records = delta
            .delete_edges
            .len()
            .saturating_add(delta.delete_nodes.len());
        let Some(left) = limit.checked_sub(records) else {
            return Outdated {
                delta: first(delta, limit),
                ..Outdated::default()
            };
        };
        let drops_digest = self.digest_tells_of(&delta);
        let mut outdated = Outdated {
            delta,
            drops_digest,
            is_whole: true,
            ..Outdated::default()
        };
        self.take_the_rest(&mut outdated, before, left);
        outdated
    }

    /// Nodes and edges not seen since `before`, and the edges of such nodes.
    fn due(&self, before: Timestamp) -> GraphDelta {
        let old = self.nodes.iter().filter(|node| node.last_seen < before);
        let gone: BTreeSet<NodeId> = old.map(|node| node.id).collect();
        let falls = |edge: &&&Edge| {
            edge.last_seen < before || gone.contains(&edge.from) || gone.contains(&edge.to)
        };
        GraphDelta {
            delete_edges: self
                .edges
                .iter()
                .filter(falls)
                .map(|edge| edge.id)
                .collect(),
            delete_nodes: gone.into_iter().collect(),
            ..GraphDelta::default()
        }
    }

    /// A digest may tell the facts that go, too.
    fn digest_tells_of(&self, delta: &GraphDelta) -> bool {
        let Some(digest) = self.digest else {
            return false;
        };
        let edges: BTreeSet<_> = delta.delete_edges.iter().collect();
        let falling = self.edges.iter().filter(|edge| edges.contains(&edge.id));
        let ends = falling.flat_map(|edge| [edge.from, edge.to]);
        let lost: BTreeSet<NodeId> = ends.chain(delta.delete_nodes.iter().copied()).collect();
        digest.nodes.iter().any(|id| lost.contains(id))
    }

    /// Stubs and mentions that no fact stands on any more.
    fn take_the_rest(&self, outdated: &mut Outdated, before: Timestamp, limit: usize) {
        let gone_nodes: BTreeSet<_> = outdated.delta.delete_nodes.iter().collect();
        let gone_edges: BTreeSet<_> = outdated.delta.delete_edges.iter().collect();
        let nodes = || {
            self.nodes
                .iter()
                .filter(|node| !gone_nodes.contains(&node.id))
        };
        let edges = || {
            self.edges
                .iter()
                .filter(|edge| !gone_edges.contains(&edge.id))
        };
        let assertions = edges().flat_map(|edge| &edge.log);
        let standing: BTreeSet<TurnId> = nodes()
            .flat_map(|node| &node.turns)
            .chain(assertions.flat_map(|assertion| &assertion.turns))
            .copied()
            .collect();
        let mut oldest = nodes()
            .map(|node| node.last_seen)
            .chain(edges().map(|edge| edge.last_seen))
            .min();
        let mut meet = |instant: Timestamp| {
            oldest = Some(oldest.map_or(instant, |oldest| oldest.min(instant)));
        };
        let mut left = limit;
        let mut fits = |instant: Timestamp| {
            let takes = instant < before && left > 0;
            left -= usize::from(takes);
            takes
        };
        let loose = |turn: &&EvidenceTurn| turn.text.is_none() && !standing.contains(&turn.id);
        for turn in self.evidence.iter().filter(loose) {
            if fits(turn.said_at) {
                outdated.delete_evidence.push(turn.id);
            } else {
                meet(turn.said_at);
            }
        }
        for list in self.lists {
            let start = list.session_started_at;
            let Some(rest) = without_loose(list, &standing) else {
                continue;
            };
            if !fits(start) {
                meet(start);
            } else if rest.mentions.is_empty() {
                let key = (list.session, list.extractor.clone());
                outdated.delete_lists.push(key);
            } else {
                outdated.put_lists.push(rest);
            }
        }
        outdated.oldest = oldest;
    }
}

/// As much of a delta as fits, edges first: an edge must never stay without its nodes.
fn first(mut delta: GraphDelta, limit: usize) -> GraphDelta {
    delta.delete_edges.truncate(limit);
    let left = limit.saturating_sub(delta.delete_edges.len());
    delta.delete_nodes.truncate(left);
    delta
}

/// The list without the mentions whose turns nothing stands on, numbered anew; `None` if it has
/// none of those.
fn without_loose(list: &MentionList, standing: &BTreeSet<TurnId>) -> Option<MentionList> {
    let mut numbers = BTreeMap::new();
    let mut rest = MentionList {
        mentions: Vec::new(),
        relations: Vec::new(),
        links: Vec::new(),
        ..list.clone()
    };
    for mention in &list.mentions {
        if !mention.turns.iter().any(|turn| standing.contains(turn)) {
            continue;
        }
        let index = u32::try_from(rest.mentions.len()).unwrap_or(u32::MAX);
        numbers.insert(mention.index, index);
        let mut mention = mention.clone();
        mention.index = index;
        rest.mentions.push(mention);
    }
    if rest.mentions.len() == list.mentions.len() && !list.mentions.is_empty() {
        return None;
    }
    for link in &list.links {
        let means = match link.means {
            Means::Mention(other) => numbers.get(&other).copied().map(Means::Mention),
            other @ (Means::Node(_) | Means::Itself) => Some(other),
        };
        let mention = numbers.get(&link.mention).copied();
        let link = mention.zip(means);
        rest.links
            .extend(link.map(|(mention, means)| NameLink { mention, means }));
    }
    for relation in &list.relations {
        let from = relation.from.map(|from| numbers.get(&from).copied());
        if let (Some(to), None | Some(Some(_))) = (numbers.get(&relation.to), from) {
            let mut relation = relation.clone();
            relation.from = from.flatten();
            relation.to = *to;
            rest.relations.push(relation);
        }
    }
    Some(rest)
}
