//! Words as recall compares them: lower-cased runs of letters and digits, without stop words,
//! reduced to Snowball English stems.

use std::{
    collections::{HashMap, HashSet},
    mem::size_of,
    sync::LazyLock,
};

use rust_stemmers::{Algorithm, Stemmer};

use super::recall::ALLOCATION_BYTES;

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
    settled: Settled,
    /// Stems that came after.
    numbers: HashMap<Box<str>, StemId>,
    /// Words whose stem was looked for lately: while much is learned at once, most words are old
    /// ones. `None` is a stop word.
    words: HashMap<Box<str>, Option<StemId>>,
}

/// The first stems, one after the other: a table of strings would take five times as much.
#[derive(Clone, Default)]
struct Settled {
    letters: Box<str>,
    /// Where each stem ends, by its number.
    ends: Box<[u32]>,
    /// The numbers, in the order of the stems' letters.
    sorted: Box<[StemId]>,
}

impl Settled {
    fn of(stems: &[Box<str>]) -> Self {
        let mut letters = String::with_capacity(stems.iter().map(|stem| stem.len()).sum());
        let mut ends = Vec::with_capacity(stems.len());
        for stem in stems {
            letters.push_str(stem);
            ends.push(number(letters.len()));
        }
        let mut sorted: Vec<StemId> = (0..number(stems.len())).collect();
        sorted.sort_unstable_by_key(|place| stems.get(*place as usize));
        Self {
            letters: letters.into(),
            ends: ends.into(),
            sorted: sorted.into(),
        }
    }

    fn stem(&self, number: StemId) -> &str {
        let place = number as usize;
        let end_of = |place: usize| self.ends.get(place).copied().unwrap_or_default() as usize;
        let start = place.checked_sub(1).map_or(0, end_of);
        self.letters.get(start..end_of(place)).unwrap_or_default()
    }

    fn number(&self, stem: &str) -> Option<StemId> {
        let found = self
            .sorted
            .binary_search_by(|number| self.stem(*number).cmp(stem));
        found.ok().and_then(|place| self.sorted.get(place)).copied()
    }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

impl std::fmt::Debug for Vocabulary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The stems are a teen's words.
        write!(f, "Vocabulary({} stems)", self.len())
    }
}

impl Vocabulary {
    /// How many stems it knows.
    pub fn len(&self) -> usize {
        self.settled.ends.len() + self.numbers.len()
    }

    /// Whether it knows none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of a stem, if it is known.
    pub fn number(&self, stem: &str) -> Option<StemId> {
        let newer = self.numbers.get(stem).copied();
        newer.or_else(|| self.settled.number(stem))
    }

    /// Appends the stems of `text` to `out`; new ones get the next number.
    pub fn learn(&mut self, text: &str, out: &mut Vec<StemId>) {
        let stemmer = Stemmer::create(Algorithm::English);
        each_word(text, |word| {
            let number = match self.words.get(word) {
                Some(known) => *known,
                None => self.learn_word(word, &stemmer),
            };
            out.extend(number);
        });
    }

    fn learn_word(&mut self, word: &str, stemmer: &Stemmer) -> Option<StemId> {
        let number = (!is_stop_word(word)).then(|| {
            let stem = stemmer.stem(word);
            self.number(&stem).unwrap_or_else(|| {
                let next = number(self.len());
                self.numbers.insert(stem.into(), next);
                next
            })
        });
        self.words.insert(word.into(), number);
        number
    }

    /// Packs what was learned so far; it is found as before.
    pub(super) fn settle(&mut self) {
        self.words = HashMap::new();
        let newer = std::mem::take(&mut self.numbers);
        let mut stems: Vec<(StemId, Box<str>)> = (0..number(self.settled.ends.len()))
            .map(|number| (number, self.settled.stem(number).into()))
            .chain(newer.into_iter().map(|(stem, number)| (number, stem)))
            .collect();
        stems.sort_unstable();
        let stems: Vec<Box<str>> = stems.into_iter().map(|(_number, stem)| stem).collect();
        self.settled = Settled::of(&stems);
    }

    /// About how many bytes it takes.
    pub(super) fn bytes(&self) -> usize {
        let heap = |letters: usize| letters.max(ALLOCATION_BYTES) + ALLOCATION_BYTES / 2;
        let letters: usize = self.numbers.keys().map(|stem| heap(stem.len())).sum();
        let words: usize = self.words.keys().map(|word| heap(word.len())).sum();
        let slot = size_of::<(Box<str>, Option<StemId>)>() + 1;
        // A table is filled to seven eighths at most.
        let settled = &self.settled;
        let settled = settled.letters.len()
            + settled.ends.len() * size_of::<u32>()
            + settled.sorted.len() * size_of::<StemId>();
        settled + letters + words + (self.numbers.capacity() + self.words.capacity()) * slot * 8 / 7
    }

    /// Calls `take` with every stem of `text`, once each, in order, and its number if it is known.
    pub fn each_distinct(&self, text: &str, mut take: impl FnMut(&str, Option<StemId>)) {
        let mut seen: Vec<String> = Vec::new();
        each_stem(text, |stem| {
            if !seen.iter().any(|seen| seen == stem) {
                seen.push(stem.to_owned());
                take(stem, self.number(stem));
            }
        });
    }

    /// The known stems of `text`, each once, in order.
    pub fn find(&self, text: &str) -> Vec<StemId> {
        let mut found = Vec::new();
        self.each_distinct(text, |_stem, number| found.extend(number));
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
        for _settled in 0..3 {
            assert_eq!(vocabulary.find("teams, swim! swim? violin"), [1, 0]);
            assert_eq!(format!("{vocabulary:?}"), "Vocabulary(2 stems)");
            vocabulary.settle();
        }
        vocabulary.learn("a swim in the pool", &mut learned);
        assert_eq!(learned, [0, 1, 0, 0, 2]);
        assert_eq!(vocabulary.find("pool team"), [2, 1]);
    }
}
