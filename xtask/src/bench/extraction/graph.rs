//! What was read, in the terms in which it is compared.

use innerworld_core::{
    calendar,
    memory::{
        graph::{Edge, Node, NodeId, Polarity},
        names,
        ontology::{EdgeKind, NodeKind},
        reading::Reading,
    },
};
use jiff::civil::Date;

/// A graph without its owner's node and without the edges that a node implies.
#[derive(Debug, Default)]
pub(super) struct Read {
    pub(super) nodes: Vec<ReadNode>,
    pub(super) edges: Vec<ReadEdge>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ReadNode {
    pub(super) kind: NodeKind,
    /// The name first.
    pub(super) names: Vec<String>,
    /// What read it.
    pub(super) rules: String,
}

/// An end of an edge: the owner, or a node by its place in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Teen,
    Node(usize),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ReadEdge {
    pub(super) kind: EdgeKind,
    pub(super) from: End,
    pub(super) to: End,
    pub(super) slot: String,
    pub(super) polarity: Polarity,
    /// The day from which that is so.
    pub(super) day: Date,
    /// What read it.
    pub(super) rules: String,
}

impl Read {
    pub(super) fn of(reading: &Reading, zone: &str) -> Self {
        let graph = &reading.graph;
        let nodes: Vec<&Node> = graph
            .nodes
            .values()
            .filter(|node| node.kind != NodeKind::Teen)
            .collect();
        let end = |id: NodeId| {
            if id == reading.teen {
                return Some(End::Teen);
            }
            nodes.iter().position(|node| node.id == id).map(End::Node)
        };
        let edges = graph
            .edges
            .values()
            .filter(|edge| !is_implied(edge))
            .filter_map(|edge| {
                let mut read = ReadEdge::of(edge, (end(edge.from)?, end(edge.to)?), zone);
                read.rules = reading.rules_of_edge(edge.id).join(", ");
                Some(read)
            })
            .collect();
        let nodes = nodes.into_iter().map(|node| ReadNode {
            rules: reading.rules_of_node(node.id).join(", "),
            ..ReadNode::of(node)
        });
        Self {
            nodes: nodes.collect(),
            edges,
        }
    }
}

/// Whether an edge is there because its node is, so that no annotation writes it: that the teen
/// spoke of something, and that a goal is the teen's.
fn is_implied(edge: &Edge) -> bool {
    let goal = edge.kind == EdgeKind::RelatesTo && edge.slot == "wants";
    edge.kind == EdgeKind::Mentions || goal
}

impl ReadNode {
    fn of(node: &Node) -> Self {
        let name = node.name.reveal();
        let aliases = node.aliases.iter().map(|alias| alias.reveal().clone());
        // "coach dan" is kept as dan, told apart by coach.
        let qualified = node
            .qualifier
            .iter()
            .map(|qualifier| format!("{} {name}", qualifier.reveal()));
        Self {
            kind: node.kind,
            names: std::iter::once(name.clone())
                .chain(aliases)
                .chain(qualified)
                .collect(),
            rules: String::new(),
        }
    }
}

impl ReadEdge {
    /// What ended does not hold any more, whether that was said or follows: who moved to another
    /// town lives in the old one no longer.
    fn of(edge: &Edge, (from, to): (End, End), zone: &str) -> Self {
        let (polarity, at) = match edge.valid_until {
            Some(until) => (Polarity::Stopped, until),
            None => (Polarity::Holds, edge.valid_from),
        };
        Self {
            kind: edge.kind,
            from,
            to,
            slot: edge.slot.clone(),
            polarity,
            day: calendar::day_in(zone, at),
            rules: String::new(),
        }
    }
}

/// The form in which names are compared: as the graph does, and without punctuation.
pub(super) fn compared(kind: NodeKind, name: &str) -> String {
    let key = names::key(kind, name);
    let letters: String = key
        .chars()
        .filter(|letter| !matches!(letter, '\'' | '.'))
        .map(|letter| {
            if letter.is_alphanumeric() {
                letter
            } else {
                ' '
            }
        })
        .collect();
    letters.split_whitespace().collect::<Vec<_>>().join(" ")
}
