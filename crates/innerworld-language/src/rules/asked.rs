//! What the persona asked last: then an answer of a word or two is clear.

use std::ops::Range;

use innerworld_core::memory::ontology::NodeKind;

use super::{
    Line,
    found::{Found, Item},
    names::{self, Trust},
    rule::Rule,
};
use crate::tokenize::{TokenKind, tokenize};

/// Words of an answer at most.
const LONGEST: usize = 5;
/// Tokens before an answer at most: "at the", "it's".
const LEADING: usize = 2;

/// Words of a sentence rather than of a title.
const NO_TITLE: &[&str] = &[
    "i", "im", "i'm", "we", "my", "u", "you", "idk", "not", "nothing", "it",
];

/// What an answer names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// "Who is it?"
    Who,
    /// "Where is that?", "Which school?"
    Where,
    /// "Which game?", "What are you reading?"
    Work,
    /// "What is the dog's name?"
    PetName,
}

const PLACES: &[&str] = &[
    "school",
    "college",
    "camp",
    "store",
    "shop",
    "city",
    "town",
    "country",
    "university",
    "restaurant",
];
const WORKS: &[&str] = &[
    "game", "show", "book", "song", "movie", "film", "drama", "anime", "series", "band", "artist",
    "album", "manga", "musical", "podcast",
];
const PETS: &[&str] = &[
    "dog", "dog's", "cat", "cat's", "pet", "hamster", "rabbit", "puppy", "kitten", "bird", "fish",
    "pup", "horse",
];
/// Words that begin an answer without being part of its name.
const LEADS: &[&str] = &[
    "at", "in", "to", "its", "it's", "just", "only", "mostly", "probably", "prob", "from",
    "called", "named", "like", "um", "uh", "oh",
];

impl Asked {
    /// Reads the last question of a text.
    pub(super) fn read(text: &str) -> Option<Self> {
        let tokens = tokenize(text);
        let is_mark = |at: &usize| {
            tokens.get(*at).is_some_and(|token| {
                token.kind == TokenKind::Mark && token.raw.starts_with(['.', '!', '?'])
            })
        };
        let end = (0..tokens.len()).rev().find(|at| {
            tokens
                .get(*at)
                .is_some_and(|token| token.raw.starts_with('?'))
        })?;
        let start = (0..end).rev().find(is_mark).map_or(0, |mark| mark + 1);
        let words: Vec<&str> = tokens
            .get(start..end)?
            .iter()
            .map(|token| token.low.as_str())
            .collect();
        let has = |list: &[&str]| words.iter().any(|word| list.contains(word));
        let asks = |word: &str| words.contains(&word);
        if asks("name") || asks("called") {
            return has(PETS).then_some(Self::PetName);
        }
        if has(&["who", "who's"]) {
            return Some(Self::Who);
        }
        if asks("where") || (has(&["which", "what"]) && has(PLACES)) {
            return Some(Self::Where);
        }
        let takes_in = has(&["reading", "watching", "playing", "listening"]);
        let what = has(&["which", "what"]);
        (what && (has(WORKS) || takes_in)).then_some(Self::Work)
    }
}

/// Reads the answer at the beginning of the line.
pub(super) fn find(line: &Line<'_>, asked: Option<Asked>, found: &mut Found) {
    found.by = Rule::Answer;
    let Some((asked, tokens)) = asked.zip(answer(line)) else {
        return;
    };
    let item = match asked {
        Asked::Who => somebody(line, tokens.start),
        _ if tokens.len() > LONGEST || !tokens.clone().all(|at| found.is_free(at)) => None,
        Asked::Where => place(line, tokens),
        Asked::PetName => pet(line, tokens),
        Asked::Work => work(line, tokens),
    };
    if let Some(item) = item.filter(|item| found.is_free(item.tokens.start)) {
        found.add(item);
    }
}

/// The words that the line begins with, up to a mark or a date.
fn answer(line: &Line<'_>) -> Option<Range<usize>> {
    let scan = &line.scan;
    let real: Vec<usize> = scan.real().collect();
    let mut words = real.iter().copied().filter(|at| scan.is_word(*at));
    let start = words.find(|at| !LEADS.contains(&scan.low(*at)))?;
    let goes_on = |at: &usize| scan.is_word(*at) && !line.is_dated(*at) && real.contains(at);
    let length = (start..=start + LONGEST).take_while(goes_on).count();
    (start <= LEADING && length > 0).then(|| start..start + length)
}

/// A name; roles and titles are read by the rules for people.
fn somebody(line: &Line<'_>, start: usize) -> Option<Item> {
    let (scan, lexicon) = (&line.scan, line.lexicon);
    let told =
        scan.find(&lexicon.titles, start).is_some() || scan.find(&lexicon.people, start).is_some();
    let length = names::at(line, start, Trust::Company).filter(|_| !told)?;
    let tokens = start..start + length;
    Some(Item::new(
        NodeKind::Person,
        scan.text(&tokens),
        tokens,
        0.75,
    ))
}

fn place(line: &Line<'_>, tokens: Range<usize>) -> Option<Item> {
    let scan = &line.scan;
    let names_it =
        |at: usize| !is_common(line, at) || matches!(scan.low(at), "the" | "high" | "school");
    let said = tokens.clone().any(|at| scan.low(at) != "the") && tokens.len() < LONGEST;
    (said && tokens.clone().all(names_it))
        .then(|| Item::new(NodeKind::Place, scan.text(&tokens), tokens, 0.7))
}

fn pet(line: &Line<'_>, tokens: Range<usize>) -> Option<Item> {
    let named = tokens.len() <= 2 && !tokens.clone().any(|at| is_common(line, at));
    let text = line.scan.text(&tokens);
    named.then(|| Item::new(NodeKind::Thing, text, tokens, 0.8).attr("sub", "pet"))
}

fn work(line: &Line<'_>, tokens: Range<usize>) -> Option<Item> {
    let said = tokens.clone().any(|at| !is_common(line, at));
    let sentence = tokens
        .clone()
        .any(|at| NO_TITLE.contains(&line.scan.low(at)));
    let text = line.scan.text(&tokens);
    (said && !sentence)
        .then(|| Item::new(NodeKind::Thing, text, tokens, 0.65).attr("sub", "creative_work"))
}

fn is_common(line: &Line<'_>, at: usize) -> bool {
    line.lexicon.words.not_names.contains(line.scan.low(at))
}
