//! Names that stay on this machine when a model provider is asked: surnames behind first names,
//! names of schools, names of streets. By lists and patterns alone: it runs while a teen waits.
//!
//! First names, relations, cities and the kind of school are what an answer needs; they stay.

mod school;
mod street;
mod surname;

use innerworld_core::model::veil::{PrivateKind, PrivateName, PrivateNames};

use crate::{
    LocalExtractor, MessageReader,
    lexicon::Lexicon,
    pii::{Class, Folded, Span},
    tagger::NameLists,
    tokenize::{MAX_BYTES, Token, TokenKind, tokenize},
};

impl PrivateNames for MessageReader {
    fn find(&self, text: &str) -> Vec<PrivateName> {
        let vocabulary = self.vocabulary();
        let lists = Lists {
            lexicon: &vocabulary.lexicon,
            names: &vocabulary.names,
        };
        let folded = Folded::new(text);
        let mut found = Vec::new();
        let mut start = 0;
        while let Some(rest) = folded.text.get(start..).filter(|rest| !rest.is_empty()) {
            let length = piece(rest);
            let words = Words::new(rest.get(..length).unwrap_or_default(), &lists);
            for name in words.find() {
                let place = folded.original(Span {
                    class: Class::Address,
                    start: start + name.start,
                    end: start + name.end,
                });
                found.push(PrivateName {
                    start: place.start,
                    end: place.end,
                    ..name
                });
            }
            start += length.max(1);
        }
        found
    }
}

impl PrivateNames for LocalExtractor {
    fn find(&self, text: &str) -> Vec<PrivateName> {
        self.reader().find(text)
    }
}

/// Most bytes that are read at once; half of what the tokenizer takes.
const PIECE: usize = MAX_BYTES / 2;

/// Length of the next piece of a long text: up to a space, where there is one.
fn piece(rest: &str) -> usize {
    if rest.len() <= PIECE {
        return rest.len();
    }
    let mut end = PIECE;
    while !rest.is_char_boundary(end) {
        end -= 1;
    }
    let cut = rest.get(..end).unwrap_or_default();
    cut.rfind(' ').map_or(end, |space| space + 1)
}

/// Words that are part of no name of a school or a street.
const SMALL: &[&str] = &[
    "my", "the", "a", "an", "our", "your", "his", "her", "their", "this", "that", "which", "in",
    "at", "to", "of", "on", "from", "and", "is", "was", "whole", "other", "same", "every", "next",
    "i", "we",
];

fn is_small(word: &str) -> bool {
    SMALL.contains(&word)
}

/// What is known of names.
struct Lists<'l> {
    lexicon: &'l Lexicon,
    names: &'l NameLists,
}

/// A text as words.
struct Words<'t> {
    text: &'t str,
    tokens: Vec<Token<'t>>,
    lists: &'t Lists<'t>,
    /// Most words are in capitals, so that a capital says nothing.
    shouted: bool,
}

impl<'t> Words<'t> {
    fn new(text: &'t str, lists: &'t Lists<'t>) -> Self {
        let tokens = tokenize(text);
        let words = tokens.iter().filter(|token| token.kind == TokenKind::Word);
        let (mut all, mut capital) = (0_usize, 0_usize);
        for word in words.filter(|word| word.raw.len() > 1) {
            all += 1;
            capital += usize::from(word.raw.chars().all(|c| !c.is_lowercase()));
        }
        Self {
            text,
            tokens,
            lists,
            shouted: all >= 3 && capital * 3 > all * 2,
        }
    }

    /// All names, in order, without overlap.
    fn find(&self) -> Vec<PrivateName> {
        let mut found = Vec::new();
        let mut at = 0;
        while at < self.tokens.len() {
            let name = school::at(self, at)
                .or_else(|| street::at(self, at))
                .or_else(|| surname::at(self, at));
            if let Some((kind, first, last, always)) = name {
                let end = match kind {
                    // "St. Mary's Academy"
                    PrivateKind::School => self.tokens.get(last).map(|token| token.end),
                    PrivateKind::Surname | PrivateKind::Street => self.end_of(last),
                };
                if let (Some(first), Some(end)) = (self.tokens.get(first), end) {
                    found.push(PrivateName {
                        kind,
                        start: first.start,
                        end,
                        always,
                    });
                }
                at = last + 1;
            } else {
                at += 1;
            }
        }
        found
    }

    /// Where a word ends, without a possessive.
    fn end_of(&self, at: usize) -> Option<usize> {
        let token = self.tokens.get(at)?;
        let plain = token.raw.len() - (token.low.len() - token.base.len()).min(token.raw.len());
        // The apostrophe may be longer than the plain one.
        let end = token.start + plain;
        Some(if self.text.is_char_boundary(end) {
            end
        } else {
            token.end
        })
    }

    fn word(&self, at: usize) -> Option<&Token<'t>> {
        let token = self.tokens.get(at)?;
        (token.kind == TokenKind::Word).then_some(token)
    }

    fn low(&self, at: usize) -> &str {
        self.word(at).map_or("", |token| token.base.as_str())
    }

    /// The word `back` before `at`.
    fn before(&self, at: usize, back: usize) -> &str {
        at.checked_sub(back).map_or("", |at| self.low(at))
    }

    /// Whether only a space stands between a word and the next one.
    fn joined(&self, at: usize) -> bool {
        match (self.tokens.get(at), self.tokens.get(at + 1)) {
            (Some(one), Some(next)) => self
                .text
                .get(one.end..next.start)
                .is_some_and(|gap| !gap.is_empty() && gap.chars().all(|c| c == ' ')),
            _ => false,
        }
    }

    /// Whether it starts with a capital that says something.
    fn is_name_like(&self, at: usize) -> bool {
        !self.shouted
            && self
                .word(at)
                .is_some_and(|token| token.is_capital() && token.raw.chars().nth(1).is_some())
            && !self.is_common(at)
    }

    /// Words that begin a sentence with a capital and are no names, days and months among them.
    fn is_common(&self, at: usize) -> bool {
        let (low, lexicon) = (self.low(at), self.lists.lexicon);
        let calendar = lexicon.dates.weekdays.iter().chain(&lexicon.dates.months);
        lexicon.words.not_names.contains(low) && !lexicon.cased_names.contains(low)
            || calendar.flatten().any(|day| day == low)
    }
}

/// Kind, first and last word, and whether the words always mean it.
type Place = (PrivateKind, usize, usize, bool);
