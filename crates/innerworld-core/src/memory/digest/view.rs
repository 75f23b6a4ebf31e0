//! What of a graph may be told in a digest, best first.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::words::{Shown, clear_mood, event_day, is_pet, plain_name, short_day, shown};

use crate::{
    clock::Timestamp,
    memory::{
        graph::{Edge, Graph, Node, NodeId, Polarity},
        ontology::{EdgeKind, NodeKind},
    },
};

/// Half of a node's weight is left after this many days without a mention.
const HALF_LIFE_DAYS: f32 = 30.0;
/// Events this far back and ahead are told, and topics are compared over it.
const NEAR_DAYS: i32 = 14;
const MILLIS_PER_DAY: f32 = 86_400_000.0;
/// A node of this confidence is shown after one session.
const SURE: f32 = 0.8;
/// The part of a graph that may be told now.
pub(super) struct View<'a> {
    now: Timestamp,
    today: Date,
    nodes: BTreeMap<NodeId, &'a Node>,
    edges: Vec<&'a Edge>,
    teen: Option<NodeId>,
}

impl<'a> View<'a> {
    pub(super) fn new(graph: &'a Graph, now: Timestamp, today: Date) -> Self {
        let hidden = merged_away(graph);
        let is_told = |node: &&Node| {
            is_shown(node) && !hidden.contains(&node.id) && plain_name(node.name.reveal()).is_some()
        };
        let nodes = graph.nodes.values().filter(is_told);
        let teen = graph.nodes.values().find(|n| n.kind == NodeKind::Teen);
        Self {
            now,
            today,
            nodes: nodes.map(|node| (node.id, node)).collect(),
            edges: graph.edges.values().collect(),
            teen: teen.map(|node| node.id),
        }
    }

    /// Shown nodes of these kinds with an open edge from the teen, best first, ties by key.
    fn best(&self, kinds: &[NodeKind]) -> Vec<&'a Node> {
        let told: BTreeSet<NodeId> = self.teen_edges(true).map(|edge| edge.to).collect();
        let mut nodes: Vec<(f32, &Node)> = self
            .nodes
            .values()
            .filter(|node| kinds.contains(&node.kind) && told.contains(&node.id))
            .map(|node| (self.weight(node), *node))
            .collect();
        nodes.sort_by(|(a, first), (b, second)| {
            b.total_cmp(a)
                .then_with(|| rank_key(first).cmp(&rank_key(second)))
        });
        nodes.into_iter().map(|(_, node)| node).collect()
    }

    fn weight(&self, node: &Node) -> f32 {
        let age_days = float(self.now.since(node.last_seen).as_millis()) / MILLIS_PER_DAY;
        float(node.support.into()) * (-age_days / HALF_LIFE_DAYS).exp2()
    }

    /// What holds for the teen now, or what ended. What was only announced ("we move in june") does
    /// neither, and what it will end still holds.
    fn teen_edges(&self, open: bool) -> impl Iterator<Item = &'a Edge> + '_ {
        let now = self.now;
        let told = move |edge: &Edge| {
            if open {
                edge.holds_at(now)
            } else {
                edge.valid_until.is_some_and(|until| until <= now)
            }
        };
        let own = self
            .edges
            .iter()
            .copied()
            .filter(|edge| Some(edge.from) == self.teen);
        own.filter(move |edge| told(edge))
    }

    /// Slots of the teen's open (or closed) edges of this kind to a node, sorted.
    fn slots(&self, node: &Node, kind: EdgeKind, open: bool) -> BTreeSet<&'a str> {
        self.teen_edges(open)
            .filter(|edge| edge.to == node.id && edge.kind == kind)
            .map(|edge| edge.slot.as_str())
            .collect()
    }

    /// People and pets, with what they are to the teen and how the last talk about them felt.
    pub(super) fn people(&self, most: usize) -> Vec<Shown> {
        let is_one = |node: &&Node| node.kind == NodeKind::Person || is_pet(node);
        let people = self.best(&[NodeKind::Person, NodeKind::Thing]).into_iter();
        people
            .filter(is_one)
            .take(most)
            .map(|node| {
                let mut notes: Vec<String> = self.role(node).into_iter().collect();
                if let Some(mood) = clear_mood(&node.mood) {
                    notes.push(format!("talk about them felt {mood}"));
                }
                shown(node, &notes.join(", "))
            })
            .collect()
    }

    fn role(&self, node: &Node) -> Option<String> {
        if is_pet(node) {
            return Some("pet".to_owned());
        }
        let open = self.slots(node, EdgeKind::RelatesTo, true);
        let role = node.attrs.get("role").map(|role| role.reveal().clone());
        let ended = self.slots(node, EdgeKind::RelatesTo, false);
        // "girlfriend" is over once every bond of the kind ended, whatever its slot is called.
        let over = !ended.is_empty() && open.iter().all(|slot| slot.is_empty());
        let told = role.filter(|_| !over).or_else(|| {
            let slot = open.iter().find(|slot| !slot.is_empty())?;
            Some(slot.replace('_', " "))
        })?;
        let name = node.name.reveal().to_lowercase();
        (plain_name(&told).is_some() && !name.contains(told.as_str())).then_some(told)
    }

    /// Open goals with what helps and what stands in the way.
    pub(super) fn goals(&self, most: usize) -> Vec<Shown> {
        let goals = self.best(&[NodeKind::Goal]).into_iter();
        goals
            .filter(|goal| self.is_open_goal(goal))
            .take(most)
            .map(|goal| {
                let mut item = Shown::new(goal.name.reveal().clone());
                item.nodes.push(goal.id);
                for (kind, label) in [
                    (EdgeKind::Supports, "helps"),
                    (EdgeKind::Conflicts, "in the way"),
                ] {
                    if let Some(other) = self.strongest_to(goal.id, kind) {
                        item.text = format!("{} ({label}: {})", item.text, other.name.reveal());
                        item.nodes.push(other.id);
                    }
                }
                item
            })
            .collect()
    }

    fn is_open_goal(&self, goal: &Node) -> bool {
        let status = goal
            .attrs
            .get("status")
            .map(|status| status.reveal().as_str());
        let open = self.slots(goal, EdgeKind::RelatesTo, true);
        let ended = self.slots(goal, EdgeKind::RelatesTo, false);
        status.is_none_or(|status| status == "open") && (ended.is_empty() || !open.is_empty())
    }

    fn strongest_to(&self, goal: NodeId, kind: EdgeKind) -> Option<&'a Node> {
        let into_goal =
            |edge: &&&Edge| edge.to == goal && edge.kind == kind && edge.holds_at(self.now);
        self.edges
            .iter()
            .filter(into_goal)
            .filter_map(|edge| self.nodes.get(&edge.from).copied())
            .max_by(|a, b| {
                let weights = self.weight(a).total_cmp(&self.weight(b));
                weights.then_with(|| rank_key(b).cmp(&rank_key(a)))
            })
    }

    /// What the teen does, and where they live and learn, as far as it still holds.
    pub(super) fn activities_and_places(&self, most: usize) -> Vec<Shown> {
        let nodes = self
            .best(&[NodeKind::Activity, NodeKind::Place])
            .into_iter();
        nodes
            .filter_map(|node| {
                let slots = self.slots(node, EdgeKind::RelatesTo, true);
                let slot = ["lives_in", "attends"]
                    .into_iter()
                    .find(|slot| slots.contains(slot));
                let involved = !self.slots(node, EdgeKind::Involves, true).is_empty();
                let note = slot.map(|slot| slot.replace('_', " ")).unwrap_or_default();
                (involved || slot.is_some()).then(|| shown(node, &note))
            })
            .take(most)
            .collect()
    }

    /// Events within two weeks, the nearest first.
    pub(super) fn dates(&self, most: usize) -> Vec<Shown> {
        let mut near: Vec<(u32, Date, &Node)> = self
            .best(&[NodeKind::Event])
            .into_iter()
            .filter_map(|node| {
                let day = event_day(node)?;
                let days = self.today.until(day).ok()?.get_days();
                (days.abs() <= NEAR_DAYS).then_some((days.unsigned_abs(), day, node))
            })
            .collect();
        near.sort_by_key(|(days, day, _)| (*days, *day));
        near.into_iter()
            .take(most)
            .map(|(_, day, node)| shown(node, &short_day(day)))
            .collect()
    }

    /// Topics with a larger share of the last two weeks' talk than of the talk before.
    pub(super) fn rising_topics(&self, most: usize) -> Vec<Shown> {
        let topics = self.best(&[NodeKind::Topic]);
        let counts: Vec<(u32, u32)> = topics.iter().map(|topic| self.spoken(topic)).collect();
        let recent: u32 = counts.iter().map(|(recent, _)| recent).sum();
        let before: u32 = counts.iter().map(|(_, before)| before).sum();
        let share = |count: u32, all: u32| float(count.into()) / float(all.max(1).into());
        topics
            .into_iter()
            .zip(counts)
            .filter(|(_, (now, then))| share(*now, recent) > share(*then, before))
            .take(most)
            .map(|(topic, _)| shown(topic, ""))
            .collect()
    }

    /// How often the teen spoke of a node in the last two weeks, and before.
    fn spoken(&self, node: &Node) -> (u32, u32) {
        let edges = self.teen_edges(true).filter(|edge| edge.to == node.id);
        let mut counts = (0, 0);
        for assertion in edges
            .flat_map(|edge| &edge.log)
            .filter(|assertion| assertion.polarity == Polarity::Holds)
        {
            let age = self.now.since(assertion.recorded_at).as_secs() / 86_400;
            if age <= u64::from(NEAR_DAYS.unsigned_abs()) {
                counts.0 += 1;
            } else {
                counts.1 += 1;
            }
        }
        counts
    }
}

/// Whether a node is sure enough to be told: from two sessions, or confident, or a person or goal
/// whose words are still there.
fn is_shown(node: &Node) -> bool {
    let quoted = matches!(node.kind, NodeKind::Person | NodeKind::Goal) && !node.turns.is_empty();
    node.kind != NodeKind::Teen && (node.sessions >= 2 || node.confidence >= SURE || quoted)
}

/// Nodes that are the same as another one which is told instead.
fn merged_away(graph: &Graph) -> BTreeSet<NodeId> {
    graph
        .edges
        .values()
        .filter(|edge| edge.slot == "same_as" && edge.valid_until.is_none())
        .filter_map(|edge| {
            let (a, b) = (graph.nodes.get(&edge.from)?, graph.nodes.get(&edge.to)?);
            let by = |node: &'_ Node| (node.support, std::cmp::Reverse(node.key.reveal().clone()));
            Some(if by(a) < by(b) { a.id } else { b.id })
        })
        .collect()
}

/// What decides between equal weights: never the id, which differs from teen to teen.
fn rank_key(node: &Node) -> (&str, Option<&str>, &str) {
    let qualifier = node.qualifier.as_ref().map(|text| text.reveal().as_str());
    (node.key.reveal(), qualifier, node.kind.name())
}

#[expect(
    clippy::cast_precision_loss,
    reason = "weights need no more than 24 bits"
)]
const fn float(count: u128) -> f32 {
    count as f32
}
