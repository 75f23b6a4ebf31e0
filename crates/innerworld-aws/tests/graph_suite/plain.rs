//! A plain graph in maps, and what is read from a stored one compared with it.

use std::collections::{BTreeMap, BTreeSet};

use innerworld_aws::neptune::{
    graph::Stored,
    patch::GraphPatch,
    rows::{EdgeRow, NodeRow, Step},
};
use innerworld_core::memory::graph::{EdgeId, NodeId};

use super::Subject;

/// Nodes and edges, and nothing else.
#[derive(Debug, Default)]
pub(super) struct Plain {
    pub(super) nodes: BTreeMap<NodeId, NodeRow>,
    pub(super) edges: BTreeMap<EdgeId, EdgeRow>,
}

/// Origin, first edge with the node between, last edge, end.
type Walk = (NodeId, Option<(EdgeId, NodeId)>, EdgeId, NodeId);

impl Plain {
    pub(super) fn apply(&mut self, patch: &GraphPatch) {
        for id in &patch.delete_edges {
            self.edges.remove(id);
        }
        for id in &patch.delete_nodes {
            self.nodes.remove(id);
            self.edges
                .retain(|_id, edge| edge.source != *id && edge.target != *id);
        }
        for node in &patch.put_nodes {
            self.nodes.insert(node.id, node.clone());
        }
        for edge in &patch.put_edges {
            if self.nodes.contains_key(&edge.source) && self.nodes.contains_key(&edge.target) {
                self.edges.insert(edge.id, edge.clone());
            }
        }
    }

    pub(super) fn stored(&self) -> Stored {
        Stored {
            nodes: self.nodes.values().cloned().collect(),
            edges: self.edges.values().cloned().collect(),
        }
    }

    fn beside(&self, node: NodeId) -> impl Iterator<Item = (EdgeId, NodeId)> {
        self.edges.values().filter_map(move |edge| {
            if edge.source == node {
                Some((edge.id, edge.target))
            } else {
                (edge.target == node).then_some((edge.id, edge.source))
            }
        })
    }

    pub(super) fn neighbours(&self, origin: NodeId) -> BTreeSet<Walk> {
        let steps = self.beside(origin);
        steps.map(|(edge, end)| (origin, None, edge, end)).collect()
    }

    pub(super) fn two_hops(&self, origin: NodeId) -> BTreeSet<Walk> {
        let mut walks = BTreeSet::new();
        for (first, between) in self.beside(origin).filter(|(_edge, end)| *end != origin) {
            for (last, end) in self.beside(between) {
                if last != first && end != origin && end != between {
                    walks.insert((origin, Some((first, between)), last, end));
                }
            }
        }
        walks
    }
}

/// Steps as walks; they are the stored records, the heaviest first.
pub(super) fn walks(plain: &Plain, steps: &[Step]) -> BTreeSet<Walk> {
    assert!(steps.is_sorted_by_key(|step| std::cmp::Reverse(step.node.weight)));
    let walks = steps.iter().map(|step| {
        assert_eq!(plain.nodes.get(&step.node.id), Some(&step.node));
        assert_eq!(plain.edges.get(&step.edge.id), Some(&step.edge));
        (step.origin, step.via, step.edge.id, step.node.id)
    });
    walks.collect()
}

pub(crate) async fn walks_are_those_of_the_plain_graph(subject: &Subject) {
    let patch = subject.family();
    let mut plain = Plain::default();
    plain.apply(&patch);
    let (graph, teen) = (subject.graph(), subject.teen);
    graph.apply(&patch).await.unwrap();
    for origin in plain.nodes.keys().copied() {
        let near = graph.neighbours(teen, &[origin], 300).await.unwrap();
        assert_eq!(walks(&plain, &near), plain.neighbours(origin));
        let far = graph.two_hops(teen, &[origin], 300).await.unwrap();
        assert_eq!(walks(&plain, &far), plain.two_hops(origin));
    }
    // Asking for all at once, and for one twice, finds the same; and it is cut to what is wanted.
    let mut all: Vec<NodeId> = plain.nodes.keys().copied().collect();
    all.push(all[0]);
    let near = graph.neighbours(teen, &all, 300).await.unwrap();
    let expected: BTreeSet<Walk> = all.iter().flat_map(|id| plain.neighbours(*id)).collect();
    assert_eq!(near.len(), expected.len());
    assert_eq!(walks(&plain, &near), expected);
    let few = graph.neighbours(teen, &all, 3).await.unwrap();
    assert_eq!(few, near[..3]);
}

pub(crate) async fn history_and_provenance_are_found(subject: &Subject) {
    let mut patch = subject.family();
    let [first, second] = [patch.put_nodes[1].id, patch.put_nodes[2].id];
    let mut history = Vec::new();
    for (kind, from) in innerworld_core::memory::ontology::EdgeKind::ALL
        .into_iter()
        .zip([5, 3, 4, 1])
    {
        let mut edge = subject.edge(kind, (first, second));
        edge.valid_from += from;
        edge.valid_until = (from > 3).then_some(1_700_000_100);
        history.push(edge);
    }
    let session = history[0].session;
    history[2].session = session;
    patch.put_edges.extend(history.iter().cloned());
    patch
        .put_edges
        .push(subject.edge(history[0].kind, (second, first)));
    let (graph, teen) = (subject.graph(), subject.teen);
    graph.apply(&patch).await.unwrap();

    let mut of_session = vec![history[0].clone(), history[2].clone()];
    of_session.sort_by_key(|edge| edge.id);
    assert_eq!(
        graph.edges_of_session(teen, session).await.unwrap(),
        of_session
    );
    history.sort_by_key(|edge| edge.valid_from);
    assert_eq!(
        graph.edge_history(teen, (first, second)).await.unwrap(),
        history
    );
}

pub(crate) async fn somebody_answers(subject: &Subject) {
    subject.graph().ping().await.unwrap();
}
