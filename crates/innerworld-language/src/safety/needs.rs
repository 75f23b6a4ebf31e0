//! What a text must hold for a rule to match at all.
//!
//! Hardly any message holds the words of any rule. One pass that looks for all of them costs a
//! microsecond, the patterns themselves cost hundreds; so a pattern is tried only on a text that
//! holds what every match of it must hold. The words are read from the pattern, not written beside
//! it, so they cannot drift apart.

use std::collections::HashMap;

use aho_corasick::AhoCorasick;
use regex_syntax::{
    ParserBuilder,
    hir::{Class, Hir, HirKind},
};

/// Shorter pieces stand in nearly every text.
const FEWEST_BYTES: usize = 3;

/// A condition that every match of a pattern fulfils.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Need {
    /// Nothing is known.
    Nothing,
    /// One of these words at least.
    Word(Set),
    All(Vec<Need>),
    Any(Vec<Need>),
}

/// Numbers of words, a bit each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Set(Vec<u64>);

impl Set {
    fn add(&mut self, word: usize) {
        let place = word / 64;
        if self.0.len() <= place {
            self.0.resize(place + 1, 0);
        }
        if let Some(bits) = self.0.get_mut(place) {
            *bits |= 1 << (word % 64);
        }
    }

    fn join(&mut self, other: &Self) {
        self.0.resize(self.0.len().max(other.0.len()), 0);
        for (bits, more) in self.0.iter_mut().zip(&other.0) {
            *bits |= more;
        }
    }

    fn meets(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).any(|(a, b)| a & b != 0)
    }
}

/// Collects the words of many patterns.
#[derive(Debug, Default)]
pub(super) struct Words {
    numbers: HashMap<Vec<u8>, usize>,
}

/// Finds all words in one pass.
#[derive(Debug)]
pub(super) struct Finder {
    automaton: AhoCorasick,
}

/// Which words a text holds.
#[derive(Debug)]
pub(super) struct Held(Set);

impl Words {
    /// What every match of `pattern` must hold.
    pub(super) fn need(&mut self, pattern: &str) -> Result<Need, Box<regex_syntax::Error>> {
        // As the patterns are compiled: of bytes and ASCII classes.
        let mut parser = ParserBuilder::new().unicode(false).utf8(false).build();
        let parsed = parser.parse(pattern)?;
        Ok(self.of(&parsed))
    }

    fn of(&mut self, part: &Hir) -> Need {
        match part.kind() {
            HirKind::Literal(literal) => self.word(&literal.0),
            HirKind::Class(class) => self.single(class),
            HirKind::Capture(capture) => self.of(&capture.sub),
            HirKind::Repetition(repetition) if repetition.min > 0 => self.of(&repetition.sub),
            HirKind::Concat(parts) => {
                let needs = parts.iter().map(|part| self.of(part));
                let mut needs: Vec<Need> = needs.filter(|need| *need != Need::Nothing).collect();
                match needs.len() {
                    0 => Need::Nothing,
                    1 => needs.pop().unwrap_or(Need::Nothing),
                    _ => {
                        // Words first: a set is quickly found not to be met.
                        needs.sort_by_key(|need| !matches!(need, Need::Word(_)));
                        Need::All(needs)
                    }
                }
            }
            HirKind::Alternation(parts) => {
                let needs = parts.iter().map(|part| self.of(part)).collect();
                either(needs)
            }
            HirKind::Empty | HirKind::Look(_) | HirKind::Repetition(_) => Need::Nothing,
        }
    }

    fn single(&mut self, class: &Class) -> Need {
        match class.literal() {
            Some(bytes) => self.word(&bytes),
            None => Need::Nothing,
        }
    }

    fn word(&mut self, bytes: &[u8]) -> Need {
        if bytes.len() < FEWEST_BYTES {
            return Need::Nothing;
        }
        let next = self.numbers.len();
        let number = *self.numbers.entry(bytes.to_vec()).or_insert(next);
        let mut set = Set::default();
        set.add(number);
        Need::Word(set)
    }

    /// The finder of all words so far.
    pub(super) fn finder(self) -> Result<Finder, aho_corasick::BuildError> {
        let mut words: Vec<_> = self.numbers.into_iter().collect();
        words.sort_unstable_by_key(|(_, number)| *number);
        let words = words.into_iter().map(|(word, _)| word);
        Ok(Finder {
            automaton: AhoCorasick::new(words)?,
        })
    }
}

/// One of several conditions; single words become one set.
fn either(needs: Vec<Need>) -> Need {
    let mut words = Set::default();
    let mut others = Vec::new();
    for need in needs {
        match need {
            Need::Nothing => return Need::Nothing,
            Need::Word(set) => words.join(&set),
            Need::All(_) | Need::Any(_) => others.push(need),
        }
    }
    if others.is_empty() {
        return Need::Word(words);
    }
    others.insert(0, Need::Word(words));
    Need::Any(others)
}

impl Finder {
    /// Looks for the words in `text`, also inside longer words and over one another.
    pub(super) fn held(&self, text: &str) -> Held {
        let mut held = Set::default();
        for found in self.automaton.find_overlapping_iter(text) {
            held.add(found.pattern().as_usize());
        }
        Held(held)
    }
}

impl Held {
    /// Whether the text may match the pattern that needs this.
    pub(super) fn fulfils(&self, need: &Need) -> bool {
        match need {
            Need::Nothing => true,
            Need::Word(set) => set.meets(&self.0),
            Need::All(needs) => needs.iter().all(|need| self.fulfils(need)),
            Need::Any(needs) => needs.iter().any(|need| self.fulfils(need)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn may_match(pattern: &str, text: &str) -> bool {
        let mut words = Words::default();
        let need = words.need(pattern).unwrap();
        words.finder().unwrap().held(text).fulfils(&need)
    }

    #[test]
    fn a_text_without_the_words_of_a_pattern_is_not_tried() {
        let pattern = r"(?-u:\b)(?:lost|losing)(?: my)? (?:keys?|phone)(?-u:\b)";
        assert!(may_match(pattern, "i lost my keys"));
        assert!(may_match(pattern, "the phone keeps losing signal"));
        assert!(!may_match(pattern, "i lost my bag"));
        assert!(!may_match(pattern, "my phone is new"));
    }

    #[test]
    fn what_may_be_absent_is_not_needed() {
        assert!(may_match(
            "(?:really )?(?:sad|[a-z]+) today",
            "see you today"
        ));
        assert!(may_match("(?:me|at)", "anything"));
        assert!(!may_match("(?:sunny)+ today", "today"));
    }
}
