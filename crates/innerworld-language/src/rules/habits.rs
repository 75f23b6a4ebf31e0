//! Doings by their verb: "i sketch every night", "we walk her dog", "making a hat".

use std::ops::Range;

use innerworld_core::memory::{
    graph::Polarity,
    ontology::{EdgeKind, NodeKind},
};

use super::{
    Line, activities,
    found::{Found, Item, ItemId, Tie},
    rule::Rule,
};
use crate::lexicon::Doing;

/// Words of what is done to, at most.
const LONGEST: usize = 3;

/// Words before a verb that take it out of what is done.
const NOT_DONE: &[&str] = &[
    "to", "wanna", "tryna", "should", "could", "would", "let's", "lets", "can", "can't", "cant",
    "will", "don't", "dont", "didn't", "didnt", "not", "never", "please", "might", "may", "must",
    "you", "u", "they", "a", "an", "the", "his", "her", "their", "your", "this", "that", "no",
    "it", "ill", "i'll", "id", "i'd",
];

/// Words of what happens again and again.
const OFTEN: &[&str] = &[
    "every",
    "always",
    "usually",
    "often",
    "daily",
    "weekly",
    "nights",
    "mornings",
    "weekends",
    "mondays",
    "tuesdays",
    "wednesdays",
    "thursdays",
    "fridays",
    "saturdays",
    "sundays",
    "twice",
    "lately",
    "sometimes",
    "since",
    "each",
    "together",
];

/// Words before "school" and the like that make it a time of the day.
const WHEN: &[&str] = &["after", "before", "at", "on"];
const TIMES: &[&str] = &["school", "night", "class", "work", "weekends"];

/// Words before a form in -ing that goes on.
const LASTING: &[&str] = &[
    "im", "i'm", "we're", "been", "started", "love", "like", "keep", "kept", "is", "was", "are",
    "were", "hes", "shes", "he's", "she's", "just", "still", "into", "hate", "enjoy", "quit",
    "stopped", "miss",
];

/// Words before a verb whose subject is left out.
const OPENERS: &[&str] = &["and", "then", "just", "also", "so", "but", ",", "n"];

/// Words that stand before what is done to.
const BEFORE_OBJECT: &[&str] = &[
    "the", "my", "our", "a", "an", "some", "her", "his", "their", "more",
];

/// Finds the doings of a line.
pub(super) fn find(line: &Line<'_>, found: &mut Found) {
    let places: Vec<usize> = line.scan.real().collect();
    for at in places {
        if let Some(doing) = line
            .lexicon
            .doings
            .get(line.scan.low(at))
            .filter(|_| found.is_free(at))
        {
            habit(line, at, doing, found);
        }
    }
}

fn habit(line: &Line<'_>, at: usize, doing: &Doing, found: &mut Found) {
    found.by = Rule::Habits;
    let scan = &line.scan;
    if !is_done(line, at, found) || !is_habit(line, at, doing) {
        return;
    }
    let object = object(line, at + 1, found);
    // To learn an instrument is to play it, which another rule reads.
    let is_played = |at| scan.find(&line.lexicon.things.instruments, at).is_some();
    let played = object
        .clone()
        .is_some_and(|mut object| object.any(is_played));
    let done_to = object.clone().filter(|_| doing.object && !played);
    let alone = doing.alone && (object.is_none() || !doing.object);
    let name = match &done_to {
        Some(object) => {
            let object = scan.text(&bare(line, object)).to_lowercase();
            format!("{} {object}", doing.name)
        }
        None if alone => doing.name.clone(),
        None => return,
    };
    let end = done_to.map_or(at + 1, |object| object.end);
    let tokens = at..end;
    let sure = 0.6 * scan.sureness(at);
    let id = found.note(Item::new(NodeKind::Activity, name, tokens.clone(), sure));
    found.claim(at..at + 1);
    activities::does(line, id, at..at + 1, found);
    let things: Vec<ItemId> = found
        .of(&[NodeKind::Thing, NodeKind::Person])
        .filter(|(_, item)| {
            item.places()
                .any(|place| place.start > at && place.end <= end)
        })
        .map(|(id, _)| id)
        .collect();
    for thing in things {
        tie(line, id, thing, tokens.clone(), found);
    }
}

/// Whether the verb at `at` says of somebody that they do it, and not that they could or should.
fn is_done(line: &Line<'_>, at: usize, found: &Found) -> bool {
    let scan = &line.scan;
    let before = scan.before(at, 1);
    let denied = before == "ever" && NOT_DONE.contains(&scan.before(at, 2));
    if NOT_DONE.contains(&before) || denied {
        return false;
    }
    let somebody = found.subject(scan, at).is_some() || scan.first_person_before(at).is_some();
    somebody || opens(line, at)
}

/// Whether nothing but little words stands before `at` in its clause: the subject is left out.
fn opens(line: &Line<'_>, at: usize) -> bool {
    let scan = &line.scan;
    let start = scan.clause_of(at).map_or(at, |clause| clause.range.start);
    (start..at).all(|at| OPENERS.contains(&scan.low(at)))
}

/// Whether it is said to be done again and again, with somebody, or for some time.
fn is_habit(line: &Line<'_>, at: usize, doing: &Doing) -> bool {
    let scan = &line.scan;
    let often = scan.sentence_of(at).any(|at| {
        let timed = WHEN.contains(&scan.low(at)) && TIMES.contains(&scan.low(at + 1));
        timed || OFTEN.contains(&scan.low(at))
    });
    let company = (at..scan.clause_end(at)).any(|at| matches!(scan.low(at), "with" | "w"));
    let lasting = doing.lasting && (LASTING.contains(&scan.before(at, 1)) || opens(line, at));
    often || company || lasting
}

/// What stands behind the verb as what it is done to.
fn object(line: &Line<'_>, start: usize, found: &Found) -> Option<Range<usize>> {
    let scan = &line.scan;
    let known = found
        .items
        .iter()
        .filter(|item| matches!(item.kind, NodeKind::Thing | NodeKind::Person))
        .flat_map(Item::places)
        .find(|place| {
            (start..start + 3).contains(&place.start)
                && (start..place.start)
                    .all(|at| BEFORE_OBJECT.contains(&scan.low(at)) || !found.is_free(at))
        });
    if let Some(place) = known {
        return Some(place.clone());
    }
    let noun = |at: usize| {
        at < scan.clause_end(start)
            && scan.is_word(at)
            && found.is_free(at)
            && !line.lexicon.words.not_names.contains(scan.low(at))
            && !line.is_dated(at)
    };
    let first = if BEFORE_OBJECT.contains(&scan.low(start)) {
        start + 1
    } else {
        start
    };
    let length = (first..first + LONGEST).take_while(|at| noun(*at)).count();
    (length > 0).then(|| start..first + length)
}

/// The object without "my" and the like.
fn bare(line: &Line<'_>, object: &Range<usize>) -> Range<usize> {
    let articled = BEFORE_OBJECT.contains(&line.scan.low(object.start)) && object.len() > 1;
    object.start + usize::from(articled)..object.end
}

fn tie(line: &Line<'_>, from: ItemId, to: ItemId, tokens: Range<usize>, found: &mut Found) {
    found.tie(Tie {
        kind: EdgeKind::Involves,
        from: Some(from),
        to,
        slot: String::new(),
        polarity: Polarity::Holds,
        when: None,
        confidence: 0.6 * line.scan.sureness(tokens.start),
        tokens,
    });
}
