//! One step of a walk: over which edge to which node.

use innerworld_core::{
    error::PortError,
    memory::graph::{EdgeId, NodeId},
};
use serde::Deserialize;
use serde_json::Value;

use super::{EdgeRow, NodeRow, from_row};
use crate::neptune::engine::Row;

/// The last step of a walk from one of the nodes that were asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The node that was asked for.
    pub origin: NodeId,
    /// Of two hops: the first edge and the node between.
    pub via: Option<(EdgeId, NodeId)>,
    /// The edge, in its own direction.
    pub edge: EdgeRow,
    /// The node it leads to, whichever end that is.
    pub node: NodeRow,
}

#[derive(Deserialize)]
struct Walked {
    origin: NodeId,
    via: Option<NodeId>,
    via_edge: Option<EdgeId>,
}

impl Step {
    /// Reads it from a page, where an edge's columns that a node has too are called `edge_…`.
    pub fn read(row: Row) -> Result<Self, PortError> {
        let mut edge = row.clone();
        for (column, own) in [
            ("edge_kind", "kind"),
            ("edge_last_seen", "last_seen"),
            ("edge_sealed", "sealed"),
        ] {
            let value = row.get(column).cloned().unwrap_or(Value::Null);
            edge.insert(own.to_owned(), value);
        }
        let walked: Walked = from_row(row.clone())?;
        Ok(Self {
            origin: walked.origin,
            via: walked.via_edge.zip(walked.via),
            edge: EdgeRow::read(edge)?,
            node: NodeRow::read(row)?,
        })
    }
}
