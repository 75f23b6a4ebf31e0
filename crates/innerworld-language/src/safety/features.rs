//! What the scorer sees of a message: its words, pairs and triples of words, and the runs of three to
//! five letters inside of its words, each as a number.
//!
//! Runs of letters see through misspelling; words and their neighbours carry the meaning. A number is
//! a bucket of a hash: what shares one is taken for the same, which among so many is rare.

use crate::fnv;

/// Buckets of words and of their neighbours.
pub(crate) const WORDS: usize = 1 << 18;
/// Buckets of runs of letters.
pub(crate) const LETTERS: usize = 1 << 17;
/// All buckets: those of letters stand behind those of words.
pub(crate) const BUCKETS: usize = WORDS + LETTERS;

/// Words in a row.
const LONGEST_ROW: usize = 3;
/// Letters in a run, the edges of the word being letters too.
const RUN: std::ops::RangeInclusive<usize> = 3..=5;
/// The edges of a word in a run of letters.
const EDGES: (char, char) = ('<', '>');

/// The features of a message: each bucket once, rising.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Features {
    pub(crate) words: Vec<u32>,
    pub(crate) letters: Vec<u32>,
}

impl Features {
    /// Those of a message in plain letters and full words.
    pub(crate) fn of(plain: &str) -> Self {
        let words: Vec<&str> = words(plain).collect();
        let mut found = Self::default();
        for length in 1..=LONGEST_ROW {
            for row in words.windows(length) {
                found.words.push(bucket(row_hash(row), WORDS));
            }
        }
        let mut letters = Vec::new();
        for word in words {
            found.add_runs(word, &mut letters);
        }
        for list in [&mut found.words, &mut found.letters] {
            list.sort_unstable();
            list.dedup();
        }
        found
    }

    /// Every run of letters of a word. A hash of more letters goes on from that of fewer.
    fn add_runs(&mut self, word: &str, letters: &mut Vec<char>) {
        letters.clear();
        letters.push(EDGES.0);
        letters.extend(word.chars());
        letters.push(EDGES.1);
        let mut bytes = [0; 4];
        for start in 0..letters.len() {
            let mut hash = fnv::START;
            for (length, letter) in (1..=*RUN.end()).zip(letters.iter().skip(start)) {
                hash = fnv::more(hash, letter.encode_utf8(&mut bytes).bytes());
                if RUN.contains(&length) {
                    self.letters.push(bucket(hash, LETTERS) + WORDS_BEFORE);
                }
            }
        }
    }

    /// Buckets with their values: the words together, and the letters together, weigh the same in a
    /// long message as in a short one.
    pub(crate) fn row(&self) -> impl Iterator<Item = (u32, f32)> + '_ {
        let valued = |list: &[u32]| length(list.len());
        let (word, letter) = (valued(&self.words), valued(&self.letters));
        let words = self.words.iter().map(move |bucket| (*bucket, word));
        words.chain(self.letters.iter().map(move |bucket| (*bucket, letter)))
    }
}

/// Runs of letters, digits and apostrophes.
fn words(plain: &str) -> impl Iterator<Item = &str> {
    let words = plain.split(|letter: char| !letter.is_alphanumeric() && letter != '\'');
    words.filter(|word| word.contains(char::is_alphanumeric))
}

fn row_hash(row: &[&str]) -> u64 {
    let mut hash = fnv::START;
    for (place, word) in row.iter().enumerate() {
        let space = (place > 0).then_some(b' ');
        hash = fnv::more(hash, space.into_iter().chain(word.bytes()));
    }
    hash
}

/// Folded, since the lowest bits of the hash alone are uneven.
#[expect(
    clippy::cast_possible_truncation,
    reason = "cut to the number of buckets, which is a power of two"
)]
const fn bucket(hash: u64, buckets: usize) -> u32 {
    (hash ^ (hash >> 32)) as u32 & (buckets as u32 - 1)
}

/// Letters stand behind words.
#[expect(clippy::cast_possible_truncation, reason = "a constant of 18 bits")]
const WORDS_BEFORE: u32 = WORDS as u32;

/// What each of so many features counts, so that all together have length one.
#[expect(clippy::cast_precision_loss, reason = "a message has few words")]
fn length(count: usize) -> f32 {
    1.0 / libm::sqrtf(count.max(1) as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_their_neighbours_and_runs_of_letters_are_seen() {
        let found = Features::of("i am tired");
        assert_eq!(found.words.len(), 3 + 2 + 1);
        // <i>; <am, am>, <am>; of "<tired>" five, four and three.
        assert_eq!(found.letters.len(), 1 + 3 + 12);
        assert_eq!(Features::of("tired, i am."), Features::of("tired i am"));
        assert_eq!(Features::of(" ... !"), Features::default());
    }

    #[test]
    fn each_kind_of_feature_has_length_one_together() {
        for text in ["ok", "i do not know what to say about all of that any more"] {
            let (words, letters): (Vec<_>, Vec<_>) = Features::of(text)
                .row()
                .partition(|(bucket, _)| (*bucket as usize) < WORDS);
            for part in [words, letters] {
                let square: f32 = part.iter().map(|(_, value)| value * value).sum();
                assert!((square - 1.0).abs() < 1e-5, "{square}");
                assert!(part.iter().all(|(bucket, _)| (*bucket as usize) < BUCKETS));
            }
        }
    }
}
