//! What one session (or a correction) changes in the graph, as rows that need no key to be applied.
//!
//! It is what waits for the graph writer between the two halves of the pipeline: ids are fixed and
//! records sealed when it is made, so that applying it any number of times gives the same graph.

use std::collections::BTreeSet;

use innerworld_core::{
    error::{ErrorKind, PortError},
    ids::IdSource,
    memory::graph::{Edge, EdgeId, GraphDelta, Node, NodeId},
    seal::Seals,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::rows::{EdgeRow, NodeRow, Sealed, TeenNumber};

/// Places of sealed records, for their associated data.
const NODE: &str = "graph/node";
const EDGE: &str = "graph/edge";
/// Sealed bytes of one record at most: in base64 and with its row it still fits into one part.
const LARGEST: usize = 200_000;
/// Bytes of a part of a patch at most: an item may have 400 KB.
const PART: usize = 300_000;
/// About how many bytes a row has beside its sealed record.
const ROW: usize = 320;
/// About how many bytes an id has.
const ID: usize = 40;

/// Rows to put and ids to delete.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GraphPatch {
    /// Whose graph.
    #[serde(rename = "teen_no")]
    pub teen: TeenNumber,
    /// Nodes to put, whole.
    pub put_nodes: Vec<NodeRow>,
    /// Edges to put, whole.
    pub put_edges: Vec<EdgeRow>,
    /// Nodes to delete, with what edges they still have.
    pub delete_nodes: Vec<NodeId>,
    /// Edges to delete.
    pub delete_edges: Vec<EdgeId>,
}

impl GraphPatch {
    /// A patch that changes nothing.
    pub const fn empty(teen: TeenNumber) -> Self {
        Self {
            teen,
            put_nodes: Vec::new(),
            put_edges: Vec::new(),
            delete_nodes: Vec::new(),
            delete_edges: Vec::new(),
        }
    }

    /// The same in parts of 300 KB at most. Applied in order they do what the whole does: deletes
    /// come first, and a node before its edges. No part for a patch that changes nothing.
    pub fn cut(self) -> Vec<Self> {
        let mut parts = Parts {
            whole: Vec::new(),
            last: Self::empty(self.teen),
            size: 0,
        };
        for id in self.delete_edges {
            parts.with(ID).delete_edges.push(id);
        }
        for id in self.delete_nodes {
            parts.with(ID).delete_nodes.push(id);
        }
        for node in self.put_nodes {
            parts.with(ROW + node.sealed.len()).put_nodes.push(node);
        }
        for edge in self.put_edges {
            parts.with(ROW + edge.sealed.len()).put_edges.push(edge);
        }
        parts.finish()
    }
}

struct Parts {
    whole: Vec<GraphPatch>,
    last: GraphPatch,
    size: usize,
}

impl Parts {
    /// The part that takes so many bytes more.
    fn with(&mut self, bytes: usize) -> &mut GraphPatch {
        if self.size > 0 && self.size + bytes > PART {
            let next = GraphPatch::empty(self.last.teen);
            self.whole.push(std::mem::replace(&mut self.last, next));
            self.size = 0;
        }
        self.size += bytes;
        &mut self.last
    }

    fn finish(mut self) -> Vec<GraphPatch> {
        if self.size > 0 {
            self.whole.push(self.last);
        }
        self.whole
    }
}

/// Seals a teen's records for the graph, and opens them.
#[derive(Debug)]
pub struct Records<'a> {
    /// The teen's number in the graph.
    pub number: TeenNumber,
    /// The teen's seals.
    pub seals: &'a Seals,
}

impl Records<'_> {
    /// The patch that writes `delta`. What that both deletes and puts is put: so no part of a patch
    /// undoes another, whatever their order. `Invalid` for a record that is too large to wait.
    pub fn seal(&self, ids: &dyn IdSource, delta: &GraphDelta) -> Result<GraphPatch, PortError> {
        let nodes = delta.put_nodes.iter().map(|node| {
            let sealed = self.seal_record(ids, (NODE, node.id.0), node)?;
            Ok(NodeRow::new(node, sealed))
        });
        let edges = delta.put_edges.iter().map(|edge| {
            let sealed = self.seal_record(ids, (EDGE, edge.id.0), edge)?;
            EdgeRow::new(edge, sealed)
        });
        let put_nodes: Vec<NodeRow> = nodes.collect::<Result<_, PortError>>()?;
        let put_edges: Vec<EdgeRow> = edges.collect::<Result<_, PortError>>()?;
        let nodes_stay: BTreeSet<NodeId> = put_nodes.iter().map(|node| node.id).collect();
        let edges_stay: BTreeSet<EdgeId> = put_edges.iter().map(|edge| edge.id).collect();
        let nodes_go = delta.delete_nodes.iter().copied();
        let edges_go = delta.delete_edges.iter().copied();
        Ok(GraphPatch {
            teen: self.number,
            put_nodes,
            put_edges,
            delete_nodes: nodes_go.filter(|id| !nodes_stay.contains(id)).collect(),
            delete_edges: edges_go.filter(|id| !edges_stay.contains(id)).collect(),
        })
    }

    /// The node of a row; `Corrupt` for one that was sealed for another place or teen.
    pub fn open_node(&self, row: &NodeRow) -> Result<Node, PortError> {
        self.open_record((NODE, row.id.0), &row.sealed)
    }

    /// The edge of a row; `Corrupt` as for a node.
    pub fn open_edge(&self, row: &EdgeRow) -> Result<Edge, PortError> {
        self.open_record((EDGE, row.id.0), &row.sealed)
    }

    fn seal_record<T: Serialize>(
        &self,
        ids: &dyn IdSource,
        (table, id): (&'static str, u128),
        record: &T,
    ) -> Result<Sealed, PortError> {
        let sealed = self.seals.seal(ids, (table, &id.to_be_bytes()), record)?;
        if sealed.len() > LARGEST {
            return Err(PortError::new(ErrorKind::Invalid, "seal a graph record"));
        }
        Ok(Sealed::new(&sealed))
    }

    fn open_record<T: DeserializeOwned>(
        &self,
        (table, id): (&'static str, u128),
        sealed: &Sealed,
    ) -> Result<T, PortError> {
        self.seals
            .open((table, &id.to_be_bytes()), &sealed.bytes()?)
    }
}
