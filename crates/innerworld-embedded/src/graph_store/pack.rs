//! A node and its out-edges as rows.

use std::collections::{BTreeMap, btree_map::Entry};

use innerworld_core::{
    error::PortError,
    ids::IdSource,
    memory::graph::{Edge, EdgeId, Graph, GraphDelta, Node, NodeId},
};
use serde::{Deserialize, Serialize};

use super::NODE;
use crate::keys::teen_keys::TeenSeals;

/// Edges in one row; a node with more spills into further rows.
const EDGES_PER_ROW: usize = 500;

/// What one row holds.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct NodeRow {
    /// Only in chunk 0.
    node: Option<Node>,
    edges: Vec<Edge>,
}

/// A node with all its out-edges.
#[derive(Debug, Default)]
pub(super) struct Source {
    pub(super) node: Option<Node>,
    pub(super) edges: BTreeMap<EdgeId, Edge>,
    /// How many rows hold it now.
    chunks: i64,
}

/// Nodes with their out-edges, by the node's id.
#[derive(Debug, Default)]
pub(super) struct Sources(pub(super) BTreeMap<NodeId, Source>);

/// A row to put.
#[derive(Debug)]
pub(super) struct Put {
    pub(super) id: [u8; 16],
    pub(super) chunk: i64,
    pub(super) sealed: Vec<u8>,
}

/// Rows to put, and from which chunk on a source has none.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub(super) puts: Vec<Put>,
    pub(super) ends: Vec<([u8; 16], i64)>,
}

impl Sources {
    /// Opens a row and adds what it holds.
    pub(super) fn add(
        &mut self,
        seals: &TeenSeals,
        (id, chunk): ([u8; 16], i64),
        sealed: &[u8],
    ) -> Result<(), PortError> {
        let row: NodeRow = seals.open((NODE, &row_key(id, chunk)), sealed)?;
        let source = self.0.entry(NodeId(u128::from_be_bytes(id))).or_default();
        source.chunks = source.chunks.max(chunk.saturating_add(1));
        source.node = row.node.or(source.node.take());
        source
            .edges
            .extend(row.edges.into_iter().map(|edge| (edge.id, edge)));
        Ok(())
    }

    /// The whole graph.
    pub(super) fn into_graph(self, generation: u64) -> Graph {
        let mut graph = Graph {
            generation,
            ..Graph::default()
        };
        for (id, source) in self.0 {
            graph.nodes.extend(source.node.map(|node| (id, node)));
            graph.edges.extend(source.edges);
        }
        graph
    }

    /// Applies a delta; returns the sources that changed. Sources it names must have been added.
    pub(super) fn apply(&mut self, delta: &GraphDelta) -> Vec<NodeId> {
        let mut changed = Vec::new();
        for id in &delta.delete_nodes {
            if let Some(source) = self.0.get_mut(id) {
                source.node = None;
                changed.push(*id);
            }
        }
        if !delta.delete_edges.is_empty() {
            for (id, source) in &mut self.0 {
                let before = source.edges.len();
                for edge in &delta.delete_edges {
                    source.edges.remove(edge);
                }
                if source.edges.len() != before {
                    changed.push(*id);
                }
            }
        }
        for node in &delta.put_nodes {
            self.0.entry(node.id).or_default().node = Some(node.clone());
            changed.push(node.id);
        }
        for edge in &delta.put_edges {
            let source = self.0.entry(edge.from).or_default();
            source.edges.insert(edge.id, edge.clone());
            changed.push(edge.from);
        }
        changed.sort_unstable();
        changed.dedup();
        changed
    }

    /// Seals the rows of the sources in `changed`.
    pub(super) fn seal(
        mut self,
        ids: &dyn IdSource,
        seals: &TeenSeals,
        changed: &[NodeId],
    ) -> Result<Rows, PortError> {
        let mut rows = Rows::default();
        for id in changed {
            if let Entry::Occupied(entry) = self.0.entry(*id) {
                entry.remove().seal(ids, (seals, *id), &mut rows)?;
            }
        }
        Ok(rows)
    }
}

impl Source {
    fn seal(
        mut self,
        ids: &dyn IdSource,
        (seals, id): (&TeenSeals, NodeId),
        rows: &mut Rows,
    ) -> Result<(), PortError> {
        let id = id.0.to_be_bytes();
        let mut edges = self.edges.into_values().peekable();
        let mut chunk = 0;
        while self.node.is_some() || edges.peek().is_some() {
            let row = NodeRow {
                node: self.node.take(),
                edges: edges.by_ref().take(EDGES_PER_ROW).collect(),
            };
            let sealed = seals.seal(ids, (NODE, &row_key(id, chunk)), &row)?;
            rows.puts.push(Put { id, chunk, sealed });
            chunk += 1;
        }
        if chunk < self.chunks {
            rows.ends.push((id, chunk));
        }
        Ok(())
    }
}

/// The row's key for its seal.
fn row_key(id: [u8; 16], chunk: i64) -> Vec<u8> {
    let mut key = id.to_vec();
    key.extend_from_slice(&chunk.to_be_bytes());
    key
}
