//! What goes: all of a teen, or what was not seen for long.

use innerworld_core::{clock::Timestamp, error::PortError, memory::ontology::NodeKind};
use serde_json::Value;

use super::{NeptuneGraph, PAGES, endless, number, run};
use crate::neptune::{
    rows::TeenNumber,
    statements::{self, Statement},
};

/// Later than anything was seen.
const NEVER: i64 = i64::MAX;

/// What an erase deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Erased {
    /// Nodes.
    pub nodes: usize,
    /// Edges.
    pub edges: usize,
}

impl NeptuneGraph {
    /// Deletes all of a teen's graph. Edges go first, page by page: a node that twenty thousand of
    /// them hang on would not be deleted within the time that one statement has.
    pub async fn erase(&self, teen: TeenNumber) -> Result<Erased, PortError> {
        let seen = [("before", NEVER.into())];
        Ok(Erased {
            edges: self
                .until_none(statements::EXPIRE_EDGES_PAGE, teen, seen)
                .await?,
            nodes: self.until_none(statements::ERASE_PAGE, teen, []).await?,
        })
    }

    /// Deletes one page of a teen's nodes with their edges; returns how many, 0 at the end.
    pub async fn erase_page(&self, teen: TeenNumber) -> Result<usize, PortError> {
        let rows = run(&self.cluster, statements::ERASE_PAGE, teen, []).await?;
        number(&rows, "gone")
    }

    /// Retention: deletes one page of edges not seen since `before`, and where none is left, one of
    /// nodes that no edge holds. The teen's own node stays. Returns how many went, 0 at the end.
    pub async fn expire_page(
        &self,
        teen: TeenNumber,
        before: Timestamp,
    ) -> Result<usize, PortError> {
        let before: Value = before.as_seconds().into();
        let values = [("before", before.clone())];
        let rows = run(&self.cluster, statements::EXPIRE_EDGES_PAGE, teen, values).await?;
        let edges = number(&rows, "gone")?;
        if edges > 0 {
            return Ok(edges);
        }
        let values = [("before", before), ("keep", NodeKind::Teen.name().into())];
        let rows = run(&self.cluster, statements::EXPIRE_NODES_PAGE, teen, values).await?;
        number(&rows, "gone")
    }

    async fn until_none<const N: usize>(
        &self,
        page: Statement,
        teen: TeenNumber,
        values: [(&str, Value); N],
    ) -> Result<usize, PortError> {
        let mut gone: usize = 0;
        for _page in 0..PAGES {
            let rows = run(&self.cluster, page, teen, values.clone()).await?;
            match number(&rows, "gone")? {
                0 => return Ok(gone),
                some => gone = gone.saturating_add(some),
            }
        }
        Err(endless())
    }
}
