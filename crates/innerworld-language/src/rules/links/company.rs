//! Who and what takes part in an event or an activity, and where it is.

use std::ops::Range;

use innerworld_core::memory::ontology::{EdgeKind, NodeKind};

use super::tie;
use crate::rules::{Line, found::Found, rule::Rule};

/// "practice with dan", "recital at the library", "me and jalen do robotics": who is part of an
/// event or an activity of the clause, and where it is.
pub(super) fn find(line: &Line<'_>, found: &mut Found) {
    found.by = Rule::LinksCompany;
    let scan = &line.scan;
    let mut pairs = Vec::new();
    for (doing, event) in found.of(&[NodeKind::Event, NodeKind::Activity]) {
        let Some(clause) = scan.clause_of(event.tokens.start) else {
            continue;
        };
        let range = if event.kind == NodeKind::Event {
            scan.sentence_of(event.tokens.start)
        } else {
            clause.range.clone()
        };
        for (other, item) in found.of(&[NodeKind::Person, NodeKind::Place, NodeKind::Thing]) {
            let instrument = item.attrs.get("sub").is_some_and(|sub| sub == "instrument");
            if instrument {
                continue;
            }
            let there = item.places().find(|place| {
                range.contains(&place.start) && is_part(line, (event.kind, item.kind), place, found)
            });
            if let Some(place) = there {
                let (start, end) = (
                    event.tokens.start.min(place.start),
                    event.tokens.end.max(place.end),
                );
                pairs.push((doing, other, start..end));
            }
        }
    }
    for (from, to, tokens) in pairs {
        tie(line, EdgeKind::Involves, (from, to), tokens, found);
    }
}

/// Whether what stands at `place` is there with the teen: led by "with" or "at", or joined to
/// somebody who is.
fn is_part(
    line: &Line<'_>,
    (of, kind): (NodeKind, NodeKind),
    place: &Range<usize>,
    found: &Found,
) -> bool {
    let event = of == NodeKind::Event;
    let scan = &line.scan;
    let mut start = place.start;
    // "with olu and ben": back over the names before.
    while matches!(scan.before(start, 1), "and" | "n" | "&" | ",") {
        let other = start.saturating_sub(1);
        let mut named = found
            .of(&[NodeKind::Person])
            .flat_map(|(_, item)| item.places());
        let Some(before) = named.find(|place| place.end == other) else {
            break;
        };
        start = before.start;
    }
    let lead: Vec<&str> = (1..=3).map(|back| scan.before(start, back)).collect();
    let has = |words: &[&str]| lead.iter().any(|word| words.contains(word));
    match kind {
        NodeKind::Person => {
            let joined = matches!(scan.before(start, 1), "and" | "n" | "&")
                && matches!(scan.before(start, 2), "me" | "i")
                || matches!(scan.low(place.end), "and" | "n" | "&")
                    && matches!(scan.low(place.end + 1), "me" | "i")
                || scan.before(start, 1) == "me"
                    && matches!(scan.low(place.end), "and" | "n" | "&");
            has(&["with", "w"]) || joined || (event && !has(&["told", "than", "said"]))
        }
        NodeKind::Thing => has(&["with", "w", "on", "in", "using", "off", "from", "by"]),
        _ => has(&["at", "in", "to"]),
    }
}
