//! Random histories, with patches that reach the graph late: the same answers as the plainest store.

use innerworld_core::memory::{
    graph::{EdgeId, Graph, NodeId},
    store::{GraphStore, MemoryWrite},
};
use innerworld_testkit::{
    random_memory::{Ask, Pool, asks, compare, run},
    records::WHOLE,
    reference::Reference,
};
use proptest::prelude::*;

use super::Database;
use crate::place::Place;

/// What remembering and forgetting keep to: no edge without its ends, and none stays when one goes.
fn well_formed(mut write: MemoryWrite, stored: &Graph) -> MemoryWrite {
    let delta = &mut write.delta;
    let puts: Vec<_> = delta.put_nodes.iter().map(|node| node.id).collect();
    delta.delete_nodes.retain(|id| !puts.contains(id));
    let gone = &delta.delete_nodes;
    let lives =
        |id: &NodeId| puts.contains(id) || (stored.nodes.contains_key(id) && !gone.contains(id));
    delta
        .put_edges
        .retain(|edge| lives(&edge.from) && lives(&edge.to));
    let hanging = stored.edges.values();
    let hanging = hanging.filter(|edge| !lives(&edge.from) || !lives(&edge.to));
    let hanging: Vec<EdgeId> = hanging.map(|edge| edge.id).collect();
    delta.delete_edges.extend(hanging);
    write
}

fn steps() -> impl Strategy<Value = Vec<(usize, Ask)>> {
    prop::collection::vec((0..2_usize, asks()), 1..16)
}

async fn live_through(history: &[(usize, Ask)], every: Option<u32>) {
    let (place, plain, pool) = (Place::new().await, Reference::new(), Pool::made());
    let database = Database::reached(every).await;
    let store = database.of(&place.aws);
    for (place, ask) in history {
        let teen = pool.teen(*place);
        let generation = plain.generation(teen).await.unwrap();
        let stored = plain.load(teen, WHOLE).await.unwrap().graph;
        let write = pool.write(ask, generation);
        let write = write.map(|write| well_formed(write, &stored));
        let ask = (ask, write.as_ref());
        let one = run(&*store, teen, ask).await;
        assert_eq!(one, run(&plain, teen, ask).await, "{ask:?}");
        compare(&*store, &plain, &pool).await;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(innerworld_testkit::cases(12)))]

    #[test]
    fn t06_a_graph_database_and_the_plain_store_tell_the_same(
        history in steps(),
        every in prop::option::of(1..5_u32),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(live_through(&history, every));
    }
}
