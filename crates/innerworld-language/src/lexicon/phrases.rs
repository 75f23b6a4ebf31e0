//! Finds the longest listed phrase at a place of a text.

use crate::fnv::WordMap;

/// Phrases of one or more words, each with what it stands for.
#[derive(Debug)]
pub(crate) struct Phrases<T> {
    by_first: WordMap<String, Vec<(Vec<String>, T)>>,
}

impl Phrases<()> {
    /// Phrases that stand for themselves.
    pub(crate) fn plain(list: impl IntoIterator<Item = String>) -> Self {
        Self::keyed(list.into_iter().map(|phrase| (phrase, ())))
    }
}

impl<T> Phrases<T> {
    /// Phrases with what they stand for. Of two equal phrases the first counts.
    pub(crate) fn keyed(list: impl IntoIterator<Item = (String, T)>) -> Self {
        let mut by_first: WordMap<String, Vec<(Vec<String>, T)>> = WordMap::default();
        for (phrase, value) in list {
            let mut words = phrase.split_whitespace().map(str::to_owned);
            if let Some(first) = words.next() {
                let rest = words.collect();
                by_first.entry(first).or_default().push((rest, value));
            }
        }
        for list in by_first.values_mut() {
            // Stable: longest first, and of equals the first listed.
            list.sort_by_key(|(rest, _)| std::cmp::Reverse(rest.len()));
        }
        Self { by_first }
    }

    /// The longest phrase that starts at word `at`, with its number of words. `word` gives the
    /// word at a place, empty past the end.
    pub(crate) fn at<'w>(&self, at: usize, word: impl Fn(usize) -> &'w str) -> Option<(usize, &T)> {
        let list = self.by_first.get(word(at))?;
        list.iter()
            .find(|(rest, _)| {
                (at + 1..)
                    .zip(rest)
                    .all(|(place, want)| word(place) == want)
            })
            .map(|(rest, value)| (rest.len() + 1, value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_phrase_wins() {
        let list = [("best", 1), ("best friend", 2), ("best friend ever", 3)];
        let phrases = Phrases::keyed(list.map(|(phrase, value)| (phrase.to_owned(), value)));
        let words = ["my", "best", "friend", "maya"];
        let word = |at: usize| words.get(at).copied().unwrap_or_default();
        assert_eq!(phrases.at(1, word), Some((2, &2)));
        assert_eq!(phrases.at(2, word), None);
        assert_eq!(phrases.at(9, word), None);
    }
}
