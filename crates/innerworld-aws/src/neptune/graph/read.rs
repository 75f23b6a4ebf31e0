//! Reading.

use std::cmp::Reverse;

use innerworld_core::{
    error::PortError,
    ids::SessionId,
    memory::graph::{EdgeId, NodeId},
};
use serde_json::Value;

use super::{CHUNK, NeptuneGraph, PAGES, endless, number, run, wrong};
use crate::neptune::{
    engine::Row,
    rows::{EdgeRow, NodeRow, Step, TeenNumber},
    statements::{self, PAGE, Statement},
};

/// All of a teen's graph as stored, by id.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stored {
    /// Nodes.
    pub nodes: Vec<NodeRow>,
    /// Edges.
    pub edges: Vec<EdgeRow>,
}

/// How large a teen's graph is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Nodes, the teen's own included.
    pub nodes: usize,
    /// Edges.
    pub edges: usize,
}

impl NeptuneGraph {
    /// Loads a graph with every write in it, page by page. Between the pages others may write:
    /// whoever needs one state serialises the writers of a teen, as the queue does.
    pub async fn load(&self, teen: TeenNumber) -> Result<Stored, PortError> {
        let mut stored = Stored::default();
        loop {
            let after = stored.nodes.last().map(|node| node.id);
            let page = self.nodes_page(teen, after).await?;
            let last = page.len() < PAGE;
            stored.nodes.extend(page);
            if last {
                break;
            }
            bounded(stored.nodes.len())?;
        }
        loop {
            let after = stored.edges.last().map(|edge| edge.id);
            let page = self.edges_page(teen, after).await?;
            let last = page.len() < PAGE;
            stored.edges.extend(page);
            if last {
                return Ok(stored);
            }
            bounded(stored.edges.len())?;
        }
    }

    /// At most [`PAGE`] nodes after `after`, by id, with every write in them.
    pub async fn nodes_page(
        &self,
        teen: TeenNumber,
        after: Option<NodeId>,
    ) -> Result<Vec<NodeRow>, PortError> {
        let values = [("after", key(after.map(|id| id.0)))];
        let rows = run(&self.cluster, statements::GRAPH_NODES_PAGE, teen, values).await?;
        let page = read(rows, NodeRow::read)?;
        ascending(after, page.iter().map(|node| node.id))?;
        Ok(page)
    }

    /// At most [`PAGE`] edges after `after`, as of nodes.
    pub async fn edges_page(
        &self,
        teen: TeenNumber,
        after: Option<EdgeId>,
    ) -> Result<Vec<EdgeRow>, PortError> {
        let values = [("after", key(after.map(|id| id.0)))];
        let rows = run(&self.cluster, statements::GRAPH_EDGES_PAGE, teen, values).await?;
        let page = read(rows, EdgeRow::read)?;
        ascending(after, page.iter().map(|edge| edge.id))?;
        Ok(page)
    }

    /// What stands beside the nodes in `ids`, at most `most`, the heaviest first; a step for each
    /// edge and origin. Read from the readers: it may be a little old.
    pub async fn neighbours(
        &self,
        teen: TeenNumber,
        ids: &[NodeId],
        most: usize,
    ) -> Result<Vec<Step>, PortError> {
        self.walk(statements::NEIGHBOURS, teen, (ids, most)).await
    }

    /// What stands two edges away from the nodes in `ids`, as of [`NeptuneGraph::neighbours`].
    pub async fn two_hops(
        &self,
        teen: TeenNumber,
        ids: &[NodeId],
        most: usize,
    ) -> Result<Vec<Step>, PortError> {
        self.walk(statements::TWO_HOPS, teen, (ids, most)).await
    }

    /// All edges from one node to another with their last intervals, oldest first, with every write
    /// in them.
    pub async fn edge_history(
        &self,
        teen: TeenNumber,
        (source, target): (NodeId, NodeId),
    ) -> Result<Vec<EdgeRow>, PortError> {
        let ends = [
            ("source", teen.node(source).into()),
            ("target", teen.node(target).into()),
        ];
        let rows = run(&self.cluster, statements::EDGE_HISTORY, teen, ends).await?;
        read(rows, EdgeRow::read)
    }

    /// The edges whose newest assertion `session` made, by id, with every write in them.
    pub async fn edges_of_session(
        &self,
        teen: TeenNumber,
        session: SessionId,
    ) -> Result<Vec<EdgeRow>, PortError> {
        let mut found: Vec<EdgeRow> = Vec::new();
        loop {
            let after = found.last().map(|edge| edge.id);
            let values = [
                ("session", session.to_string().into()),
                ("after", key(after.map(|id| id.0))),
            ];
            let rows = run(&self.cluster, statements::EDGES_OF_SESSION, teen, values).await?;
            let page = read(rows, EdgeRow::read)?;
            ascending(after, page.iter().map(|edge| edge.id))?;
            let last = page.len() < PAGE;
            found.extend(page);
            if last {
                return Ok(found);
            }
            bounded(found.len())?;
        }
    }

    /// How large a graph is.
    pub async fn count_graph(&self, teen: TeenNumber) -> Result<Counts, PortError> {
        let nodes = run(&self.cluster, statements::COUNT_NODES, teen, []).await?;
        let edges = run(&self.cluster, statements::COUNT_EDGES, teen, []).await?;
        Ok(Counts {
            nodes: number(&nodes, "nodes")?,
            edges: number(&edges, "edges")?,
        })
    }

    async fn walk(
        &self,
        statement: Statement,
        teen: TeenNumber,
        (ids, most): (&[NodeId], usize),
    ) -> Result<Vec<Step>, PortError> {
        let mut steps = Vec::new();
        for chunk in ids.chunks(CHUNK) {
            let ids: Vec<Value> = chunk.iter().map(|id| teen.node(*id).into()).collect();
            let rows = run(&self.readers, statement, teen, [("ids", ids.into())]).await?;
            steps.extend(read(rows, Step::read)?);
        }
        // Chunks are each in order, and one origin may have been named twice.
        steps.sort_by_key(order);
        steps.dedup_by_key(|step| (step.origin, step.via, step.edge.id, step.node.id));
        steps.truncate(most);
        Ok(steps)
    }
}

type Order = (
    Reverse<u32>,
    EdgeId,
    NodeId,
    NodeId,
    Option<(EdgeId, NodeId)>,
);

fn order(step: &Step) -> Order {
    let weight = Reverse(step.node.weight);
    (weight, step.edge.id, step.node.id, step.origin, step.via)
}

/// A key as it is paged by; before all others without one.
fn key(id: Option<u128>) -> Value {
    id.map_or_else(String::new, |id| format!("{id:032x}"))
        .into()
}

fn read<T>(rows: Vec<Row>, one: impl Fn(Row) -> Result<T, PortError>) -> Result<Vec<T>, PortError> {
    if rows.len() > PAGE {
        return Err(wrong());
    }
    rows.into_iter().map(one).collect()
}

/// Pages go forward, or reading would never end.
fn ascending<T: Ord + Copy>(
    after: Option<T>,
    ids: impl Iterator<Item = T>,
) -> Result<(), PortError> {
    let mut last = after;
    for id in ids {
        if last.is_some_and(|last| id <= last) {
            return Err(wrong());
        }
        last = Some(id);
    }
    Ok(())
}

fn bounded(read: usize) -> Result<(), PortError> {
    if read < PAGES * PAGE {
        Ok(())
    } else {
        Err(endless())
    }
}
