//! Clauses on retention.

use innerworld_core::{
    clock::Timestamp,
    memory::{ontology::NodeKind, store::Horizon},
};

use super::{Port, load, write};
use crate::records::{NOW, Records, at, just_after, just_before};

const NEVER: Timestamp = Timestamp::from_millis(0);

/// Nodes and edges last seen before the horizon of a read are not there, with the sweep standing
/// still; nor is an edge of such a node, nor a digest that names one.
pub async fn the_graph_ends_in_time(store: &Port) {
    let records = Records::named("the_graph_ends_in_time");
    let teen = records.teen();
    let mut one = records.session_write(records.session_id(0), 0);
    let mut old = records.node(NodeKind::Person, "Ove");
    old.last_seen = at(30);
    let (first, second) = match one.delta.put_nodes.as_mut_slice() {
        [first, second] => (first, second),
        other => panic!("{} nodes", other.len()),
    };
    (first.last_seen, second.last_seen) = (at(60), at(60));
    let mut to_old = records.edge(first.id, old.id);
    to_old.last_seen = at(60);
    for edge in &mut one.delta.put_edges {
        edge.last_seen = at(45);
    }
    one.delta.put_edges.push(to_old);
    one.digest.nodes = vec![second.id];
    one.delta.put_nodes.push(old);
    write(store, teen, &one).await;
    // Mark, nodes, edges, digest: a thing seen at the mark is there, one a moment before is not.
    for (mark, nodes, edges, digest) in [
        (at(30), 3, 2, true),
        (just_after(at(30)), 2, 1, true),
        (at(45), 2, 1, true),
        (just_after(at(45)), 2, 0, false),
        (at(60), 2, 0, false),
        (just_after(at(60)), 0, 0, false),
    ] {
        let horizon = Horizon {
            now: NOW,
            graph_before: mark,
        };
        let stored = store.load(teen, horizon).await.unwrap();
        assert_eq!(stored.graph.nodes.len(), nodes, "nodes before {mark}");
        assert_eq!(stored.graph.edges.len(), edges, "edges before {mark}");
        assert_eq!(stored.digest.is_some(), digest, "digest before {mark}");
        assert_eq!(stored.graph.generation, 1, "reading changes nothing");
    }
    assert_eq!(load(store, teen).await.graph.nodes.len(), 3);
}

/// At its expiry a text is dropped, once; the turn stays as a stub.
pub async fn expiring_drops_texts(store: &Port) {
    let records = Records::named("expiring_drops_texts");
    let teen = records.teen();
    let mut one = records.session_write(records.session_id(0), 0);
    let long = one.evidence.last_mut().unwrap();
    long.expires_at = just_after(long.expires_at);
    let end = one.evidence.first().unwrap().expires_at;
    write(store, teen, &one).await;
    assert_eq!(store.expire(just_before(end), NEVER, 100).await.unwrap(), 0);
    assert_eq!(store.expire(end, NEVER, 100).await.unwrap(), 1);
    assert_eq!(store.expire(end, NEVER, 100).await.unwrap(), 0);
    // Asked about an earlier instant, what was dropped stays dropped.
    let stored = load(store, teen).await;
    let texts: Vec<_> = stored
        .evidence
        .iter()
        .map(|turn| turn.text.is_some())
        .collect();
    assert_eq!(texts, [false, true]);
    assert_eq!(stored.graph.nodes.len(), 2);
}

/// Nodes and edges go when they were last seen before the mark; one seen at the mark stays.
pub async fn expiring_drops_what_was_not_seen(store: &Port) {
    let records = Records::named("expiring_drops_what_was_not_seen");
    let (teen, other) = (records.teen(), records.teen());
    for teen in [teen, other] {
        let mut one = records.session_write(records.session_id(0), 0);
        let fresh = one.delta.put_nodes.first_mut().unwrap();
        fresh.last_seen = at(60);
        write(store, teen, &one).await;
    }
    assert_eq!(store.expire(at(60), NOW, 100).await.unwrap(), 0);
    // Per teen one node and one edge; what else falls with them is the adapter's to count.
    assert!(store.expire(at(60), at(60), 100).await.unwrap() >= 4);
    assert_eq!(store.expire(at(60), at(60), 100).await.unwrap(), 0);
    for teen in [teen, other] {
        let graph = load(store, teen).await.graph;
        let seen: Vec<_> = graph.nodes.values().map(|node| node.last_seen).collect();
        assert_eq!(seen, [at(60)]);
        assert!(graph.edges.is_empty());
    }
}

/// One call drops no more than asked; calls until 0 drop all that is due.
pub async fn expiring_is_bounded(store: &Port) {
    let records = Records::named("expiring_is_bounded");
    let teen = records.teen();
    let session = records.session_id(0);
    let mut one = records.empty_write(0);
    one.evidence = (0..7).map(|n| records.evidence(session, n)).collect();
    write(store, teen, &one).await;
    let end = one.evidence.first().unwrap().expires_at;
    let mut dropped = 0;
    loop {
        let gone = store.expire(end, NEVER, 3).await.unwrap();
        assert!(gone <= 3, "at most 3 were to go, {gone} went");
        if gone == 0 {
            break;
        }
        dropped += gone;
    }
    assert_eq!(dropped, 7);
}
