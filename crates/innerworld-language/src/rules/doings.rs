//! Doings that are named by what they are done with: playing an instrument, working somewhere,
//! making or walking something.

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

/// Forms of playing, and of learning to.
pub(super) const PLAYING: &[&str] = &[
    "play",
    "plays",
    "played",
    "playing",
    "practice",
    "practiced",
    "practicing",
    "practise",
    "practising",
    "learn",
    "learning",
];

/// Forms of working.
const WORKING: &[&str] = &["work", "works", "working", "worked"];

/// Between a verb and what it is done with.
const BETWEEN: &[&str] = &["the", "my", "a", "an", "some", "to", "play", "on"];

/// Words before a job that is there, and before one that is gone.
const HAVING: &[&str] = &[
    "got", "have", "has", "started", "starting", "starts", "had", "gets",
];
const LOSING: &[&str] = &["quit", "lost", "left", "quitting"];
/// Words of a place of work at most.
const LONGEST: usize = 3;

/// Finds the doings of a line, once things are known.
pub(super) fn find(line: &Line<'_>, found: &mut Found) {
    let places: Vec<usize> = line.scan.real().collect();
    for at in &places {
        let at = *at;
        let low = line.scan.low(at);
        if PLAYING.contains(&low) {
            playing(line, at, found);
        } else if WORKING.contains(&low) || has_job(line, at) {
            working(line, at, found);
        }
    }
    instruments(line, found);
}

/// "i got a job at", "her new job at", "lost my job at": a job that somebody has or had.
fn has_job(line: &Line<'_>, at: usize) -> bool {
    let scan = &line.scan;
    let has = |back: usize| {
        HAVING.contains(&scan.before(at, back)) || LOSING.contains(&scan.before(at, back))
    };
    scan.low(at) == "job" && scan.low(at + 1) == "at" && (2..=4).any(has)
}

/// Whoever has an instrument plays it: "me on guitar", "i quit violin".
fn instruments(line: &Line<'_>, found: &mut Found) {
    found.by = Rule::DoingsOwned;
    let is_one = |item: &&Item| item.attrs.get("sub").is_some_and(|sub| sub == "instrument");
    let all: Vec<Item> = found.items.iter().filter(is_one).cloned().collect();
    for item in all {
        let name = format!("playing {}", item.name.to_lowercase());
        let id = found.items.iter().position(|other| other.name == item.name);
        if found.items.iter().all(|other| other.name != name) {
            doing(line, name, item.tokens, id, found);
        }
    }
}

/// "i play guitar", "learning the ukulele".
fn playing(line: &Line<'_>, at: usize, found: &mut Found) {
    found.by = Rule::DoingsPlaying;
    let scan = &line.scan;
    let start = (at + 1..at + 4)
        .find(|at| !BETWEEN.contains(&scan.low(*at)))
        .unwrap_or(at + 1);
    let Some((length, ())) = scan.find(&line.lexicon.things.instruments, start) else {
        return;
    };
    let tokens = at..start + length;
    let instrument = start..start + length;
    let name = format!("playing {}", scan.text(&instrument).to_lowercase());
    let thing = found
        .of(&[NodeKind::Thing])
        .find(|(_, item)| item.tokens == instrument)
        .map(|(id, _)| id);
    doing(line, name, tokens, thing, found);
}

/// "i work at the bakery", "working at petsmart": the doing, the place, and that it is there.
fn working(line: &Line<'_>, at: usize, found: &mut Found) {
    found.by = Rule::DoingsWorking;
    let scan = &line.scan;
    if !matches!(scan.low(at + 1), "at" | "for") {
        return;
    }
    let skipped = usize::from(matches!(scan.low(at + 2), "the" | "a" | "my" | "this"));
    let start = at + 2 + skipped;
    let fits = |at: &usize| {
        *at < scan.clause_end(start)
            && scan.is_word(*at)
            && !line.is_dated(*at)
            && !line.lexicon.words.not_names.contains(scan.low(*at))
    };
    let length = (start..start + LONGEST).take_while(fits).count();
    if length == 0 {
        return;
    }
    let place = start..start + length;
    let known = found
        .of(&[NodeKind::Place, NodeKind::Thing])
        .find(|(_, item)| item.tokens == place)
        .map(|(id, item)| (id, item.kind));
    let id = match known {
        Some((id, _)) => {
            // Where somebody works, a shop is a place.
            found.becomes_place(id);
            id
        }
        None => found.add(Item::new(
            NodeKind::Place,
            scan.text(&place),
            place.clone(),
            0.7 * scan.sureness(at),
        )),
    };
    let who = found.subject(scan, at);
    let over = scan.low(at) == "worked" && who.is_none();
    let lost = scan.low(at) == "job" && LOSING.contains(&scan.before(at, 2));
    let stopped = scan.is_stopped(at) || over || lost;
    found.tie(Tie {
        kind: EdgeKind::RelatesTo,
        from: who,
        to: id,
        slot: "works_at".to_owned(),
        polarity: if stopped {
            Polarity::Stopped
        } else {
            Polarity::Holds
        },
        when: line.change_date(at, stopped),
        tokens: at..place.end,
        confidence: 0.75 * scan.sureness(at),
    });
    if who.is_none() {
        let name = format!(
            "working at {}",
            scan.text(&(at + 2..place.end)).to_lowercase()
        );
        doing(line, name, at..place.end, Some(id), found);
    }
}

/// The activity, who does it, and with or at what.
fn doing(
    line: &Line<'_>,
    name: String,
    tokens: Range<usize>,
    with: Option<ItemId>,
    found: &mut Found,
) {
    let sure = 0.75 * line.scan.sureness(tokens.start);
    let id = found.note(Item::new(NodeKind::Activity, name, tokens.clone(), sure));
    activities::does(line, id, tokens.clone(), found);
    if let Some(thing) = with {
        found.tie(Tie {
            kind: EdgeKind::Involves,
            from: Some(id),
            to: thing,
            slot: String::new(),
            polarity: Polarity::Holds,
            when: None,
            confidence: 0.7 * line.scan.sureness(tokens.start),
            tokens,
        });
    }
}
