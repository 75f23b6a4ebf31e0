//! What holds for the graph on any engine that speaks openCypher: run against the double, and
//! against a real engine by the peer tests.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a clause of a suite stops its test; clippy only knows the test functions themselves"
)]

mod foreign;
mod generated;
mod plain;
mod written;

use std::sync::Arc;

use innerworld_aws::neptune::{
    engine::Engine,
    graph::{NeptuneGraph, Stored},
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
use innerworld_testkit::SeededIds;

pub(crate) use self::{
    foreign::*, generated::patches_are_applied_as_to_a_plain_graph, plain::*, written::*,
};

/// A graph, and the engine that its writes go to.
#[derive(Clone, Debug)]
pub(crate) struct Engines {
    pub(crate) graph: NeptuneGraph,
    pub(crate) cluster: Arc<dyn Engine>,
}

/// A teen of a test, and where the graph is.
pub(crate) struct Subject {
    pub(crate) engines: Engines,
    pub(crate) teen: TeenNumber,
    ids: SeededIds,
}

impl Subject {
    /// The teen of the test with this name.
    pub(crate) fn new(engines: Engines, name: &str) -> Self {
        let ids = SeededIds::named(name);
        Self {
            engines,
            teen: number(&ids),
            ids,
        }
    }

    /// Somebody else, on the same engines.
    pub(crate) fn another(&self) -> Self {
        let ids = SeededIds::new(self.ids.next());
        Self {
            engines: self.engines.clone(),
            teen: number(&ids),
            ids,
        }
    }

    pub(crate) fn graph(&self) -> &NeptuneGraph {
        &self.engines.graph
    }

    /// All that is stored of the teen.
    pub(crate) async fn load(&self) -> Stored {
        self.graph().load(self.teen).await.unwrap()
    }

    pub(crate) fn patch(&self) -> GraphPatch {
        GraphPatch {
            teen: self.teen,
            put_nodes: Vec::new(),
            put_edges: Vec::new(),
            delete_nodes: Vec::new(),
            delete_edges: Vec::new(),
        }
    }

    /// The teen with two nodes of each other kind, and edges of every kind between them.
    pub(crate) fn family(&self) -> GraphPatch {
        let mut patch = self.patch();
        patch.put_nodes = vec![self.node(NodeKind::Teen, 100)];
        for (place, kind) in NodeKind::ALL.into_iter().skip(1).enumerate() {
            let weight = u32::try_from(place).unwrap();
            patch.put_nodes.push(self.node(kind, weight));
            patch.put_nodes.push(self.node(kind, weight + 10));
        }
        let mut ends = patch.put_nodes.iter().map(|node| node.id);
        let owner = ends.next().unwrap();
        let others: Vec<NodeId> = ends.collect();
        for (place, kind) in EdgeKind::ALL.into_iter().enumerate() {
            let [first, second] = [others[place], others[place + 6]];
            patch.put_edges.push(self.edge(kind, (owner, first)));
            patch.put_edges.push(self.edge(kind, (first, second)));
        }
        patch
    }

    /// A node of this weight.
    pub(crate) fn node(&self, kind: NodeKind, weight: u32) -> NodeRow {
        NodeRow {
            id: NodeId(self.ids.next_bits()),
            kind,
            first_seen: 1_700_000_000,
            last_seen: 1_700_000_500,
            weight,
            sealed: Sealed::new(&self.ids.next_bits().to_be_bytes()),
        }
    }

    /// An open edge.
    pub(crate) fn edge(&self, kind: EdgeKind, (source, target): (NodeId, NodeId)) -> EdgeRow {
        EdgeRow {
            id: EdgeId(self.ids.next_bits()),
            kind,
            source,
            target,
            valid_from: 1_700_000_000,
            valid_until: None,
            recorded_at: 1_700_000_600,
            last_seen: 1_700_000_500,
            session: SessionId::from_bits(self.ids.next_bits()),
            confidence: 0.85,
            sealed: Sealed::new(&self.ids.next_bits().to_be_bytes()),
        }
    }
}

fn number(ids: &SeededIds) -> TeenNumber {
    // Of all 63 bits: numbers that a float cannot hold must survive the way there and back.
    let number = i64::try_from(ids.next() >> 1).unwrap();
    TeenNumber::new(number | 1 << 62 | 1).unwrap()
}

/// What a patch makes of an empty graph, sorted as it is read.
pub(crate) fn stored(patch: &GraphPatch) -> Stored {
    let mut stored = Stored {
        nodes: patch.put_nodes.clone(),
        edges: patch.put_edges.clone(),
    };
    stored.nodes.sort_by_key(|node| node.id);
    stored.edges.sort_by_key(|edge| edge.id);
    stored
}

/// Hands every clause of the suite to a macro that makes tests of them.
macro_rules! clauses {
    ($tests:ident) => {
        $tests!(
            replaying_a_patch_leaves_the_same_graph,
            replaying_a_patch_in_parallel_leaves_the_same_graph,
            an_edge_to_another_teen_writes_nothing,
            ids_of_another_teen_reach_nothing,
            graphs_of_many_pages_load_whole,
            closed_and_deleted_edges_are_so,
            erasing_leaves_the_others_alone,
            retention_takes_edges_then_lonely_nodes,
            walks_are_those_of_the_plain_graph,
            history_and_provenance_are_found,
            somebody_answers,
        );
    };
}
pub(crate) use clauses;
