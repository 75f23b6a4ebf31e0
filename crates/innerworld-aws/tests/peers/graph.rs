//! The graph store where one commit does not hold a write: crashes at every call, processes in
//! parallel, one that lags behind.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::future::join_all;
use innerworld_core::{
    error::ErrorKind,
    ids::TeenId,
    memory::{
        graph::Edge,
        ontology::NodeKind,
        store::{Applied, GraphStore, MemoryWrite, StoredMemory},
    },
};
use innerworld_testkit::{
    cutting_proxy::{Cut, CuttingProxy},
    records::{NOW, Records, WHOLE},
    reference::Reference,
};

use crate::place::{DYNAMODB, Place, address};

const DAY: Duration = Duration::from_secs(24 * 3_600);

/// A write that no commit holds: a hub with 120 edges, 150 lines of evidence of which each is as long
/// as a line may be.
fn large(records: &Records, expected: u64) -> MemoryWrite {
    let session = records.session_id(500 + expected);
    let mut write = records.session_write(session, expected);
    let hub = records.node(NodeKind::Person, "Ove");
    let end = records.node(NodeKind::Topic, "music");
    let edges: Vec<Edge> = (0..120).map(|_| records.edge(hub.id, end.id)).collect();
    write.delta.put_nodes.extend([hub, end]);
    write.delta.put_edges.extend(edges);
    write.evidence.extend((2..150).map(|n| {
        let mut turn = records.evidence(session, n);
        turn.text = Some("Mara lent me her drum kit. ".repeat(74).into());
        turn
    }));
    write.suppressions = vec![records.suppression()];
    write
}

/// Everything that reads say of one memory.
#[derive(Debug, PartialEq)]
struct Seen {
    memory: StoredMemory,
    graph: StoredMemory,
    ids: Vec<innerworld_core::ids::TurnId>,
    lists: Vec<innerworld_core::memory::store::MentionList>,
    suppressions: Vec<innerworld_core::memory::store::Suppression>,
}

async fn seen(store: &dyn GraphStore, teen: TeenId) -> Seen {
    let mut suppressions = store.suppressions(teen).await.unwrap();
    suppressions.sort_by_key(|one| one.id);
    Seen {
        memory: store.load(teen, WHOLE).await.unwrap(),
        graph: store.load_graph(teen, WHOLE).await.unwrap(),
        ids: store.evidence_ids(teen).await.unwrap(),
        lists: store.mention_lists(teen).await.unwrap(),
        suppressions,
    }
}

/// The items of a memory by sort key, as they lie in the table.
async fn items(
    place: &Place,
    teen: TeenId,
) -> BTreeMap<String, std::collections::HashMap<String, AttributeValue>> {
    let pages = place
        .tables
        .query()
        .table_name(&place.names.memory)
        .key_condition_expression("#u = :u")
        .expression_attribute_names("#u", "user_id")
        .expression_attribute_values(":u", AttributeValue::S(teen.to_string()))
        .consistent_read(true)
        .into_paginator()
        .items()
        .send();
    let items = pages.collect::<Result<Vec<_>, _>>().await.unwrap();
    let key = |item: &std::collections::HashMap<String, AttributeValue>| {
        item.get("item").unwrap().as_s().unwrap().clone()
    };
    items.into_iter().map(|item| (key(&item), item)).collect()
}

async fn pieces(place: &Place, teen: TeenId) -> usize {
    let items = items(place, teen).await;
    items.keys().filter(|key| key.starts_with("patch#")).count()
}

/// A memory of one session, and what the plainest store says of it.
async fn begun(place: &Place, records: &Records) -> (TeenId, Reference) {
    let (teen, plain) = (records.teen(), Reference::new());
    let first = records.session_write(records.session_id(0), 0);
    for store in [&*place.aws.graph(), &plain as &dyn GraphStore] {
        assert_eq!(store.write(teen, &first).await.unwrap(), Applied::Now);
    }
    (teen, plain)
}

/// Deletes some of what `write` put and puts some of it anew.
fn correction(records: &Records, write: &MemoryWrite, expected: u64) -> MemoryWrite {
    let mut next = records.empty_write(expected);
    let edges = &write.delta.put_edges;
    next.delta.delete_edges = edges.iter().take(60).map(|edge| edge.id).collect();
    next.delta.put_edges = edges.iter().skip(60).take(1).cloned().collect();
    next.delta.put_edges.first_mut().unwrap().count = 9;
    next.delete_evidence = write.evidence.iter().take(20).map(|turn| turn.id).collect();
    next
}

#[tokio::test]
async fn a_crash_at_any_call_leaves_the_memory_before_or_after() {
    let (place, records) = (Place::new().await, Records::named("crash at any call"));
    let proxy = CuttingProxy::start(&address(DYNAMODB)).await;
    let store = place.aws.graph();
    let mut fates = BTreeSet::new();
    for cut in [Cut::Request, Cut::Answer] {
        for calls in 0.. {
            let (teen, plain) = begun(&place, &records).await;
            let (write, before) = (large(&records, 1), seen(&*store, teen).await);
            proxy.cut_after(calls, cut);
            let dying = place.beside_through(&proxy.base_url()).graph();
            let outcome = dying.write(teen, &write).await;
            proxy.mend();
            plain.write(teen, &write).await.unwrap();
            let after = seen(&plain, teen).await;
            let is_applied = store
                .is_applied(teen, write.applied.as_ref().unwrap())
                .await;
            let is_applied = is_applied.unwrap();
            let found = seen(&*store, teen).await;
            assert_eq!(
                found,
                if is_applied {
                    seen(&plain, teen).await
                } else {
                    before
                }
            );
            assert!(is_applied || outcome.is_err(), "after {calls} calls");
            let again = store.write(teen, &write).await.unwrap();
            let now = if is_applied {
                Applied::Already
            } else {
                Applied::Now
            };
            assert_eq!(again, now, "after {calls} calls");
            assert_eq!(seen(&*store, teen).await, after);
            let next = correction(&records, &write, 2);
            for store in [&*store, &plain as &dyn GraphStore] {
                assert_eq!(store.write(teen, &next).await.unwrap(), Applied::Now);
            }
            assert_eq!(seen(&*store, teen).await, seen(&plain, teen).await);
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
async fn what_a_crash_leaves_is_swept() {
    let (place, records) = (Place::new().await, Records::named("crash is swept"));
    let proxy = CuttingProxy::start(&address(DYNAMODB)).await;
    let store = place.aws.graph();
    let mut left = 0;
    for calls in 0.. {
        let teen = records.teen();
        let write = large(&records, 0);
        proxy.cut_after(calls, Cut::Answer);
        let dying = place.beside_through(&proxy.base_url()).graph();
        let _crashed = dying.write(teen, &write).await;
        proxy.mend();
        left += pieces(&place, teen).await;
        let before = seen(&*store, teen).await;
        let soon = NOW.plus(Duration::from_secs(600));
        assert_eq!(store.expire(soon, NOW, 100).await.unwrap(), 0);
        assert_eq!(pieces(&place, teen).await, 0, "after {calls} calls");
        assert_eq!(seen(&*store, teen).await, before);
        if !proxy.was_cut() {
            break;
        }
    }
    assert!(left > 5, "the crashes left only {left} pieces");
}

#[tokio::test]
async fn an_erase_that_crashed_shows_nothing_and_is_finished_by_the_sweep() {
    let (place, records) = (Place::new().await, Records::named("erase crashes"));
    let proxy = CuttingProxy::start(&address(DYNAMODB)).await;
    let store = place.aws.graph();
    let mut left = 0;
    for calls in 0.. {
        let (teen, _plain) = begun(&place, &records).await;
        let write = large(&records, 1);
        store.write(teen, &write).await.unwrap();
        let before = seen(&*store, teen).await;
        proxy.cut_after(calls, Cut::Request);
        let dying = place.beside_through(&proxy.base_url()).graph();
        let outcome = dying.erase_memory(teen).await;
        proxy.mend();
        let generation = store.generation(teen).await.unwrap();
        let found = seen(&*store, teen).await;
        if generation == 2 {
            assert!(outcome.is_err());
            assert_eq!(found, before);
        } else {
            assert_eq!(generation, 3);
            assert!(found.graph.graph.nodes.is_empty() && found.ids.is_empty());
            assert!(found.lists.is_empty() && found.suppressions.is_empty());
            let applied = write.applied.as_ref().unwrap();
            assert!(!store.is_applied(teen, applied).await.unwrap());
            left += items(&place, teen).await.len() - 1;
            let soon = NOW.plus(Duration::from_secs(600));
            store.expire(soon, NOW, 100).await.unwrap();
            let items = items(&place, teen).await;
            assert_eq!(items.keys().collect::<Vec<_>>(), ["recall"]);
        }
        if !proxy.was_cut() {
            break;
        }
    }
    assert!(left > 100, "the crashes left only {left} items");
}

#[tokio::test]
async fn both_ways_of_writing_leave_the_same_items() {
    let (place, records) = (Place::new().await, Records::named("both ways"));
    let store = place.aws.graph();
    let (one, other) = (records.teen(), records.teen());
    let whole = large(&records, 0);
    store.write(one, &whole).await.unwrap();
    // The same in parts that fit into one commit each, the marker last.
    let mut part = records.empty_write(0);
    let mut parts = Vec::new();
    for (n, edge) in whole.delta.put_edges.iter().enumerate() {
        part.delta.put_edges.push(edge.clone());
        part.evidence.extend(whole.evidence.get(2 * n).cloned());
        part.evidence.extend(whole.evidence.get(2 * n + 1).cloned());
        if n % 20 == 0 {
            let next = records.empty_write(part.expected_generation + 1);
            parts.push(std::mem::replace(&mut part, next));
        }
    }
    part.delta.put_nodes.clone_from(&whole.delta.put_nodes);
    part.mentions.clone_from(&whole.mentions);
    part.suppressions.clone_from(&whole.suppressions);
    part.applied.clone_from(&whole.applied);
    part.digest = whole.digest.clone();
    parts.push(part);
    for part in &parts {
        assert_eq!(store.write(other, part).await.unwrap(), Applied::Now);
    }
    let (mut one_seen, other_seen) = (seen(&*store, one).await, seen(&*store, other).await);
    for memory in [&mut one_seen.memory, &mut one_seen.graph] {
        memory.graph.generation = other_seen.memory.graph.generation;
    }
    assert_eq!(one_seen, other_seen);
    let shape = |items: BTreeMap<String, std::collections::HashMap<String, AttributeValue>>| {
        let mut shapes = BTreeMap::new();
        for (key, item) in items {
            let clear = item.into_iter().map(|(name, value)| match value {
                AttributeValue::B(sealed) => (name, format!("{} bytes", sealed.as_ref().len())),
                value => (name, format!("{value:?}")),
            });
            let clear = clear.filter(|(name, _)| name != "user_id");
            shapes.insert(key, clear.collect::<BTreeMap<_, _>>());
        }
        // Its counters tell the two ways apart, and when retention looks.
        shapes.remove("recall");
        shapes
    };
    let (one, other) = (items(&place, one).await, items(&place, other).await);
    assert!(one.len() > 270);
    assert_eq!(shape(one), shape(other));
}

/// Puts the same lines anew at every generation, each with the generation's number.
fn numbered(lines: &MemoryWrite, expected: u64) -> MemoryWrite {
    let mut write = lines.clone();
    write.expected_generation = expected;
    for turn in &mut write.evidence {
        turn.text = Some(format!("{}", expected + 1).into());
    }
    write
}

/// How many writes the writers share.
const WRITES: u64 = 12;

/// Writes until all are written; how many were its own.
async fn write_on(store: &dyn GraphStore, teen: TeenId, lines: &MemoryWrite) -> u64 {
    let mut won = 0;
    loop {
        let generation = store.generation(teen).await.unwrap();
        if generation > WRITES {
            return won;
        }
        match store.write(teen, &numbered(lines, generation)).await {
            Ok(_now) => won += 1,
            Err(error) => assert!(
                matches!(error.kind(), ErrorKind::Conflict | ErrorKind::Throttled),
                "{error:?}"
            ),
        }
    }
}

/// Reads until all are written; how many generations it saw.
async fn read_on(store: &dyn GraphStore, teen: TeenId) -> usize {
    let mut generations = BTreeSet::new();
    loop {
        let stored = match store.load(teen, WHOLE).await {
            Err(error) if error.kind() == ErrorKind::Throttled => continue,
            stored => stored.unwrap(),
        };
        let generation = stored.graph.generation;
        assert_eq!(stored.evidence.len(), 130);
        for turn in &stored.evidence {
            let text = turn.text.as_ref().unwrap();
            assert_eq!(text.reveal(), &generation.to_string(), "a line of another");
        }
        generations.insert(generation);
        if generation > WRITES {
            return generations.len();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_beside_writers_see_whole_generations() {
    let (place, records) = (Place::new().await, Records::named("readers beside writers"));
    let teen = records.teen();
    let mut lines = records.empty_write(0);
    let session = records.session_id(0);
    lines.evidence = (0..130).map(|n| records.evidence(session, n)).collect();
    place
        .aws
        .graph()
        .write(teen, &numbered(&lines, 0))
        .await
        .unwrap();
    let processes: Vec<Arc<dyn GraphStore>> = (0..5).map(|_| place.beside().graph()).collect();
    let (writers, readers) = processes.split_at(2);
    let writing = writers.iter().map(|store| write_on(&**store, teen, &lines));
    let reading = readers.iter().map(|store| read_on(&**store, teen));
    let (won, seen) = tokio::join!(join_all(writing), join_all(reading));
    assert_eq!(won.iter().sum::<u64>(), WRITES);
    assert!(seen.iter().all(|generations| *generations > 2), "{seen:?}");
    assert_eq!(pieces(&place, teen).await, 0);
}

#[tokio::test]
async fn a_process_that_lags_behind_brings_nothing_back() {
    let (place, records) = (Place::new().await, Records::named("lags behind"));
    let proxy = CuttingProxy::start(&address(DYNAMODB)).await;
    let store = place.aws.graph();
    let (teen, _plain) = begun(&place, &records).await;
    let process = place.beside_through(&proxy.base_url()).graph();
    process.write(teen, &large(&records, 1)).await.unwrap();
    let mut laying = 0;
    // Held at each of its calls in turn, while another process writes, corrects and deletes.
    for calls in 0..proxy.requests() {
        let (teen, plain) = begun(&place, &records).await;
        let write = large(&records, 1);
        let process = place.beside_through(&proxy.base_url()).graph();
        proxy.hold_after(calls);
        let others = async {
            proxy.holds().await;
            if store.generation(teen).await.unwrap() == 1 {
                assert_eq!(store.write(teen, &write).await.unwrap(), Applied::Now);
            } else {
                laying += 1;
            }
            plain.write(teen, &write).await.unwrap();
            let next = correction(&records, &write, 2);
            for store in [&*store, &plain as &dyn GraphStore] {
                assert_eq!(store.write(teen, &next).await.unwrap(), Applied::Now);
            }
            proxy.mend();
        };
        let (late, ()) = tokio::join!(process.write(teen, &write), others);
        assert!(late.is_ok(), "held at call {calls}: {late:?}");
        assert_eq!(
            seen(&*store, teen).await,
            seen(&plain, teen).await,
            "{calls}"
        );
        assert_eq!(pieces(&place, teen).await, 0, "held at call {calls}");
    }
    assert!(laying > 4, "only {laying} were held while they laid down");
}

#[tokio::test]
async fn retention_takes_what_hangs_on_nothing() {
    let (place, records) = (Place::new().await, Records::named("hangs on nothing"));
    let store = place.aws.graph();
    let teen = records.teen();
    let mut write = large(&records, 0);
    for turn in &mut write.evidence {
        turn.text = None;
    }
    store.write(teen, &write).await.unwrap();
    let later = NOW.plus(DAY);
    let mut gone = 0;
    loop {
        match store.expire(later, later, 100).await.unwrap() {
            0 => break,
            some => gone += some,
        }
    }
    // Four nodes, 121 edges, 150 stubs and a list.
    assert_eq!(gone, 4 + 121 + 150 + 1);
    let left = items(&place, teen).await;
    let left: Vec<_> = left
        .keys()
        .filter(|key| !key.starts_with("applied#"))
        .collect();
    assert_eq!(left.len(), 2, "{left:?}");
    assert_eq!(store.suppressions(teen).await.unwrap().len(), 1);
    assert_eq!(store.load(teen, WHOLE).await.unwrap().digest, None);
}
