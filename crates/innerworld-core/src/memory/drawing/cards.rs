//! What stands on the card of each thing: its name, and what it is to the teen.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::Drawing;
use crate::{
    calendar,
    clock::Timestamp,
    memory::{
        Target, facts,
        graph::{Edge, Node, NodeId},
        ontology::{EdgeKind, NodeKind},
    },
};

/// Most things of a kind that are shown.
const MOST: usize = 12;

/// Kinds in the order in which they are shown.
const ORDER: [NodeKind; 7] = [
    NodeKind::Person,
    NodeKind::Place,
    NodeKind::Thing,
    NodeKind::Goal,
    NodeKind::Activity,
    NodeKind::Event,
    NodeKind::Topic,
];

/// How the teen stands to a thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hold {
    /// Something holds between them.
    Holds,
    /// Something held once.
    Ended,
    /// It was only spoken of.
    Spoken,
}

/// A thing as it is shown.
#[derive(Clone, Debug)]
pub(super) struct Card {
    pub(super) node: NodeId,
    pub(super) name: String,
    pub(super) note: String,
    pub(super) hold: Hold,
    pub(super) gone: bool,
}

/// The things of a kind.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub(super) kind: NodeKind,
    pub(super) cards: Vec<Card>,
    /// Things of the kind that are not shown.
    pub(super) more: usize,
}

/// The groups of a drawing that have anything in them.
pub(super) fn of(drawing: &Drawing<'_>) -> Vec<Group> {
    let teller = Teller::new(drawing);
    let groups = ORDER.into_iter().map(|kind| {
        let nodes = drawing.graph.nodes.values();
        let mut all: Vec<&Node> = nodes.filter(|node| node.kind == kind).collect();
        all.sort_by_key(|node| (std::cmp::Reverse(node.support), node.key.reveal()));
        let more = all.len().saturating_sub(MOST);
        all.truncate(MOST);
        // As they came up: a reader of the talk finds them in its order.
        all.sort_by_key(|node| (node.first_seen, node.turns.first(), node.key.reveal()));
        Group {
            kind,
            cards: all.into_iter().map(|node| teller.card(node)).collect(),
            more,
        }
    });
    groups.filter(|group| !group.cards.is_empty()).collect()
}

struct Teller<'a> {
    drawing: &'a Drawing<'a>,
    /// Facts between the teen and each thing; that it was spoken of is none.
    ties: BTreeMap<NodeId, Vec<&'a Edge>>,
    this_year: i16,
}

impl<'a> Teller<'a> {
    fn new(drawing: &'a Drawing<'a>) -> Self {
        let graph = drawing.graph;
        let teen = graph.nodes.values().find(|n| n.kind == NodeKind::Teen);
        let of_teen = graph.edges.values().filter(|edge| {
            edge.kind != EdgeKind::Mentions && Some(edge.from) == teen.map(|teen| teen.id)
        });
        let mut ties: BTreeMap<NodeId, Vec<&Edge>> = BTreeMap::new();
        for edge in of_teen {
            ties.entry(edge.to).or_default().push(edge);
        }
        for edges in ties.values_mut() {
            edges.sort_by_key(|edge| {
                let said = edge.slot.is_empty();
                (
                    edge.valid_until.is_some(),
                    said,
                    edge.kind,
                    edge.slot.clone(),
                )
            });
        }
        let newest = graph.nodes.values().map(|node| node.last_seen).max();
        let this_year = calendar::day_in(drawing.zone, newest.unwrap_or_default()).year();
        Self {
            drawing,
            ties,
            this_year,
        }
    }

    fn card(&self, node: &Node) -> Card {
        let ties = self.ties.get(&node.id).map_or(&[][..], Vec::as_slice);
        let hold = match ties.first() {
            None => Hold::Spoken,
            Some(edge) if edge.valid_until.is_some() => Hold::Ended,
            Some(_open) => Hold::Holds,
        };
        Card {
            node: node.id,
            name: node.name.reveal().clone(),
            note: self.note(node, ties),
            hold,
            gone: self.drawing.gone.contains(&Target::Node(node.id)),
        }
    }

    fn note(&self, node: &Node, ties: &[&Edge]) -> String {
        let day = node.attrs.get("when_from").and_then(|at| {
            let at = at.reveal();
            at.get(..10).unwrap_or(at).parse::<Date>().ok()
        });
        let tie = ties.first().map(|edge| self.tie(node, edge));
        match (day, tie) {
            (Some(day), _) => self.day(day),
            (None, Some(tie)) => tie,
            (None, None) => spoken(node.support),
        }
    }

    /// "best friend since 2 Mar".
    fn tie(&self, node: &Node, edge: &Edge) -> String {
        let words = words(node, edge);
        let on = |at: Timestamp| self.day(calendar::day_in(self.drawing.zone, at));
        match edge.valid_until {
            Some(until) => format!("{words} until {}", on(until)),
            // Nobody became the teen's mother on the day on which she was first spoken of.
            None if edge.slot == "kin" => words,
            None => format!("{words} since {}", on(edge.valid_from)),
        }
    }

    fn day(&self, day: Date) -> String {
        let form = if day.year() == self.this_year {
            "%-d %b"
        } else {
            "%-d %b %Y"
        };
        day.strftime(form).to_string()
    }
}

/// What a fact makes of a thing.
fn words(node: &Node, edge: &Edge) -> String {
    let open = edge.valid_until.is_none();
    let either = |holds: &str, held: &str| if open { holds } else { held }.to_owned();
    match (edge.slot.as_str(), node.kind) {
        ("attends", _) => either("goes there", "went there"),
        ("lives_in", _) => either("lives there", "lived there"),
        ("works_at", _) => either("works there", "worked there"),
        ("from", _) => "comes from there".to_owned(),
        ("wants", _) => either("wants it", "wanted it"),
        ("", NodeKind::Place) => either("spends time there", "spent time there"),
        ("", NodeKind::Activity) => either("does it", "did it"),
        ("", NodeKind::Goal) => either("works on it", "worked on it"),
        ("", _) if is_group(node) => either("takes part", "took part"),
        ("", _) => either("tied to it", "was tied to it"),
        (slot, _) => match facts::tie_words(node, slot, true) {
            // Somebody without another name.
            same if same == node.name.reveal().to_lowercase() => "family".to_owned(),
            words => words,
        },
    }
}

fn is_group(node: &Node) -> bool {
    let sub = node.attrs.get("sub");
    sub.is_some_and(|sub| sub.reveal() == "group")
}

fn spoken(times: u32) -> String {
    match times {
        0 | 1 => "spoken of once".to_owned(),
        2 => "spoken of twice".to_owned(),
        times => format!("spoken of {times} times"),
    }
}
