//! Where everything stands: two columns of cards, by kind, with the teen between them.

use std::collections::BTreeMap;

use super::{
    cards::{Card, Group},
    links::Link,
    width::real,
};
use crate::memory::{graph::NodeId, ontology::NodeKind};

pub(super) const CARD_WIDTH: f64 = 236.0;
pub(super) const CARD_HEIGHT: f64 = 50.0;
pub(super) const HUB_RADIUS: f64 = 50.0;
const GAP: f64 = 9.0;
const HEADING: f64 = 28.0;
const GROUP_GAP: f64 = 22.0;
/// Between the columns.
const MIDDLE: f64 = 320.0;
/// Above the columns.
pub(super) const TOP: f64 = 78.0;
/// Outside of a column without links.
const MARGIN: f64 = 34.0;
/// What the first link beside a column takes, and each further one.
pub(super) const FIRST_LANE: f64 = 44.0;
pub(super) const LANE: f64 = 26.0;
/// Outside of the last lane: half a label.
const LABEL: f64 = 42.0;
/// What a link from one column to the other costs, in units of height: it is harder to follow.
const CROSSING: f64 = 24.0;

/// Left or right of the teen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Side {
    Left,
    Right,
}

/// Where a card is: its left edge and its middle.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot {
    pub(super) side: Side,
    pub(super) x: f64,
    pub(super) y: f64,
}

impl Spot {
    /// The edge that looks at the teen.
    pub(super) fn inner(self) -> f64 {
        match self.side {
            Side::Left => self.x + CARD_WIDTH,
            Side::Right => self.x,
        }
    }

    /// The other one.
    pub(super) fn outer(self) -> f64 {
        match self.side {
            Side::Left => self.x,
            Side::Right => self.x + CARD_WIDTH,
        }
    }
}

/// A group with the height of its heading and the spots of its cards.
#[derive(Clone, Debug)]
pub(super) struct Placed {
    pub(super) kind: NodeKind,
    pub(super) heading: (f64, f64),
    pub(super) cards: Vec<(Card, Spot)>,
    pub(super) more: usize,
}

/// The whole plan.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    pub(super) width: f64,
    /// Where the legend begins.
    pub(super) bottom: f64,
    pub(super) hub: (f64, f64),
    pub(super) groups: Vec<Placed>,
    pub(super) spots: BTreeMap<NodeId, Spot>,
    /// The lane of each link whose ends are in one column, by its place.
    pub(super) lanes: BTreeMap<usize, usize>,
}

/// Places groups, the teen, and the lanes of links.
pub(super) fn lay_out(groups: &[Group], links: &[Link]) -> Layout {
    let sides = sides(groups, links);
    let heights = [Side::Left, Side::Right].map(|side| column_height(groups, &sides, side));
    let tallest = heights[0].max(heights[1]).max(3.0 * HUB_RADIUS);
    // Lanes do not depend on x, so cards are placed once to find them and once with their margins.
    let rough = place(groups, &sides, heights, tallest, [0.0, 0.0]);
    let (lanes, used) = lanes(links, &spots_of(&rough));
    let margins = used.map(|lanes| match lanes {
        0 => MARGIN,
        lanes => FIRST_LANE + LANE * real(lanes - 1) + LABEL,
    });
    let groups = place(groups, &sides, heights, tallest, margins);
    let left = margins[0] + CARD_WIDTH;
    Layout {
        width: left + MIDDLE + CARD_WIDTH + margins[1],
        bottom: TOP + tallest,
        hub: (left + MIDDLE / 2.0, TOP + tallest / 2.0),
        spots: spots_of(&groups),
        groups,
        lanes,
    }
}

fn height(group: &Group) -> f64 {
    let rows = real(group.cards.len());
    let more = if group.more > 0 { HEADING } else { 0.0 };
    HEADING + rows * CARD_HEIGHT + (rows - 1.0) * GAP + more
}

fn column_height(groups: &[Group], sides: &[Side], side: Side) -> f64 {
    let heights: Vec<f64> = groups
        .iter()
        .zip(sides)
        .filter(|(_, other)| **other == side)
        .map(|(group, _)| height(group))
        .collect();
    heights.iter().sum::<f64>() + GROUP_GAP * real(heights.len().saturating_sub(1))
}

/// The fairest of all ways to put kinds left and right: columns of a height, few links across. The
/// first kind is always left.
fn sides(groups: &[Group], links: &[Link]) -> Vec<Side> {
    let group_of = |node: NodeId| {
        groups
            .iter()
            .position(|group| group.cards.iter().any(|card| card.node == node))
    };
    let pairs: Vec<_> = links
        .iter()
        .map(|link| (group_of(link.from), group_of(link.to)))
        .collect();
    let ways = 1_usize << groups.len().saturating_sub(1);
    let way = |number: usize| -> Vec<Side> {
        let side = |place: usize| match place {
            0 => Side::Left,
            place if number >> (place - 1) & 1 == 1 => Side::Left,
            _ => Side::Right,
        };
        (0..groups.len()).map(side).collect()
    };
    let cost = |sides: &[Side]| {
        let side = |group: Option<usize>| sides.get(group?).copied();
        let across = pairs.iter().filter(|(a, b)| side(*a) != side(*b)).count();
        let left = column_height(groups, sides, Side::Left);
        let right = column_height(groups, sides, Side::Right);
        left.max(right) + CROSSING * real(across)
    };
    let all = (0..ways).map(way);
    let best = all.min_by(|a, b| cost(a).total_cmp(&cost(b)));
    best.unwrap_or_default()
}

fn place(
    groups: &[Group],
    sides: &[Side],
    heights: [f64; 2],
    tallest: f64,
    margins: [f64; 2],
) -> Vec<Placed> {
    // Both columns are centred on the teen.
    let mut next = heights.map(|height| TOP + (tallest - height) / 2.0);
    let mut placed = Vec::new();
    for (group, side) in groups.iter().zip(sides) {
        let [left, right] = &mut next;
        let (y, x) = match side {
            Side::Left => (left, margins[0]),
            Side::Right => (right, margins[0] + CARD_WIDTH + MIDDLE),
        };
        let first = *y + HEADING + CARD_HEIGHT / 2.0;
        let cards = group.cards.iter().enumerate().map(|(row, card)| {
            let y = first + real(row) * (CARD_HEIGHT + GAP);
            (card.clone(), Spot { side: *side, x, y })
        });
        placed.push(Placed {
            kind: group.kind,
            heading: (x, *y + HEADING - 10.0),
            cards: cards.collect(),
            more: group.more,
        });
        *y += height(group) + GROUP_GAP;
    }
    placed
}

fn spots_of(groups: &[Placed]) -> BTreeMap<NodeId, Spot> {
    let cards = groups.iter().flat_map(|group| &group.cards);
    cards.map(|(card, spot)| (card.node, *spot)).collect()
}

/// A lane for each link within a column, so that no two in a lane run beside each other; and how
/// many lanes each side has. Short links come innermost.
fn lanes(links: &[Link], spots: &BTreeMap<NodeId, Spot>) -> (BTreeMap<usize, usize>, [usize; 2]) {
    let mut within: Vec<(f64, f64, usize, Side)> = links
        .iter()
        .enumerate()
        .filter_map(|(place, link)| {
            let (from, to) = (spots.get(&link.from)?, spots.get(&link.to)?);
            let (top, bottom) = (from.y.min(to.y), from.y.max(to.y));
            (from.side == to.side).then_some((top, bottom, place, from.side))
        })
        .collect();
    within.sort_by(|a, b| {
        (a.1 - a.0)
            .total_cmp(&(b.1 - b.0))
            .then(a.0.total_cmp(&b.0))
    });
    let (mut lanes, mut taken) = (BTreeMap::new(), [Vec::new(), Vec::new()]);
    for (top, bottom, place, side) in within {
        let [left, right] = &mut taken;
        let column: &mut Vec<Vec<(f64, f64)>> = match side {
            Side::Left => left,
            Side::Right => right,
        };
        let is_free = |lane: &Vec<(f64, f64)>| lane.iter().all(|(a, b)| bottom < *a || *b < top);
        let lane = column.iter().position(is_free).unwrap_or(column.len());
        if lane == column.len() {
            column.push(Vec::new());
        }
        if let Some(lane) = column.get_mut(lane) {
            lane.push((top, bottom));
        }
        lanes.insert(place, lane);
    }
    (lanes, taken.map(|column| column.len()))
}
