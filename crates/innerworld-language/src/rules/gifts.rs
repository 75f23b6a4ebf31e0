//! Things that come into a teen's life: "i got a ukulele", "he gave me his old telescope", "a band
//! called wet socks", "saving for a drone".

use std::ops::Range;

use innerworld_core::memory::{
    graph::Polarity,
    ontology::{EdgeKind, NodeKind},
};

use super::{
    Line,
    found::{Found, Item, Tie},
    rule::Rule,
};

/// Words of getting something.
const GETTING: &[&str] = &[
    "got", "bought", "getting", "adopted", "found", "made", "built", "won", "gave", "made",
    "making", "knitting",
];
/// Words before a thing.
const ARTICLES: &[&str] = &["a", "an", "his", "her", "their", "my"];
/// Words behind a thing that say what was done to it.
const AWAY: &[&str] = &[
    "off", "out", "cut", "done", "back", "pierced", "dyed", "stolen", "taken", "removed", "fixed",
    "signed", "checked",
];
/// What is got without being a thing to keep.
const NO_THINGS: &[&str] = &[
    "a",
    "b",
    "c",
    "d",
    "f",
    "job",
    "ride",
    "text",
    "call",
    "headache",
    "cold",
    "hug",
    "joke",
    "mistake",
    "plan",
    "deal",
    "chance",
    "spot",
    "place",
    "message",
    "letter",
    "grade",
    "score",
    "point",
    "goal",
    "face",
    "noise",
    "mess",
    "list",
    "choice",
    "decision",
    "move",
    "date",
    "haircut",
    "day",
    "week",
    "break",
    "nap",
    "shower",
    "snack",
    "drink",
    "detention",
    "warning",
    "ticket",
    "lift",
    "shot",
    "scholarship",
    "part",
    "role",
    "solo",
    "lead",
    "pass",
    "note",
    "comment",
    "like",
    "reply",
    "feeling",
    "idea",
    "way",
    "reason",
    "excuse",
    "fuss",
    "scene",
    "friend",
    "friends",
    "lot",
    "bit",
    "pact",
    "hard",
    "whole",
    "hundred",
    "extension",
    "email",
    "appointment",
    "interview",
    "test",
    "life",
    "difference",
    "fool",
    "promise",
    "offer",
    "award",
    "medal",
    "trophy",
];
/// Kinds of things that have names of their own.
const NAMED_KINDS: &[(&str, &str)] = &[
    ("band", "group"),
    ("club", "group"),
    ("team", "group"),
    ("group", "group"),
    ("crew", "group"),
    ("app", "product"),
    ("game", "product"),
    ("server", "product"),
    ("song", "creative_work"),
    ("show", "creative_work"),
    ("book", "creative_work"),
    ("movie", "creative_work"),
    ("film", "creative_work"),
    ("manga", "creative_work"),
    ("series", "creative_work"),
    ("podcast", "creative_work"),
    ("album", "creative_work"),
];
/// Words of a thing at most.
const LONGEST: usize = 3;

/// Finds the things that are got or called something.
pub(super) fn find(line: &Line<'_>, found: &mut Found) {
    let places: Vec<usize> = line.scan.real().collect();
    for at in places {
        let low = line.scan.low(at);
        if GETTING.contains(&low) {
            got(line, at, found);
        } else if matches!(low, "called" | "named") {
            called(line, at, found);
        }
    }
}

/// "got a second hand canon", "gave me his old telescope".
fn got(line: &Line<'_>, at: usize, found: &mut Found) {
    found.by = Rule::GiftsGot;
    let scan = &line.scan;
    let me = scan.low(at + 1) == "me";
    let mine = me || (scan.first_person_before(at).is_some() && scan.low(at) != "gave");
    let article = at + 1 + usize::from(me);
    if !mine || !ARTICLES.contains(&scan.low(article)) || scan.is_stopped(at) {
        return;
    }
    let Some(tokens) = noun(line, article + 1, found) else {
        return;
    };
    // "got my braces off" is no present.
    if scan.low(article) == "my" && AWAY.contains(&scan.low(tokens.end)) {
        return;
    }
    let id = found.add(Item::new(
        NodeKind::Thing,
        scan.text(&tokens),
        tokens.clone(),
        0.55 * scan.sureness(at),
    ));
    found.tie(Tie {
        kind: EdgeKind::Involves,
        from: None,
        to: id,
        slot: String::new(),
        polarity: Polarity::Holds,
        when: line.change_date(at, false),
        tokens,
        confidence: 0.6 * scan.sureness(at),
    });
}

/// Up to three words that could be a thing.
fn noun(line: &Line<'_>, start: usize, found: &Found) -> Option<Range<usize>> {
    let scan = &line.scan;
    let end = scan.clause_end(start);
    let fits = |at: usize| {
        at < end
            && scan.is_word(at)
            && found.is_free(at)
            && !line.is_dated(at)
            && (!line.lexicon.words.not_names.contains(scan.low(at))
                || matches!(scan.low(at), "new" | "second" | "little" | "old" | "big"))
            && !line.lexicon.words.after_name.contains(scan.low(at))
    };
    let length = (start..=start + LONGEST).take_while(|at| fits(*at)).count();
    let tokens = start..start + length;
    let last = scan.base(tokens.end.saturating_sub(1));
    let adjective = line.lexicon.words.not_names.contains(last);
    let head = tokens.end.saturating_sub(1);
    let nothing = NO_THINGS.contains(&last)
        || NO_THINGS.contains(&scan.low(start))
        || last.ends_with("ing")
        || scan.find(&line.lexicon.events, head).is_some()
        || scan.find(&line.lexicon.topics, head).is_some();
    (length > 0 && length <= LONGEST && !nothing && !adjective).then_some(tokens)
}

/// "a band called wet socks".
fn called(line: &Line<'_>, at: usize, found: &mut Found) {
    found.by = Rule::GiftsCalled;
    let scan = &line.scan;
    let Some((_, sub)) = NAMED_KINDS
        .iter()
        .find(|(kind, _)| *kind == scan.before(at, 1))
    else {
        return;
    };
    let end = scan.clause_end(at).min(at + 5);
    let length = (at + 1..end)
        .take_while(|at| {
            scan.is_word(*at)
                && !line.is_dated(*at)
                && !matches!(
                    scan.low(*at),
                    "and" | "w" | "with" | "lol" | "haha" | "hahaha" | "lmao" | "its" | "i"
                )
        })
        .count();
    let tokens = at + 1..at + 1 + length;
    if length > 0 && tokens.clone().all(|at| found.is_free(at)) {
        found.add(
            Item::new(
                NodeKind::Thing,
                scan.text(&tokens),
                tokens,
                0.75 * scan.sureness(at),
            )
            .attr("sub", sub),
        );
    }
}

/// What a goal is to get: "save for a drone", "buy a stand mixer".
pub(super) fn wanted(line: &Line<'_>, found: &mut Found) {
    found.by = Rule::GiftsWanted;
    let scan = &line.scan;
    let goals: Vec<(usize, Range<usize>)> = found
        .of(&[NodeKind::Goal])
        .map(|(id, item)| (id, item.tokens.clone()))
        .collect();
    for (goal, tokens) in goals {
        let at = tokens.clone().find(|at| {
            let next = ARTICLES.contains(&scan.low(at + 1)) && scan.low(at + 1) != "my";
            next && (matches!(scan.low(*at), "buy" | "get" | "for" | "build"))
                && (scan.low(*at) != "for" || scan.text(&tokens).to_lowercase().contains("sav"))
        });
        let Some(noun) = at
            .and_then(|at| noun(line, at + 2, found))
            .filter(|noun| noun.end <= tokens.end)
        else {
            continue;
        };
        let id = found.add(Item::new(
            NodeKind::Thing,
            scan.text(&noun),
            noun.clone(),
            0.55 * scan.sureness(noun.start),
        ));
        found.tie(Tie {
            kind: EdgeKind::RelatesTo,
            from: Some(goal),
            to: id,
            slot: String::new(),
            polarity: Polarity::Holds,
            when: None,
            confidence: 0.6 * scan.sureness(noun.start),
            tokens: noun,
        });
    }
}
