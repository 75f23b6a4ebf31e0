//! What is said between the things of a line: with whom, about what, why, before or after what,
//! what helps and what stands in the way.

mod company;
mod helps;

use std::ops::Range;

use innerworld_core::memory::{
    graph::Polarity,
    ontology::{EdgeKind, NodeKind},
};

use super::{
    Line,
    found::{Found, Item, ItemId, Tie},
    rule::Rule,
};

/// Words between a cause and its effect; `true`: the cause stands behind them.
const CAUSES: &[(&str, bool)] = &[
    ("because", true),
    ("bc", true),
    ("cuz", true),
    ("cos", true),
    ("cus", true),
    ("coz", true),
    ("cause", true),
    ("makes", false),
    ("made", false),
    ("making", false),
];

/// Words of time between two happenings.
const TIMES: &[(&str, &str)] = &[
    ("before", "before"),
    ("after", "after"),
    ("during", "during"),
    ("then", "before"),
    ("until", "before"),
    ("till", "before"),
    ("til", "before"),
    ("for", "before"),
];

/// Ties the items of a line to each other.
pub(super) fn find(line: &Line<'_>, found: &mut Found) {
    company::find(line, found);
    subjects(line, found);
    helps::find(line, found);
    bring(line, found);
    for at in line.scan.real() {
        causes(line, at, found);
        times(line, at, found);
    }
}

/// Topics that somebody brings about by what they do.
const BROUGHT: &[&str] = &["break-up", "grief"];

/// "andre broke up with me", "my dad passed": who brings a topic about.
fn bring(line: &Line<'_>, found: &mut Found) {
    found.by = Rule::LinksBring;
    let scan = &line.scan;
    let mut pairs = Vec::new();
    for (topic, shown) in found.of(&[NodeKind::Topic]) {
        let brought = shown
            .attrs
            .get("lexicon_id")
            .is_some_and(|id| BROUGHT.contains(&id.as_str()));
        let clause = scan.clause_of(shown.tokens.start).filter(|_| brought);
        for (other, item) in found.of(&[NodeKind::Person, NodeKind::Thing]) {
            let gone = item.kind == NodeKind::Person
                || item.attrs.get("sub").is_some_and(|sub| sub == "pet");
            let there = clause.is_some_and(|clause| {
                item.places()
                    .any(|place| clause.range.contains(&place.start))
            });
            if gone && there {
                pairs.push((other, topic, shown.tokens.clone()));
            }
        }
    }
    for (from, to, tokens) in pairs {
        tie(line, EdgeKind::Causal, (from, to), tokens, found);
    }
}

/// A topic shown in the sentence of a goal is what that is about; of an event or an activity only one
/// in its own words.
fn subjects(line: &Line<'_>, found: &mut Found) {
    found.by = Rule::LinksSubjects;
    let mut pairs = Vec::new();
    for (topic, shown) in found.of(&[NodeKind::Topic]) {
        for (other, item) in found.of(&[NodeKind::Goal, NodeKind::Event, NodeKind::Activity]) {
            let within =
                item.tokens.start <= shown.tokens.start && shown.tokens.end <= item.tokens.end;
            let beside = item.kind == NodeKind::Goal
                && line
                    .scan
                    .sentence_of(item.tokens.start)
                    .contains(&shown.tokens.start);
            let inside = within || beside;
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
    found.by = Rule::LinksCauses;
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
    found.by = Rule::LinksTimes;
    let scan = &line.scan;
    let Some((word, slot)) = TIMES.iter().find(|(word, _)| *word == scan.low(at)) else {
        return;
    };
    let kinds = [NodeKind::Event, NodeKind::Activity];
    let before = nearest(line, at, &kinds, Side::Before, found);
    let after = nearest(line, at, &kinds, Side::After, found);
    let Some((from, to)) = before.zip(after) else {
        return;
    };
    // "studying for finals", but not "a party for the team".
    let kind = |id: ItemId| found.items.get(id).map(|item| item.kind);
    let practised = kind(from) == Some(NodeKind::Activity) && kind(to) == Some(NodeKind::Event);
    if *word == "for" && !practised {
        return;
    }
    found.tie(Tie {
        kind: EdgeKind::Temporal,
        from: Some(from),
        to,
        slot: (*slot).to_owned(),
        polarity: Polarity::Holds,
        when: None,
        tokens: scan.sentence_of(at),
        confidence: 0.5 * scan.sureness(at),
    });
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Before,
    After,
}

/// The item of these kinds that stands nearest to `at` on one side, in the same sentence.
pub(super) fn nearest(
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

pub(super) fn tie(
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
