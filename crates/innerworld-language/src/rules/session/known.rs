//! Names that a session has told, to know them again.

use std::collections::BTreeMap;

use innerworld_core::memory::ontology::NodeKind;

use crate::rules::{Line, found::Item};

/// Names that were read, by their first word in lower case.
#[derive(Debug, Default)]
pub(super) struct Names(BTreeMap<String, Vec<Known>>);

#[derive(Debug)]
struct Known {
    item: Item,
    /// Of its name, in lower case.
    words: Vec<String>,
}

impl Names {
    /// What has just this name.
    pub(super) fn get(&self, name: &str) -> Option<&Item> {
        let words = words_of(name);
        let same = self.0.get(words.first()?)?;
        let known = same.iter().find(|known| known.words == words)?;
        Some(&known.item)
    }

    pub(super) fn learn(&mut self, item: &Item) {
        let words = words_of(&item.name);
        if let Some(first) = words.first().filter(|_| self.get(&item.name).is_none()) {
            let item = item.clone();
            let same = self.0.entry(first.clone()).or_default();
            same.push(Known { item, words });
        }
    }

    /// What is named at `at`, and in how many words.
    pub(super) fn at(&self, line: &Line<'_>, at: usize) -> Option<(&Item, usize)> {
        let word = line.scan.base(at);
        let owner = word.strip_suffix('s').unwrap_or_default();
        let mut same = [word, owner]
            .into_iter()
            .filter_map(|first| self.0.get(first))
            .flatten();
        let known = same.find(|known| known.stands(line, at))?;
        Some((&known.item, known.words.len()))
    }
}

impl Known {
    /// Whether its words stand at `at`: as they are, or with a possessive s.
    fn stands(&self, line: &Line<'_>, at: usize) -> bool {
        let scan = &line.scan;
        let pet = self.item.attrs.get("sub").is_some_and(|sub| sub == "pet");
        let owns = self.item.kind == NodeKind::Person || pet;
        let last = self.words.len().saturating_sub(1);
        self.words.iter().enumerate().all(|(place, word)| {
            let base = scan.base(at + place);
            let owner = owns && place == last && scan.is_word(at + place + 1);
            base == word || (owner && base.strip_suffix('s') == Some(word))
        })
    }
}

fn words_of(name: &str) -> Vec<String> {
    name.split_whitespace().map(str::to_lowercase).collect()
}
