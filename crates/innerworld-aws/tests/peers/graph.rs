//! The graph store where one commit does not hold a write: crashes at every call, processes in
//! parallel, one that lags behind, random histories.

mod beside;
mod crash;
mod history;

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use aws_sdk_dynamodb::types::AttributeValue;
use innerworld_core::{
    ids::TeenId,
    memory::{
        graph::Edge,
        ontology::NodeKind,
        store::{Applied, GraphStore, MemoryWrite, StoredMemory},
    },
};
use innerworld_testkit::{
    records::{NOW, Records, WHOLE},
    reference::Reference,
};

use crate::place::Place;

const DAY: Duration = Duration::from_secs(24 * 3_600);

/// A write that no commit holds: a hub with 80 edges, 120 lines of evidence of which each is as long
/// as a line may be.
pub(crate) fn large(records: &Records, expected: u64) -> MemoryWrite {
    let session = records.session_id(500 + expected);
    let mut write = records.session_write(session, expected);
    let hub = records.node(NodeKind::Person, "Ove");
    let end = records.node(NodeKind::Topic, "music");
    let edges: Vec<Edge> = (0..80).map(|_| records.edge(hub.id, end.id)).collect();
    write.delta.put_nodes.extend([hub, end]);
    write.delta.put_edges.extend(edges);
    write.evidence.extend((2..120).map(|n| {
        let mut turn = records.evidence(session, n);
        turn.text = Some("Mara lent me her drum kit. ".repeat(74).into());
        turn
    }));
    write.suppressions = vec![records.suppression()];
    write
}

/// Everything that reads say of one memory.
#[derive(Debug, PartialEq)]
pub(crate) struct Seen {
    pub(crate) memory: StoredMemory,
    graph: StoredMemory,
    ids: Vec<innerworld_core::ids::TurnId>,
    lists: Vec<innerworld_core::memory::store::MentionList>,
    suppressions: Vec<innerworld_core::memory::store::Suppression>,
}

pub(crate) async fn seen(store: &dyn GraphStore, teen: TeenId) -> Seen {
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
pub(crate) async fn items(
    place: &Place,
    teen: TeenId,
) -> BTreeMap<String, HashMap<String, AttributeValue>> {
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
    let key =
        |item: &HashMap<String, AttributeValue>| item.get("item").unwrap().as_s().unwrap().clone();
    items.into_iter().map(|item| (key(&item), item)).collect()
}

async fn pieces(place: &Place, teen: TeenId) -> usize {
    let items = items(place, teen).await;
    items.keys().filter(|key| key.starts_with("redo#")).count()
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
pub(crate) fn correction(records: &Records, write: &MemoryWrite, expected: u64) -> MemoryWrite {
    let mut next = records.empty_write(expected);
    let edges = &write.delta.put_edges;
    next.delta.delete_edges = edges.iter().take(50).map(|edge| edge.id).collect();
    next.delta.put_edges = edges.iter().skip(60).take(1).cloned().collect();
    next.delta.put_edges.first_mut().unwrap().count = 9;
    next.delete_evidence = write.evidence.iter().take(20).map(|turn| turn.id).collect();
    next
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
    let shape = |items: BTreeMap<String, HashMap<String, AttributeValue>>| {
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
    assert!(one.len() > 200);
    assert_eq!(shape(one), shape(other));
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
        match store.expire(later, later, 60).await.unwrap() {
            0 => break,
            some => gone += some,
        }
    }
    // Four nodes, 81 edges, 120 stubs and a list.
    assert_eq!(gone, 4 + 81 + 120 + 1);
    let left = items(&place, teen).await;
    let left: Vec<_> = left
        .keys()
        .filter(|key| !key.starts_with("applied#"))
        .collect();
    assert_eq!(left.len(), 2, "{left:?}");
    assert_eq!(store.suppressions(teen).await.unwrap().len(), 1);
    assert_eq!(store.load(teen, WHOLE).await.unwrap().digest, None);
}
