//! Names, facts and times as a page tells them.

use innerworld_core::memory::{
    facts,
    graph::{Edge, Graph, Node},
    ontology::{EdgeKind, NodeKind},
};

use super::{month::Month, scenario::Scenario};

/// A text inside of a table's cell.
pub(super) fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

/// A table; nothing if it has no rows.
pub(super) fn table(heads: &[&str], rows: &[Vec<String>]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let line = |cells: Vec<String>| format!("| {} |", cells.join(" | "));
    let mut lines = vec![
        line(heads.iter().map(|head| (*head).to_owned()).collect()),
        format!("|{}", "---|".repeat(heads.len())),
    ];
    lines.extend(
        rows.iter()
            .map(|row| line(row.iter().map(|text| cell(text)).collect())),
    );
    format!("{}\n", lines.join("\n"))
}

/// `85 %`.
pub(super) fn percent(part: f32) -> String {
    format!("{:.0} %", part * 100.0)
}

/// "a, b and c".
pub(super) fn list(items: &[String]) -> String {
    match items {
        [] => "nothing".to_owned(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// `person, best friend`.
pub(super) fn kind_of(node: &Node) -> String {
    let attrs = ["role", "sub"];
    let said = attrs.iter().filter_map(|name| node.attrs.get(*name));
    let kind = node.kind.name().to_lowercase();
    let parts: Vec<String> = std::iter::once(kind)
        .chain(said.map(|value| value.reveal().clone()))
        .collect();
    parts.join(", ")
}

/// The fact as its teen reads it, and that it is over.
pub(super) fn fact(graph: &Graph, edge: &Edge) -> String {
    let label = facts::label(graph, edge);
    if edge.valid_until.is_some() {
        format!("no longer: {label}")
    } else {
        label
    }
}

/// How many facts there are; that something was spoken of is none.
pub(super) fn facts_in(graph: &Graph) -> usize {
    let edges = graph.edges.values();
    edges.filter(|edge| edge.kind != EdgeKind::Mentions).count()
}

/// `relates_to`, `friend`.
pub(super) fn kept_as(edge: &Edge) -> String {
    if edge.slot.is_empty() {
        format!("`{}`", edge.kind.name())
    } else {
        format!("`{}` {}", edge.kind.name(), edge.slot)
    }
}

/// "since 2 March", "2 March to 17 March", "until 16 February".
pub(super) fn when(scenario: &Scenario, edge: &Edge) -> String {
    let day = |at| scenario.short_day(at);
    match edge.valid_until {
        None => format!("since {}", day(edge.valid_from)),
        Some(until) if until == edge.valid_from => format!("until {}", day(until)),
        Some(until) => format!("{} to {}", day(edge.valid_from), day(until)),
    }
}

/// How sure it is that the fact holds, or, once it is over, that it is.
pub(super) fn sure(edge: &Edge) -> String {
    let last = edge.log.last().filter(|_| edge.valid_until.is_some());
    percent(last.map_or(edge.confidence, |said| said.confidence))
}

/// Where it was said: `3.2`, as far as the turns are still known.
pub(super) fn places(month: &Month<'_>, turns: &[innerworld_core::ids::TurnId]) -> String {
    let mut places: Vec<&str> = turns
        .iter()
        .filter_map(|turn| month.places.get(turn).map(String::as_str))
        .collect();
    places.sort_unstable();
    places.dedup();
    places.join(", ")
}

/// Whether the thing is called so, or was once.
pub(super) fn is_called(node: &Node, name: &str) -> bool {
    let mut names = std::iter::once(&node.name).chain(&node.aliases);
    names.any(|own| own.reveal().to_lowercase() == name.to_lowercase())
}

/// Whether the end of a fact is this thing; the teen where no name is given.
pub(super) fn is_end(node: Option<&Node>, name: Option<&str>) -> bool {
    node.is_some_and(|node| match name {
        Some(name) => is_called(node, name),
        None => node.kind == NodeKind::Teen,
    })
}
