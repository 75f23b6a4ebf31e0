//! What memory holds in general, for a persona that reads no prompt.

use std::collections::BTreeMap;

use super::{
    facts::{self, Voice},
    graph::{Edge, Graph, NodeId},
    ontology::NodeKind,
};
use crate::{clock::Timestamp, secret::Text};

/// What a clause is about, most telling first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Telling {
    Goal,
    Person,
    Other,
}

/// Clauses that hold now between the teen and something in the digest, most telling first: the surest
/// about a goal, about somebody, about something else.
pub(super) fn clauses(graph: &Graph, in_digest: &[NodeId], now: Timestamp) -> Vec<Text> {
    let mut best: BTreeMap<Telling, (&Edge, String)> = BTreeMap::new();
    for edge in graph.edges.values() {
        let Some(telling) = telling(graph, edge, in_digest).filter(|_| edge.holds_at(now)) else {
            continue;
        };
        if best
            .get(&telling)
            .is_some_and(|(kept, _)| !is_surer(edge, kept))
        {
            continue;
        }
        if let Some(clause) = facts::clause(graph, edge, Voice::ToTeen) {
            best.insert(telling, (edge, clause));
        }
    }
    best.into_values()
        .map(|(_, clause)| Text::from(clause))
        .collect()
}

fn telling(graph: &Graph, edge: &Edge, in_digest: &[NodeId]) -> Option<Telling> {
    let from = graph.nodes.get(&edge.from)?;
    let to = graph.nodes.get(&edge.to)?;
    let other = match (from.kind, to.kind) {
        (NodeKind::Teen, _) => to,
        (_, NodeKind::Teen) => from,
        _ => return None,
    };
    in_digest.contains(&other.id).then_some(match other.kind {
        NodeKind::Goal => Telling::Goal,
        NodeKind::Person => Telling::Person,
        _ => Telling::Other,
    })
}

/// The surer, else the newer; the id decides between equals, so that the answer is always the same.
fn is_surer(edge: &Edge, kept: &Edge) -> bool {
    (edge.confidence.total_cmp(&kept.confidence))
        .then(edge.last_seen.cmp(&kept.last_seen))
        .then(kept.id.cmp(&edge.id))
        .is_gt()
}
