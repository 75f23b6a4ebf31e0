//! When each fact held, and how things read as lines of a list.

use std::collections::BTreeMap;

use super::{Fact, Item};
use crate::{
    clock::Timestamp,
    memory::{
        Target,
        facts::{self, SURE},
        graph::{Edge, EdgeId, Graph, Node},
        intervals::{self, Claim, Interval},
        patterns::Pattern,
        store::{EvidenceTurn, Speaker},
    },
};

/// The intervals of every edge, as known on a day.
pub(super) struct Timeline<'a> {
    graph: &'a Graph,
    intervals: BTreeMap<EdgeId, Vec<Interval>>,
}

impl<'a> Timeline<'a> {
    pub(super) fn new(graph: &'a Graph, known_on: Option<Timestamp>) -> Self {
        let mut groups: BTreeMap<_, Vec<Claim<'_>>> = BTreeMap::new();
        for edge in graph.edges.values() {
            let alone = !intervals::is_exclusive(edge.kind, &edge.slot);
            let group = (edge.kind, edge.from, &edge.slot, alone.then_some(edge.id));
            let claims = edge.log.iter().map(|assertion| Claim {
                edge: edge.id,
                assertion,
            });
            groups.entry(group).or_default().extend(claims);
        }
        let intervals = groups
            .values()
            .flat_map(|claims| intervals::derive(claims, known_on))
            .collect();
        Self { graph, intervals }
    }

    pub(super) fn of(&self, edge: EdgeId) -> &[Interval] {
        self.intervals.get(&edge).map_or(&[], Vec::as_slice)
    }

    pub(super) fn facts<'b>(&self, edges: impl Iterator<Item = &'b Edge>) -> Vec<Fact> {
        edges
            .map(|edge| Fact {
                item: edge_item(self.graph, edge),
                intervals: self.of(edge.id).to_vec(),
                edge: edge.clone(),
            })
            .collect()
    }
}

pub(super) fn node_item(node: &Node) -> Item {
    Item {
        target: Target::Node(node.id),
        kind: node.kind.name(),
        name: node.name.clone(),
        first_seen: node.first_seen,
        last_seen: node.last_seen,
        until: None,
        support: node.support,
        sure: facts::is_shown(node),
    }
}

pub(super) fn edge_item(graph: &Graph, edge: &Edge) -> Item {
    Item {
        target: Target::Fact(edge.id),
        kind: edge.kind.name(),
        name: facts::label(graph, edge).into(),
        first_seen: edge.valid_from,
        last_seen: edge.last_seen,
        until: edge.valid_until,
        support: edge.count,
        sure: edge.confidence >= SURE,
    }
}

pub(super) fn mood_item(pattern: Pattern) -> Item {
    Item {
        target: Target::Node(pattern.node),
        kind: "mood",
        name: pattern.says.into(),
        first_seen: pattern.first,
        last_seen: pattern.last,
        until: None,
        support: u32::try_from(pattern.turns.len()).unwrap_or(u32::MAX),
        sure: true,
    }
}

pub(super) fn turn_item(turn: &EvidenceTurn) -> Item {
    Item {
        target: Target::Turn(turn.id),
        kind: match turn.speaker {
            Speaker::Teen => "teen",
            Speaker::Persona => "persona",
        },
        name: turn.text.clone().unwrap_or_else(|| turn.day.clone().into()),
        first_seen: turn.said_at,
        last_seen: turn.said_at,
        until: None,
        support: 1,
        sure: true,
    }
}
