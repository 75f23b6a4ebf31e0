//! What a function remembers of teens: where it lies, for how long, and how much at most.

use std::{sync::Arc, time::Duration};

use innerworld_aws::{Aws, GraphDatabase, GraphReaderFunction, GraphWriteQueue, SdkConfig};
use innerworld_core::{identity::consent::MemoryMode, memory::store::GraphStore};

use crate::{
    environment::{GraphAccess, GraphBackend},
    start,
};

/// How long an answer waits for a page of a graph.
const PATIENCE: Duration = Duration::from_secs(2);
const DAY: Duration = Duration::from_secs(86_400);

/// What is remembered, where and for how long.
#[derive(Clone, Debug)]
pub(crate) struct Remembering {
    /// Where graphs are kept; `None` if in the tables.
    pub(crate) graph: Option<GraphDatabase>,
    /// Days that the graph keeps what nobody speaks of.
    pub(crate) graph_days: u32,
    /// Days that evidence is kept.
    pub(crate) evidence_days: u32,
    /// The operator's ceiling; each teen chooses below it.
    pub(crate) mode_max: MemoryMode,
}

impl Default for Remembering {
    /// In the tables, for thirty days, whatever the teen chose.
    fn default() -> Self {
        Self {
            graph: None,
            graph_days: 30,
            evidence_days: 30,
            mode_max: MemoryMode::Full,
        }
    }
}

impl Remembering {
    /// Where memories are stored.
    pub(crate) fn store(&self, aws: &Aws) -> Arc<dyn GraphStore> {
        match &self.graph {
            None => aws.graph(),
            Some(database) => aws.graph_in(database.clone()),
        }
    }

    /// How long the graph keeps what nobody speaks of.
    pub(crate) fn graph_life(&self) -> Duration {
        DAY * self.graph_days
    }
}

/// The graph database of a deployment, if it has one.
pub(crate) fn database(config: &SdkConfig, backend: &GraphBackend) -> Option<GraphDatabase> {
    database_by(config, backend, GraphReaderFunction::new)
}

/// The same for a process that answers: it reads what was laid down when the session began. Where that is
/// not of now, a teen does not wait long for a graph: the talk goes on without it.
pub(crate) fn database_soon(config: &SdkConfig, backend: &GraphBackend) -> Option<GraphDatabase> {
    let soon = |config: &SdkConfig, reader| GraphReaderFunction::within(config, reader, PATIENCE);
    let database = database_by(config, backend, soon)?;
    Some(GraphDatabase {
        laid_down: true,
        ..database
    })
}

fn database_by(
    config: &SdkConfig,
    backend: &GraphBackend,
    calls: impl Fn(&SdkConfig, String) -> GraphReaderFunction,
) -> Option<GraphDatabase> {
    let GraphBackend::Database(GraphAccess { reader, queue }) = backend else {
        return None;
    };
    let queue = queue.clone().map(|url| start::queue(config, url));
    Some(GraphDatabase {
        pages: Arc::new(calls(config, reader.clone())),
        writes: queue.map(|queue| Arc::new(GraphWriteQueue::new(queue)) as _),
        laid_down: false,
    })
}
