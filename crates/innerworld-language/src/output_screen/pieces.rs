//! Cutting a stream into words with the white space before them, whatever the chunks are.

/// A word longer than this is cut there, so that a stream without spaces is not held for ever.
const LONGEST_WORD_CHARS: usize = 240;

/// A word, with the white space before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) space: String,
    pub(super) word: String,
}

impl Piece {
    /// Characters, with the space.
    pub(super) fn chars(&self) -> usize {
        self.space.chars().count() + self.word.chars().count()
    }

    /// Whether a sentence ends with this word.
    pub(super) fn ends_sentence(&self) -> bool {
        let inner = self
            .word
            .trim_end_matches(['"', '\'', ')', '”', '’', '*', '_']);
        inner.ends_with(['.', '!', '?', '…'])
    }

    /// Whether a line begins with this word.
    pub(super) fn starts_line(&self) -> bool {
        self.space.contains('\n')
    }
}

/// The part of the stream that is not cut yet.
#[derive(Debug, Default)]
pub(super) struct Pieces {
    rest: String,
}

impl Pieces {
    pub(super) fn add(&mut self, chunk: &str) {
        self.rest.push_str(chunk);
    }

    /// The next word whose end is known.
    pub(super) fn next_complete(&mut self) -> Option<Piece> {
        let word_at = self.rest.find(|c: char| !c.is_whitespace())?;
        let after = self.rest.get(word_at..)?;
        let by_space = after.find(char::is_whitespace);
        let by_length = after
            .char_indices()
            .nth(LONGEST_WORD_CHARS)
            .map(|(at, _)| at);
        let length = match (by_space, by_length) {
            (Some(space), Some(length)) => space.min(length),
            (Some(end), None) | (None, Some(end)) => end,
            (None, None) => return None,
        };
        Some(self.split(word_at, word_at + length))
    }

    /// The last word, at the end of the stream.
    pub(super) fn last(&mut self) -> Option<Piece> {
        let word_at = self.rest.find(|c: char| !c.is_whitespace())?;
        let end = self.rest.trim_end().len();
        Some(self.split(word_at, end))
    }

    /// White space at the end of the stream.
    pub(super) fn trailing_space(&mut self) -> String {
        std::mem::take(&mut self.rest)
    }

    pub(super) fn pending_chars(&self) -> usize {
        self.rest.chars().count()
    }

    fn split(&mut self, word_at: usize, end: usize) -> Piece {
        let rest = self.rest.split_off(end);
        let word = self.rest.split_off(word_at);
        let space = std::mem::replace(&mut self.rest, rest);
        Piece { space, word }
    }
}
