//! Memory whose graph is kept in a graph database: the same suites, with patches that reach it at
//! once, late or never, and what only this way of keeping has.

mod crash;
mod history;
mod queue;
mod reading;
mod writing;

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use async_trait::async_trait;
use innerworld_aws::{
    AtOnce, Aws, GraphDatabase, GraphWrites,
    neptune::{graph::NeptuneGraph, pages::GraphPages},
};
use innerworld_core::{error::PortError, ids::TeenId, memory::store::GraphStore};

use crate::{house::House, neo4j, place::Place};

/// Has patches applied every so many times that they wait.
#[derive(Debug)]
struct Sometimes {
    writer: AtOnce,
    heard: AtomicU32,
    every: Option<u32>,
}

#[async_trait]
impl GraphWrites for Sometimes {
    async fn patch_waits(&self, teen: TeenId, generation: u64) -> Result<(), PortError> {
        let heard = self.heard.fetch_add(1, Ordering::Relaxed) + 1;
        if self.every.is_some_and(|every| heard.is_multiple_of(every)) {
            self.writer.patch_waits(teen, generation).await?;
        }
        Ok(())
    }
}

/// A graph database that nobody else uses, and how often patches reach it.
pub(crate) struct Database {
    /// The double; none where it is a peer.
    house: Option<House>,
    graph: NeptuneGraph,
    every: Option<u32>,
}

impl Database {
    /// The double, which patches reach at once (1), late, or never.
    async fn reached(every: Option<u32>) -> Self {
        let house = House::new().await;
        let graph = house.retrying().graph;
        Self {
            house: Some(house),
            graph,
            every,
        }
    }

    fn house(&self) -> &House {
        self.house.as_ref().unwrap()
    }

    /// Memory of a deployment, as one of its processes has it.
    fn of(&self, aws: &Aws) -> Arc<dyn GraphStore> {
        self.read_through(aws, Arc::new(self.graph.clone()))
    }

    /// The same with another way to read the graph.
    fn read_through(&self, aws: &Aws, pages: Arc<dyn GraphPages>) -> Arc<dyn GraphStore> {
        let writes = Sometimes {
            writer: AtOnce::new(aws.graph_writer(self.graph.clone())),
            heard: AtomicU32::new(0),
            every: self.every,
        };
        aws.graph_in(GraphDatabase {
            pages,
            writes: Some(Arc::new(writes)),
            laid_down: false,
        })
    }
}

macro_rules! suites {
    ($($name:ident: $every:expr;)+) => {
        $(mod $name {
            use innerworld_testkit::contract::{Subject, graph_store::Port};

            async fn make() -> Subject<Port> {
                let place = super::Place::new().await;
                let database = super::Database::reached($every).await;
                Subject::keeping(database.of(&place.aws), (place, database))
            }
            innerworld_testkit::graph_store_contract!(make);
        })+
    };
}

suites! {
    reached_at_once: Some(1);
    reached_late: Some(3);
    reached_never: None;
}

mod on_neo4j {
    use innerworld_testkit::contract::{Subject, graph_store::Port};

    async fn make() -> Subject<Port> {
        let place = super::Place::new().await;
        let database = super::Database {
            house: None,
            graph: super::neo4j::engines().await.graph,
            every: Some(1),
        };
        Subject::keeping(database.of(&place.aws), (place, database))
    }
    innerworld_testkit::graph_store_contract!(make);
}
