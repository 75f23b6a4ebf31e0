//! Writing, once and again.

use futures_util::future::join_all;
use innerworld_aws::neptune::{
    graph::Counts,
    rows::{Closing, Sealed},
};
use innerworld_core::{
    clock::Timestamp,
    memory::{
        graph::NodeId,
        ontology::{EdgeKind, NodeKind},
    },
};

use super::{Subject, stored};

pub(crate) async fn replaying_a_patch_leaves_the_same_graph(subject: &Subject) {
    let patch = subject.family();
    let mut first = None;
    for _time in 0..10 {
        let written = subject.graph().apply(&patch).await.unwrap();
        assert_eq!(*first.get_or_insert(written), written);
        assert_eq!(written.nodes, patch.put_nodes.len());
        assert_eq!(written.edges, patch.put_edges.len());
        assert_eq!(subject.load().await, stored(&patch));
    }
}

pub(crate) async fn replaying_a_patch_in_parallel_leaves_the_same_graph(subject: &Subject) {
    let patch = subject.family();
    let replays = (0..4).map(|_replay| subject.graph().apply(&patch));
    for replay in join_all(replays).await {
        replay.unwrap();
    }
    assert_eq!(subject.load().await, stored(&patch));
}

pub(crate) async fn graphs_of_many_pages_load_whole(subject: &Subject) {
    let mut patch = subject.patch();
    let kinds = NodeKind::ALL.into_iter().cycle();
    patch.put_nodes = (0..1_000)
        .zip(kinds)
        .map(|(weight, kind)| subject.node(kind, weight))
        .collect();
    let ids: Vec<NodeId> = patch.put_nodes.iter().map(|node| node.id).collect();
    let pairs = ids
        .windows(2)
        .take(501)
        .zip(EdgeKind::ALL.into_iter().cycle());
    patch.put_edges = pairs
        .map(|(pair, kind)| subject.edge(kind, (pair[0], pair[1])))
        .collect();
    subject.graph().apply(&patch).await.unwrap();
    assert_eq!(subject.load().await, stored(&patch));
    let counts = subject.graph().count_graph(subject.teen).await.unwrap();
    assert_eq!(
        counts,
        Counts {
            nodes: 1_000,
            edges: 501
        }
    );
}

pub(crate) async fn closed_and_deleted_edges_are_so(subject: &Subject) {
    let patch = subject.family();
    let graph = subject.graph();
    graph.apply(&patch).await.unwrap();
    let mut expected = stored(&patch);
    let closed = &mut expected.edges[3];
    let closing = Closing {
        id: closed.id,
        valid_until: Timestamp::from_millis(1_700_000_300_999),
        recorded_at: Timestamp::from_millis(1_700_000_900_000),
        sealed: Sealed::new(b"closed"),
    };
    for _time in 0..2 {
        assert_eq!(
            graph
                .close_edges(subject.teen, std::slice::from_ref(&closing))
                .await
                .unwrap(),
            1
        );
    }
    closed.valid_until = Some(1_700_000_300);
    closed.recorded_at = 1_700_000_900;
    closed.sealed = closing.sealed;
    assert_eq!(subject.load().await, expected);

    let gone = expected.edges.remove(5);
    assert_eq!(
        graph.delete_edges(subject.teen, &[gone.id]).await.unwrap(),
        1
    );
    assert_eq!(
        graph.delete_edges(subject.teen, &[gone.id]).await.unwrap(),
        0
    );
    assert_eq!(subject.load().await, expected);

    let lost = expected.edges[0].source;
    assert_eq!(graph.delete_nodes(subject.teen, &[lost]).await.unwrap(), 1);
    expected.nodes.retain(|node| node.id != lost);
    expected
        .edges
        .retain(|edge| edge.source != lost && edge.target != lost);
    assert_eq!(subject.load().await, expected);
}

pub(crate) async fn erasing_leaves_the_others_alone(subject: &Subject) {
    let another = subject.another();
    let kept = another.family();
    another.graph().apply(&kept).await.unwrap();
    let mut patch = subject.family();
    patch
        .put_nodes
        .extend((0..600).map(|weight| subject.node(NodeKind::Topic, weight)));
    let graph = subject.graph();
    graph.apply(&patch).await.unwrap();

    assert_eq!(graph.erase_page(subject.teen).await.unwrap(), 500);
    let left = graph.count_graph(subject.teen).await.unwrap();
    assert_eq!(left.nodes, patch.put_nodes.len() - 500);
    let erased = graph.erase(subject.teen).await.unwrap();
    assert_eq!((erased.nodes, erased.edges), (left.nodes, left.edges));
    assert_eq!(graph.erase_page(subject.teen).await.unwrap(), 0);
    assert_eq!(subject.load().await, super::stored(&subject.patch()));
    assert_eq!(another.load().await, stored(&kept));
}

pub(crate) async fn retention_takes_edges_then_lonely_nodes(subject: &Subject) {
    const OLD: i64 = 1_600_000_000;
    let mut patch = subject.patch();
    let mut owner = subject.node(NodeKind::Teen, 1);
    let mut held = subject.node(NodeKind::Person, 1);
    let mut lonely = subject.node(NodeKind::Place, 1);
    let fresh = subject.node(NodeKind::Goal, 1);
    for node in [&mut owner, &mut held, &mut lonely] {
        node.last_seen = OLD;
    }
    let holds = subject.edge(EdgeKind::Mentions, (owner.id, held.id));
    let mut old = subject.edge(EdgeKind::RelatesTo, (owner.id, lonely.id));
    old.last_seen = OLD;
    patch.put_nodes = vec![owner.clone(), held.clone(), lonely, fresh.clone()];
    patch.put_edges = vec![holds.clone(), old];
    let graph = subject.graph();
    graph.apply(&patch).await.unwrap();

    // What was seen in that very second stays.
    let expire =
        |second: i64| graph.expire_page(subject.teen, Timestamp::from_millis(second * 1_000));
    assert_eq!(expire(OLD).await.unwrap(), 0);
    assert_eq!(expire(OLD + 1).await.unwrap(), 1, "the edge");
    assert_eq!(expire(OLD + 1).await.unwrap(), 1, "the node that it held");
    assert_eq!(expire(OLD + 1).await.unwrap(), 0);
    patch.put_nodes = vec![owner, held, fresh];
    patch.put_edges = vec![holds];
    assert_eq!(subject.load().await, stored(&patch));
}
