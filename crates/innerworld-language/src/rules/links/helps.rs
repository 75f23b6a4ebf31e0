//! What helps with a goal, and what stands in its way.

use innerworld_core::memory::ontology::{EdgeKind, NodeKind};

use super::{Side, nearest, tie};
use crate::rules::{
    Line,
    found::{Found, ItemId},
    rule::Rule,
};

const HELPS: &[&str] = &[
    "helps",
    "helping",
    "helped",
    "help",
    "motivates",
    "supports",
    "support",
    "encourages",
    "drills",
    "tutors",
    "teaching",
];
const HINDERS: &[&str] = &["way", "keeps", "stops", "instead", "can't", "distracts"];

/// Who and what helps or hinders.
const ACTORS: [NodeKind; 4] = [
    NodeKind::Activity,
    NodeKind::Person,
    NodeKind::Event,
    NodeKind::Thing,
];

/// Ties what helps and hinders to the goal of the line.
pub(super) fn find(line: &Line<'_>, found: &mut Found) {
    let Some((goal, _)) = found.of(&[NodeKind::Goal]).last() else {
        return;
    };
    for at in line.scan.real() {
        told(line, at, goal, found);
    }
    worked_for(line, goal, found);
}

/// "coach dan helps me", "homework gets in the way".
fn told(line: &Line<'_>, at: usize, goal: ItemId, found: &mut Found) {
    found.by = Rule::LinksHelps;
    let scan = &line.scan;
    let low = scan.low(at);
    let kind = if HELPS.contains(&low) {
        EdgeKind::Supports
    } else if HINDERS.contains(&low) {
        EdgeKind::Conflicts
    } else {
        return;
    };
    if low == "way" && scan.before(at, 2) != "in" {
        return;
    }
    if let Some(actor) = nearest(line, at, &ACTORS, Side::Before, found) {
        tie(line, kind, (actor, goal), scan.sentence_of(at), found);
    }
}

/// "im doing extra touches. i want my spot back": what is done in the line of a goal is done for it.
fn worked_for(line: &Line<'_>, goal: ItemId, found: &mut Found) {
    found.by = Rule::LinksDoneFor;
    let doing = found.of(&[NodeKind::Activity]).map(|(id, _)| id).last();
    if let (Some(doing), Some(item)) = (doing, found.items.get(goal)) {
        let tokens = item.tokens.clone();
        tie(line, EdgeKind::Supports, (doing, goal), tokens, found);
    }
}
