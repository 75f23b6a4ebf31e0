//! Lists of names: which words of a sentence stand in one, as long a piece as possible.

use std::collections::HashMap;

use crate::{
    asset::{Asset, InvalidAsset},
    fnv,
    load_error::LoadError,
};

/// The name of the asset.
pub(crate) const NAMES_NAME: &str = "names";
/// The form of its payload.
pub(crate) const NAMES_FORMAT: u32 = 1;
/// Lists, at most; the payload names each.
pub(crate) const LISTS: usize = 16;

/// Words of the longest name.
const LONGEST: usize = 6;
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

/// Names by the hash of their words; a bit for each list.
#[derive(Debug)]
pub(crate) struct NameLists {
    names: HashMap<u64, u16>,
    version: String,
}

impl NameLists {
    /// Reads the asset: a line `=title` begins a list, each other line is a name in lower case.
    ///
    /// # Errors
    /// [`LoadError`] if it is damaged or another one.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, LoadError> {
        let asset = Asset::read(bytes, NAMES_NAME, NAMES_FORMAT)?;
        let invalid = |reason| InvalidAsset::Payload {
            name: NAMES_NAME.to_owned(),
            reason,
        };
        let text =
            std::str::from_utf8(&asset.payload).map_err(|_error| invalid("a name is no text"))?;
        let mut names: HashMap<u64, u16> = HashMap::with_capacity(asset.payload.len() / 8);
        let mut list: Option<usize> = None;
        for line in text.lines() {
            if line.starts_with(TITLE) {
                list = Some(list.map_or(0, |list| list + 1));
                continue;
            }
            let list = list
                .filter(|list| *list < LISTS)
                .ok_or_else(|| invalid("a name is in no list"))?;
            *names.entry(fnv::hash(line.bytes())).or_default() |= 1 << list;
        }
        Ok(Self {
            names,
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
        let mut name = String::new();
        for (length, word) in (1..=LONGEST).zip(words.iter().skip(start)) {
            if length > 1 {
                name.push(' ');
            }
            name.push_str(word);
            let Some(lists) = self.names.get(&fnv::hash(name.bytes())) else {
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

    /// The content version.
    pub(crate) fn version(&self) -> &str {
        &self.version
    }
}
