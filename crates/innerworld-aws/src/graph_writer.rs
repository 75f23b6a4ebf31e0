//! The graph writer: applies what waits for the graph database. It holds no key; everything that it
//! sees of a record is its kind, its times and sealed bytes.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use innerworld_core::{
    clock::Timestamp,
    error::{ErrorKind, PortError},
    ids::TeenId,
};
use tokio::sync::Mutex;

use crate::{
    graph_jobs::{GraphJob, GraphTask},
    graph_store::{GraphWrites, Waiting},
    neptune::graph::NeptuneGraph,
    open::Aws,
    shared::Shared,
};

/// Pieces that are read at once; each has 300 KB at most.
const PIECES: usize = 8;
/// Pages of rows that one retention deletes at most.
const PAGES: usize = 200;
/// What was seen within this time is never outdated, whatever a message says.
const YOUNGEST: Duration = Duration::from_secs(24 * 3_600);
/// The end of the name of what waits for a marker to pass through the queue.
pub(crate) const QUEUE: &str = "graph-writes";

/// Applies patches, one teen at a time.
#[derive(Clone, Debug)]
pub struct GraphWriter {
    shared: Arc<Shared>,
    graph: NeptuneGraph,
}

impl Aws {
    /// What writes to this graph.
    pub fn graph_writer(&self, graph: NeptuneGraph) -> GraphWriter {
        GraphWriter {
            shared: Arc::clone(&self.shared),
            graph,
        }
    }
}

impl GraphWriter {
    /// Does a job. Doing it again, after it was done in whole or in part, leaves the same. Jobs of
    /// one teen must not overlap.
    ///
    /// # Errors
    /// `Denied` for a fenced teen's job that would write; `Invalid` for one that must not be done.
    pub async fn run(&self, job: &GraphJob) -> Result<(), PortError> {
        let teen = job.teen;
        match &job.task {
            GraphTask::Apply { .. } => self.apply(teen).await.map(drop),
            GraphTask::Expire { before } => self.expire(teen, *before).await.map(drop),
            GraphTask::Erase => self.erase(teen).await,
            GraphTask::Marker { job } => self.pass(teen, job).await,
        }
    }

    /// Applies all that waits, from the oldest on; how many pieces that were. Each is deleted before
    /// the next one is touched: readers and replays rely on that.
    pub async fn apply(&self, teen: TeenId) -> Result<usize, PortError> {
        let mut applied = 0;
        loop {
            self.shared.teen_keys.allow_writing(teen).await?;
            let waiting = self.shared.waiting(teen, PIECES).await?;
            if waiting.is_empty() {
                return Ok(applied);
            }
            for Waiting { key, piece } in waiting {
                self.graph.apply_piece(&piece).await?;
                let dynamo = &self.shared.dynamo;
                dynamo.delete("let go of a patch", &key).await?;
                applied += 1;
            }
        }
    }

    /// Deletes edges not seen since `before`, and nodes that none holds; how many. What waits is
    /// applied first, since it may speak of them.
    pub async fn expire(&self, teen: TeenId, before: Timestamp) -> Result<usize, PortError> {
        const OPERATION: &str = "take old records from the graph";
        if before > self.shared.clock.now().minus(YOUNGEST) {
            return Err(PortError::new(ErrorKind::Invalid, OPERATION));
        }
        self.apply(teen).await?;
        let Some(number) = self.shared.graph_number(teen).await? else {
            return Ok(0);
        };
        let mut gone: usize = 0;
        for _page in 0..PAGES {
            match self.graph.expire_page(number, before).await? {
                0 => return Ok(gone),
                some => gone = gone.saturating_add(some),
            }
        }
        Err(PortError::new(ErrorKind::Corrupt, OPERATION))
    }

    /// Deletes the graph of a teen who is fenced. Whoever is not is never erased by a message: then a
    /// patch does it, in order with the others.
    pub async fn erase(&self, teen: TeenId) -> Result<(), PortError> {
        const OPERATION: &str = "erase a graph";
        if !self.shared.teen_keys.is_fenced(teen).await? {
            return Err(PortError::new(ErrorKind::Invalid, OPERATION));
        }
        if let Some(number) = self.shared.graph_number(teen).await? {
            self.graph.erase(number).await?;
        }
        Ok(())
    }

    /// Deletes the item that waits for a marker: all that was sent before it has been done.
    pub async fn pass(&self, teen: TeenId, job: &str) -> Result<(), PortError> {
        self.shared.pass_marker(teen, (QUEUE, job)).await
    }
}

/// A graph writer in this process, for a server that reaches the graph itself: what waits is applied
/// before the write returns.
#[derive(Debug)]
pub struct AtOnce {
    writer: GraphWriter,
    /// Applying one teen's patches twice at the same time could bring an old record back.
    turn: Mutex<()>,
}

impl AtOnce {
    /// Over this writer; the only one of its deployment.
    pub fn new(writer: GraphWriter) -> Self {
        Self {
            writer,
            turn: Mutex::new(()),
        }
    }
}

#[async_trait]
impl GraphWrites for AtOnce {
    async fn patch_waits(&self, teen: TeenId, _generation: u64) -> Result<(), PortError> {
        let _turn = self.turn.lock().await;
        self.writer.apply(teen).await.map(drop)
    }
}
