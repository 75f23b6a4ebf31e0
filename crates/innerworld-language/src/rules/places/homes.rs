//! Where people live: by verbs of living and moving, and by the words behind a name.

use innerworld_core::memory::{
    graph::Polarity,
    ontology::{EdgeKind, NodeKind},
};

use super::{Stay, WISHES, name};
use crate::rules::{
    Line,
    found::{Found, Item, Tie},
    rule::Rule,
};

/// Words before "from" that tell where somebody is from.
const IS: &[&str] = &["i'm", "im", "am", "is", "hes", "shes", "he's", "she's"];

/// Forms of moving: where from and where to may both follow.
const MOVES: &[&str] = &["moved", "moving", "move", "moves"];

/// "moved to austin", "live in a town called X", "moved from dallas", "moved from leeds to bristol".
pub(super) fn home(line: &Line<'_>, at: usize, found: &mut Found) -> Vec<Stay> {
    found.by = Rule::PlacesHome;
    let scan = &line.scan;
    let Some((skip, stopped)) = led(line, at) else {
        return Vec::new();
    };
    let wished = scan
        .clause_of(at)
        .is_some_and(|clause| (clause.range.start..at).any(|w| WISHES.contains(&scan.low(w))));
    let mut stays = Vec::new();
    let mut next = Some((at + skip, stopped));
    while let Some((start, stopped)) = next.take() {
        let Some(tokens) = name(line, start, true).filter(|name| found.is_free(name.start)) else {
            break;
        };
        let turns = if stopped { "to" } else { "from" };
        let other = MOVES.contains(&scan.low(at)) && stays.is_empty();
        if other && scan.low(tokens.end) == turns {
            next = Some((tokens.end + 1, !stopped));
        }
        let item = Item::new(
            NodeKind::Place,
            scan.text(&tokens),
            tokens,
            0.85 * scan.sureness(at),
        );
        let place = found.add(item.attr("sub", "city"));
        let slot = if scan.low(at) == "from" {
            "from"
        } else {
            "lives_in"
        };
        stays.push(Stay {
            place,
            slot,
            stopped,
            verb: at,
            own: false,
        });
    }
    if wished { Vec::new() } else { stays }
}

/// How many words stand before the place, and whether somebody lives there no longer.
fn led(line: &Line<'_>, at: usize) -> Option<(usize, bool)> {
    let scan = &line.scan;
    let me = scan.first_person_before(at).is_some();
    let words = (scan.low(at), scan.low(at + 1), scan.low(at + 2));
    Some(match words {
        ("live" | "lives" | "living", "in" | "on", _) => (2, scan.is_stopped(at)),
        ("live" | "lives" | "living", "with" | "here" | "out" | "over" | "down" | "up", _) => {
            let there = (at + 2..at + 6).find(|at| scan.low(*at) == "in")?;
            (there + 1 - at, scan.is_stopped(at))
        }
        ("leave" | "leaving", ..) if me => (1, true),
        ("from", ..) if IS.contains(&scan.before(at, 1)) => (1, false),
        ("goes" | "going" | "went" | "moves", "back", "to") if !me => (3, false),
        ("moved" | "moving" | "move" | "moves", "from", _) | ("lived", "in", _) => (2, true),
        ("moved" | "moving" | "move", "here" | "away", "from") => (3, true),
        ("moved" | "moving" | "move" | "moves", "to", _)
        | ("here" | "apartment" | "flat" | "house" | "place", "in", _)
        | ("flying" | "visiting" | "coming", "from", _) => (2, false),
        ("moved" | "moving" | "move", "back" | "here" | "away", "to")
        | ("flying" | "coming", "in" | "over", "from") => (3, false),
        _ => return None,
    })
}

/// "my guka and cucu in nyeri": people are where the words behind them say.
pub(in crate::rules) fn whereabouts(line: &Line<'_>, found: &mut Found) {
    found.by = Rule::PlacesWhereabouts;
    let scan = &line.scan;
    let mut pairs = Vec::new();
    for (place, item) in found.of(&[NodeKind::Place]) {
        let Some(mut end) = item
            .tokens
            .start
            .checked_sub(1)
            .filter(|at| scan.low(*at) == "in")
        else {
            continue;
        };
        while let Some((person, there)) = found
            .of(&[NodeKind::Person])
            .find_map(|(id, person)| Some((id, person.places().find(|place| place.end == end)?)))
        {
            pairs.push((person, place, there.start..item.tokens.end));
            let joined = matches!(scan.before(there.start, 1), "and" | "n" | "&");
            let Some(before) = there.start.checked_sub(1).filter(|_| joined) else {
                break;
            };
            end = before;
        }
    }
    for (person, place, tokens) in pairs {
        found.tie(Tie {
            kind: EdgeKind::RelatesTo,
            from: Some(person),
            to: place,
            slot: "lives_in".to_owned(),
            polarity: Polarity::Holds,
            when: None,
            confidence: 0.6 * scan.sureness(tokens.start),
            tokens,
        });
    }
}
