//! What waits for a graph database: items `patch#<generation>#<n>`, the generation being that of the
//! write that made them, so that their order is the order of the writes.
//!
//! They become true in the commit of their write, and stay until the graph writer has applied them,
//! which it does from the first one on: it deletes none while an earlier one is there. Whoever reads
//! relies on that.

use innerworld_core::{error::PortError, ids::TeenId, seal};

use crate::{
    dynamo::{Item, Key, Query, Table},
    neptune::waiting::Piece,
    shared::Shared,
};

/// How their sort keys begin.
pub(super) const PREFIX: &str = "patch#";
/// The attribute with the rows.
pub(super) const ROWS: &str = "rows";

/// Where a piece lies.
pub(super) fn sort_key(generation: u64, place: usize) -> String {
    format!("{PREFIX}{generation:020}#{place:04}")
}

/// A piece that waits, with its place.
#[derive(Debug)]
pub(crate) struct Waiting {
    /// Where it lies.
    pub(crate) key: Key,
    /// What it does to the graph.
    pub(crate) piece: Piece,
}

impl Shared {
    /// The first pieces that wait for the graph, at most so many, in the order in which they are
    /// applied.
    pub(crate) async fn waiting(
        &self,
        teen: TeenId,
        limit: usize,
    ) -> Result<Vec<Waiting>, PortError> {
        let query = Query::of(Table::Memory, teen.to_string())
            .prefix(PREFIX)
            .limit(limit);
        let found = self.dynamo.query("read a patch", query).await?;
        let pieces = found.iter().map(|item: &Item| {
            Ok(Waiting {
                key: Key::teen(Table::Memory, teen, item.text("item")?),
                piece: seal::decode(item.bytes(ROWS)?)?,
            })
        });
        pieces.collect()
    }

    /// Whether anything waits for the graph.
    pub(crate) async fn is_waiting(&self, teen: TeenId) -> Result<bool, PortError> {
        let query = Query::of(Table::Memory, teen.to_string())
            .prefix(PREFIX)
            .keys_only()
            .limit(1);
        let found = self.dynamo.query("look for a patch", query).await?;
        Ok(!found.is_empty())
    }
}
