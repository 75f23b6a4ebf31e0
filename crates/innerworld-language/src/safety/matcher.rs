//! Looks for the phrases of a rule, word by word.
//!
//! A phrase begins with a word. So a match is only tried from where a word begins that can be its first one,
//! and most tries end with that word. Looking for a match anywhere would keep every phrase of a rule in mind at
//! every letter, for which the automaton, built while it runs, needs many times as many states.

use std::{ops::Range, sync::OnceLock};

use regex_automata::{Anchored, Input};
use regex_syntax::hir::literal::Extractor;

use super::{automaton::Automaton, needs::parsed};

/// A pattern that begins and ends at the edge of a word, and is compiled when it is first needed. The words in
/// a text say which rules can match at all, so most messages need none; compiling all of them would delay each
/// start.
pub(super) struct Matcher {
    pub(super) source: String,
    compiled: OnceLock<Result<Compiled, regex::Error>>,
}

struct Compiled {
    automaton: Automaton,
    /// Bytes that a match can begin with; any where nothing is known.
    first: Option<Vec<u8>>,
}

impl Matcher {
    /// Of phrases with what may stand between their words.
    pub(super) fn new(phrases: &str) -> Self {
        Self {
            source: format!(r"\b(?:{phrases})\b"),
            compiled: OnceLock::new(),
        }
    }

    /// Compiles it now.
    pub(super) fn compile(&self) -> Result<(), regex::Error> {
        self.compiled().map(drop).map_err(Clone::clone)
    }

    /// Whether `counts` says so of any match in `part` of `text`, one after another. What stands around the part
    /// is seen, but not matched.
    pub(super) fn any_match(
        &self,
        text: &str,
        part: &Range<usize>,
        counts: impl Fn(Range<usize>) -> bool,
    ) -> bool {
        // Rather a check-in too many than one too few: the words are there.
        let Ok(Compiled { automaton, first }) = self.compiled() else {
            return true;
        };
        let bytes = text.as_bytes();
        let in_word = |byte: Option<&u8>| {
            byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
        };
        let may_begin = |at: usize| {
            let (before, here) = (at.checked_sub(1), bytes.get(at));
            let at_edge = in_word(here) != in_word(before.and_then(|before| bytes.get(before)));
            let is_first =
                |first: &Vec<u8>| here.is_some_and(|here| first.binary_search(here).is_ok());
            at_edge && first.as_ref().is_none_or(is_first)
        };
        let mut searcher = automaton.searcher();
        let (mut at, mut stands) = (part.start, false);
        while at < part.end && !stands {
            let start = at;
            at += 1;
            if !may_begin(start) {
                continue;
            }
            let input = Input::new(bytes)
                .range(start..part.end)
                .anchored(Anchored::Yes);
            match searcher.end_of_match(&input) {
                Ok(Some(end)) => {
                    stands = counts(start..end);
                    at = at.max(end);
                }
                Ok(None) => {}
                Err(_gave_up) => stands = true,
            }
        }
        searcher.end();
        stands
    }

    fn compiled(&self) -> Result<&Compiled, &regex::Error> {
        let built = self.compiled.get_or_init(|| {
            let pattern =
                parsed(&self.source).map_err(|error| regex::Error::Syntax(error.to_string()))?;
            let prefixes = Extractor::new().extract(&pattern);
            let first = prefixes.literals().map(|literals| {
                let first = literals
                    .iter()
                    .map(|literal| literal.as_bytes().first().copied());
                first.collect::<Option<Vec<u8>>>()
            });
            let first = first.flatten().map(|mut first| {
                first.sort_unstable();
                first.dedup();
                first
            });
            let automaton = Automaton::of(&self.source)?;
            Ok(Compiled { automaton, first })
        });
        built.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use regex::bytes::RegexBuilder;

    use super::*;

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
            let matcher = Matcher::new(phrases);
            let anywhere = RegexBuilder::new(&matcher.source)
                .unicode(false)
                .build()
                .unwrap();
            let all: Vec<_> = anywhere
                .find_iter(text.as_bytes())
                .map(|found| found.range())
                .collect();
            let found = std::cell::RefCell::new(Vec::new());
            matcher.any_match(text, &(0..text.len()), |range| {
                found.borrow_mut().push(range);
                false
            });
            assert_eq!(found.into_inner(), all, "{phrases}");
        }
    }
}
