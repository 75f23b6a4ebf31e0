//! Writing: all of it may be done again.

use std::collections::BTreeMap;

use innerworld_core::{
    error::PortError,
    memory::graph::{EdgeId, NodeId},
};
use serde_json::Value;

use super::{CHUNK, NeptuneGraph, number, run};
use crate::neptune::{
    patch::GraphPatch,
    rows::{Closing, TeenNumber},
    statements::{self, Statement},
};

/// What a patch did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Nodes that were put.
    pub nodes: usize,
    /// Edges that were put. Less than the patch has where an end is not there, or is not this
    /// teen's.
    pub edges: usize,
    /// Nodes that were deleted; a replay finds none.
    pub gone_nodes: usize,
    /// Edges that were deleted; a replay finds none.
    pub gone_edges: usize,
}

impl NeptuneGraph {
    /// Applies a patch: deletes first, then nodes, then edges. After an error some of it may be
    /// written; applying it again ends in the same graph as applying it once.
    pub async fn apply(&self, patch: &GraphPatch) -> Result<Written, PortError> {
        let teen = patch.teen;
        let mut written = Written {
            gone_edges: self.delete_edges(teen, &patch.delete_edges).await?,
            gone_nodes: self.delete_nodes(teen, &patch.delete_nodes).await?,
            ..Written::default()
        };
        let mut nodes = BTreeMap::<_, Vec<Value>>::new();
        for node in &patch.put_nodes {
            let row = node.parameter(teen)?;
            nodes.entry(node.kind).or_default().push(row);
        }
        for (kind, rows) in nodes {
            written.nodes += self
                .write(statements::upsert_nodes(kind), teen, ("rows", rows))
                .await?;
        }
        let mut edges = BTreeMap::<_, Vec<Value>>::new();
        for edge in &patch.put_edges {
            let row = edge.parameter(teen)?;
            edges.entry(edge.kind).or_default().push(row);
        }
        for (kind, rows) in edges {
            written.edges += self
                .write(statements::upsert_edges(kind), teen, ("rows", rows))
                .await?;
        }
        Ok(written)
    }

    /// Gives edges another end; returns how many were there.
    pub async fn close_edges(
        &self,
        teen: TeenNumber,
        closings: &[Closing],
    ) -> Result<usize, PortError> {
        let rows = closings.iter().map(|one| one.parameter(teen)).collect();
        self.write(statements::CLOSE_EDGES, teen, ("rows", rows))
            .await
    }

    /// Deletes edges; returns how many were there.
    pub async fn delete_edges(
        &self,
        teen: TeenNumber,
        edges: &[EdgeId],
    ) -> Result<usize, PortError> {
        let ids = edges.iter().map(|id| teen.edge(*id).into()).collect();
        self.write(statements::DELETE_EDGES, teen, ("ids", ids))
            .await
    }

    /// Deletes nodes with all their edges; returns how many were there.
    pub async fn delete_nodes(
        &self,
        teen: TeenNumber,
        nodes: &[NodeId],
    ) -> Result<usize, PortError> {
        let ids = nodes.iter().map(|id| teen.node(*id).into()).collect();
        self.write(statements::DELETE_NODES, teen, ("ids", ids))
            .await
    }

    /// Sends a list in chunks; returns the sum of what the statement counts.
    async fn write(
        &self,
        statement: Statement,
        teen: TeenNumber,
        (name, all): (&str, Vec<Value>),
    ) -> Result<usize, PortError> {
        let counts = if name == "rows" { "written" } else { "gone" };
        let mut done = 0;
        for chunk in all.chunks(CHUNK) {
            let values = [(name, Value::Array(chunk.to_vec()))];
            let rows = run(&self.cluster, statement, teen, values).await?;
            done += number(&rows, counts)?;
        }
        Ok(done)
    }
}
