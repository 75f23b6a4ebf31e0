//! Read graph against gold: what was found, missed, invented.

use std::collections::BTreeMap;

use innerworld_core::memory::{
    graph::Polarity,
    ontology::{EdgeKind, NodeKind},
};

use super::{
    graph::{End, Read, ReadEdge, ReadNode, compared},
    session::{Gold, GoldEdge, GoldNode, TEEN},
};
use crate::bench::tally::Tally;

/// The comparison of one session, or the sum of many.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// By kind of node.
    pub(super) nodes: BTreeMap<NodeKind, Tally>,
    /// By kind of edge.
    pub(super) edges: BTreeMap<EdgeKind, Tally>,
    /// Edges again, with every slot as good as another: how much only the word is wrong.
    pub(super) any_slot: Tally,
    /// Days of found edges that the gold says, and those of them that were read.
    pub(super) dates: (usize, usize),
    /// What is wrong, in words.
    pub(super) errors: Vec<String>,
}

impl Outcome {
    pub(super) fn of(gold: &Gold, read: &Read) -> Self {
        let mut outcome = Self::default();
        let homes = pair_nodes(&gold.nodes, &read.nodes);
        outcome.count_nodes(gold, read, &homes);
        let ends = Ends {
            gold,
            homes: &homes,
        };
        let strict = pair_edges(gold, read, &ends, true);
        outcome.count_edges(gold, read, &strict);
        let loose = pair_edges(gold, read, &ends, false);
        outcome.any_slot = Tally {
            hits: loose.iter().flatten().count(),
            said: read.edges.len(),
            gold: gold.edges.len(),
        };
        outcome
    }

    pub(super) fn add(&mut self, other: &Self) {
        for (kind, tally) in &other.nodes {
            *self.nodes.entry(*kind).or_default() += *tally;
        }
        for (kind, tally) in &other.edges {
            *self.edges.entry(*kind).or_default() += *tally;
        }
        self.any_slot += other.any_slot;
        self.dates.0 += other.dates.0;
        self.dates.1 += other.dates.1;
    }

    fn count_nodes(&mut self, gold: &Gold, read: &Read, homes: &[Option<usize>]) {
        for (node, home) in gold.nodes.iter().zip(homes) {
            let tally = self.nodes.entry(node.kind).or_default();
            tally.gold += 1;
            if home.is_some() {
                tally.hits += 1;
            } else {
                self.errors
                    .push(format!("missed    {} {}", node.kind.name(), node.name));
            }
        }
        for (place, node) in read.nodes.iter().enumerate() {
            self.nodes.entry(node.kind).or_default().said += 1;
            if !homes.contains(&Some(place)) {
                let name = name_of(read, End::Node(place));
                let (kind, rules) = (node.kind.name(), &node.rules);
                self.errors
                    .push(format!("invented  {kind} {name} ({rules})"));
            }
        }
    }

    fn count_edges(&mut self, gold: &Gold, read: &Read, pairs: &[Option<usize>]) {
        for (edge, pair) in gold.edges.iter().zip(pairs) {
            let tally = self.edges.entry(edge.kind).or_default();
            tally.gold += 1;
            let Some(found) = pair.and_then(|place| read.edges.get(place)) else {
                self.errors.push(format!("missed    {}", in_words(edge)));
                continue;
            };
            tally.hits += 1;
            if let Some(day) = edge.valid_from {
                self.dates.0 += 1;
                self.dates.1 += usize::from(found.day == day);
                if found.day != day {
                    let words = in_words(edge);
                    self.errors
                        .push(format!("misdated  {words}: {} for {day}", found.day));
                }
            }
        }
        for (place, edge) in read.edges.iter().enumerate() {
            self.edges.entry(edge.kind).or_default().said += 1;
            if !pairs.contains(&Some(place)) {
                let words = line(
                    edge.kind,
                    (name_of(read, edge.from), name_of(read, edge.to)),
                    Some(&edge.slot),
                    edge.polarity,
                );
                self.errors
                    .push(format!("invented  {words} ({})", edge.rules));
            }
        }
    }
}

/// For every gold node the read one that it is, each at most once: by name before by alias.
fn pair_nodes(gold: &[GoldNode], read: &[ReadNode]) -> Vec<Option<usize>> {
    let mut homes = vec![None; gold.len()];
    for by_alias in [false, true] {
        for (place, node) in gold.iter().enumerate() {
            if homes.get(place).copied().flatten().is_some() {
                continue;
            }
            let home = read.iter().enumerate().find(|(at, candidate)| {
                !homes.contains(&Some(*at)) && is_same(node, candidate, by_alias)
            });
            if let (Some(free), Some((at, _))) = (homes.get_mut(place), home) {
                *free = Some(at);
            }
        }
    }
    homes
}

fn is_same(gold: &GoldNode, read: &ReadNode, by_alias: bool) -> bool {
    let key = |name: &String| compared(gold.kind, name);
    if gold.kind != read.kind {
        return false;
    }
    if !by_alias {
        return read.names.first().map(key) == Some(key(&gold.name));
    }
    let mut known = std::iter::once(&gold.name).chain(&gold.aliases).map(key);
    let read: Vec<String> = read.names.iter().map(key).collect();
    known.any(|name| read.contains(&name))
}

/// What the ends of gold edges became.
struct Ends<'a> {
    gold: &'a Gold,
    homes: &'a [Option<usize>],
}

impl Ends<'_> {
    /// `None` if it was not read, or names no node of the gold.
    fn read(&self, name: &str) -> Option<End> {
        if name == TEEN {
            return Some(End::Teen);
        }
        let nodes = &self.gold.nodes;
        let named = |node: &GoldNode| node.name == name;
        let known_as = |node: &GoldNode| {
            let key = compared(node.kind, name);
            let mut names = std::iter::once(&node.name).chain(&node.aliases);
            names.any(|other| compared(node.kind, other) == key)
        };
        let place = nodes
            .iter()
            .position(named)
            .or_else(|| nodes.iter().position(known_as))?;
        self.homes.get(place).copied().flatten().map(End::Node)
    }
}

/// For every gold edge the read one that it is, each at most once. Those with a slot choose first.
fn pair_edges(gold: &Gold, read: &Read, ends: &Ends<'_>, slots: bool) -> Vec<Option<usize>> {
    let mut pairs = vec![None; gold.edges.len()];
    for with_slot in [true, false] {
        for (place, edge) in gold.edges.iter().enumerate() {
            if edge.slot.is_some() != with_slot {
                continue;
            }
            let (Some(from), Some(to)) = (ends.read(&edge.from), ends.read(&edge.to)) else {
                continue;
            };
            let is_it = |other: &ReadEdge| {
                let slot = edge.slot.as_ref().filter(|_slot| slots);
                (other.kind, other.from, other.to) == (edge.kind, from, to)
                    && other.polarity == edge.polarity
                    && slot.is_none_or(|slot| *slot == other.slot)
            };
            let found = read
                .edges
                .iter()
                .enumerate()
                .find(|(at, other)| !pairs.contains(&Some(*at)) && is_it(other));
            if let (Some(free), Some((at, _))) = (pairs.get_mut(place), found) {
                *free = Some(at);
            }
        }
    }
    pairs
}

fn name_of(read: &Read, end: End) -> &str {
    match end {
        End::Teen => TEEN,
        End::Node(place) => {
            let names = read.nodes.get(place).map(|node| &node.names);
            names
                .and_then(|names| names.first())
                .map_or("?", String::as_str)
        }
    }
}

fn in_words(edge: &GoldEdge) -> String {
    line(
        edge.kind,
        (&edge.from, &edge.to),
        edge.slot.as_deref(),
        edge.polarity,
    )
}

fn line(kind: EdgeKind, ends: (&str, &str), slot: Option<&str>, polarity: Polarity) -> String {
    let slot = slot.filter(|slot| !slot.is_empty());
    let slot = slot.map_or_else(String::new, |slot| format!(" {slot}"));
    let sign = match polarity {
        Polarity::Holds => "",
        Polarity::Stopped => " -",
    };
    format!("{}{slot}{sign}: {} -> {}", kind.name(), ends.0, ends.1)
}
