//! Crashes at every call.

use std::collections::BTreeSet;

use innerworld_core::memory::{
    ontology::NodeKind,
    store::{Applied, GraphStore, MemoryWrite},
};
use innerworld_testkit::{
    cutting_proxy::{Cut, CuttingProxy},
    records::{Records, WHOLE},
    reference::Reference,
};

use super::Database;
use crate::{
    graph::{items, seen},
    place::{DYNAMODB, Place, address},
};

/// A write that no commit holds, of short records.
fn bulky(records: &Records) -> MemoryWrite {
    let session = records.session_id(501);
    let mut write = records.session_write(session, 1);
    let owner = write.delta.put_nodes[0].id;
    for n in 0..12 {
        let end = records.node(NodeKind::Topic, &format!("music {n}"));
        write.delta.put_edges.push(records.edge(owner, end.id));
        write.delta.put_nodes.push(end);
    }
    let lines = (2..95).map(|n| records.evidence(session, n));
    write.evidence.extend(lines);
    write
}

/// Deletes some of it and puts some anew.
fn correction(records: &Records, write: &MemoryWrite) -> MemoryWrite {
    let mut next = records.empty_write(2);
    let (edges, end) = (&write.delta.put_edges, write.delta.put_nodes[4].id);
    next.delta.delete_nodes = vec![end];
    let hanging = edges.iter().filter(|edge| edge.to == end);
    next.delta.delete_edges = hanging.map(|edge| edge.id).collect();
    next.delta.put_edges = vec![edges[8].clone()];
    next.delta.put_edges[0].count = 9;
    next.delete_evidence = write.evidence.iter().take(20).map(|turn| turn.id).collect();
    next
}

#[tokio::test]
async fn a_crash_at_any_call_leaves_the_memory_before_or_after() {
    let (place, records) = (Place::new().await, Records::named("database crash"));
    let database = Database::reached(Some(1)).await;
    let proxy = CuttingProxy::start(&address(DYNAMODB)).await;
    let store = database.of(&place.aws);
    let mut fates = BTreeSet::new();
    for cut in [Cut::Request, Cut::Answer, Cut::OneAnswer] {
        for calls in 0.. {
            let (teen, plain) = (records.teen(), Reference::new());
            let first = records.session_write(records.session_id(0), 0);
            let write = bulky(&records);
            for store in [&*store, &plain as &dyn GraphStore] {
                assert_eq!(store.write(teen, &first).await.unwrap(), Applied::Now);
            }
            let before = seen(&*store, teen).await;
            proxy.cut_after(calls, cut);
            let dying = database.of(&place.beside_through(&proxy.base_url()));
            let outcome = dying.write(teen, &write).await;
            proxy.mend();
            plain.write(teen, &write).await.unwrap();
            let after = seen(&plain, teen).await;
            let key = write.applied.as_ref().unwrap();
            let is_applied = store.is_applied(teen, key).await.unwrap();
            let expected = if is_applied { &after } else { &before };
            assert_eq!(&seen(&*store, teen).await, expected, "after {calls} calls");
            assert!(is_applied || outcome.is_err(), "after {calls} calls");
            store.write(teen, &write).await.unwrap();
            assert_eq!(seen(&*store, teen).await, after, "after {calls} calls");
            let next = correction(&records, &write);
            for store in [&*store, &plain as &dyn GraphStore] {
                assert_eq!(store.write(teen, &next).await.unwrap(), Applied::Now);
            }
            assert_eq!(seen(&*store, teen).await, seen(&plain, teen).await);
            // The next write had all of it applied.
            let left = items(&place, teen).await;
            assert!(!left.keys().any(|key| key.starts_with("patch#")));
            fates.insert((is_applied, outcome.is_ok()));
            if !proxy.was_cut() {
                assert!(outcome.is_ok());
                break;
            }
        }
    }
    // All three ends were met, or the cuts did not go deep enough.
    assert_eq!(fates.len(), 3);
}

#[tokio::test]
async fn an_erase_that_crashed_anywhere_brings_nothing_back() {
    let (place, records) = (Place::new().await, Records::named("database erase"));
    let database = Database::reached(Some(2)).await;
    let proxy = CuttingProxy::start(&address(DYNAMODB)).await;
    let store = database.of(&place.aws);
    let mut erased = 0;
    for calls in 0.. {
        let teen = records.teen();
        let first = records.session_write(records.session_id(0), 0);
        store.write(teen, &first).await.unwrap();
        store.write(teen, &bulky(&records)).await.unwrap();
        proxy.cut_after(calls, Cut::Request);
        let dying = database.of(&place.beside_through(&proxy.base_url()));
        let _crashed = dying.erase_memory(teen).await;
        proxy.mend();
        if store.generation(teen).await.unwrap() == 3 {
            erased += 1;
            let found = seen(&*store, teen).await;
            assert!(found.memory.graph.nodes.is_empty() && found.memory.graph.edges.is_empty());
        }
        store.erase_memory(teen).await.unwrap();
        let generation = store.generation(teen).await.unwrap();
        let again = records.session_write(records.session_id(9), generation);
        store.write(teen, &again).await.unwrap();
        let graph = store.load_graph(teen, WHOLE);
        let graph = graph.await.unwrap().graph;
        assert_eq!((graph.nodes.len(), graph.edges.len()), (2, 1));
        let writer = place.aws.graph_writer(database.graph.clone());
        writer.apply(teen).await.unwrap();
        let applied = store.load_graph(teen, WHOLE);
        assert_eq!(applied.await.unwrap().graph, graph);
        if !proxy.was_cut() {
            break;
        }
    }
    assert!(erased > 3, "only {erased} came to the erase");
}
