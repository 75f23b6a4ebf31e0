//! Goals: what the teen wants, in their own verb phrase.

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
use crate::tokenize::TokenKind;

const MAX_WORDS: usize = 8;
/// Openings surer than this speak of a wish, the others of a need.
const STRONG: f32 = 0.6;

/// How much an opening speaks for a goal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Strength {
    /// "I want to": even small words are one.
    Want,
    /// "I need to": mostly a duty of the day.
    Need,
}

/// The relation between the teen and a goal.
const WANTS: &str = "wants";

/// Words that may stand before an opening that has no "i" of its own.
const BEFORE: &[&str] = &[
    "",
    "i'm",
    "im",
    "i",
    "am",
    "and",
    "but",
    "so",
    "just",
    "really",
    "still",
    "also",
    "been",
    "always",
    "now",
    "i've",
    "ive",
    "we're",
    "actually",
    "currently",
    "kinda",
    "lowkey",
    "start",
    "started",
];

/// Endings that are no part of a goal.
const LOOSE: &[&str] = &[
    "the", "a", "an", "to", "and", "of", "in", "on", "at", "for", "with", "by", "my", "i", "it",
    "this", "that", "or", "really", "just", "still", "then", "is", "im", "i'm", "today", "tonight",
];

/// Finds the goals of a line.
pub(super) fn find(line: &Line<'_>, found: &mut Found) {
    let places: Vec<usize> = line.scan.real().collect();
    for at in places {
        open(line, at, found);
        given_up(line, at, found);
    }
}

fn open(line: &Line<'_>, at: usize, found: &mut Found) {
    found.by = Rule::GoalsWanted;
    let scan = &line.scan;
    let goals = &line.lexicon.goals;
    let Some((length, opening)) = goals.openings.at(at, |at| scan.low(at)) else {
        return;
    };
    let own = matches!(
        scan.low(at),
        "i" | "i'm" | "im" | "i've" | "ive" | "i'd" | "id" | "my"
    );
    let denied =
        goals.denials.contains(scan.before(at, 1)) || goals.denials.contains(scan.before(at, 2));
    let mark = at
        .checked_sub(1)
        .and_then(|at| scan.token(at))
        .is_some_and(|t| t.kind != TokenKind::Word);
    if denied || !(own || mark || BEFORE.contains(&scan.before(at, 1))) {
        return;
    }
    let strength = if opening.confidence > STRONG {
        Strength::Want
    } else {
        Strength::Need
    };
    let Some(tokens) = wish(line, at + length, opening.noun, strength) else {
        return;
    };
    let words = scan.text(&tokens).to_lowercase();
    let name = match &opening.name {
        Some(verb) => format!("{verb} {words}"),
        None => words,
    };
    let sure = opening.confidence * scan.sureness(at);
    let item = Item::new(NodeKind::Goal, name, at..tokens.end, sure).attr("status", "open");
    let id = found.note(item);
    found.tie(wants(id, Polarity::Holds, at..tokens.end, sure));
}

/// "i don't want to be a doctor anymore".
fn given_up(line: &Line<'_>, at: usize, found: &mut Found) {
    found.by = Rule::GoalsGivenUp;
    let scan = &line.scan;
    let length = match (
        scan.low(at),
        scan.low(at + 1),
        scan.low(at + 2),
        scan.low(at + 3),
    ) {
        ("don't" | "dont", "want", "to", _) => 3,
        ("don't" | "dont", "wanna", _, _) => 2,
        ("no", "longer", "want", "to") => 4,
        ("gave" | "giving", "up", "on", "trying") => 5,
        _ => return,
    };
    let ended = length >= 4 || scan.clause_of(at).is_some_and(|clause| clause.anymore);
    let Some(tokens) = wish(line, at + length, false, Strength::Want).filter(|_| ended) else {
        return;
    };
    let sure = 0.75 * scan.sureness(at);
    let name = scan.text(&tokens).to_lowercase();
    let item = Item::new(NodeKind::Goal, name, at..tokens.end, sure).attr("status", "dropped");
    let id = found.note(item);
    found.tie(wants(id, Polarity::Stopped, at..tokens.end, sure));
}

fn wants(id: usize, polarity: Polarity, tokens: Range<usize>, confidence: f32) -> Tie {
    Tie {
        kind: EdgeKind::RelatesTo,
        from: None,
        to: id,
        slot: WANTS.to_owned(),
        polarity,
        when: None,
        tokens,
        confidence,
    }
}

/// The words of what is wanted: two to eight, cut where the thought ends.
fn wish(line: &Line<'_>, start: usize, noun: bool, strength: Strength) -> Option<Range<usize>> {
    let scan = &line.scan;
    let goals = &line.lexicon.goals;
    let stop = scan.sentence_of(start).end;
    let mut end = start;
    while end < stop && end - start < MAX_WORDS {
        let word = scan.token(end)?;
        let words = matches!(word.kind, TokenKind::Word | TokenKind::Number);
        let ends = end > start && scan.phrase(&goals.ends, end).is_some();
        if !words || ends || (line.is_dated(end) && end > start) {
            break;
        }
        end += 1;
    }
    while end > start && LOOSE.contains(&scan.low(end - 1)) {
        end -= 1;
    }
    let least = if noun { 1 } else { 2 };
    let forbidden = (start..end).any(|at| scan.phrase(&goals.never, at).is_some());
    let slight = goals.slight.contains(scan.low(start))
        && (strength == Strength::Need || goals.empty.contains(scan.low(start + 1)));
    let trivial = !noun
        && (slight || goals.trivial.contains(scan.low(start)))
        && scan.phrase(&goals.kept, start).is_none();
    (end - start >= least && !forbidden && !trivial).then_some(start..end)
}
