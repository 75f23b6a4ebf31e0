//! What one session (or a correction) changes in the graph, as rows that need no key to be applied.
//!
//! It is what waits for the graph writer between the two halves of the pipeline: ids are fixed and
//! records sealed when it is made, so that applying it any number of times gives the same graph.

use innerworld_core::{
    error::PortError,
    ids::{IdSource, TeenId},
    memory::graph::{Edge, EdgeId, GraphDelta, Node, NodeId},
    seal::{self, Place, Sealer},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::rows::{EdgeRow, NodeRow, Sealed, TeenNumber};

/// Places of sealed records, for their associated data.
const NODE: &str = "graph/node";
const EDGE: &str = "graph/edge";

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

/// Seals a teen's records for the graph, and opens them.
#[derive(Debug)]
pub struct Records<'a> {
    /// The teen.
    pub teen: TeenId,
    /// The teen's number in the graph.
    pub number: TeenNumber,
    /// The teen's sealer.
    pub sealer: &'a Sealer,
}

impl Records<'_> {
    /// The patch that writes `delta`.
    pub fn seal(&self, ids: &dyn IdSource, delta: &GraphDelta) -> Result<GraphPatch, PortError> {
        let nodes = delta.put_nodes.iter().map(|node| {
            let sealed = self.seal_record(ids, (NODE, node.id.0), node)?;
            Ok(NodeRow::new(node, sealed))
        });
        let edges = delta.put_edges.iter().map(|edge| {
            let sealed = self.seal_record(ids, (EDGE, edge.id.0), edge)?;
            EdgeRow::new(edge, sealed)
        });
        Ok(GraphPatch {
            teen: self.number,
            put_nodes: nodes.collect::<Result<_, PortError>>()?,
            put_edges: edges.collect::<Result<_, PortError>>()?,
            delete_nodes: delta.delete_nodes.clone(),
            delete_edges: delta.delete_edges.clone(),
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
        let row = id.to_be_bytes();
        let plain = zeroize::Zeroizing::new(seal::encode(record)?);
        let sealed = self.sealer.seal(ids, self.place(table, &row), &plain)?;
        Ok(Sealed::new(&sealed))
    }

    fn open_record<T: DeserializeOwned>(
        &self,
        (table, id): (&'static str, u128),
        sealed: &Sealed,
    ) -> Result<T, PortError> {
        let row = id.to_be_bytes();
        let plain = self
            .sealer
            .open(self.place(table, &row), &sealed.bytes()?)?;
        seal::decode(&zeroize::Zeroizing::new(plain))
    }

    fn place<'a>(&self, table: &'static str, row: &'a [u8]) -> Place<'a> {
        Place {
            table,
            teen: self.teen,
            row,
        }
    }
}
