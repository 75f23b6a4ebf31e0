//! What was forgotten and must not be read again, ready to ask.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{
    graph::{EdgeId, NodeId},
    store::{Forgotten, MentionList, Suppression},
};
use crate::{clock::Timestamp, ids::TurnId};

/// All suppressions of a teen.
#[derive(Clone, Debug, Default)]
pub struct Suppressed {
    turns: BTreeSet<TurnId>,
    names: BTreeMap<NodeId, Timestamp>,
    facts: BTreeSet<(TurnId, EdgeId)>,
}

impl Suppressed {
    /// Reads the stored rows.
    pub fn new(rows: &[Suppression]) -> Self {
        let mut all = Self::default();
        for row in rows {
            all.add(row);
        }
        all
    }

    /// Takes one more.
    pub fn add(&mut self, row: &Suppression) {
        match (row.what, row.name) {
            (Forgotten::Fact, Some(edge)) => self
                .facts
                .extend(row.turns.iter().map(|turn| (*turn, EdgeId(edge)))),
            (Forgotten::Fact, None) => {}
            (Forgotten::Turn | Forgotten::Node, name) => {
                self.turns.extend(&row.turns);
                if let Some(node) = name {
                    let until = self.names.entry(NodeId(node)).or_insert(row.recorded_at);
                    *until = row.recorded_at.max(*until);
                }
            }
        }
    }

    /// Whether nothing may be read from this turn.
    pub fn turn(&self, turn: TurnId) -> bool {
        self.turns.contains(&turn)
    }

    /// Whether a thing of this name may not be read from what was said at `said_at`: it was
    /// forgotten later, and the session came late.
    pub fn name(&self, node: NodeId, said_at: Timestamp) -> bool {
        self.names.get(&node).is_some_and(|until| said_at <= *until)
    }

    /// Whether any name was ever forgotten: most teens never do, and a name's id costs a hash.
    pub fn names_any(&self) -> bool {
        !self.names.is_empty()
    }

    /// Whether this fact may not be read from this turn.
    pub fn fact(&self, turn: TurnId, edge: EdgeId) -> bool {
        self.facts.contains(&(turn, edge))
    }

    /// The list as if the forgotten turns had never been said.
    pub fn strip(&self, list: &Arc<MentionList>) -> Arc<MentionList> {
        let mut left = Arc::clone(list);
        let says = |turns: &[TurnId]| turns.iter().any(|turn| self.turn(*turn));
        let touched = list.mentions.iter().any(|mention| says(&mention.turns))
            || list.relations.iter().any(|relation| says(&relation.turns));
        if touched {
            let left = Arc::make_mut(&mut left);
            left.mentions
                .iter_mut()
                .for_each(|mention| mention.turns.retain(|turn| !self.turn(*turn)));
            left.relations
                .iter_mut()
                .for_each(|relation| relation.turns.retain(|turn| !self.turn(*turn)));
            left.drop_unsupported();
        }
        left
    }
}

impl MentionList {
    /// Drops mentions and relations without a turn. A relation whose mention went is tied to
    /// another mention of the same name from one of its own turns, if there is one.
    pub(super) fn drop_unsupported(&mut self) {
        let before = std::mem::take(&mut self.mentions);
        self.mentions = before
            .iter()
            .filter(|mention| !mention.turns.is_empty())
            .cloned()
            .collect();
        let mentions = &self.mentions;
        let stand_in = |index: u32, turns: &[TurnId]| {
            if mentions.iter().any(|mention| mention.index == index) {
                return Some(index);
            }
            let gone = before.iter().find(|mention| mention.index == index)?;
            mentions
                .iter()
                .find(|other| {
                    other.kind == gone.kind
                        && other.qualifier == gone.qualifier
                        && super::names::key(other.kind, other.surface.reveal())
                            == super::names::key(gone.kind, gone.surface.reveal())
                        && other.turns.iter().any(|turn| turns.contains(turn))
                })
                .map(|other| other.index)
        };
        self.relations.retain_mut(|relation| {
            let to = stand_in(relation.to, &relation.turns);
            let from = relation.from.map(|from| stand_in(from, &relation.turns));
            let whole = !relation.turns.is_empty() && to.is_some() && from != Some(None);
            relation.to = to.unwrap_or(relation.to);
            relation.from = from.flatten();
            whole
        });
    }
}
