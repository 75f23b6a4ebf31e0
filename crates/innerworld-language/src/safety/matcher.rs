//! Looks for the phrases of a rule, word by word.
//!
//! A phrase begins with a word. So a match is only tried from where a word begins that can be its first one,
//! and most tries end with that word. Looking for a match anywhere would keep every phrase of a rule in mind at
//! every letter, for which the automaton, built while it runs, needs many times as many states.

use std::{ops::Range, sync::OnceLock};

use regex_automata::{Anchored, Input};
use regex_syntax::hir::{
    Hir,
    literal::{Extractor, Literal},
};
use serde::{Deserialize, Serialize};

use super::automaton::Automaton;

/// A pattern that begins and ends at the edge of a word, and is compiled when it is first needed. The words in
/// a text say which rules can match at all, so most messages need none; compiling all of them would delay each
/// start.
pub(super) struct Matcher {
    pub(super) source: String,
    /// What a match can begin with; anything where nothing is known.
    pub(super) first: Option<Beginnings>,
    compiled: OnceLock<Result<Automaton, regex::Error>>,
}

/// A part of a text, with the places where a match can begin.
pub(super) struct Part<'t> {
    pub(super) text: &'t str,
    pub(super) range: Range<usize>,
    /// Where words begin or end, in order.
    edges: Vec<usize>,
}

impl<'t> Part<'t> {
    pub(super) fn of(text: &'t str, range: Range<usize>) -> Self {
        let bytes = text.as_bytes();
        let in_word = |byte: Option<&u8>| {
            byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
        };
        let before = range.start.checked_sub(1).and_then(|at| bytes.get(at));
        let mut inside = in_word(before);
        let is_edge = move |at: &usize| {
            let here = in_word(bytes.get(*at));
            std::mem::replace(&mut inside, here) != here
        };
        let edges = range.clone().filter(is_edge).collect();
        Self { text, range, edges }
    }
}

impl Matcher {
    /// Of phrases with what may stand between their words.
    pub(super) fn new(phrases: &str) -> Self {
        Self {
            source: format!(r"\b(?:{phrases})\b"),
            first: None,
            compiled: OnceLock::new(),
        }
    }

    /// Compiles it now.
    pub(super) fn compile(&self) -> Result<(), regex::Error> {
        self.compiled().map(drop).map_err(Clone::clone)
    }

    /// Whether `counts` says so of any match in a part of a text, one after another. What stands around the
    /// part is seen, but not matched.
    pub(super) fn any_match(&self, part: &Part<'_>, counts: impl Fn(Range<usize>) -> bool) -> bool {
        // Rather a check-in too many than one too few: the words are there.
        let Ok(automaton) = self.compiled() else {
            return true;
        };
        let bytes = part.text.as_bytes();
        let may_begin = |at: usize| (self.first.as_ref()).is_none_or(|first| first.hold(bytes, at));
        let mut searcher = automaton.searcher();
        let (mut from, mut stands) = (part.range.start, false);
        for start in part.edges.iter().copied() {
            if stands {
                break;
            }
            if start < from || !may_begin(start) {
                continue;
            }
            let input = Input::new(bytes)
                .range(start..part.range.end)
                .anchored(Anchored::Yes);
            match searcher.end_of_match(&input) {
                Ok(Some(end)) => {
                    stands = counts(start..end);
                    from = end;
                }
                Ok(None) => {}
                Err(_gave_up) => stands = true,
            }
        }
        searcher.end();
        stands
    }

    fn compiled(&self) -> Result<&Automaton, &regex::Error> {
        let built = self.compiled.get_or_init(|| Automaton::of(&self.source));
        built.as_ref()
    }
}

/// The first two bytes of all that a match can begin with, by their lowest bits: letters differ in them. A
/// text is asked at each of its words, so it costs one look.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Beginnings([u32; Self::CLASSES]);

impl Beginnings {
    const CLASSES: usize = 32;

    /// Of a pattern; `None` where a match can begin with anything.
    pub(super) fn of(pattern: &Hir) -> Option<Self> {
        let prefixes = Extractor::new().extract(pattern);
        prefixes.literals().and_then(Self::of_literals)
    }

    fn of_literals(literals: &[Literal]) -> Option<Self> {
        let mut beginnings = Self([0; Self::CLASSES]);
        for literal in literals {
            let (first, rest) = literal.as_bytes().split_first()?;
            let seconds = rest.first().map_or(u32::MAX, |second| Self::bit(*second));
            if let Some(known) = beginnings.0.get_mut(Self::class(*first)) {
                *known |= seconds;
            }
        }
        Some(beginnings)
    }

    /// Whether a match may begin at this place.
    fn hold(&self, bytes: &[u8], at: usize) -> bool {
        let class = bytes.get(at).map(|first| Self::class(*first));
        let seconds = class.and_then(|class| self.0.get(class)).copied();
        let second = bytes
            .get(at + 1)
            .map_or(u32::MAX, |second| Self::bit(*second));
        seconds.unwrap_or_default() & second != 0
    }

    const fn class(byte: u8) -> usize {
        (byte as usize) % Self::CLASSES
    }

    const fn bit(byte: u8) -> u32 {
        1 << Self::class(byte)
    }
}

#[cfg(test)]
mod tests {
    use regex::bytes::RegexBuilder;

    use super::{super::needs::parsed, *};

    /// As looking for it anywhere finds it.
    #[test]
    fn every_match_is_found() {
        for (phrases, text) in [
            (
                "want to (?:die|live)|i (?:am|was) (?:so )?tired",
                "i am so tired, i want to live",
            ),
            ("(?:^|and )just go|go", "just go and just go or go"),
            ("'tis|[a-z]+ing", "'tis raining, and 'tis snowing"),
            ("a|ab|abc d", "abc d ab a"),
            ("me(?: and me)?", "me and me and me"),
        ] {
            let mut matcher = Matcher::new(phrases);
            matcher.first = Beginnings::of(&parsed(&matcher.source).unwrap());
            let anywhere = RegexBuilder::new(&matcher.source)
                .unicode(false)
                .build()
                .unwrap();
            let all: Vec<_> = anywhere
                .find_iter(text.as_bytes())
                .map(|found| found.range())
                .collect();
            let found = std::cell::RefCell::new(Vec::new());
            matcher.any_match(&Part::of(text, 0..text.len()), |range| {
                found.borrow_mut().push(range);
                false
            });
            assert_eq!(found.into_inner(), all, "{phrases}");
        }
    }
}
