//! Patches that nobody wrote.

use std::sync::atomic::{AtomicU64, Ordering};

use innerworld_aws::neptune::{
    patch::GraphPatch,
    rows::{EdgeRow, NodeRow, Sealed, TeenNumber},
};
use innerworld_core::{
    ids::SessionId,
    memory::{
        graph::{EdgeId, NodeId},
        ontology::{EdgeKind, NodeKind},
    },
};
use innerworld_testkit::{SeededIds, cases};
use proptest::{
    collection::vec,
    prelude::*,
    test_runner::{Config, TestRunner},
};
use tokio::runtime::Runtime;

use super::{
    Engines, Subject,
    plain::{Plain, walks},
};

/// Things in the world of a case.
const THINGS: usize = 10;

/// Any state of one of the world's nodes: as in the domain, an id has its kind for life.
fn node() -> impl Strategy<Value = NodeRow> {
    let fields = (0..THINGS, any::<u32>(), 0..OPEN_YEARS, any::<[u8; 4]>());
    fields.prop_map(|(place, weight, seen, sealed)| NodeRow {
        id: id_of(place),
        kind: NodeKind::ALL[place % 8],
        first_seen: seen / 2,
        last_seen: seen,
        weight,
        sealed: Sealed::new(&sealed),
    })
}

/// Any state of one of the world's edges: an id has its kind and its ends for life.
fn edge() -> impl Strategy<Value = EdgeRow> {
    let ends = (0..THINGS, 0..THINGS, 0..EdgeKind::ALL.len());
    let until = proptest::option::of(0..OPEN_YEARS);
    let fields = (
        ends,
        0..OPEN_YEARS,
        until,
        0..=20_u8,
        any::<u128>(),
        any::<[u8; 4]>(),
    );
    fields.prop_map(
        |((from, to, kind), at, until, confidence, session, sealed)| EdgeRow {
            id: edge_of(from, to, kind),
            kind: EdgeKind::ALL[kind],
            source: id_of(from),
            target: id_of(to),
            valid_from: at,
            valid_until: until,
            recorded_at: at + 1,
            last_seen: at,
            session: SessionId::from_bits(session >> 2),
            confidence: f32::from(confidence) / 20.0,
            sealed: Sealed::new(&sealed),
        },
    )
}

/// Seconds until the year 2096.
const OPEN_YEARS: i64 = 4_000_000_000;

fn id_of(place: usize) -> NodeId {
    NodeId(u128::try_from(place).unwrap() << 100 | 7)
}

fn edge_of(from: usize, to: usize, kind: usize) -> EdgeId {
    EdgeId(u128::try_from((from * THINGS + to) * EdgeKind::ALL.len() + kind).unwrap() << 90 | 9)
}

fn patch() -> impl Strategy<Value = GraphPatch> {
    let gone_edges = vec((0..THINGS, 0..THINGS, 0..EdgeKind::ALL.len()), 0..6);
    let parts = (
        vec(node(), 0..12),
        vec(edge(), 0..16),
        vec(0..THINGS, 0..2),
        gone_edges,
    );
    parts.prop_map(|(put_nodes, put_edges, gone, gone_edges)| GraphPatch {
        teen: TeenNumber::new(1).unwrap(),
        put_nodes,
        put_edges,
        delete_nodes: gone.into_iter().map(id_of).collect(),
        delete_edges: gone_edges
            .into_iter()
            .map(|(from, to, kind)| edge_of(from, to, kind))
            .collect(),
    })
}

/// Applies generated patches, each of them twice, and compares what is stored, and what is walked
/// from everywhere, with a plain graph.
pub(crate) fn patches_are_applied_as_to_a_plain_graph(
    runtime: &Runtime,
    engines: &Engines,
    quick: u32,
) {
    let config = Config {
        // Each case asks a server hundreds of times: a tenth of what is asked for is enough.
        cases: (cases(quick.saturating_mul(10)) / 10).max(1),
        failure_persistence: None,
        ..Config::default()
    };
    let seed = AtomicU64::new(SeededIds::named("generated patches").next());
    let tried = TestRunner::new(config).run(&vec(patch(), 1..5), |patches| {
        // A teen of its own for each case: nothing is left of the one before.
        let name = seed.fetch_add(1, Ordering::Relaxed).to_string();
        let subject = Subject::new(engines.clone(), &name);
        runtime.block_on(compare(&subject, patches));
        Ok(())
    });
    if let Err(wrong) = tried {
        panic!("{wrong}");
    }
}

async fn compare(subject: &Subject, patches: Vec<GraphPatch>) {
    let (graph, teen) = (subject.graph(), subject.teen);
    // An engine that outlives a run still has the case of the run before.
    graph.erase(teen).await.unwrap();
    let mut plain = Plain::default();
    for mut patch in patches {
        patch.teen = teen;
        plain.apply(&patch);
        for _time in 0..2 {
            graph.apply(&patch).await.unwrap();
            plain.apply(&patch);
        }
        assert_eq!(subject.load().await, plain.stored());
    }
    for origin in plain.nodes.keys().copied() {
        let near = graph.neighbours(teen, &[origin], 500).await.unwrap();
        assert_eq!(walks(&plain, &near), plain.neighbours(origin));
        let far = graph.two_hops(teen, &[origin], 500).await.unwrap();
        // A page of a statement is all that is seen of very many.
        let expected = plain.two_hops(origin);
        assert!(walks(&plain, &far).is_subset(&expected));
        assert_eq!(far.len(), expected.len().min(500));
    }
}
