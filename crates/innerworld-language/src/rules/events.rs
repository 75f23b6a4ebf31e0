//! Events: a head ("test", "recital") with a date, or with a word that tells which one.

use std::ops::Range;

use innerworld_core::memory::ontology::NodeKind;

use super::{
    Line,
    dates::When,
    found::{Found, Item},
    rule::Rule,
};
use crate::lexicon::Head;

/// Words that show that the next word is a verb.
const SUBJECTS: &[&str] = &[
    "i", "we", "they", "you", "u", "he", "she", "to", "can", "will", "gonna", "don't", "dont",
    "wanna", "would", "should", "didn't", "can't", "please", "let's", "and", "not", "just",
];

const DETERMINERS: &[&str] = &[
    "my", "our", "the", "a", "an", "this", "next", "first", "big", "another", "last",
];

/// Subjects of school: words that name which test or team it is, though they are common.
pub(super) const SCHOOL_SUBJECTS: &[&str] = &[
    "school",
    "math",
    "maths",
    "science",
    "history",
    "english",
    "spanish",
    "french",
    "chemistry",
    "biology",
    "physics",
];
/// Other words that stand before a head though they are common.
const WHICH: &[&str] = &[
    "birthday",
    "christmas",
    "halloween",
    "sat",
    "team",
    "class",
    "spring",
    "summer",
    "winter",
    "fall",
    "home",
    "final",
];

/// Words of "is on".
const TIMED: &[&str] = &[
    "is", "are", "starts", "start", "was", "were", "on", "due", "begins",
];

/// Words that are no part of what happens on a day.
const NO_HAPPENING: &[&str] = &[
    "it",
    "its",
    "it's",
    "that",
    "this",
    "today",
    "tomorrow",
    "there",
    "he",
    "she",
    "they",
    "we",
    "i",
    "everything",
    "everyone",
    "day",
    "school",
    "hes",
    "shes",
    "thats",
    "you",
    "u",
    "what",
    "who",
    "practice",
    "class",
    "work",
    "rehearsal",
    "hw",
    "homework",
];

/// Finds the events of a line.
pub(super) fn find(line: &Line<'_>, found: &mut Found) {
    let places: Vec<usize> = line.scan.real().collect();
    for at in &places {
        event(line, *at, found);
    }
    for at in places {
        happening(line, at, found);
    }
}

/// "nid entrance is in december", "camp starts monday": what has a day is an event.
fn happening(line: &Line<'_>, at: usize, found: &mut Found) {
    found.by = Rule::EventsDated;
    let scan = &line.scan;
    if !TIMED.contains(&scan.low(at)) {
        return;
    }
    let Some(clause) = scan.clause_of(at) else {
        return;
    };
    let next = (at + 1..at + 4).find(|next| line.is_dated(*next));
    let near = next.is_some_and(|next| {
        (at + 1..next).all(|at| {
            matches!(
                scan.low(at),
                "on" | "in" | "this" | "the" | "next" | "at" | "over"
            )
        })
    });
    let articles = usize::from(matches!(
        scan.low(clause.range.start),
        "my" | "the" | "our" | "and" | "but" | "ok" | "omg"
    ));
    let start = clause.range.start + articles;
    let tokens = start..at;
    let names_it = |at: usize| {
        scan.is_word(at)
            && found.is_free(at)
            && !line.is_dated(at)
            && !NO_HAPPENING.contains(&scan.low(at))
            && !line.lexicon.words.past.contains(scan.low(at))
    };
    let common = tokens
        .clone()
        .all(|at| line.lexicon.words.not_names.contains(scan.low(at)));
    if !near || tokens.is_empty() || tokens.len() > 3 || common || !tokens.clone().all(names_it) {
        return;
    }
    let mut item = Item::new(
        NodeKind::Event,
        scan.text(&tokens),
        tokens,
        0.7 * scan.sureness(at),
    );
    if let Some(when) = line.when_in_clause(at) {
        item = dated(item, when);
    }
    found.add(item);
}

fn event(line: &Line<'_>, head: usize, found: &mut Found) {
    found.by = Rule::EventsHead;
    let scan = &line.scan;
    let Some((length, needs)) = scan.find(&line.lexicon.events, head) else {
        return;
    };
    // "birthday party": the last head is the one.
    let followed = scan.find(&line.lexicon.events, head + length).is_some();
    let start = modifiers(line, head, found);
    let before = scan.before(start, 1);
    if followed
        || !found.is_free(head)
        || SUBJECTS.contains(&before) && start == head && *needs != Head::Strong
    {
        return;
    }
    let which = start < head;
    let owned = matches!(before, "my" | "our") || (which && scan.has_s(start));
    let when = date(line, head);
    let said = DETERMINERS.contains(&before) || matches!(before, "her" | "his");
    let sure = match (when, needs) {
        (Some(_), _) => 0.85,
        (None, Head::Strong) => 0.7,
        (None, _) if which && (owned || said) => 0.65,
        (None, Head::Definite) if matches!(before, "the" | "her" | "his" | "my" | "our") => 0.55,
        (None, _) if owned && length == 1 && scan.low(head) == "birthday" => 0.6,
        (None, _) => return,
    };
    let tokens = start..head + length;
    let mut item = Item::new(
        NodeKind::Event,
        scan.text(&tokens),
        tokens,
        sure * scan.sureness(head),
    );
    if let Some(when) = when {
        item = dated(item, when);
    }
    found.add(item);
}

fn dated(item: Item, when: When) -> Item {
    let item = item
        .attr("when_from", &when.from.to_string())
        .attr("precision", super::precision_name(when.precision));
    if when.until == when.from {
        return item;
    }
    item.attr("when_until", &when.until.to_string())
}

/// First token of the words that tell which one: "chem" test, "mom's" birthday.
fn modifiers(line: &Line<'_>, head: usize, found: &Found) -> usize {
    let scan = &line.scan;
    let first = scan
        .clause_of(head)
        .map_or(head, |clause| clause.range.start);
    let mut start = head;
    while start > first && head - start < 2 {
        let at = start - 1;
        let low = scan.low(at);
        let common = line.lexicon.words.not_names.contains(low)
            && !(SCHOOL_SUBJECTS.contains(&low) || WHICH.contains(&low));
        let whose = scan.has_s(at) && scan.is_word(at);
        let verb = line.lexicon.activity_verbs.contains(low)
            || line.lexicon.words.past.contains(low)
            || low.ends_with("ing") && start == head;
        let fits = scan.is_word(at)
            && !common
            && !verb
            && !line.is_dated(at)
            && (found.is_free(at) || whose);
        if !fits {
            break;
        }
        start = at;
        if whose {
            break;
        }
    }
    start
}

/// The date of an event: in its clause, else the only one of its sentence.
fn date(line: &Line<'_>, head: usize) -> Option<When> {
    line.when_in_clause(head).or_else(|| {
        let sentence: Range<usize> = line.scan.sentence_of(head);
        let mut dates = line
            .dates
            .iter()
            .filter(|date| sentence.contains(&date.tokens.start));
        let first = dates.next()?;
        dates.next().is_none().then_some(first.when)
    })
}
