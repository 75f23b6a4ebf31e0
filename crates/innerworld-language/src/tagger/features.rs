//! Word -> numbers of features. Which ones there are follows the tagger's design; what each is
//! worth, training decides.

use std::sync::Arc;

use super::{
    clusters::{Clusters, Path, Paths},
    name_lists::{LISTS, NameLists, Part},
    word::Word,
};

/// The number of a feature: a hash of what it says.
pub(crate) type Id = u64;

/// Makes features, from clusters and name lists.
#[derive(Debug)]
pub(crate) struct Features {
    clusters: Clusters,
    names: Arc<NameLists>,
}

/// A sentence as features read it.
struct Sentence {
    words: Vec<Seen>,
    /// How many of its words begin with a capital, in four steps.
    capitals: u64,
    /// Most of its words are all capitals.
    shouted: bool,
}

/// A word with the hashes that several features share.
struct Seen {
    word: Word,
    low: Id,
    shape: Id,
    runs: Id,
    suffix: Id,
    tree: Option<Path>,
    list: Option<Path>,
    parts: [Option<Part>; LISTS],
}

/// Kinds of features: part of their numbers.
#[derive(Clone, Copy)]
#[repr(u64)]
enum Kind {
    Bias = 1,
    SentenceCapitals,
    Shouted,
    Low,
    Shape,
    Runs,
    Prefix,
    Suffix,
    Length,
    Capital,
    CapitalFirst,
    CapitalIn,
    AllCapitals,
    AllCapitalsIn,
    Mixed,
    Digit,
    Hyphen,
    Hash,
    At,
    Possessive,
    NeighbourLow,
    NeighbourRuns,
    NeighbourSuffix,
    NeighbourCapital,
    Edge,
    PairLow,
    PairRuns,
    Tree,
    List,
    TreePair,
    ListPair,
    NoTree,
    NoList,
    Named,
    NamedCapital,
}

impl Features {
    pub(crate) const fn new(clusters: Clusters, names: Arc<NameLists>) -> Self {
        Self { clusters, names }
    }

    /// Names the assets that the numbers depend on.
    pub(crate) fn version(&self) -> String {
        format!("{}-{}", self.clusters.version(), self.names.version())
    }

    /// The features of every word of a sentence.
    pub(crate) fn of(&self, words: &[&str], paths: &mut Paths) -> Vec<Vec<Id>> {
        let sentence = self.read(words, paths);
        (0..words.len()).map(|at| sentence.features(at)).collect()
    }

    fn read(&self, words: &[&str], paths: &mut Paths) -> Sentence {
        let words: Vec<Word> = words.iter().map(|word| Word::new(word)).collect();
        let listed: Vec<&str> = words.iter().map(Word::listed).collect();
        let parts = self.names.parts(&listed);
        let alphabetic = words
            .iter()
            .filter(|word| word.low.chars().any(char::is_alphabetic));
        let (mut all, mut capital, mut capitals) = (0_usize, 0_usize, 0_usize);
        for word in alphabetic {
            all += 1;
            capital += usize::from(word.capital);
            capitals += usize::from(word.capitals);
        }
        let seen = words.into_iter().zip(parts);
        Sentence {
            capitals: if capital * 10 > all * 7 {
                3
            } else if capital * 10 > all * 4 {
                2
            } else {
                u64::from(capital * 10 > all)
            },
            shouted: capitals * 10 > all * 6,
            words: seen
                .map(|(word, parts)| Seen {
                    low: text(&word.low),
                    shape: text(&word.shape),
                    runs: text(&word.runs),
                    suffix: text(last(&word.low, 3)),
                    tree: self.clusters.in_tree(word.listed(), paths),
                    list: self.clusters.in_list(word.listed()),
                    parts,
                    word,
                })
                .collect(),
        }
    }
}

impl Sentence {
    fn features(&self, at: usize) -> Vec<Id> {
        let mut ids = Vec::with_capacity(128);
        let Some(seen) = self.words.get(at) else {
            return ids;
        };
        self.own(at, seen, &mut ids);
        spelling(&seen.word, &mut ids);
        self.around(at, seen, &mut ids);
        self.clustered(at, seen, &mut ids);
        self.named(at, seen, &mut ids);
        ids
    }

    fn at(&self, at: usize, step: isize) -> Option<&Seen> {
        self.words.get(at.checked_add_signed(step)?)
    }

    /// The word and the sentence as a whole.
    fn own(&self, at: usize, seen: &Seen, ids: &mut Vec<Id>) {
        let word = &seen.word;
        ids.push(id(Kind::Bias, 0));
        ids.push(id(Kind::SentenceCapitals, self.capitals));
        ids.push(id(Kind::Low, seen.low));
        ids.push(id(Kind::Shape, seen.shape));
        ids.push(id(Kind::Runs, seen.runs));
        ids.push(id(Kind::Length, word.length.min(10) as u64));
        let first = at == 0 || self.at(at, -1).is_some_and(|before| before.word.breaks);
        if word.capital {
            ids.push(id(Kind::Capital, 0));
            ids.push(id(Kind::CapitalFirst, u64::from(first)));
            ids.push(id(Kind::CapitalIn, self.capitals));
        }
        if word.capitals {
            ids.push(id(Kind::AllCapitals, 0));
            ids.push(id(Kind::AllCapitalsIn, self.capitals));
        }
        let flags = [
            (self.shouted, Kind::Shouted),
            (word.mixed, Kind::Mixed),
            (word.digit, Kind::Digit),
            (word.hyphen, Kind::Hyphen),
            (word.hash, Kind::Hash),
            (word.at, Kind::At),
            (word.has_s, Kind::Possessive),
        ];
        ids.extend(
            flags
                .into_iter()
                .filter(|(set, _)| *set)
                .map(|(_, kind)| id(kind, 0)),
        );
    }

    /// The words around it.
    fn around(&self, at: usize, seen: &Seen, ids: &mut Vec<Id>) {
        for step in [-2, -1, 1, 2] {
            match self.at(at, step) {
                Some(other) => {
                    ids.push(id(Kind::NeighbourLow, with(step, other.low)));
                    ids.push(id(Kind::NeighbourRuns, with(step, other.runs)));
                }
                None => ids.push(id(Kind::Edge, with(step, 0))),
            }
        }
        for step in [-1, 1] {
            if let Some(other) = self.at(at, step) {
                ids.push(id(Kind::NeighbourSuffix, with(step, other.suffix)));
                if other.word.capital {
                    ids.push(id(Kind::NeighbourCapital, with(step, 0)));
                    if seen.word.capital {
                        ids.push(id(Kind::NeighbourCapital, with(step, 1)));
                    }
                }
            }
        }
        let hashes = |step| {
            self.at(at, step)
                .map_or((0, 0), |seen| (seen.low, seen.runs))
        };
        let (before, after) = (hashes(-1), hashes(1));
        ids.push(id(Kind::PairLow, with(-1, both(before.0, seen.low))));
        ids.push(id(Kind::PairLow, with(1, both(seen.low, after.0))));
        ids.push(id(Kind::PairLow, with(-2, both(hashes(-2).0, before.0))));
        ids.push(id(Kind::PairRuns, with(-1, both(before.1, seen.runs))));
        ids.push(id(Kind::PairRuns, with(1, both(seen.runs, after.1))));
    }

    fn clustered(&self, at: usize, seen: &Seen, ids: &mut Vec<Id>) {
        for step in [-2, -1, 0, 1, 2] {
            let Some(other) = self.at(at, step) else {
                continue;
            };
            let near = step.abs() < 2;
            for (kind, path) in [(Kind::Tree, other.tree), (Kind::List, other.list)] {
                let Some(path) = path else { continue };
                let bits: &[u32] = if near { &[4, 8, 12, 16] } else { &[8] };
                for bits in bits {
                    ids.push(id(kind, with(step, path.first(*bits))));
                }
            }
        }
        let capital = u64::from(seen.word.capital);
        for (none, path) in [(Kind::NoTree, seen.tree), (Kind::NoList, seen.list)] {
            if path.is_none() {
                ids.push(id(none, 0));
                ids.push(id(none, 1 + capital));
            }
        }
        let Some(before) = self.at(at, -1) else {
            return;
        };
        let pairs = [
            (Kind::TreePair, before.tree, seen.tree),
            (Kind::ListPair, before.list, seen.list),
        ];
        for (kind, before, own) in pairs {
            if let (Some(before), Some(own)) = (before, own) {
                ids.push(id(kind, both(before.first(8), own.first(8))));
            }
        }
    }

    fn named(&self, at: usize, seen: &Seen, ids: &mut Vec<Id>) {
        for step in [-1, 0, 1] {
            let Some(other) = self.at(at, step) else {
                continue;
            };
            for (list, part) in (0..).zip(&other.parts) {
                let Some(part) = part else { continue };
                let place = with(step, both(list, *part as u64));
                ids.push(id(Kind::Named, place));
                if seen.word.capital {
                    ids.push(id(Kind::NamedCapital, place));
                }
            }
        }
    }
}

/// Beginnings and ends of the word.
fn spelling(word: &Word, ids: &mut Vec<Id>) {
    for letters in 1..=4 {
        ids.push(id(
            Kind::Prefix,
            with(letters, text(first(&word.low, letters.unsigned_abs()))),
        ));
        ids.push(id(
            Kind::Suffix,
            with(letters, text(last(&word.low, letters.unsigned_abs()))),
        ));
    }
}

fn first(word: &str, letters: usize) -> &str {
    let end = word.char_indices().nth(letters).map(|(at, _)| at);
    word.get(..end.unwrap_or(word.len())).unwrap_or(word)
}

fn last(word: &str, letters: usize) -> &str {
    let start = word.char_indices().rev().nth(letters.saturating_sub(1));
    word.get(start.map_or(0, |(at, _)| at)..).unwrap_or(word)
}

fn text(text: &str) -> Id {
    crate::fnv::hash(text.bytes())
}

fn with(step: isize, what: Id) -> Id {
    both(step.cast_unsigned() as u64, what)
}

/// Mixes two numbers; their order counts.
const fn both(a: Id, b: Id) -> Id {
    let mixed = (a.rotate_left(23) ^ b).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed ^ (mixed >> 29)
}

const fn id(kind: Kind, what: Id) -> Id {
    both(both(kind as u64, what), 0x1b87_3593)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beginnings_and_ends_are_cut_between_letters() {
        assert_eq!((first("ébène", 2), last("ébène", 2)), ("éb", "ne"));
        assert_eq!((first("a", 4), last("a", 4), last("", 1)), ("a", "a", ""));
    }

    #[test]
    fn the_order_of_what_is_mixed_counts() {
        assert_ne!(both(1, 2), both(2, 1));
        assert_ne!(id(Kind::Low, 1), id(Kind::Shape, 1));
        assert_ne!(with(-1, 7), with(1, 7));
    }
}
