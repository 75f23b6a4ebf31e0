//! A teen's graph as it was when a session began, laid down beside the session's context: items
//! `graph#<n>`, sealed records as stored, with the generation that they are of.
//!
//! An answer reads it in place of the graph, which may be slow or away, as long as the memory is of that
//! generation: a write moves it, and what was forgotten by hand is such a write.

use std::time::Duration;

use innerworld_core::{
    error::{ErrorKind, PortError},
    ids::TeenId,
    seal,
};

use crate::{
    dynamo::{Item, Key, Query, Table},
    neptune::{
        rows::{EdgeRow, NodeRow},
        waiting::RowGraph,
    },
    shared::Shared,
};

/// How their sort keys begin.
const PREFIX: &str = "graph#";
/// The generation that the rows are of.
const GENERATION: &str = "generation";
/// How many pieces there are.
const PIECES: &str = "pieces";
/// The attribute with the rows.
const ROWS: &str = "rows";
/// Bytes of rows in a piece at most: an item may have 400 KB.
const BYTES: usize = 250_000;
/// About how many bytes a row has beside its sealed record.
const ROW: usize = 200;
/// Pieces at most. Each write unit is paid for, and a graph that is larger is read where it is kept.
const MOST: usize = 8;
/// How long they live: longer than any session.
const LIFE: Duration = Duration::from_secs(3_600);

/// The rows of one item.
type Piece = (Vec<NodeRow>, Vec<EdgeRow>);

impl Shared {
    /// Lays the rows of this generation down. `false` if they are too many: then nothing is stored.
    /// `Denied` for a fenced teen.
    pub(crate) async fn lay_down(
        &self,
        teen: TeenId,
        (generation, rows): (u64, RowGraph),
    ) -> Result<bool, PortError> {
        const OPERATION: &str = "lay a session's graph down";
        let pieces = pieces(rows);
        if pieces.len() > MOST {
            return Ok(false);
        }
        for (place, piece) in pieces.iter().enumerate() {
            let item = Item::new()
                .with(GENERATION, number(generation)?)
                .with(PIECES, number(pieces.len())?)
                .with(ROWS, seal::encode(piece)?)
                .until(self.clock.now().plus(LIFE));
            // With the fence: an erase meanwhile would leave it behind.
            let put = (key(teen, place), item);
            if !self.put_for(teen, OPERATION, put, None).await? {
                return Err(PortError::new(ErrorKind::Unavailable, OPERATION));
            }
        }
        Ok(true)
    }

    /// The rows of this generation, if all of them were laid down and live.
    pub(crate) async fn laid_down(
        &self,
        teen: TeenId,
        generation: u64,
    ) -> Result<Option<RowGraph>, PortError> {
        let query = Query::of(Table::SessionContext, teen.to_string()).prefix(PREFIX);
        let found = self.dynamo.query("read a session's graph", query).await?;
        let now = self.clock.now();
        let wanted: i64 = number(generation)?;
        // Pieces of an earlier session, which had more of them, are of another generation.
        let mut rows = RowGraph::default();
        let (mut read, mut pieces) = (0_i64, None);
        for item in found.iter().filter(|item| item.lives(now)) {
            if item.number::<i64>(GENERATION)? != wanted {
                continue;
            }
            let (nodes, edges): Piece = seal::decode(item.bytes(ROWS)?)?;
            rows.nodes
                .extend(nodes.into_iter().map(|row| (row.id, row)));
            rows.edges
                .extend(edges.into_iter().map(|row| (row.id, row)));
            pieces = Some(item.number(PIECES)?);
            read += 1;
        }
        Ok((pieces == Some(read)).then_some(rows))
    }
}

/// The rows in pieces, one at least: a graph without rows is known too.
fn pieces(rows: RowGraph) -> Vec<Piece> {
    let mut pieces = Packing::default();
    for node in rows.nodes.into_values() {
        pieces.next_for(node.sealed.len()).0.push(node);
    }
    for edge in rows.edges.into_values() {
        pieces.next_for(edge.sealed.len()).1.push(edge);
    }
    pieces.full.push(pieces.last);
    pieces.full
}

#[derive(Default)]
struct Packing {
    full: Vec<Piece>,
    last: Piece,
    size: usize,
}

impl Packing {
    /// The piece that a row goes into whose sealed record has so many bytes.
    fn next_for(&mut self, sealed: usize) -> &mut Piece {
        self.size += ROW + sealed;
        if self.size > BYTES {
            self.size = ROW + sealed;
            self.full.push(std::mem::take(&mut self.last));
        }
        &mut self.last
    }
}

fn number(count: impl TryInto<i64>) -> Result<i64, PortError> {
    let outside = || PortError::new(ErrorKind::Invalid, "count a session's graph");
    count.try_into().map_err(|_large| outside())
}

fn key(teen: TeenId, place: usize) -> Key {
    let item = format!("{PREFIX}{place:04}");
    Key::of(Table::SessionContext, teen.to_string(), item)
}
