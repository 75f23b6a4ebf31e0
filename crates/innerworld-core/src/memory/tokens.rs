//! Words as recall compares them: lower-cased runs of letters and digits, without stop words,
//! reduced to Snowball English stems.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use rust_stemmers::{Algorithm, Stemmer};

/// Longest stem kept, in bytes: a pasted wall of letters is no word and must not fill the index.
const MAX_WORD_BYTES: usize = 64;

static STOP_WORDS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    include_str!("../../data/memory/stop_words.txt")
        .split_whitespace()
        .collect()
});

/// Whether a lower-cased word says nothing about the subject of a text.
pub fn is_stop_word(word: &str) -> bool {
    STOP_WORDS.contains(word)
}

/// Calls `take` with every word of `text`, lower-cased, in order, stop words included.
pub fn each_word(text: &str, mut take: impl FnMut(&str)) {
    let mut word = String::with_capacity(24);
    for letter in text.chars().chain([' ']) {
        if letter.is_ascii_alphanumeric() {
            word.push(letter.to_ascii_lowercase());
        } else if letter.is_alphanumeric() {
            word.extend(letter.to_lowercase());
        } else if !word.is_empty() {
            if word.len() <= MAX_WORD_BYTES {
                take(&word);
            }
            word.clear();
        }
    }
}

/// Calls `take` with the stem of every word of `text` that is no stop word, in order.
pub fn each_stem(text: &str, mut take: impl FnMut(&str)) {
    let stemmer = Stemmer::create(Algorithm::English);
    each_word(text, |word| {
        if !is_stop_word(word) {
            take(&stemmer.stem(word));
        }
    });
}

/// Number of a stem in a [`Vocabulary`].
pub type StemId = u32;

/// The stems of an index, numbered in the order they were first seen.
#[derive(Clone, Default)]
pub struct Vocabulary {
    numbers: HashMap<Box<str>, StemId>,
}

impl std::fmt::Debug for Vocabulary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The stems are a teen's words.
        write!(f, "Vocabulary({} stems)", self.numbers.len())
    }
}

impl Vocabulary {
    /// How many stems it knows.
    pub fn len(&self) -> usize {
        self.numbers.len()
    }

    /// Whether it knows none.
    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }

    /// Appends the stems of `text` to `out`; new ones get the next number.
    pub fn learn(&mut self, text: &str, out: &mut Vec<StemId>) {
        each_stem(text, |stem| {
            let next = StemId::try_from(self.numbers.len()).unwrap_or(StemId::MAX);
            let number = self.numbers.get(stem).copied().unwrap_or_else(|| {
                self.numbers.insert(stem.into(), next);
                next
            });
            out.push(number);
        });
    }

    /// The known stems of `text`, each once, in order.
    pub fn find(&self, text: &str) -> Vec<StemId> {
        let mut found = Vec::new();
        each_stem(text, |stem| {
            if let Some(&number) = self.numbers.get(stem)
                && !found.contains(&number)
            {
                found.push(number);
            }
        });
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stems(text: &str) -> Vec<String> {
        let mut out = Vec::new();
        each_stem(text, |stem| out.push(stem.to_owned()));
        out
    }

    #[test]
    fn words_are_lower_cased_cut_at_punctuation_and_stemmed() {
        assert_eq!(
            stems("I've been RUNNING to the schools' café, 2nd time!"),
            ["run", "school", "café", "2nd", "time"]
        );
        assert_eq!(stems("Élodie's"), ["élodi"]);
        assert!(stems("it's what we do :)").is_empty());
        assert!(stems(&"a".repeat(65)).is_empty());
    }

    #[test]
    fn a_query_stem_counts_once_and_only_if_known() {
        let mut vocabulary = Vocabulary::default();
        let mut learned = Vec::new();
        vocabulary.learn("swim team swimming", &mut learned);
        assert_eq!(learned, [0, 1, 0]);
        assert_eq!(vocabulary.find("teams, swim! swim? violin"), [1, 0]);
        assert_eq!(format!("{vocabulary:?}"), "Vocabulary(2 stems)");
    }
}
