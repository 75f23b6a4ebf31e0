//! The graph on Neo4j, a second engine of openCypher: our statements mean what we think they do.
//!
//! It is more permissive than Neptune, which the dialect lint is for.

mod engine;

use std::sync::Arc;

use innerworld_aws::neptune::{engine::Engine, graph::NeptuneGraph, retrying::Retrying};
use innerworld_testkit::SeededIds;

use self::engine::Neo4jEngine;
use crate::{
    graph_suite::{self as suite, Engines, Subject},
    place,
};

/// The peer, ready for the suite.
pub(crate) async fn engines() -> Engines {
    let once = Neo4jEngine::new(&place::address("INNERWORLD_TEST_NEO4J"));
    once.constrain().await;
    let jitter = Arc::new(SeededIds::named("neo4j"));
    let cluster: Arc<dyn Engine> = Arc::new(Retrying::new(once, jitter));
    Engines {
        graph: NeptuneGraph::new(Arc::clone(&cluster), Arc::clone(&cluster)),
        cluster,
    }
}

/// A teen of this run: the peer may have been there before it.
async fn subject(name: &str) -> Subject {
    let subject = Subject::new(engines().await, name);
    subject.graph().erase(subject.teen).await.unwrap();
    let another = subject.another();
    another.graph().erase(another.teen).await.unwrap();
    Subject::new(subject.engines, name)
}

macro_rules! on_neo4j {
    ($($clause:ident),* $(,)?) => {$(
        #[tokio::test]
        async fn $clause() {
            suite::$clause(&subject(stringify!($clause)).await).await;
        }
    )*};
}

suite::clauses!(on_neo4j);

#[test]
fn generated_patches_are_applied_as_to_a_plain_graph() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let engines = runtime.block_on(engines());
    suite::patches_are_applied_as_to_a_plain_graph(&runtime, &engines, 8);
}
