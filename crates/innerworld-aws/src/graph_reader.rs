//! The graph reader: pages of sealed records for whoever cannot reach the graph, and what a session
//! starts with. It holds no key.

use std::sync::Arc;

use innerworld_core::{error::PortError, ids::TeenId};

use crate::{
    graph_store::{DynamoGraphStore, GraphDatabase, Keeping},
    neptune::{
        graph::NeptuneGraph,
        pages::{Cursor, GraphPages as _, Page, Whose},
    },
    open::Aws,
    shared::Shared,
};

/// Reads graphs.
#[derive(Clone, Debug)]
pub struct GraphReader {
    shared: Arc<Shared>,
    graph: NeptuneGraph,
}

impl Aws {
    /// What reads this graph.
    pub fn graph_reader(&self, graph: NeptuneGraph) -> GraphReader {
        GraphReader {
            shared: Arc::clone(&self.shared),
            graph,
        }
    }
}

impl GraphReader {
    /// Whether both of the graph's addresses answer.
    pub async fn ping(&self) -> Result<(), PortError> {
        self.graph.ping().await
    }

    /// A page of a teen's graph with every write in it; `Denied` for a fenced teen.
    pub async fn page(&self, teen: TeenId, from: Cursor) -> Result<Page, PortError> {
        self.shared.teen_keys.allow_writing(teen).await?;
        match self.shared.graph_number(teen).await? {
            Some(number) => self.graph.page(Whose { teen, number }, from).await,
            None => Ok(Page::default()),
        }
    }

    /// Lays the teen's graph down for a session that begins, with what waits for it. `false` if it is too
    /// large for that. `Denied` for a fenced teen.
    pub async fn start_session(&self, teen: TeenId) -> Result<bool, PortError> {
        self.shared.teen_keys.allow_writing(teen).await?;
        let database = GraphDatabase {
            pages: Arc::new(self.graph.clone()),
            writes: None,
            laid_down: false,
        };
        let keeping = Keeping::Database(database);
        let store = DynamoGraphStore::new(Arc::clone(&self.shared), keeping);
        let rows = store.rows(teen).await?;
        self.shared.lay_down(teen, rows).await
    }
}
