//! Edges in words: for the recalled block, for the offline persona, for the pages a teen looks at.

use super::{
    graph::{Edge, Graph, Node},
    ontology::{EdgeKind, NodeKind},
};
use crate::{calendar, clock::Timestamp};

/// Below this a fact is not put as one.
pub const SURE: f32 = 0.8;

/// Whether a node is shown in digest and default views: named in two sessions, or surely, or a
/// person or goal (memory.md 5). What is not shown is still found by name and listed in full.
pub fn is_shown(node: &Node) -> bool {
    node.sessions >= 2
        || node.confidence >= SURE
        || matches!(
            node.kind,
            NodeKind::Person | NodeKind::Goal | NodeKind::Teen
        )
}

/// The edge as a clause that speaks to the teen: "you go to Lincoln High", "Maya is your best
/// friend". `None` for what says nothing by itself: that something was mentioned, or was named
/// beside something else. A goal is the exception: to speak of it is to have it.
pub fn clause(graph: &Graph, edge: &Edge) -> Option<String> {
    let from = graph.nodes.get(&edge.from)?;
    let to = graph.nodes.get(&edge.to)?;
    let is_teen = from.kind == NodeKind::Teen;
    let subject = from.name.reveal();
    let object = to.name.reveal();
    let says = |you: &str, other: &str| {
        if is_teen {
            format!("you {you} {object}")
        } else {
            format!("{subject} {other} {object}")
        }
    };
    Some(match edge.kind {
        EdgeKind::Mentions if to.kind == NodeKind::Goal => format!("you want to {object}"),
        EdgeKind::Mentions => return None,
        EdgeKind::Involves => involves(from, to, &edge.slot),
        EdgeKind::About => says("care about", "is about"),
        EdgeKind::Temporal => format!("{subject} comes {} {object}", order(&edge.slot)?),
        EdgeKind::Causal => says("bring about", "leads to"),
        EdgeKind::Supports => says("work on", "helps with"),
        EdgeKind::Conflicts => says("struggle with", "gets in the way of"),
        EdgeKind::RelatesTo => return relation(from, to, &edge.slot),
    })
}

/// The clause with its time, as a line of the recalled block: "since May 2026: …".
pub fn dated(graph: &Graph, edge: &Edge) -> Option<String> {
    let clause = clause(graph, edge)?;
    let (word, at) = edge
        .valid_until
        .map_or(("since", edge.valid_from), |until| ("until", until));
    Some(format!("{word} {}: {clause}", month(at)))
}

fn involves(from: &Node, to: &Node, slot: &str) -> String {
    let (subject, object) = (from.name.reveal(), to.name.reveal());
    let is_teen = from.kind == NodeKind::Teen;
    match (is_teen, slot, to.kind) {
        (true, "attends", _) => format!("you go to {object}"),
        (true, "lives_in", _) => format!("you live in {object}"),
        (true, "grade", _) => format!("you are in {object}"),
        (true, _, NodeKind::Activity) => format!("you spend time on {object}"),
        (true, _, NodeKind::Person) => format!("you spend time with {object}"),
        (true, _, NodeKind::Place) => format!("you spend time at {object}"),
        (true, _, _) => format!("{object} is part of your days"),
        (false, _, NodeKind::Place) => format!("{subject} is at {object}"),
        (false, _, _) => format!("{subject} goes together with {object}"),
    }
}

fn relation(from: &Node, to: &Node, slot: &str) -> Option<String> {
    let (subject, object) = (from.name.reveal(), to.name.reveal());
    let words = slot.replace(['_', '-'], " ");
    let is_teen = from.kind == NodeKind::Teen;
    Some(match (slot, is_teen) {
        ("" | "same_as" | "co_occurrence" | "cooccurrence" | "near", _) => return None,
        ("attends", true) => format!("you go to {object}"),
        ("attends", false) => format!("{subject} goes to {object}"),
        ("lives_in", true) => format!("you live in {object}"),
        ("lives_in", false) => format!("{subject} lives in {object}"),
        ("grade", true) => format!("you are in {object}"),
        (_, true) if object.to_lowercase() == words => format!("{object} is part of your family"),
        (_, true) if to.kind == NodeKind::Person => format!("{object} is your {words}"),
        (_, true) => format!("your {words} is {object}"),
        (_, false) => format!("{subject} has {object} as {words}"),
    })
}

/// The order of two things in time; only words of the vocabulary are repeated.
fn order(slot: &str) -> Option<&'static str> {
    ["before", "after", "during", "every"]
        .into_iter()
        .find(|word| *word == slot)
}

fn month(at: Timestamp) -> String {
    calendar::day_in("UTC", at).strftime("%B %Y").to_string()
}
