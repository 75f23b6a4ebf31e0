//! What speaks for a turn beside words, meaning and speaker: what the graph and the calendar know.
//!
//! Each signal has a weight in the recipe; at 0 it is not looked at and holds nothing in RAM.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::{MIN_RANKED_TURNS, Query, RecallIndex};
use crate::{
    calendar::{day_in, day_of_words},
    clock::Timestamp,
    ids::TurnId,
    memory::{
        asked_days::asked_days,
        graph::{Edge, Graph, Node, NodeId},
        named::named_in,
        ontology::NodeKind,
        rank::standardise,
        spoken_days::Days,
    },
};

/// Neighbours of what a query names that speak for their turns.
const MOST_NEIGHBOURS: usize = 8;

/// What is known beside the turns when something is asked.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// What was remembered, of one teen; of two people who talk, of both.
    pub graphs: &'a [&'a Graph],
    /// When it is asked.
    pub now: Timestamp,
    /// IANA time zone of who asks.
    pub zone: &'a str,
}

/// What each turn gains, oldest first; nothing where the recipe wants no such signal.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Gains(Vec<f32>);

impl Gains {
    /// Of every turn, and no end of zeros.
    pub(super) fn each(&self) -> impl Iterator<Item = f32> {
        let known = self.0.iter().copied();
        known.chain(std::iter::repeat(0.0))
    }
}

impl RecallIndex {
    /// What turns gain by what is known, as far as the recipe wants it.
    pub fn gains(&self, query: &Query<'_>, known: &Known<'_>) -> Gains {
        let weights = &self.recipe.known;
        if weights.are_off() || self.turns.len() < MIN_RANKED_TURNS {
            return Gains::default();
        }
        let mut gains = vec![0.0; self.turns.len()];
        if weights.needs_turns() {
            let named = Named::of(&query.in_first_person(), known.graphs);
            give(&mut gains, weights.named, self.places(named.turns));
            give(&mut gains, weights.beside_named, self.places(named.beside));
        }
        if weights.dated > 0.0 {
            let dated = self.dated(query, known).into_iter();
            give(&mut gains, weights.dated, dated);
        }
        if weights.recent > 0.0 {
            let recent = self.recent();
            for (gain, recent) in gains.iter_mut().zip(recent) {
                *gain += weights.recent * recent;
            }
        }
        Gains(gains)
    }

    fn places(&self, turns: BTreeSet<TurnId>) -> impl Iterator<Item = usize> {
        turns.into_iter().filter_map(|turn| self.place(turn))
    }

    /// Turns said on a day that is asked for, or that speak of one.
    fn dated(&self, query: &Query<'_>, known: &Known<'_>) -> BTreeSet<usize> {
        let asked = asked_days(query.text, day_in(known.zone, known.now));
        if asked.is_empty() {
            return BTreeSet::new();
        }
        let within = |days: &Days| {
            let mut asked = asked.iter();
            asked.any(|asked| days.from <= asked.until && asked.from <= days.until)
        };
        let spoken = self.spoken.iter().filter(|(_place, days)| within(days));
        let mut found: BTreeSet<usize> = spoken.map(|(place, _days)| *place as usize).collect();
        // The turns of a session share their day: it is read once.
        let mut last = ("", false);
        for (place, turn) in self.turns.iter().enumerate() {
            if !std::ptr::eq(turn.day(), last.0) {
                let day = day_of_words(turn.day());
                last = (turn.day(), day.is_some_and(|day| within(&one(day))));
            }
            if last.1 {
                found.insert(place);
            }
        }
        found
    }

    /// How late each turn was said, as a z-score.
    fn recent(&self) -> Vec<f32> {
        let first = self.turns.first().map(|turn| turn.id.made_at());
        let since = |turn: TurnId| first.map(|first| turn.made_at().since(first).as_secs_f32());
        let turns = self.turns.iter();
        let mut recent: Vec<f32> = turns
            .map(|turn| since(turn.id).unwrap_or_default())
            .collect();
        standardise(&mut recent);
        recent
    }
}

fn give(gains: &mut [f32], weight: f32, places: impl Iterator<Item = usize>) {
    for place in places {
        if let Some(gain) = gains.get_mut(place) {
            *gain += weight;
        }
    }
}

const fn one(day: Date) -> Days {
    Days {
        from: day,
        until: day,
    }
}

/// Turns of what a query names, and of what is tied to that.
#[derive(Default)]
struct Named {
    turns: BTreeSet<TurnId>,
    beside: BTreeSet<TurnId>,
}

impl Named {
    fn of(text: &str, graphs: &[&Graph]) -> Self {
        let mut found = Self::default();
        for graph in graphs {
            let named = named_in(graph, text);
            let ids: BTreeSet<NodeId> = named.iter().map(|node| node.id).collect();
            found.turns.extend(turns_of(&named));
            found.beside.extend(turns_of(&neighbours(graph, &ids)));
        }
        found
    }
}

fn turns_of<'a>(nodes: &'a [&Node]) -> impl Iterator<Item = TurnId> + 'a {
    nodes.iter().flat_map(|node| node.turns.iter().copied())
}

/// Nodes one edge away, the surest ties first; the teen is everybody's neighbour and none.
fn neighbours<'g>(graph: &'g Graph, named: &BTreeSet<NodeId>) -> Vec<&'g Node> {
    let mut ties: Vec<(&Edge, &Node)> = graph
        .edges
        .values()
        .filter_map(|edge| {
            let other = match (named.contains(&edge.from), named.contains(&edge.to)) {
                (true, false) => edge.to,
                (false, true) => edge.from,
                (true, true) | (false, false) => return None,
            };
            let other = graph.nodes.get(&other)?;
            (other.kind != NodeKind::Teen).then_some((edge, other))
        })
        .collect();
    ties.sort_by(|(a, _), (b, _)| {
        let surer = b.confidence.total_cmp(&a.confidence);
        surer
            .then(b.last_seen.cmp(&a.last_seen))
            .then(a.id.cmp(&b.id))
    });
    let mut nodes: Vec<&Node> = Vec::new();
    for (_edge, node) in ties {
        if nodes.len() < MOST_NEIGHBOURS && nodes.iter().all(|known| known.id != node.id) {
            nodes.push(node);
        }
    }
    nodes
}
