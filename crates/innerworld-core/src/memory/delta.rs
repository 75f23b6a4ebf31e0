//! The difference between the stored graph and the folded one, as whole records.

use super::{
    fold::Fold,
    graph::{Graph, GraphDelta},
};

/// What a write changes, counted for the teen's client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Nodes and edges that are new.
    pub added: u32,
    /// Nodes and edges that changed.
    pub changed: u32,
    /// Edges that stopped holding.
    pub closed: u32,
}

/// What must be put and deleted to make `stored` equal to `folded`.
pub fn delta(stored: &Graph, folded: &Fold) -> (GraphDelta, Changes) {
    let mut delta = GraphDelta::default();
    let mut changes = Changes::default();
    for (id, node) in &folded.nodes {
        let before = stored.nodes.get(id);
        if before != Some(node) {
            changes.count(before.is_some());
            delta.put_nodes.push(node.clone());
        }
    }
    for (id, edge) in &folded.edges {
        let before = stored.edges.get(id);
        if before != Some(edge) {
            changes.count(before.is_some());
            delta.put_edges.push(edge.clone());
        }
        let was_open = before.is_none_or(|before| before.valid_until.is_none());
        if was_open && edge.valid_until.is_some() {
            changes.closed = changes.closed.saturating_add(1);
        }
    }
    let gone_nodes = stored
        .nodes
        .keys()
        .filter(|id| !folded.nodes.contains_key(id));
    delta.delete_nodes = gone_nodes.copied().collect();
    let gone_edges = stored
        .edges
        .keys()
        .filter(|id| !folded.edges.contains_key(id));
    delta.delete_edges = gone_edges.copied().collect();
    (delta, changes)
}

impl Changes {
    fn count(&mut self, was_there: bool) {
        let counter = if was_there {
            &mut self.changed
        } else {
            &mut self.added
        };
        *counter = counter.saturating_add(1);
    }
}
