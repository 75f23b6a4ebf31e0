//! What a text must hold for a rule to match at all.
//!
//! Hardly any message holds the words of any rule. One pass that looks for all of them costs a
//! microsecond, the patterns themselves cost hundreds; so a pattern is tried only on a text that
//! holds what every match of it must hold. The words are read from the pattern, not written beside
//! it, so they cannot drift apart.

use std::collections::HashMap;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use regex_syntax::{
    ParserBuilder,
    hir::{Class, Hir, HirKind},
};

use serde::{Deserialize, Serialize};

use super::gates::ones;

/// Shorter pieces stand in nearly every text.
const FEWEST_BYTES: usize = 3;

/// A condition that every match of a pattern fulfils.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Need {
    /// Nothing is known.
    Nothing,
    /// One of these words at least.
    Word(Set),
    All(Vec<Need>),
    Any(Vec<Need>),
}

impl Need {
    /// How early to ask: few words are seldom met.
    fn effort(&self) -> u32 {
        match self {
            Self::Nothing => 0,
            Self::Word(set) => set.words(),
            Self::All(needs) => needs.first().map_or(0, Self::effort) + 1,
            Self::Any(_) => u32::MAX,
        }
    }

    /// Words of which one at least must be there, if that is all that is asked first.
    pub(super) fn gate(&self) -> Option<&Set> {
        match self {
            Self::Word(set) => Some(set),
            Self::All(needs) => needs.first().and_then(Self::gate),
            Self::Nothing | Self::Any(_) => None,
        }
    }
}

/// Numbers of words: sixty-four to a block, only blocks with a word in them, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Set(Vec<(usize, u64)>);

impl Set {
    const BLOCK: usize = 64;

    fn of(word: usize) -> Self {
        Self(vec![(word / Self::BLOCK, 1 << (word % Self::BLOCK))])
    }

    fn join(&mut self, other: &Self) {
        for (block, more) in &other.0 {
            match self.0.binary_search_by_key(block, |(block, _)| *block) {
                Ok(place) => {
                    if let Some((_, bits)) = self.0.get_mut(place) {
                        *bits |= more;
                    }
                }
                Err(place) => self.0.insert(place, (*block, *more)),
            }
        }
    }

    fn words(&self) -> u32 {
        self.0.iter().map(|(_, bits)| bits.count_ones()).sum()
    }

    /// The numbers in it.
    pub(super) fn numbers(&self) -> impl Iterator<Item = usize> + '_ {
        let blocks = self.0.iter();
        blocks.flat_map(|(block, bits)| ones(*bits).map(move |bit| block * Self::BLOCK + bit))
    }
}

/// Collects the words of many patterns.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<String>", into = "Vec<String>")]
pub(super) struct Words {
    numbers: HashMap<Vec<u8>, usize>,
}

impl From<Vec<String>> for Words {
    /// Of the words in the order of their numbers.
    fn from(words: Vec<String>) -> Self {
        let words = words.into_iter().map(String::into_bytes);
        let numbers = words.zip(0..).collect();
        Self { numbers }
    }
}

impl From<Words> for Vec<String> {
    fn from(words: Words) -> Self {
        let words = words.in_order();
        let text = |word| String::from_utf8_lossy(word).into_owned();
        words.iter().map(|word| text(word)).collect()
    }
}

/// A pattern, read as it is compiled: of bytes and ASCII classes.
pub(super) fn parsed(pattern: &str) -> Result<Hir, Box<regex_syntax::Error>> {
    let mut parser = ParserBuilder::new().unicode(false).utf8(false).build();
    Ok(parser.parse(pattern)?)
}

/// Finds all words in one pass.
#[derive(Debug)]
pub(super) struct Finder {
    automaton: AhoCorasick,
    blocks: usize,
}

/// Which words a text holds.
#[derive(Debug)]
pub(super) struct Held(Vec<u64>);

impl Words {
    /// What every match of a pattern must hold.
    pub(super) fn of(&mut self, part: &Hir) -> Need {
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
                        // What is rarest and quickest to ask first.
                        needs.sort_by_key(Need::effort);
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
        Need::Word(Set::of(number))
    }

    /// How many words there are so far.
    pub(super) fn len(&self) -> usize {
        self.numbers.len()
    }

    /// The finder of all words so far.
    pub(super) fn finder(self) -> Result<Finder, aho_corasick::BuildError> {
        let blocks = self.numbers.len().div_ceil(Set::BLOCK);
        Ok(Finder {
            automaton: AhoCorasick::builder()
                .kind(Some(AhoCorasickKind::DFA))
                .build(self.in_order())?,
            blocks,
        })
    }

    fn in_order(self) -> Vec<Vec<u8>> {
        let mut words: Vec<_> = self.numbers.into_iter().collect();
        words.sort_unstable_by_key(|(_, number)| *number);
        words.into_iter().map(|(word, _)| word).collect()
    }
}

/// One of several conditions. What all of them ask first is asked once, before any of them.
fn either(needs: Vec<Need>) -> Need {
    if needs.contains(&Need::Nothing) {
        return Need::Nothing;
    }
    let mut gate = Set::default();
    for need in &needs {
        match need.gate() {
            Some(words) => gate.join(words),
            None => return Need::Any(needs),
        }
    }
    if needs.iter().all(|need| matches!(need, Need::Word(_))) {
        return Need::Word(gate);
    }
    Need::All(vec![Need::Word(gate), Need::Any(needs)])
}

impl Finder {
    /// Looks for the words in `text`, also inside longer words and over one another.
    pub(super) fn held(&self, text: &str) -> Held {
        let mut held = Held(vec![0; self.blocks]);
        for found in self.automaton.find_overlapping_iter(text) {
            let word = found.pattern().as_usize();
            if let Some(bits) = held.0.get_mut(word / Set::BLOCK) {
                *bits |= 1 << (word % Set::BLOCK);
            }
        }
        held
    }
}

impl Held {
    /// The numbers of the words.
    pub(super) fn numbers(&self) -> impl Iterator<Item = usize> + '_ {
        let blocks = self.0.iter().enumerate();
        blocks.flat_map(|(block, bits)| ones(*bits).map(move |bit| block * Set::BLOCK + bit))
    }

    /// Whether the text may match the pattern that needs this.
    pub(super) fn fulfils(&self, need: &Need) -> bool {
        match need {
            Need::Nothing => true,
            Need::Word(set) => {
                let held = |block: usize| self.0.get(block).copied().unwrap_or(0);
                set.0.iter().any(|(block, bits)| held(*block) & bits != 0)
            }
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
        let need = words.of(&parsed(pattern).unwrap());
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
