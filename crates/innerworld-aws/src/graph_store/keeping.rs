//! The two ways to keep nodes and edges: as items of their own, or in a graph database, with what it
//! has not got yet waiting beside it.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use innerworld_core::{
    error::PortError,
    ids::TeenId,
    memory::graph::{Edge, GraphDelta, Node},
    seal::Seals,
};

use super::{
    DynamoGraphStore,
    record::{Kind, Record, Records, Sealing},
    waiting,
};
use crate::{
    dynamo::{Key, Table},
    neptune::{
        pages::{GraphPages, Whose, read_all},
        patch,
        rows::TeenNumber,
        waiting::{Piece, RowGraph},
    },
};

/// Port: hears that patches wait for the graph.
///
/// # Contract
/// * Whoever hears it applies all that waits for the teen, in order, once or more often. Applying
///   may fail or come late: what waits is read as if it were applied.
/// * One teen's patches are applied by one process at a time.
#[async_trait]
pub trait GraphWrites: Send + Sync + std::fmt::Debug {
    /// A write of this generation, or one before it, waits.
    async fn patch_waits(&self, teen: TeenId, generation: u64) -> Result<(), PortError>;
}

/// A graph database: where it is read, and who tells its writer.
#[derive(Clone, Debug)]
pub struct GraphDatabase {
    /// Reads it.
    pub pages: Arc<dyn GraphPages>,
    /// Has what waits applied; `None` in a process that writes no memory.
    pub writes: Option<Arc<dyn GraphWrites>>,
    /// Whether what the graph reader laid down when the session began is read in its place, as long as
    /// nothing was written since: for whoever a teen waits for.
    pub laid_down: bool,
}

/// Where nodes and edges are kept.
#[derive(Debug)]
pub(crate) enum Keeping {
    /// As items of the table `memory`.
    Items,
    /// In a graph database.
    Database(GraphDatabase),
}

impl Keeping {
    /// Kinds of the items that tell about these kinds.
    pub(super) fn stored(&self, kinds: &[Kind]) -> Vec<Kind> {
        let is_graph = |kind: &Kind| matches!(kind, Kind::Node | Kind::Edge);
        match self {
            Self::Items => kinds.to_vec(),
            Self::Database(_) => {
                let beside = kinds.iter().filter(|kind| !is_graph(kind)).copied();
                let waiting = kinds.iter().any(is_graph).then_some(Kind::Waiting);
                beside.chain(waiting).collect()
            }
        }
    }
}

/// A teen's rows with what waits laid over them.
#[derive(Debug)]
pub(super) struct Outside {
    number: TeenNumber,
    pub(super) rows: RowGraph,
}

impl Outside {
    /// The records, opened.
    pub(super) fn open(&self, seals: &Seals) -> Result<(Vec<Node>, Vec<Edge>), PortError> {
        let number = self.number;
        let records = patch::Records { number, seals };
        let nodes = self.rows.nodes.values().map(|row| records.open_node(row));
        let edges = self.rows.edges.values().map(|row| records.open_edge(row));
        Ok((
            nodes.collect::<Result<_, _>>()?,
            edges.collect::<Result<_, _>>()?,
        ))
    }
}

impl DynamoGraphStore {
    /// What the write of this generation changes in the graph.
    pub(super) async fn seal_delta(
        &self,
        sealing: &mut Sealing<'_>,
        (teen, generation): (TeenId, u64),
        delta: &GraphDelta,
    ) -> Result<(), PortError> {
        match &self.keeping {
            Keeping::Items => sealing.delta(delta),
            Keeping::Database(_) if delta.is_empty() => Ok(()),
            Keeping::Database(_) => {
                let number = self.shared.make_graph_number(teen).await?;
                sealing.patch(number, generation, delta)
            }
        }
    }

    /// What an erase of this generation does to the graph.
    pub(super) async fn erase_graph(
        &self,
        all: &mut Records,
        (teen, generation): (TeenId, u64),
    ) -> Result<(), PortError> {
        if matches!(self.keeping, Keeping::Items) {
            return Ok(());
        }
        // Without a number nothing was ever written.
        if let Some(teen) = self.shared.graph_number(teen).await? {
            let record = Record::waiting(&Piece::Erase { teen })?;
            all.insert(waiting::sort_key(generation, 0), Some(record));
        }
        Ok(())
    }

    /// Has what waits applied, if `records` laid such down. A failure delays it until the next write
    /// or retention; nobody misses it, as readers read what waits.
    pub(super) async fn tell_writer(&self, teen: TeenId, generation: u64, records: &Records) {
        let mut puts = records.iter().filter(|(_key, record)| record.is_some());
        if puts.any(|(key, _record)| key.starts_with(waiting::PREFIX)) {
            self.wake_writer(teen, generation).await;
        }
    }

    /// Has what waits applied, and says whether anything does: a process may have ended between a
    /// write and its word to the writer. `generation` is that of a settled manifest: of a later one the
    /// pieces may not lie there yet.
    pub(super) async fn remind_writer(
        &self,
        teen: TeenId,
        generation: u64,
    ) -> Result<bool, PortError> {
        if matches!(self.keeping, Keeping::Items) || !self.shared.is_waiting(teen).await? {
            return Ok(false);
        }
        self.wake_writer(teen, generation).await;
        Ok(true)
    }

    async fn wake_writer(&self, teen: TeenId, generation: u64) {
        let Keeping::Database(GraphDatabase {
            writes: Some(writes),
            ..
        }) = &self.keeping
        else {
            return;
        };
        if let Err(error) = writes.patch_waits(teen, generation).await {
            tracing::warn!(
                operation = error.operation(),
                error.kind = ?error.kind(),
                "a patch reaches the graph later"
            );
        }
    }

    /// Whether none of the pieces that wait has gone since this one, the first, was found: they go
    /// from the first one on.
    pub(super) async fn all_wait(&self, teen: TeenId, first: &str) -> Result<bool, PortError> {
        let key = Key::teen(Table::Memory, teen, first);
        let found = self.shared.dynamo.get("look for a patch", &key).await?;
        Ok(found.is_some())
    }

    /// The teen's graph outside of the tables at this generation, with the pieces among `records` laid
    /// over it.
    pub(super) async fn outside(
        &self,
        (teen, generation): (TeenId, u64),
        records: &BTreeMap<String, Record>,
    ) -> Result<Option<Outside>, PortError> {
        let Keeping::Database(database) = &self.keeping else {
            return Ok(None);
        };
        let Some(number) = self.shared.graph_number(teen).await? else {
            return Ok(None);
        };
        if database.laid_down
            && let Some(rows) = self.shared.laid_down(teen, generation).await?
        {
            return Ok(Some(Outside { number, rows }));
        }
        let whose = Whose { teen, number };
        let mut rows = read_all(&*database.pages, whose).await?;
        for (_key, record) in records.range(waiting::PREFIX.to_owned()..) {
            if record.is_waiting() {
                rows.lay(record.piece()?);
            }
        }
        Ok(Some(Outside { number, rows }))
    }
}
