//! Which items a list holds.

use super::{
    Item, View, ViewQuery,
    timeline::{Timeline, edge_item, mood_item, node_item, turn_item},
};
use crate::{
    clock::Timestamp,
    memory::{
        graph::{Edge, Graph, Node},
        ontology::{EdgeKind, NodeKind},
        patterns::patterns,
        store::StoredMemory,
    },
};

impl ViewQuery {
    pub(super) fn items(&self, stored: &StoredMemory) -> Vec<Item> {
        let timeline = Timeline::new(&stored.graph, self.known_on);
        let items: Vec<Item> = match self.view {
            View::Nodes => self.nodes(&stored.graph, &timeline),
            View::Edges => self.edges(&stored.graph, &timeline),
            View::Timeline => self.happenings(stored, &timeline),
            View::Moods => self.moods(&stored.graph),
        };
        let kind = self.kind.as_deref();
        items
            .into_iter()
            .filter(|item| kind.is_none_or(|kind| item.kind.eq_ignore_ascii_case(kind)))
            .collect()
    }

    fn nodes(&self, graph: &Graph, timeline: &Timeline<'_>) -> Vec<Item> {
        let any_time = self.true_on.is_none() && self.known_on.is_none();
        let there = |node: &Node| {
            any_time
                || graph.edges.values().any(|edge| {
                    (edge.from == node.id || edge.to == node.id) && self.is_true(timeline, edge)
                })
        };
        graph
            .nodes
            .values()
            .filter(|node| node.kind != NodeKind::Teen && there(node))
            .filter(|node| {
                let mut names = std::iter::once(&node.name).chain(&node.aliases);
                names.any(|name| self.matches(name.reveal()))
            })
            .map(node_item)
            .collect()
    }

    fn edges(&self, graph: &Graph, timeline: &Timeline<'_>) -> Vec<Item> {
        graph
            .edges
            .values()
            .filter(|edge| self.is_true(timeline, edge))
            .map(|edge| edge_item(graph, edge))
            .filter(|item| self.matches(item.name.reveal()))
            .collect()
    }

    fn happenings(&self, stored: &StoredMemory, timeline: &Timeline<'_>) -> Vec<Item> {
        let until = self.known_on.unwrap_or(Timestamp::from_millis(i64::MAX));
        let turns = stored
            .evidence
            .iter()
            .filter(|turn| turn.said_at <= until)
            .map(turn_item);
        let facts = stored
            .graph
            .edges
            .values()
            .filter(|edge| edge.kind != EdgeKind::Mentions && self.is_true(timeline, edge));
        let times = facts.flat_map(|edge| {
            let item = edge_item(&stored.graph, edge);
            let happened = move |kind, at| Item {
                kind,
                first_seen: at,
                last_seen: at,
                ..item.clone()
            };
            timeline.of(edge.id).iter().flat_map(move |interval| {
                // What was only ever denied ended, but nobody knows when it began.
                let began = interval.until != Some(interval.from);
                let began = began.then(|| happened("began", interval.from));
                let ended = interval.until.map(|until| happened("ended", until));
                began.into_iter().chain(ended).collect::<Vec<_>>()
            })
        });
        turns
            .chain(times)
            .filter(|item| self.matches(item.name.reveal()))
            .collect()
    }

    fn moods(&self, graph: &Graph) -> Vec<Item> {
        let told = patterns(graph).into_iter().map(mood_item);
        told.filter(|item| self.matches(item.name.reveal()))
            .collect()
    }

    fn is_true(&self, timeline: &Timeline<'_>, edge: &Edge) -> bool {
        let intervals = timeline.of(edge.id);
        self.true_on.map_or(!intervals.is_empty(), |day| {
            intervals.iter().any(|interval| interval.holds_at(day))
        })
    }

    fn matches(&self, name: &str) -> bool {
        self.q.as_ref().is_none_or(|q| {
            name.to_lowercase()
                .contains(q.reveal().trim().to_lowercase().as_str())
        })
    }
}
