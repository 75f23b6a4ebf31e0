//! What waits for the graph: pieces of patches in the order of the writes that made them, and a
//! graph as it will be once they are applied.

use std::collections::{BTreeMap, BTreeSet};

use innerworld_core::{
    error::PortError,
    memory::graph::{EdgeId, NodeId},
};
use serde::{Deserialize, Serialize};

use super::{
    graph::NeptuneGraph,
    patch::GraphPatch,
    rows::{EdgeRow, NodeRow, TeenNumber},
};

/// One piece of what waits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Piece {
    /// Rows to put and ids to delete.
    Rows(GraphPatch),
    /// All of the teen's graph goes.
    Erase {
        /// Whose graph.
        #[serde(rename = "teen_no")]
        teen: TeenNumber,
    },
}

impl NeptuneGraph {
    /// Applies a piece. It may be applied again, as long as nothing that waited behind it was.
    pub async fn apply_piece(&self, piece: &Piece) -> Result<(), PortError> {
        match piece {
            Piece::Rows(patch) => self.apply(patch).await.map(drop),
            Piece::Erase { teen } => self.erase(*teen).await.map(drop),
        }
    }
}

/// A teen's rows by id.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RowGraph {
    /// Nodes.
    pub nodes: BTreeMap<NodeId, NodeRow>,
    /// Edges.
    pub edges: BTreeMap<EdgeId, EdgeRow>,
}

impl RowGraph {
    /// Does what the database does with a piece. Over a graph that has some of the piece already it
    /// leaves the same as over one that has none.
    pub fn lay(&mut self, piece: Piece) {
        let patch = match piece {
            Piece::Rows(patch) => patch,
            Piece::Erase { .. } => {
                *self = Self::default();
                return;
            }
        };
        for id in &patch.delete_edges {
            self.edges.remove(id);
        }
        let gone: BTreeSet<NodeId> = patch.delete_nodes.into_iter().collect();
        if !gone.is_empty() {
            self.nodes.retain(|id, _node| !gone.contains(id));
            let hangs = |edge: &EdgeRow| gone.contains(&edge.source) || gone.contains(&edge.target);
            self.edges.retain(|_id, edge| !hangs(edge));
        }
        let nodes = patch.put_nodes.into_iter();
        self.nodes.extend(nodes.map(|node| (node.id, node)));
        for edge in patch.put_edges {
            let has_ends =
                self.nodes.contains_key(&edge.source) && self.nodes.contains_key(&edge.target);
            if has_ends {
                self.edges.insert(edge.id, edge);
            }
        }
    }
}
