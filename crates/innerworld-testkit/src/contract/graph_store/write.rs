//! Clauses on writing the graph.

use futures_util::future::join_all;
use innerworld_core::{
    error::ErrorKind,
    memory::{
        graph::Edge,
        ontology::NodeKind,
        store::{Applied, StoredMemory},
    },
};

use super::{Port, load, write};
use crate::{contract::assert_kind, records::Records};

/// Nothing was remembered yet.
pub async fn an_unwritten_memory_is_empty(store: &Port) {
    let records = Records::named("an_unwritten_memory_is_empty");
    let teen = records.teen();
    assert_eq!(load(store, teen).await, StoredMemory::default());
    assert_eq!(store.generation(teen).await.unwrap(), 0);
    assert_eq!(store.mention_lists(teen).await.unwrap(), []);
    assert_eq!(store.suppressions(teen).await.unwrap(), []);
    let key = records.applied(records.session_id(0), "1");
    assert!(!store.is_applied(teen, &key).await.unwrap());
}

/// All of a write comes back, whole, one generation higher.
pub async fn a_written_memory_is_read_back(store: &Port) {
    let records = Records::named("a_written_memory_is_read_back");
    let teen = records.teen();
    let mut one = records.session_write(records.session_id(0), 0);
    one.suppressions = vec![records.suppression()];
    write(store, teen, &one).await;
    let stored = load(store, teen).await;
    assert_eq!(stored.graph.generation, 1);
    let nodes: Vec<_> = stored.graph.nodes.values().cloned().collect();
    assert_eq!(nodes.len(), one.delta.put_nodes.len());
    for node in &one.delta.put_nodes {
        assert_eq!(stored.graph.nodes.get(&node.id), Some(node));
    }
    assert_eq!(stored.graph.edges.len(), one.delta.put_edges.len());
    for edge in &one.delta.put_edges {
        assert_eq!(stored.graph.edges.get(&edge.id), Some(edge));
    }
    assert_eq!(stored.evidence, one.evidence);
    assert_eq!(stored.digest.as_ref(), Some(&one.digest));
    assert_eq!(store.generation(teen).await.unwrap(), 1);
    assert_eq!(store.mention_lists(teen).await.unwrap(), one.mentions);
    assert_eq!(store.suppressions(teen).await.unwrap(), one.suppressions);
    let key = one.applied.unwrap();
    assert!(store.is_applied(teen, &key).await.unwrap());
}

/// A job that runs again finds its patch applied, also after others were, and changes nothing.
pub async fn a_repeated_write_changes_nothing(store: &Port) {
    let records = Records::named("a_repeated_write_changes_nothing");
    let teen = records.teen();
    let one = records.session_write(records.session_id(0), 0);
    write(store, teen, &one).await;
    let mut again = records.session_write(records.session_id(0), 0);
    again.applied.clone_from(&one.applied);
    let before = load(store, teen).await;
    assert_eq!(store.write(teen, &again).await.unwrap(), Applied::Already);
    assert_eq!(load(store, teen).await, before);
    write(
        store,
        teen,
        &records.session_write(records.session_id(9), 1),
    )
    .await;
    let before = load(store, teen).await;
    assert_eq!(store.write(teen, &again).await.unwrap(), Applied::Already);
    assert_eq!(load(store, teen).await, before);
}

/// A newer extractor reads a session again; from then on only its version counts as applied.
pub async fn a_newer_version_is_written(store: &Port) {
    let records = Records::named("a_newer_version_is_written");
    let teen = records.teen();
    let session = records.session_id(0);
    write(store, teen, &records.session_write(session, 0)).await;
    let mut newer = records.session_write(session, 1);
    let key = records.applied(session, "2");
    newer.applied = Some(key.clone());
    write(store, teen, &newer).await;
    assert!(store.is_applied(teen, &key).await.unwrap());
    let older = records.applied(session, "1");
    assert!(!store.is_applied(teen, &older).await.unwrap());
}

/// A write computed from another generation than the stored one changes nothing at all.
pub async fn a_stale_generation_conflicts(store: &Port) {
    let records = Records::named("a_stale_generation_conflicts");
    let teen = records.teen();
    write(
        store,
        teen,
        &records.session_write(records.session_id(0), 0),
    )
    .await;
    let before = load(store, teen).await;
    for generation in [0, 2] {
        let mut stale = records.session_write(records.session_id(9), generation);
        stale.suppressions = vec![records.suppression()];
        stale.delete_evidence = before.evidence.iter().map(|turn| turn.id).collect();
        assert_kind(store.write(teen, &stale).await, ErrorKind::Conflict);
        let key = stale.applied.unwrap();
        assert!(!store.is_applied(teen, &key).await.unwrap());
    }
    assert_eq!(load(store, teen).await, before);
    assert_eq!(store.mention_lists(teen).await.unwrap().len(), 1);
    assert_eq!(store.suppressions(teen).await.unwrap(), []);
}

/// Of eight writes from the same generation one is stored.
pub async fn one_of_many_writes_wins(store: &Port) {
    let records = Records::named("one_of_many_writes_wins");
    let teen = records.teen();
    let writes: Vec<_> = (0..8)
        .map(|n| records.session_write(records.session_id(n), 0))
        .collect();
    let outcomes = join_all(writes.iter().map(|one| store.write(teen, one))).await;
    let won = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    assert_eq!(won, 1);
    for lost in outcomes.into_iter().filter(Result::is_err) {
        assert_kind(lost, ErrorKind::Conflict);
    }
    let stored = load(store, teen).await;
    assert_eq!(stored.graph.generation, 1);
    assert_eq!(stored.graph.nodes.len(), 2);
    assert_eq!(stored.evidence.len(), 2);
}

/// Putting replaces whole records, deleting takes those named.
pub async fn records_are_replaced_and_deleted(store: &Port) {
    let records = Records::named("records_are_replaced_and_deleted");
    let teen = records.teen();
    let first = records.session_write(records.session_id(0), 0);
    write(store, teen, &first).await;
    let mut node = first.delta.put_nodes.last().unwrap().clone();
    node.name = "Mara B".to_owned().into();
    node.aliases.clear();
    node.attrs.clear();
    let mut edge = first.delta.put_edges.first().unwrap().clone();
    edge.count = 2;
    edge.slot = String::new();
    let extra = records.edge(node.id, edge.from);
    let mut second = records.empty_write(1);
    second.delta.put_nodes = vec![node.clone()];
    second.delta.put_edges = vec![edge.clone(), extra.clone()];
    write(store, teen, &second).await;
    let stored = load(store, teen).await.graph;
    assert_eq!(stored.nodes.len(), 2);
    assert_eq!(stored.nodes.get(&node.id), Some(&node));
    assert_eq!(stored.edges.len(), 2);
    assert_eq!(stored.edges.get(&edge.id), Some(&edge));
    assert_eq!(stored.edges.get(&extra.id), Some(&extra));
    let mut third = records.empty_write(2);
    third.delta.delete_edges = vec![edge.id, extra.id];
    third.delta.delete_nodes = vec![node.id];
    write(store, teen, &third).await;
    let stored = load(store, teen).await.graph;
    assert_eq!(stored.generation, 3);
    assert_eq!(stored.edges.len(), 0);
    let left: Vec<_> = stored.nodes.keys().copied().collect();
    assert_eq!(left, [edge.from]);
    // Replaying a deletion is harmless.
    third.expected_generation = 3;
    write(store, teen, &third).await;
    assert_eq!(load(store, teen).await.graph.nodes.len(), 1);
}

/// A node may have more edges than fit into one record, and lose most of them again.
pub async fn a_node_with_many_edges_is_read_back(store: &Port) {
    let records = Records::named("a_node_with_many_edges_is_read_back");
    let teen = records.teen();
    let hub = records.node(NodeKind::Teen, "Robin");
    let end = records.node(NodeKind::Topic, "music");
    let mut edges: Vec<Edge> = (0..1_200).map(|_| records.edge(hub.id, end.id)).collect();
    let mut first = records.empty_write(0);
    first.delta.put_nodes = vec![hub.clone(), end];
    first.delta.put_edges.clone_from(&edges);
    write(store, teen, &first).await;
    let stored = load(store, teen).await.graph;
    assert_eq!(stored.edges.len(), edges.len());
    for edge in &edges {
        assert_eq!(stored.edges.get(&edge.id), Some(edge));
    }
    let mut kept = edges.split_off(1_195);
    let mut second = records.empty_write(1);
    second.delta.delete_edges = edges.iter().map(|edge| edge.id).collect();
    kept.first_mut().unwrap().count = 9;
    second.delta.put_edges = vec![kept.first().unwrap().clone()];
    write(store, teen, &second).await;
    let stored = load(store, teen).await.graph;
    assert_eq!(stored.edges.len(), kept.len());
    for edge in &kept {
        assert_eq!(stored.edges.get(&edge.id), Some(edge));
    }
    assert_eq!(stored.nodes.get(&hub.id), Some(&hub));
}
