//! What a graph loses by age and for lack of room.

use std::{collections::BTreeSet, sync::Arc};

use super::Fold;
use crate::{
    clock::Timestamp,
    memory::{
        bounds,
        graph::{EdgeId, Node, NodeId},
        intervals::decay,
        ontology::NodeKind,
        store::{Mention, MentionList, Relation},
        suppressed::Suppressed,
    },
};

/// Support is worth half after so many days without being spoken of.
const SUPPORT_HALF_LIFE_DAYS: f32 = 30.0;

impl Fold {
    /// Drops nodes and edges not spoken of since `seen_since`, then what exceeds the bounds.
    /// Returns how many nodes and edges went for lack of room.
    pub fn prune(&mut self, now: Timestamp, seen_since: Timestamp) -> usize {
        self.nodes.retain(|_id, node| node.last_seen >= seen_since);
        self.edges.retain(|_id, edge| edge.last_seen >= seen_since);
        self.drop_loose_edges();
        let dropped = self.bound_nodes(now) + self.bound_edges(now);
        self.drop_loose_edges();
        dropped
    }

    /// The lists without what became no node or edge of this graph: refused, forgotten, expired.
    /// A list in which nothing is left stays until its session is as old as `seen_since`: it says
    /// when the teen was here last.
    pub fn retained(
        &self,
        lists: &[Arc<MentionList>],
        suppressed: &Suppressed,
        seen_since: Timestamp,
    ) -> Vec<Arc<MentionList>> {
        lists
            .iter()
            .map(|list| self.retained_list(list, suppressed, seen_since))
            .filter(|list| !list.mentions.is_empty() || list.session_started_at >= seen_since)
            .collect()
    }

    fn retained_list(
        &self,
        list: &Arc<MentionList>,
        suppressed: &Suppressed,
        seen_since: Timestamp,
    ) -> Arc<MentionList> {
        let is_kept = |mention: &Mention| {
            self.node_of(list, mention.index).is_some()
                || (mention.said_at >= seen_since && self.waits(list, mention.index))
        };
        let waits = |index: u32| {
            self.waits(list, index)
                && list
                    .mentions
                    .iter()
                    .any(|mention| mention.index == index && is_kept(mention))
        };
        let is_told = |position: u32, relation: &Relation| match self.edge_of(list, position) {
            Some(edge) => !relation
                .turns
                .iter()
                .any(|turn| suppressed.fact(*turn, edge)),
            None => waits(relation.to),
        };
        let whole = list.mentions.iter().all(is_kept)
            && (0_u32..)
                .zip(&list.relations)
                .all(|(position, relation)| is_told(position, relation));
        if whole {
            return Arc::clone(list);
        }
        let mut left = MentionList::clone(list);
        left.mentions.retain(is_kept);
        left.relations = (0_u32..)
            .zip(&list.relations)
            .filter_map(|(position, relation)| {
                let mut relation = relation.clone();
                match self.edge_of(list, position) {
                    Some(edge) => relation.turns.retain(|turn| !suppressed.fact(*turn, edge)),
                    None if waits(relation.to) => {}
                    None => return None,
                }
                Some(relation)
            })
            .collect();
        Arc::new(left)
    }

    fn bound_nodes(&mut self, now: Timestamp) -> usize {
        let excess = self.nodes.len().saturating_sub(bounds::NODES);
        let mut weakest: Vec<(f32, NodeId)> = self
            .nodes
            .values()
            .filter(|node| may_go(node, now))
            .map(|node| (worth(node.support, now, node.last_seen), node.id))
            .collect();
        weakest.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        weakest.truncate(excess);
        for (_worth, id) in &weakest {
            self.nodes.remove(id);
        }
        weakest.len()
    }

    fn bound_edges(&mut self, now: Timestamp) -> usize {
        let excess = self.edges.len().saturating_sub(bounds::EDGES);
        let mut weakest: Vec<(f32, EdgeId)> = self
            .edges
            .values()
            .map(|edge| (worth(edge.count, now, edge.last_seen), edge.id))
            .collect();
        weakest.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        weakest.truncate(excess);
        for (_worth, id) in &weakest {
            self.edges.remove(id);
        }
        weakest.len()
    }

    fn drop_loose_edges(&mut self) {
        let nodes: BTreeSet<NodeId> = self.nodes.keys().copied().collect();
        self.edges
            .retain(|_id, edge| nodes.contains(&edge.from) && nodes.contains(&edge.to));
    }
}

/// The teen, open goals and what was spoken of lately stay whatever the bound.
fn may_go(node: &Node, now: Timestamp) -> bool {
    let day = std::time::Duration::from_secs(86_400);
    let fresh = now.since(node.last_seen) < day * bounds::FRESH_DAYS;
    let open_goal = node.kind == NodeKind::Goal
        && node
            .attrs
            .get("status")
            .is_none_or(|status| status.reveal() == "open");
    node.kind != NodeKind::Teen && !fresh && !open_goal
}

fn worth(support: u32, now: Timestamp, last_seen: Timestamp) -> f32 {
    #[expect(
        clippy::cast_precision_loss,
        reason = "a rank needs no more than f32 keeps"
    )]
    let support = support as f32;
    support * decay(now, last_seen, SUPPORT_HALF_LIFE_DAYS)
}
