//! Places: where the teen lives, learns, goes.

pub(super) mod homes;

use std::ops::Range;

use innerworld_core::memory::{
    graph::Polarity,
    ontology::{EdgeKind, NodeKind},
};

use super::{
    Line,
    found::{Found, Item, ItemId, Tie},
    rule::Rule,
    scan::Scan,
};
use crate::tagger::EntityKind;

/// Words of wanting: a school that is wanted is not attended.
const WISHES: &[&str] = &[
    "want", "wanna", "hope", "hoping", "apply", "applying", "applied", "into", "dream", "trying",
    "tryna", "wish", "visit", "visited", "visiting", "tour", "toured", "gonna",
];

/// A place whose owner is known once people are.
pub(super) struct Stay {
    place: ItemId,
    slot: &'static str,
    stopped: bool,
    verb: usize,
    /// The words say by themselves that it is the teen's.
    own: bool,
}

/// Finds the places of a line; gives who lives or learns where, as far as verbs tell.
pub(super) fn find(line: &Line<'_>, found: &mut Found) -> Vec<Stay> {
    let mut stays = Vec::new();
    let places: Vec<usize> = line.scan.real().collect();
    for at in &places {
        stays.extend(school(line, *at, found));
    }
    for at in &places {
        stays.extend(homes::home(line, *at, found));
        visited(line, *at, found);
        bound(line, *at, found);
    }
    stays
}

/// Ties places to whoever lives or learns there.
pub(super) fn settle(line: &Line<'_>, stays: Vec<Stay>, found: &mut Found) {
    found.by = Rule::PlacesStay;
    for stay in stays {
        let from = found.subject(&line.scan, stay.verb);
        // "we might move to ohio" is nobody's home yet, and would end the one before it.
        if line.scan.sureness(stay.verb) < 1.0 {
            continue;
        }
        let me = stay.own || line.scan.first_person_before(stay.verb).is_some();
        let opens = line.scan.clause_of(stay.verb).is_some_and(|clause| {
            clause
                .range
                .clone()
                .take_while(|at| *at < stay.verb)
                .count()
                <= 1
        });
        if from.is_none() && !me && !opens {
            continue;
        }
        let when = line.when_in_clause(stay.verb);
        found.tie(Tie {
            kind: EdgeKind::RelatesTo,
            from,
            to: stay.place,
            slot: stay.slot.to_owned(),
            polarity: if stay.stopped {
                Polarity::Stopped
            } else {
                Polarity::Holds
            },
            when,
            tokens: stay.verb..line.scan.clause_end(stay.verb),
            confidence: 0.85 * line.scan.sureness(stay.verb),
        });
    }
}

/// "in texas", "trip to Springfield", "visiting seoul".
fn visited(line: &Line<'_>, at: usize, found: &mut Found) {
    found.by = Rule::PlacesVisited;
    let scan = &line.scan;
    let led = matches!(
        scan.low(at),
        "in" | "to"
            | "from"
            | "visit"
            | "visited"
            | "visiting"
            | "near"
            | "around"
            | "outside"
            | "leaving"
    );
    let Some(tokens) = name(line, at + 1, false).filter(|_| led) else {
        return;
    };
    if tokens.clone().all(|at| found.is_free(at)) {
        let sure = 0.75 * scan.sureness(at);
        found.add(Item::new(NodeKind::Place, scan.text(&tokens), tokens, sure));
    }
}

/// The name of a town or country. `clear`: a verb of living stands before it, so an unknown
/// word is one too.
fn name(line: &Line<'_>, at: usize, clear: bool) -> Option<Range<usize>> {
    let (scan, lexicon) = (&line.scan, line.lexicon);
    let common = |at: usize| lexicon.words.not_names.contains(scan.base(at));
    if !scan.is_word(at) || scan.has_s(at) {
        return None;
    }
    let tagged = line
        .names
        .iter()
        .find(|name| name.kind == EntityKind::Location && name.start == at);
    if let Some(name) = tagged.filter(|_| clear) {
        return Some(name.start..name.end);
    }
    let prefixed = lexicon.place_prefixes.contains(scan.low(at));
    let two = scan.is_word(at + 1)
        && scan.base(at + 1).chars().count() >= 3
        && !common(at + 1)
        && !matches!(
            scan.low(at + 1),
            "house" | "apartment" | "town" | "city" | "school" | "place"
        );
    if prefixed && two {
        return Some(at..at + 2);
    }
    let capitals = (at..at + 3)
        .take_while(|at| scan.is_marked_capital(*at) && scan.is_word(*at) && !common(*at))
        .count();
    if lexicon.cities.contains(scan.base(at)) {
        return Some(at..at + 1);
    }
    let known = lexicon.sure_names.contains(scan.base(at))
        || scan.find(&lexicon.topics, at).is_some()
        || scan.find(&lexicon.activities, at).is_some()
        || scan.find(&lexicon.things.known, at).is_some();
    if capitals > 0 && !known {
        return Some(at..at + capitals);
    }
    let unknown = clear
        && !known
        && !common(at)
        && scan.base(at).chars().count() >= 4
        && (!scan.is_word(at + 1) || common(at + 1) || line.is_dated(at + 1));
    unknown.then_some(at..at + 1)
}

/// "lincoln high", "riverside middle school", "the university of x" is left to its capitals.
fn school(line: &Line<'_>, end: usize, found: &mut Found) -> Option<Stay> {
    found.by = Rule::PlacesSchool;
    let (scan, lexicon) = (&line.scan, line.lexicon);
    let (length, ()) = scan.find(&lexicon.school_ends, end)?;
    let named = |at: usize| {
        scan.is_word(at)
            && !scan.has_s(at)
            && !lexicon.words.not_names.contains(scan.low(at))
            && scan.clause_of(at).map(|c| c.range.start)
                == scan.clause_of(end).map(|c| c.range.start)
    };
    let start = (end.saturating_sub(2)..end)
        .rev()
        .take_while(|at| named(*at))
        .last()?;
    if !found.is_free(start) || !found.is_free(end) {
        return None;
    }
    let tokens = start..end + length;
    let item = Item::new(
        NodeKind::Place,
        scan.text(&tokens),
        tokens,
        0.85 * scan.sureness(end),
    );
    let place = found.add(item.attr("sub", "school"));
    let clause = scan.clause_of(start)?;
    let before = clause.range.start..start;
    let wished = before.clone().any(|at| WISHES.contains(&scan.low(at)));
    let verb = before.rev().find(|at| {
        matches!(
            scan.low(*at),
            "go" | "goes"
                | "went"
                | "going"
                | "attend"
                | "attends"
                | "attended"
                | "transferred"
                | "switched"
                | "started"
                | "start"
                | "starting"
                | "moved"
                | "at"
                | "left"
                | "quit"
                | "graduated"
        )
    })?;
    let nearest = (verb..start)
        .rev()
        .find(|at| matches!(scan.low(*at), "to" | "at" | "from"));
    let from = nearest.is_some_and(|at| scan.low(at) == "from");
    let used = scan.is_stopped(start) && !matches!(scan.low(verb), "transferred" | "switched");
    let left = from || used || matches!(scan.low(verb), "left" | "quit" | "attended");
    (!wished).then_some(Stay {
        place,
        slot: "attends",
        stopped: left,
        verb,
        own: is_own_time(scan, verb),
    })
}

/// "my first day at": whose school it is.
fn is_own_time(scan: &Scan<'_>, at: usize) -> bool {
    scan.low(at) == "at"
        && matches!(
            scan.before(at, 1),
            "day" | "week" | "month" | "semester" | "term" | "year"
        )
        && matches!(
            scan.before(at, 2),
            "first" | "1st" | "second" | "2nd" | "third"
        )
        && matches!(scan.before(at, 3), "my" | "our")
}

/// "at the gym", "went to church", "our library".
fn bound(line: &Line<'_>, at: usize, found: &mut Found) {
    found.by = Rule::PlacesBound;
    let scan = &line.scan;
    let Some((length, ())) = scan.find(&line.lexicon.bound_places, at) else {
        return;
    };
    let mut lead = at;
    while at - lead < 2
        && matches!(
            scan.before(lead, 1),
            "the" | "my" | "our" | "a" | "new" | "local" | "old"
        )
    {
        lead -= 1;
    }
    let before = scan.before(lead, 1);
    let mine = (lead..at).any(|word| matches!(scan.low(word), "my" | "our"));
    let led = matches!(
        before,
        "at" | "to"
            | "in"
            | "from"
            | "near"
            | "outside"
            | "behind"
            | "by"
            | "into"
            | "go"
            | "went"
            | "came"
            | "get"
            | "got"
    );
    let goes_on = scan.is_word(at + length)
        && (line
            .lexicon
            .things
            .group_ends
            .contains(scan.base(at + length))
            || scan.find(&line.lexicon.events, at + length).is_some()
            || matches!(
                scan.low(at + length),
                "stress" | "work" | "stuff" | "drama" | "year" | "girl" | "boy" | "teacher"
            ));
    let free = (at..at + length).all(|at| found.is_free(at));
    if free && !goes_on && (mine || led) {
        let tokens = at..at + length;
        let generic = scan.low(at) == "school";
        let sure = if generic { 0.5 } else { 0.65 } * scan.sureness(at);
        let sub = if length == 1 {
            scan.base(at).to_owned()
        } else {
            scan.text(&tokens)
        };
        found.add(Item::new(NodeKind::Place, scan.text(&tokens), tokens, sure).attr("sub", &sub));
    }
}
