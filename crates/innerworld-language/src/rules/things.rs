//! Things: pets, instruments, what the teen owns, games and works by name, groups.

mod groups;

use std::ops::Range;

use innerworld_core::memory::{
    graph::Polarity,
    ontology::{EdgeKind, NodeKind},
};

use super::{
    Line, doings,
    found::{Found, Item, ItemId, Tie},
    names::{self, Trust},
    rule::Rule,
};

/// Ends of a pet's life with the teen.
const GONE: &[&str] = &["died", "passed", "euthanized"];

/// Words before an instrument that make it the teen's, beside those of playing.
const BESIDE_INSTRUMENT: &[&str] = &[
    "learned", "the", "my", "quit", "started", "on", "love", "new", "first", "bass", "stopped",
];

/// Finds the pets and known names of a line: before people, since they have people's names.
pub(super) fn named(line: &Line<'_>, found: &mut Found) {
    let places: Vec<usize> = line.scan.real().collect();
    for at in places.into_iter().filter(|at| line.scan.is_word(*at)) {
        if found.is_free(at) {
            pet(line, at, found);
            known(line, at, found);
        }
    }
}

/// Finds the other things of a line.
pub(super) fn find(line: &Line<'_>, found: &mut Found) {
    let places: Vec<usize> = line.scan.real().collect();
    for at in places {
        if !found.is_free(at) {
            continue;
        }
        groups::group(line, at, found);
        instrument(line, at, found);
        owned(line, at, found);
        quoted(line, at, found);
    }
}

/// "my dog biscuit", "a puppy named mochi", "biscuit is my dog", "my cat".
fn pet(line: &Line<'_>, at: usize, found: &mut Found) {
    found.by = Rule::ThingsPet;
    let scan = &line.scan;
    let Some((length, ())) = scan.find(&line.lexicon.things.pets, at) else {
        return;
    };
    let lead = (0..3)
        .find(|back| !line.lexicon.between.contains(scan.before(at, back + 1)))
        .unwrap_or(0);
    let mine = matches!(scan.before(at, lead + 1), "my" | "our");
    let theirs = matches!(scan.before(at, lead + 1), "her" | "his" | "their")
        || at.checked_sub(lead + 1).is_some_and(|at| scan.has_s(at));
    let end = at + length;
    let name_at = match (scan.has_s(end - 1), scan.low(end), scan.low(end + 1)) {
        (true, "name", "is" | "was") | (false, "is" | "was", "called" | "named") => end + 2,
        (false, "named" | "called" | ",", _) => end + 1,
        _ => end,
    };
    // "a new puppy and named him waffles".
    let name_at = if names::at(line, name_at, Trust::Beside).is_some() {
        name_at
    } else {
        named_later(line, end).unwrap_or(name_at)
    };
    let said = name_at > end;
    let trust = if scan.low(end) == "," {
        Trust::Listed
    } else {
        Trust::Beside
    };
    let is_name = said || ((mine || theirs) && !scan.has_s(end - 1));
    let name = names::at(line, name_at, trust).filter(|_| is_name);
    let before = at
        .checked_sub(lead + 2)
        .filter(|_| mine && scan.before(at, lead + 2) == "is");
    let (tokens, sure) = if let Some(length) = name {
        (name_at..name_at + length, 0.9)
    } else if let Some(last) = before
        .and_then(|is| is.checked_sub(1))
        .filter(|last| scan.is_word(*last))
    {
        (last..last + 1, 0.85)
    } else if mine {
        (at..end, 0.75)
    } else {
        return;
    };
    let gone = (end..scan.clause_end(at)).any(|at| GONE.contains(&scan.low(at)));
    let item = Item::new(
        NodeKind::Thing,
        scan.text(&tokens),
        tokens.clone(),
        sure * scan.sureness(at),
    );
    let id = found.add(item.attr("sub", "pet"));
    found.claim(at..end);
    if !theirs {
        belongs(line, id, tokens, gone, found);
    }
}

/// Where the name of a pet stands that was spoken of before `start`.
fn named_later(line: &Line<'_>, start: usize) -> Option<usize> {
    let scan = &line.scan;
    let naming = (start..scan.sentence_of(start).end).find(|at| {
        matches!(scan.low(*at), "named" | "call" | "called")
            && matches!(scan.low(*at + 1), "him" | "her" | "it" | "them")
    })?;
    names::at(line, naming + 2, Trust::Beside).map(|_| naming + 2)
}

/// "play the violin", "my guitar".
fn instrument(line: &Line<'_>, at: usize, found: &mut Found) {
    found.by = Rule::ThingsInstrument;
    let scan = &line.scan;
    let Some((length, ())) = scan.find(&line.lexicon.things.instruments, at) else {
        return;
    };
    let lessons = line.lexicon.activity_tails.contains(scan.low(at + length));
    let mine = scan.before(at, 2) == "my" && line.lexicon.between.contains(scan.before(at, 1));
    let taught = scan.before(at, 1) == "me" && scan.before(at, 2).starts_with("teach");
    let before = scan.before(at, 1);
    let played = doings::PLAYING.contains(&before) || BESIDE_INSTRUMENT.contains(&before);
    if !found.is_free(at) || !(lessons || mine || taught || played) {
        return;
    }
    let tokens = at..at + length;
    let item = Item::new(
        NodeKind::Thing,
        scan.text(&tokens),
        tokens.clone(),
        0.8 * scan.sureness(at),
    );
    found.add(item.attr("sub", "instrument"));
}

/// "my bike", "my sketchbook".
fn owned(line: &Line<'_>, at: usize, found: &mut Found) {
    found.by = Rule::ThingsOwned;
    let scan = &line.scan;
    let Some((length, ())) = scan.find(&line.lexicon.things.own, at) else {
        return;
    };
    let mine =
        scan.before(at, 1) == "my" || (scan.before(at, 2) == "my" && scan.before(at, 1) == "new");
    if mine && found.is_free(at) {
        let tokens = at..at + length;
        let sure = 0.6 * scan.sureness(at);
        let item = Item::new(NodeKind::Thing, scan.text(&tokens), tokens, sure);
        found.add(item.attr("sub", "product"));
    }
}

/// Games, apps, shows and musicians by name.
fn known(line: &Line<'_>, at: usize, found: &mut Found) {
    found.by = Rule::ThingsKnown;
    let scan = &line.scan;
    let Some((length, sub)) = scan.find(&line.lexicon.things.known, at) else {
        return;
    };
    if found.is_free(at) {
        let tokens = at..at + length;
        let sure = 0.75 * scan.sureness(at);
        let item = Item::new(NodeKind::Thing, scan.text(&tokens), tokens.clone(), sure);
        let id = found.add(item.attr("sub", sub));
        let own = *sub != "artist" && found.subject(scan, at).is_none();
        if own || (scan.first_person_before(at).is_some() && found.subject(scan, at).is_none()) {
            let stopped = scan.is_stopped(at);
            belongs(line, id, tokens, stopped, found);
        }
    }
}

/// A title after "watching", "reading": in quotes or capitals.
fn quoted(line: &Line<'_>, at: usize, found: &mut Found) {
    found.by = Rule::ThingsTitle;
    let scan = &line.scan;
    let Some((length, ())) = scan.find(&line.lexicon.things.taking_in, at) else {
        return;
    };
    let start = at + length;
    let end = scan.clause_end(at);
    let quotes = ["\"", "“", "”"];
    let tokens = if quotes.contains(&scan.low(start)) {
        let close =
            (start + 1..scan.sentence_of(at).end).find(|at| quotes.contains(&scan.low(*at)));
        close.map(|close| start + 1..close)
    } else {
        let inner = |at: usize| {
            let small = matches!(scan.low(at), "of" | "the" | "and" | "in" | "a")
                && scan.is_capital(at + 1);
            at < end && scan.is_word(at) && ((scan.is_capital(at) && scan.low(at) != "i") || small)
        };
        let length = (start..start + 6).take_while(|at| inner(*at)).count();
        Some(start..start + length)
    };
    let Some(tokens) = tokens.filter(|tokens| !tokens.is_empty() && tokens.len() <= 6) else {
        return;
    };
    if tokens.clone().all(|at| found.is_free(at)) {
        let sure = 0.7 * scan.sureness(at);
        let item = Item::new(NodeKind::Thing, scan.text(&tokens), tokens, sure);
        found.add(item.attr("sub", "creative_work"));
    }
}

/// Ties a thing to the teen.
fn belongs(line: &Line<'_>, id: ItemId, tokens: Range<usize>, stopped: bool, found: &mut Found) {
    let at = tokens.start;
    found.tie(Tie {
        kind: EdgeKind::Involves,
        from: None,
        to: id,
        slot: String::new(),
        polarity: if stopped {
            Polarity::Stopped
        } else {
            Polarity::Holds
        },
        when: line.change_date(at, stopped),
        tokens,
        confidence: 0.8 * line.scan.sureness(at),
    });
}
