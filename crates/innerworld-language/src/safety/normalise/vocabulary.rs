//! The words that the rules know, for letters that lost the edges of their words.

use std::collections::BTreeSet;

use regex_syntax::hir::{Class, Hir, HirKind};
use serde::{Deserialize, Serialize};

use super::{folded::folded, words::forms};

/// Words of one letter.
const ONE_LETTER: [&str; 3] = ["a", "i", "y"];
/// Pieces of one part of a pattern, at most; more are hardly words.
const MOST_PIECES: usize = 512;
/// Times that a part of a pattern is taken to stand.
const MOST_TIMES: u32 = 2;
/// Letters that may stand at one place of a word, at most; more are any.
const MOST_LETTERS: usize = 4;
/// Stands for any letter.
const OPEN: &str = "?";

/// Words, in order.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Vocabulary(Vec<String>);

/// Collects them.
#[derive(Debug, Default)]
pub(crate) struct Collector(BTreeSet<String>);

/// What a part of a pattern can be, cut at its spaces.
#[derive(Default)]
struct Pieces {
    /// Without any space.
    whole: BTreeSet<String>,
    /// Before the first space, and after the last one.
    starts: BTreeSet<String>,
    ends: BTreeSet<String>,
}

impl Vocabulary {
    /// Whether it is one of the words.
    pub(super) fn has(&self, word: &str) -> bool {
        self.0
            .binary_search_by(|own| own.as_str().cmp(word))
            .is_ok()
    }

    /// Lengths of the words that these letters begin with.
    pub(super) fn lengths_at(&self, letters: &[char]) -> impl Iterator<Item = usize> {
        let mut left = self.0.as_slice();
        let mut word = String::new();
        let mut letters = (1..).zip(letters.iter().copied());
        std::iter::from_fn(move || {
            loop {
                let (length, letter) = letters.next()?;
                word.push(letter);
                // Those that begin so stand together.
                let from = left.partition_point(|own| own.as_str() < word.as_str());
                left = left.get(from..)?;
                let until = left.partition_point(|own| own.starts_with(&word));
                left = left.get(..until)?;
                if left.first()? == &word {
                    return Some(length);
                }
            }
        })
    }
}

impl Collector {
    /// Takes in the words of a pattern, with nothing but spaces between them.
    pub(crate) fn add_pattern(&mut self, pattern: &Hir) {
        let pieces = self.pieces(pattern);
        for piece in [pieces.whole, pieces.starts, pieces.ends] {
            self.add(piece);
        }
    }

    /// Takes in the words of a sentence.
    pub(crate) fn add_sentence(&mut self, sentence: &str) {
        let folded = folded(sentence).replace('\'', "");
        let words = folded.split(|c: char| !c.is_alphanumeric());
        self.add(words.map(str::to_owned));
    }

    /// The words so far, and the chat forms.
    pub(crate) fn vocabulary(mut self) -> Vocabulary {
        self.add(forms().map(|form| form.replace('\'', "")));
        Vocabulary(self.0.into_iter().collect())
    }

    fn add(&mut self, words: impl IntoIterator<Item = String>) {
        let words = words.into_iter().filter(|word| {
            let known = word.chars().nth(1).is_some() || ONE_LETTER.contains(&word.as_str());
            known && word.chars().all(char::is_lowercase)
        });
        self.0.extend(words);
    }

    fn pieces(&mut self, pattern: &Hir) -> Pieces {
        match pattern.kind() {
            HirKind::Empty | HirKind::Look(_) => Pieces::of(""),
            HirKind::Literal(literal) => self.literal(&literal.0),
            HirKind::Class(class) => Pieces::class(class),
            HirKind::Capture(capture) => self.pieces(&capture.sub),
            HirKind::Repetition(repetition) => {
                // Where a space may be left out, it is still the edge of a word.
                let is_space =
                    matches!(repetition.sub.kind(), HirKind::Literal(one) if *one.0 == *b" ");
                let least = repetition.min.max(u32::from(is_space)).min(MOST_TIMES);
                let most = repetition.max.unwrap_or(MOST_TIMES).min(MOST_TIMES);
                let once = self.pieces(&repetition.sub);
                let mut all = Pieces::default();
                let mut times = Pieces::of("");
                for number in 0..=most {
                    if number > 0 {
                        times = self.behind(&times, &once);
                    }
                    if number >= least {
                        all.take(&times);
                    }
                }
                all
            }
            HirKind::Concat(parts) => {
                let mut all = Pieces::of("");
                for part in parts {
                    let part = self.pieces(part);
                    all = self.behind(&all, &part);
                }
                all
            }
            HirKind::Alternation(parts) => {
                let mut all = Pieces::default();
                for part in parts {
                    all.take(&self.pieces(part));
                }
                all
            }
        }
    }

    fn literal(&mut self, bytes: &[u8]) -> Pieces {
        let text = String::from_utf8_lossy(bytes);
        if !text.contains(' ') {
            return Pieces::of(&text);
        }
        let mut words = text.split(' ').map(str::to_owned);
        let pieces = Pieces {
            whole: BTreeSet::new(),
            starts: words.next().into_iter().collect(),
            ends: words.next_back().into_iter().collect(),
        };
        self.add(words);
        pieces
    }

    /// One part behind another.
    fn behind(&mut self, one: &Pieces, other: &Pieces) -> Pieces {
        let over = joined(&one.ends, &other.starts);
        self.add(over);
        let mut pieces = Pieces {
            whole: joined(&one.whole, &other.whole),
            starts: joined(&one.whole, &other.starts),
            ends: joined(&one.ends, &other.whole),
        };
        pieces.starts.extend(one.starts.iter().cloned());
        pieces.ends.extend(other.ends.iter().cloned());
        pieces
    }
}

impl Pieces {
    fn of(word: &str) -> Self {
        Self {
            whole: BTreeSet::from([word.to_owned()]),
            ..Self::default()
        }
    }

    fn class(class: &Class) -> Self {
        let Class::Bytes(class) = class else {
            return Self::of(OPEN);
        };
        let ranges = class.ranges().iter();
        let letters: Vec<u8> = ranges
            .flat_map(|range| range.start()..=range.end())
            .collect();
        if letters.len() > MOST_LETTERS {
            return Self::of(OPEN);
        }
        let letters = letters.into_iter();
        Self {
            whole: letters
                .map(|letter| char::from(letter).to_string())
                .collect(),
            ..Self::default()
        }
    }

    fn take(&mut self, other: &Self) {
        self.whole.extend(other.whole.iter().cloned());
        self.starts.extend(other.starts.iter().cloned());
        self.ends.extend(other.ends.iter().cloned());
    }
}

/// Each of some behind each of others.
fn joined(some: &BTreeSet<String>, others: &BTreeSet<String>) -> BTreeSet<String> {
    if some.len() * others.len() > MOST_PIECES {
        return BTreeSet::new();
    }
    let each = some.iter();
    each.flat_map(|one| others.iter().map(move |other| format!("{one}{other}")))
        .collect()
}
