//! Where a teen's stored graph is read from, page by page.

use async_trait::async_trait;
use innerworld_core::{
    error::{ErrorKind, PortError},
    ids::TeenId,
    memory::graph::{EdgeId, NodeId},
};
use serde::{Deserialize, Serialize};

use super::{
    graph::NeptuneGraph,
    rows::{EdgeRow, NodeRow, TeenNumber},
    statements::PAGE,
    waiting::RowGraph,
};

/// Bytes of rows in one page at most: a function's answer may have 6 MB.
const BYTES: usize = 4_000_000;
/// About how many bytes a row has in JSON beside its sealed record.
const ROW: usize = 400;
/// Rows of one graph at most: twice what the largest memory has.
const ROWS: usize = 50_000;

/// A teen, and the number that stands for the teen in the graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Whose {
    /// The teen.
    pub teen: TeenId,
    /// The number.
    pub number: TeenNumber,
}

/// Where a page begins. Nodes come first, then edges, each by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cursor {
    /// With the first node.
    Beginning,
    /// Behind this node.
    Node(NodeId),
    /// With the first edge.
    Edges,
    /// Behind this edge.
    Edge(EdgeId),
}

/// Some rows of a graph.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Page {
    /// Nodes.
    pub nodes: Vec<NodeRow>,
    /// Edges.
    pub edges: Vec<EdgeRow>,
    /// Where the next page begins; `None` behind the last one.
    pub next: Option<Cursor>,
}

/// Port: reads a graph with every write in it.
///
/// # Contract
/// * Each page has at most 4 MB, and begins where the one before it ended.
/// * Nothing of another teen is in it.
/// * A fenced teen's is `Denied`, or as if the fence were not there.
#[async_trait]
pub trait GraphPages: Send + Sync + std::fmt::Debug {
    /// The page that begins at `from`.
    async fn page(&self, whose: Whose, from: Cursor) -> Result<Page, PortError>;
}

#[async_trait]
impl GraphPages for NeptuneGraph {
    async fn page(&self, whose: Whose, from: Cursor) -> Result<Page, PortError> {
        let after = match from {
            Cursor::Beginning => None,
            Cursor::Node(id) => Some(id),
            Cursor::Edges => return edges(self, whose.number, None).await,
            Cursor::Edge(id) => return edges(self, whose.number, Some(id)).await,
        };
        let mut nodes = self.nodes_page(whose.number, after).await?;
        let was_last = nodes.len() < PAGE;
        let whole = fit(&mut nodes, |node| node.sealed.len());
        let next = match nodes.last() {
            Some(node) if !(was_last && whole) => Cursor::Node(node.id),
            _ => Cursor::Edges,
        };
        Ok(Page {
            nodes,
            edges: Vec::new(),
            next: Some(next),
        })
    }
}

async fn edges(
    graph: &NeptuneGraph,
    number: TeenNumber,
    after: Option<EdgeId>,
) -> Result<Page, PortError> {
    let mut edges = graph.edges_page(number, after).await?;
    let was_last = edges.len() < PAGE;
    let whole = fit(&mut edges, |edge| edge.sealed.len());
    let next = edges.last().filter(|_last| !(was_last && whole));
    Ok(Page {
        next: next.map(|edge| Cursor::Edge(edge.id)),
        nodes: Vec::new(),
        edges,
    })
}

/// Keeps as many rows as a page takes, one at least; `true` if all of them stay.
fn fit<T>(rows: &mut Vec<T>, sealed: impl Fn(&T) -> usize) -> bool {
    let mut size = 0;
    let fits = |row: &T| {
        size += ROW + sealed(row);
        size <= BYTES
    };
    let kept = rows.iter().map(fits).take_while(|fits| *fits).count();
    let whole = kept == rows.len();
    rows.truncate(kept.max(1));
    whole
}

/// Reads all pages. Between them others may write: laying over it what waited before the first page
/// mends that.
pub async fn read_all(pages: &dyn GraphPages, whose: Whose) -> Result<RowGraph, PortError> {
    let mut graph = RowGraph::default();
    let mut from = Cursor::Beginning;
    loop {
        let page = pages.page(whose, from).await?;
        let nodes = page.nodes.into_iter();
        graph.nodes.extend(nodes.map(|node| (node.id, node)));
        let edges = page.edges.into_iter();
        graph.edges.extend(edges.map(|edge| (edge.id, edge)));
        match page.next {
            None => return Ok(graph),
            // Pages go forward, or reading would never end.
            Some(next) if next > from && graph.nodes.len() + graph.edges.len() <= ROWS => {
                from = next;
            }
            Some(_) => {
                let operation = "come to the end of a graph";
                return Err(PortError::new(ErrorKind::Corrupt, operation));
            }
        }
    }
}
