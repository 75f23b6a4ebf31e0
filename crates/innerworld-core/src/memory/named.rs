//! What of a graph a message names.

use super::{
    asks::spaced_words,
    graph::{Graph, Node},
    ontology::NodeKind,
};

/// Nodes whose name or alias stands in the message as whole words; the teen is none.
pub(super) fn named_in<'g>(graph: &'g Graph, message: &str) -> Vec<&'g Node> {
    let words = spaced_words(message);
    let nodes = graph.nodes.values();
    nodes
        .filter(|node| node.kind != NodeKind::Teen)
        .filter(|node| {
            names_of(node).any(|name| {
                let name = spaced_words(name);
                name.len() > 2 && words.contains(&name)
            })
        })
        .collect()
}

/// The name of a node, and its other names.
pub(super) fn names_of(node: &Node) -> impl Iterator<Item = &str> {
    std::iter::once(node.name.reveal().as_str())
        .chain(node.aliases.iter().map(|alias| alias.reveal().as_str()))
}
