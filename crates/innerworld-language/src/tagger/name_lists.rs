//! Lists of names: which words of a sentence stand in one, as long a piece as possible.

use crate::{asset::Packed, fnv, hash_index::HashIndex, load_error::LoadError};

/// The name of the asset.
pub(crate) const NAMES_NAME: &str = "names";
/// The form of its payload.
pub(crate) const NAMES_FORMAT: u32 = 1;
/// Lists, at most; the payload names each.
pub(crate) const LISTS: usize = 16;

/// Which lists hold what, as they were packed: a bit each.
const FIRST_NAMES: u16 = 0b0000_0011;
const FREQUENT_SURNAMES: u16 = 0b0000_0100;
const RARE_SURNAMES: u16 = 0b0000_1000;
const CITIES: u16 = 0b0011_0000;

/// Words of the longest name.
const LONGEST: usize = 6;
/// Bits of a name's hash that are kept: by chance a word of talk is taken for a name once in two
/// billion words.
const HASH_BITS: u32 = 48;
/// Stands before the title of a list; no name begins with it.
const TITLE: char = '=';

/// The place of a word in a listed name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// It is all of it.
    Whole = 1,
    /// It is the first word of several.
    First = 2,
    /// It is a later one.
    Later = 3,
}

const fn kept(hash: u64) -> u64 {
    hash >> (u64::BITS - HASH_BITS)
}

/// Names by the hash of their words; a bit for each list.
#[derive(Debug)]
pub(crate) struct NameLists {
    names: HashIndex,
    lists: Box<[u16]>,
    version: String,
}

impl NameLists {
    /// The lists inside the program.
    ///
    /// # Errors
    /// [`LoadError`] if the program was built with a damaged part.
    pub(crate) fn shipped() -> Result<Self, LoadError> {
        Self::read(super::SHIPPED_NAMES)
    }

    /// Reads the asset: a line `=title` begins a list, each other line is a name in lower case.
    ///
    /// # Errors
    /// [`LoadError`] if it is damaged or another one.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, LoadError> {
        let asset = Packed::read(bytes, NAMES_NAME, NAMES_FORMAT)?;
        let text = asset
            .unpack()?
            .rest()
            .ok()
            .and_then(|text| String::from_utf8(text).ok());
        let text = text.ok_or_else(|| asset.invalid("a name is no text"))?;
        let mut names: Vec<(u64, u16)> = Vec::with_capacity(text.lines().count());
        let mut list: Option<usize> = None;
        for line in text.lines() {
            if line.starts_with(TITLE) {
                list = Some(list.map_or(0, |list| list + 1));
                continue;
            }
            let list = list
                .filter(|list| *list < LISTS)
                .ok_or_else(|| asset.invalid("a name is in no list"))?;
            names.push((kept(fnv::hash(line.bytes())), 1 << list));
        }
        names.sort_unstable();
        // A name of several lists.
        names.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            kept.1 |= if same { next.1 } else { 0 };
            same
        });
        let (hashes, lists): (Vec<_>, Vec<_>) = names.into_iter().unzip();
        Ok(Self {
            names: HashIndex::of(&hashes, HASH_BITS),
            lists: lists.into(),
            version: asset.header.version().to_owned(),
        })
    }

    /// For every word, lower-cased, its place in a name of each list. In a list the longest name
    /// counts, from the left.
    pub(crate) fn parts(&self, words: &[&str]) -> Vec<[Option<Part>; LISTS]> {
        let mut parts = vec![[None; LISTS]; words.len()];
        for start in 0..words.len() {
            for (list, length) in self.longest(words, start).into_iter().enumerate() {
                let taken = |at: usize| {
                    let here: Option<&[Option<Part>; LISTS]> = parts.get(at);
                    here.and_then(|here| *here.get(list)?).is_some()
                };
                if length == 0 || taken(start) {
                    continue;
                }
                for at in start..start + length {
                    let part = match (length, at == start) {
                        (1, _) => Part::Whole,
                        (_, true) => Part::First,
                        (_, false) => Part::Later,
                    };
                    if let Some(place) = parts.get_mut(at).and_then(|here| here.get_mut(list)) {
                        *place = Some(part);
                    }
                }
            }
        }
        parts
    }

    /// For each list, how many words its longest name has that begins at `start`.
    fn longest(&self, words: &[&str], start: usize) -> [usize; LISTS] {
        let mut longest = [0; LISTS];
        let mut name = fnv::START;
        for (length, word) in (1..=LONGEST).zip(words.iter().skip(start)) {
            if length > 1 {
                name = fnv::more(name, *b" ");
            }
            name = fnv::more(name, word.bytes());
            let place = self.names.find(kept(name));
            let Some(lists) = place.and_then(|place| self.lists.get(place)) else {
                continue;
            };
            for (list, longest) in longest.iter_mut().enumerate() {
                if lists & (1 << list) != 0 {
                    *longest = length;
                }
            }
        }
        longest
    }

    /// Whether a lower-case word is a first name.
    pub(crate) fn is_first_name(&self, word: &str) -> bool {
        self.is_in(word, FIRST_NAMES)
    }

    /// Whether it is a surname, however rare.
    pub(crate) fn is_surname(&self, word: &str) -> bool {
        self.is_in(word, FREQUENT_SURNAMES | RARE_SURNAMES)
    }

    /// Whether it is one of the most frequent surnames.
    pub(crate) fn is_frequent_surname(&self, word: &str) -> bool {
        self.is_in(word, FREQUENT_SURNAMES)
    }

    /// Whether the words, in lower case with single spaces, are a city.
    pub(crate) fn is_city(&self, words: &str) -> bool {
        self.is_in(words, CITIES)
    }

    fn is_in(&self, name: &str, lists: u16) -> bool {
        let place = self.names.find(kept(fnv::hash(name.bytes())));
        let known = place.and_then(|place| self.lists.get(place));
        known.is_some_and(|known| known & lists != 0)
    }

    /// The content version.
    pub(crate) fn version(&self) -> &str {
        &self.version
    }
}
