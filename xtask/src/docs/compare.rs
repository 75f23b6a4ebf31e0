//! What was read, beside what a careful person would have noted down.

use std::collections::BTreeSet;

use innerworld_core::{
    ids::TurnId,
    memory::{
        graph::{Edge, Graph, Node},
        ontology::{EdgeKind, NodeKind},
    },
};

use super::{
    scenario::{FactNote, Session, thing},
    words::{self, is_called, is_end},
};

/// Notes that were found, of how many; what was missed, and what nobody meant.
#[derive(Default)]
pub(super) struct Compared {
    pub(super) things: (usize, usize),
    pub(super) facts: (usize, usize),
    pub(super) missed: Vec<String>,
    pub(super) extra: Vec<String>,
}

impl Compared {
    /// Compares what `graph` holds of a session, whose turns are these, with its notes.
    pub(super) fn of(
        session: &Session,
        teen: &str,
        graph: &Graph,
        turns: &BTreeSet<TurnId>,
    ) -> anyhow::Result<Self> {
        let mut compared = Self::default();
        compared.compare_things(session, graph, turns)?;
        compared.compare_facts(session, teen, graph, turns);
        Ok(compared)
    }

    /// Adds another session's.
    pub(super) fn add(&mut self, other: Self) {
        let sum = |a: (usize, usize), b: (usize, usize)| (a.0 + b.0, a.1 + b.1);
        self.things = sum(self.things, other.things);
        self.facts = sum(self.facts, other.facts);
        self.missed.extend(other.missed);
        self.extra.extend(other.extra);
    }

    fn compare_things(
        &mut self,
        session: &Session,
        graph: &Graph,
        turns: &BTreeSet<TurnId>,
    ) -> anyhow::Result<()> {
        let notes: Vec<(NodeKind, &str)> = session
            .things
            .iter()
            .map(|note| thing(note))
            .collect::<anyhow::Result<_>>()?;
        let said = |node: &&Node| node.turns.iter().any(|turn| turns.contains(turn));
        let read: Vec<&Node> = graph
            .nodes
            .values()
            .filter(|node| node.kind != NodeKind::Teen)
            .filter(said)
            .collect();
        let is = |node: &Node, (kind, name): (NodeKind, &str)| {
            node.kind == kind && is_called(node, name)
        };
        for note in &notes {
            let found = read.iter().any(|node| is(node, *note));
            self.things.0 += usize::from(found);
            if !found {
                let kind = note.0.name().to_lowercase();
                self.missed.push(format!("{} ({kind})", note.1));
            }
        }
        self.things.1 += notes.len();
        let unmeant = read
            .iter()
            .filter(|node| !notes.iter().any(|note| is(node, *note)));
        let mut extra: Vec<String> = unmeant
            .map(|node| format!("{} ({})", node.name.reveal(), words::kind_of(node)))
            .collect();
        extra.sort();
        self.extra.extend(extra);
        Ok(())
    }

    fn compare_facts(
        &mut self,
        session: &Session,
        teen: &str,
        graph: &Graph,
        turns: &BTreeSet<TurnId>,
    ) {
        let edges = || {
            let edges = graph.edges.values();
            edges.filter(|edge| edge.kind != EdgeKind::Mentions)
        };
        for note in &session.facts {
            let found = edges().any(|edge| note.is(graph, edge));
            self.facts.0 += usize::from(found);
            if !found {
                self.missed.push(format!("“{}”", note.words(teen)));
            }
        }
        self.facts.1 += session.facts.len();
        let said = |edge: &&Edge| {
            let mut log = edge.log.iter().flat_map(|said| &said.turns);
            log.any(|turn| turns.contains(turn))
        };
        let unmeant = edges()
            .filter(said)
            .filter(|edge| !session.facts.iter().any(|note| note.is(graph, edge)));
        let mut extra: Vec<String> = unmeant
            .map(|edge| format!("“{}”", words::fact(graph, edge)))
            .collect();
        extra.sort();
        self.extra.extend(extra);
    }
}

impl FactNote {
    /// Whether it is this fact, and stands as noted.
    pub(super) fn is(&self, graph: &Graph, edge: &Edge) -> bool {
        self.is_about(graph, edge) && edge.valid_until.is_some() == self.ended
    }

    /// Whether it is this fact, holding or not.
    pub(super) fn is_about(&self, graph: &Graph, edge: &Edge) -> bool {
        edge.kind == self.kind
            && edge.slot == self.slot
            && is_end(graph.nodes.get(&edge.from), self.from.as_deref())
            && is_end(graph.nodes.get(&edge.to), Some(&self.to))
    }

    /// "Maya lives in Duluth, no more".
    pub(super) fn words(&self, teen: &str) -> String {
        let verb = match (self.slot.as_str(), self.kind) {
            ("attends", _) => "goes to",
            ("lives_in", _) => "lives in",
            ("wants", _) => "wants to",
            ("kin", _) => "is family of",
            ("friend", _) => "is a friend of",
            ("classmate", _) => "is a classmate of",
            ("teacher", _) => "is taught by",
            ("coach", _) => "is coached by",
            (_, EdgeKind::Supports) => "helps to",
            (_, EdgeKind::Conflicts) => "gets in the way of",
            (_, EdgeKind::Involves) => "does or takes part in",
            ("", other) => other.name(),
            (slot, _) => slot,
        };
        let ended = if self.ended { ", no more" } else { "" };
        let from = self.from.as_deref().unwrap_or(teen);
        format!("{from} {verb} {}{ended}", self.to)
    }
}
