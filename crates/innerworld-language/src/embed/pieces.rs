//! Word -> pieces of a fixed vocabulary, the longest first (`WordPiece`).

use crate::fnv::WordMap;

/// Marks a piece that goes on with a word.
const GOES_ON: &str = "##";

/// Pieces with their numbers.
#[derive(Debug, Default)]
pub(super) struct Pieces {
    first: WordMap<Box<str>, u32>,
    later: WordMap<Box<str>, u32>,
    /// Letters of the longest piece.
    longest: usize,
}

impl Pieces {
    /// Pieces numbered in their order.
    pub(super) fn of<'a>(pieces: impl Iterator<Item = &'a str>) -> Self {
        let mut all = Self::default();
        for (number, piece) in (0..).zip(pieces) {
            let (place, piece) = match piece.strip_prefix(GOES_ON) {
                Some(piece) if !piece.is_empty() => (&mut all.later, piece),
                _ => (&mut all.first, piece),
            };
            all.longest = all.longest.max(piece.chars().count());
            place.insert(piece.into(), number);
        }
        all
    }

    /// Whether `word` is a piece by itself.
    pub(super) fn has(&self, word: &str) -> bool {
        self.first.contains_key(word)
    }

    /// The number of `word` as a piece by itself.
    pub(super) fn number(&self, word: &str) -> Option<u32> {
        self.first.get(word).copied()
    }

    /// Calls `take` with the number of each piece of `word`; not at all if it has a part that is
    /// no piece. Says whether it was called.
    pub(super) fn each(&self, word: &str, mut take: impl FnMut(u32)) -> bool {
        if let Some(&whole) = self.first.get(word) {
            take(whole);
            return true;
        }
        let mut numbers = Vec::new();
        let mut rest = word;
        while !rest.is_empty() {
            let known = if numbers.is_empty() {
                &self.first
            } else {
                &self.later
            };
            let Some((number, after)) = self.longest_of(known, rest) else {
                return false;
            };
            numbers.push(number);
            rest = after;
        }
        let known = !numbers.is_empty();
        numbers.into_iter().for_each(take);
        known
    }

    /// The longest known piece at the start of `rest`, and what is left.
    fn longest_of<'r>(
        &self,
        known: &WordMap<Box<str>, u32>,
        rest: &'r str,
    ) -> Option<(u32, &'r str)> {
        let ends = rest
            .char_indices()
            .map(|(at, letter)| at + letter.len_utf8());
        let ends: Vec<usize> = ends.take(self.longest).collect();
        ends.into_iter().rev().find_map(|end| {
            let (piece, after) = rest.split_at_checked(end)?;
            Some((*known.get(piece)?, after))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_piece_comes_first_and_an_unknown_part_drops_the_word() {
        let pieces = Pieces::of(["un", "##aff", "##able", "affable", "##a", "é"].into_iter());
        let found = |word| {
            let mut found = Vec::new();
            pieces.each(word, |number| found.push(number));
            found
        };
        assert_eq!(found("unaffable"), [0, 1, 2]);
        assert_eq!(found("affable"), [3]);
        assert_eq!(found("éa"), [5, 4]);
        assert!(found("unaffablé").is_empty());
        assert!(found("").is_empty());
    }
}
