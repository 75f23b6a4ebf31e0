//! What is said between the things of a line: with whom, about what, why, before or after what,
//! what helps and what stands in the way.

use std::ops::Range;

use innerworld_core::memory::{
    graph::Polarity,
    ontology::{EdgeKind, NodeKind},
};

use super::{
    Line,
    found::{Found, Item, ItemId, Tie},
};

/// Words between a cause and its effect; `true`: the cause stands behind them.
const CAUSES: &[(&str, bool)] = &[
    ("because", true),
    ("bc", true),
    ("cuz", true),
    ("cause", true),
    ("makes", false),
    ("made", false),
    ("making", false),
];

/// Words of time between two happenings.
const TIMES: &[&str] = &["before", "after", "during", "then", "since", "until"];

const HELPS: &[&str] = &["helps", "helping", "helped", "motivates", "supports"];
const HINDERS: &[&str] = &["way", "keeps", "stops", "instead", "can't", "distracts"];

/// Ties the items of a line to each other.
pub(super) fn find(line: &Line<'_>, found: &mut Found) {
    company(line, found);
    subjects(line, found);
    for at in line.scan.real() {
        causes(line, at, found);
        times(line, at, found);
        goals(line, at, found);
    }
}

/// "practice with dan", "recital at the library".
fn company(line: &Line<'_>, found: &mut Found) {
    let scan = &line.scan;
    let mut pairs = Vec::new();
    for (doing, event) in found.of(&[NodeKind::Event, NodeKind::Activity]) {
        let Some(clause) = scan.clause_of(event.tokens.start) else {
            continue;
        };
        for (other, item) in found.of(&[NodeKind::Person, NodeKind::Place]) {
            let start = item.tokens.start;
            let lead = (1..=3).map(|back| scan.before(start, back));
            let led = match item.kind {
                NodeKind::Person => lead.clone().any(|word| word == "with"),
                _ => lead.clone().any(|word| matches!(word, "at" | "in")),
            };
            if led && clause.range.contains(&start) && start >= event.tokens.end {
                pairs.push((doing, other, event.tokens.start..item.tokens.end));
            }
        }
    }
    for (from, to, tokens) in pairs {
        tie(line, EdgeKind::Involves, (from, to), tokens, found);
    }
}

/// A topic shown by the words of a goal, an event, an activity is what that is about.
fn subjects(line: &Line<'_>, found: &mut Found) {
    let mut pairs = Vec::new();
    for (topic, shown) in found.of(&[NodeKind::Topic]) {
        for (other, item) in found.of(&[NodeKind::Goal, NodeKind::Event, NodeKind::Activity]) {
            let inside =
                item.tokens.start <= shown.tokens.start && shown.tokens.end <= item.tokens.end;
            if inside {
                pairs.push((other, topic, item.tokens.clone()));
            }
        }
    }
    for (from, to, tokens) in pairs {
        tie(line, EdgeKind::About, (from, to), tokens, found);
    }
}

/// "i can't sleep because of the chem test", "math makes me anxious".
fn causes(line: &Line<'_>, at: usize, found: &mut Found) {
    let scan = &line.scan;
    let Some((_, behind)) = CAUSES.iter().find(|(word, _)| *word == scan.low(at)) else {
        return;
    };
    if !behind && !matches!(scan.low(at + 1), "me" | "my") {
        return;
    }
    let any = NodeKind::ALL;
    let effects = [
        NodeKind::Event,
        NodeKind::Topic,
        NodeKind::Goal,
        NodeKind::Activity,
    ];
    let pair = if *behind {
        let effect = nearest(line, at, &effects, Side::Before, found);
        nearest(line, at, &any, Side::After, found).zip(effect)
    } else {
        let cause = nearest(line, at, &any, Side::Before, found);
        cause.zip(nearest(line, at, &effects, Side::After, found))
    };
    if let Some(ends) = pair {
        tie(line, EdgeKind::Causal, ends, scan.sentence_of(at), found);
    }
}

/// "practice before the recital".
fn times(line: &Line<'_>, at: usize, found: &mut Found) {
    let scan = &line.scan;
    let Some(order) = TIMES.iter().find(|word| **word == scan.low(at)) else {
        return;
    };
    let kinds = [NodeKind::Event, NodeKind::Activity];
    let before = nearest(line, at, &kinds, Side::Before, found);
    let after = nearest(line, at, &kinds, Side::After, found);
    let Some((from, to)) = before.zip(after) else {
        return;
    };
    let slot = if *order == "then" { "before" } else { order };
    found.tie(Tie {
        kind: EdgeKind::Temporal,
        from: Some(from),
        to,
        slot: slot.to_owned(),
        polarity: Polarity::Holds,
        when: None,
        tokens: scan.sentence_of(at),
        confidence: 0.5 * scan.sureness(at),
    });
}

/// "coach dan helps me", "homework gets in the way": of the goal in the same line.
fn goals(line: &Line<'_>, at: usize, found: &mut Found) {
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
    let Some((goal, _)) = found.of(&[NodeKind::Goal]).last() else {
        return;
    };
    let actors = [
        NodeKind::Activity,
        NodeKind::Person,
        NodeKind::Event,
        NodeKind::Thing,
    ];
    if let Some(actor) = nearest(line, at, &actors, Side::Before, found) {
        tie(line, kind, (actor, goal), scan.sentence_of(at), found);
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Before,
    After,
}

/// The item of these kinds that stands nearest to `at` on one side, in the same sentence.
fn nearest(
    line: &Line<'_>,
    at: usize,
    kinds: &[NodeKind],
    side: Side,
    found: &Found,
) -> Option<ItemId> {
    let sentence = line.scan.sentence_of(at);
    let inside = |item: &Item| sentence.contains(&item.tokens.start);
    let items = found.of(kinds).filter(|(_, item)| inside(item));
    match side {
        Side::Before => items
            .filter(|(_, item)| item.tokens.end <= at)
            .max_by_key(|(_, item)| item.tokens.end),
        Side::After => items
            .filter(|(_, item)| item.tokens.start > at)
            .min_by_key(|(_, item)| item.tokens.start),
    }
    .map(|(id, _)| id)
}

fn tie(
    line: &Line<'_>,
    kind: EdgeKind,
    (from, to): (ItemId, ItemId),
    tokens: Range<usize>,
    found: &mut Found,
) {
    let sure = 0.5 * line.scan.sureness(tokens.start);
    found.tie(Tie {
        kind,
        from: Some(from),
        to,
        slot: String::new(),
        polarity: Polarity::Holds,
        when: None,
        tokens,
        confidence: sure,
    });
}
