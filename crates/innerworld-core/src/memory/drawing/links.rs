//! What holds between two things, neither of which is the teen: curves beside a column or across.

use std::collections::BTreeSet;

use super::{
    Drawing,
    cards::Group,
    layout::{CARD_HEIGHT, FIRST_LANE, HUB_RADIUS, LANE, Layout, Side, Spot},
    width::{self, real, short},
};
use crate::memory::{
    Target,
    facts::{self, Voice},
    graph::{Edge, NodeId},
    ontology::EdgeKind,
};

pub(super) const LABEL_SIZE: f64 = 12.5;
/// Room around the teen that no curve enters.
const CLEARANCE: f64 = 14.0;
/// How far the handles of a curve are moved up or down to get past the teen.
const BENDS: [f64; 8] = [0.0, 40.0, 80.0, 120.0, 160.0, 220.0, 300.0, 400.0];

/// A fact between two shown things.
#[derive(Clone, Debug)]
pub(super) struct Link {
    pub(super) from: NodeId,
    pub(super) to: NodeId,
    pub(super) kind: EdgeKind,
    pub(super) label: String,
    /// The fact in words.
    pub(super) says: String,
    pub(super) ended: bool,
    pub(super) gone: bool,
}

/// A link with its curve, and the middle of its label if there was room for one.
#[derive(Clone, Debug)]
pub(super) struct Drawn<'a> {
    pub(super) link: &'a Link,
    pub(super) path: String,
    pub(super) label: Option<(f64, f64)>,
}

/// Every fact that says something about two shown things.
pub(super) fn between(drawing: &Drawing<'_>, groups: &[Group]) -> Vec<Link> {
    let cards = groups.iter().flat_map(|group| &group.cards);
    let shown: BTreeSet<NodeId> = cards.map(|card| card.node).collect();
    let graph = drawing.graph;
    let edges = graph.edges.values();
    let mut links: Vec<Link> = edges
        .filter(|edge| shown.contains(&edge.from) && shown.contains(&edge.to))
        .filter_map(|edge| {
            Some(Link {
                from: edge.from,
                to: edge.to,
                kind: edge.kind,
                label: label(drawing, edge)?,
                says: facts::clause(graph, edge, Voice::AboutTeen)?,
                ended: edge.valid_until.is_some(),
                gone: drawing.gone.contains(&Target::Fact(edge.id)),
            })
        })
        .collect();
    links.sort_by(|a, b| (a.kind, &a.says).cmp(&(b.kind, &b.says)));
    links
}

fn label(drawing: &Drawing<'_>, edge: &Edge) -> Option<String> {
    let object = drawing.graph.nodes.get(&edge.to)?;
    Some(match (edge.kind, edge.slot.as_str()) {
        (EdgeKind::Supports, _) => "helps".to_owned(),
        (EdgeKind::Conflicts, _) => "in the way".to_owned(),
        (EdgeKind::Causal, _) => "leads to".to_owned(),
        (EdgeKind::About, _) => "about".to_owned(),
        (EdgeKind::Involves, "") => "with".to_owned(),
        (_, "attends") => "goes to".to_owned(),
        (_, "works_at") => "works at".to_owned(),
        (_, slot) => facts::tie_words(object, slot, false),
    })
}

/// Finds each link's way. Labels keep clear of the teen and of each other; one for which there is
/// no room is left out, its words are in the curve's tooltip.
pub(super) fn route<'a>(links: &'a [Link], layout: &Layout) -> Vec<Drawn<'a>> {
    let (x, y) = layout.hub;
    let mut taken = vec![Room {
        x,
        y,
        half_width: HUB_RADIUS + 6.0,
        half_height: HUB_RADIUS + 6.0,
    }];
    let ways = links.iter().enumerate().filter_map(|(place, link)| {
        let (from, to) = (layout.spots.get(&link.from)?, layout.spots.get(&link.to)?);
        let curve = match layout.lanes.get(&place) {
            Some(lane) => Curve::beside(*from, *to, *lane),
            None => Curve::across(*from, *to, layout.hub),
        };
        let label = curve.free_place(&link.label, &mut taken);
        Some(Drawn {
            link,
            path: curve.path(),
            label,
        })
    });
    ways.collect()
}

/// A cubic curve.
#[derive(Clone, Copy)]
struct Curve([(f64, f64); 4]);

impl Curve {
    /// Around the outside of a column.
    fn beside(from: Spot, to: Spot, lane: usize) -> Self {
        // A curve's apex is at three quarters of its handles.
        let reach = (FIRST_LANE + LANE * real(lane)) / 0.75;
        let out = match from.side {
            Side::Left => -reach,
            Side::Right => reach,
        };
        let (x, shift) = (from.outer(), (CARD_HEIGHT / 6.0).copysign(to.y - from.y));
        let (start, end) = (from.y + shift, to.y - shift);
        Self([(x, start), (x + out, start), (x + out, end), (x, end)])
    }

    /// From one column to the other, bent as little as keeps it off the teen.
    fn across(from: Spot, to: Spot, hub: (f64, f64)) -> Self {
        let (start, end) = (from.y + CARD_HEIGHT / 4.0, to.y + CARD_HEIGHT / 4.0);
        let third = (to.inner() - from.inner()) / 3.0;
        let bent = |bend: f64| {
            Self([
                (from.inner(), start),
                (from.inner() + third, start + bend),
                (to.inner() - third, end + bend),
                (to.inner(), end),
            ])
        };
        // Rather to the side on which it passes anyway.
        let side = f64::midpoint(start, end) - hub.1;
        let bends = BENDS.into_iter().flat_map(|bend: f64| {
            let bend = bend.copysign(side);
            [bend, -bend]
        });
        let free = bends.map(bent).find(|curve| curve.is_off(hub));
        free.unwrap_or_else(|| bent(0.0))
    }

    fn is_off(&self, hub: (f64, f64)) -> bool {
        (0_u8..=24).all(|step| {
            let (x, y) = self.at(f64::from(step) / 24.0);
            (x - hub.0).hypot(y - hub.1) > HUB_RADIUS + CLEARANCE
        })
    }

    fn at(&self, part: f64) -> (f64, f64) {
        let rest = 1.0 - part;
        let weights = [
            rest * rest * rest,
            3.0 * rest * rest * part,
            3.0 * rest * part * part,
            part * part * part,
        ];
        let points = weights.iter().zip(&self.0);
        points.fold((0.0, 0.0), |(x, y), (weight, point)| {
            (x + weight * point.0, y + weight * point.1)
        })
    }

    fn free_place(&self, label: &str, taken: &mut Vec<Room>) -> Option<(f64, f64)> {
        let tries = [0.5, 0.42, 0.58, 0.34, 0.66, 0.27, 0.73, 0.2, 0.8];
        let room = tries.into_iter().map(|part| {
            let (x, y) = self.at(part);
            Room {
                x,
                y,
                half_width: width::of(label, LABEL_SIZE) / 2.0 + 3.0,
                half_height: LABEL_SIZE / 2.0 + 3.0,
            }
        });
        let room = room
            .into_iter()
            .find(|room| taken.iter().all(|other| !room.meets(other)))?;
        taken.push(room);
        Some((room.x, room.y))
    }

    fn path(&self) -> String {
        let [a, b, c, d] = self.0.map(|(x, y)| format!("{} {}", short(x), short(y)));
        format!("M{a}C{b} {c} {d}")
    }
}

/// A rectangle around its middle.
#[derive(Clone, Copy)]
struct Room {
    x: f64,
    y: f64,
    half_width: f64,
    half_height: f64,
}

impl Room {
    fn meets(&self, other: &Self) -> bool {
        (self.x - other.x).abs() < self.half_width + other.half_width
            && (self.y - other.y).abs() < self.half_height + other.half_height
    }
}
