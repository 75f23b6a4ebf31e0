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

/// Letters in a run, the edges of the word being letters too.
const RUN: std::ops::RangeInclusive<usize> = 3..=5;
/// The edges of a word in a run of letters.
const EDGES: (char, char) = ('<', '>');

/// The features of a message: each bucket once, as they come.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Features {
    pub(crate) words: Vec<u32>,
    pub(crate) letters: Vec<u32>,
}

impl Features {
    /// Those of a message in plain letters and full words.
    pub(crate) fn of(plain: &str) -> Self {
        let mut found = Self::default();
        let mut seen = vec![0_u64; BUCKETS.div_ceil(64)];
        let mut is_new = |bucket: u32| {
            let bit = 1 << (bucket % 64);
            let block = seen.get_mut(bucket as usize / 64);
            block.is_some_and(|block| {
                let before = *block;
                *block |= bit;
                before & bit == 0
            })
        };
        // Hashes of the last word, and of the last two: a longer row goes on from a shorter one.
        let mut rows: [Option<u64>; 2] = [None, None];
        let mut edged = String::new();
        for word in words(plain) {
            let [one, two] = rows;
            let after = |row: u64| fnv::more(fnv::more(row, [b' ']), word.bytes());
            let (one, two, three) = (fnv::hash(word.bytes()), one.map(after), two.map(after));
            for hash in [Some(one), two, three].into_iter().flatten() {
                let bucket = bucket(hash, WORDS);
                if is_new(bucket) {
                    found.words.push(bucket);
                }
            }
            rows = [Some(one), two];
            each_run(word, &mut edged, |hash| {
                let bucket = bucket(hash, LETTERS) + WORDS_BEFORE;
                if is_new(bucket) {
                    found.letters.push(bucket);
                }
            });
        }
        found
    }

    /// Buckets, rising, with their values: the words together, and the letters together, weigh the same in
    /// a long message as in a short one.
    #[cfg(any(test, feature = "train"))]
    pub(crate) fn row(&self) -> impl Iterator<Item = (u32, f32)> + '_ {
        let valued = |list: &[u32]| {
            let value = length(list.len());
            let mut rising = list.to_vec();
            rising.sort_unstable();
            rising.into_iter().map(move |bucket| (bucket, value))
        };
        valued(&self.words).chain(valued(&self.letters))
    }

    /// The sum over the row of value times weight.
    pub(crate) fn weighed(&self, weight: impl Fn(u32) -> i8) -> f32 {
        let sum = |list: &[u32]| {
            let sum: i32 = list.iter().map(|bucket| i32::from(weight(*bucket))).sum();
            number(sum) * length(list.len())
        };
        sum(&self.words) + sum(&self.letters)
    }
}

/// The hash of every run of letters of a word. That of more letters goes on from that of fewer.
fn each_run(word: &str, edged: &mut String, mut found: impl FnMut(u64)) {
    edged.clear();
    edged.push(EDGES.0);
    edged.push_str(word);
    edged.push(EDGES.1);
    let bytes = edged.as_bytes();
    for start in 0..bytes.len() {
        let (mut hash, mut letters) = (fnv::START, 0);
        for (at, byte) in (start..).zip(bytes.iter().skip(start)) {
            // A letter is read whole, and no run begins inside of one.
            if edged.is_char_boundary(at) {
                if RUN.contains(&letters) {
                    found(hash);
                }
                letters += 1;
            }
            if letters == 0 || letters > *RUN.end() {
                break;
            }
            hash = fnv::more(hash, [*byte]);
        }
        if RUN.contains(&letters) {
            found(hash);
        }
    }
}

/// Runs of letters, digits and apostrophes.
fn words(plain: &str) -> impl Iterator<Item = &str> {
    let words = plain.split(|letter: char| !letter.is_alphanumeric() && letter != '\'');
    words.filter(|word| word.contains(char::is_alphanumeric))
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

/// A sum of steps, which a number of 24 bits holds for any message.
#[expect(clippy::cast_precision_loss, reason = "a message has few words")]
const fn number(sum: i32) -> f32 {
    sum as f32
}

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
