//! Text in the form in which a quote is looked for: case and white space folded.

/// A folded text that knows where each byte came from.
#[derive(Clone)]
pub struct Folded {
    text: String,
    /// For every byte of `text`: where its letter begins and ends in the original.
    from: Vec<(usize, usize)>,
    /// Blanks of `text` that were ends of lines.
    breaks: Vec<usize>,
}

impl std::fmt::Debug for Folded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Folded([redacted])")
    }
}

impl Folded {
    /// Folds `text`: lower case, one kind of apostrophe and quotation mark, every run of white space
    /// one blank, none at the ends.
    pub fn new(text: &str) -> Self {
        let (mut folded, mut from) = (String::with_capacity(text.len()), Vec::new());
        let (mut blank, mut line_end, mut breaks) = (false, false, Vec::new());
        for (at, letter) in text.char_indices() {
            if letter.is_whitespace() {
                blank = !folded.is_empty();
                line_end |= letter == '\n';
                continue;
            }
            let place = (at, at + letter.len_utf8());
            if std::mem::take(&mut blank) {
                if std::mem::take(&mut line_end) {
                    breaks.push(folded.len());
                }
                push(&mut folded, &mut from, ' ', (at, at));
            }
            for lower in plain(letter).to_lowercase() {
                push(&mut folded, &mut from, lower, place);
            }
        }
        Self {
            text: folded,
            from,
            breaks,
        }
    }

    /// The folded text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The byte span in the original of the first place where `piece` stands.
    pub fn find(&self, piece: &Self) -> Option<(u32, u32)> {
        self.at(self.text.find(&piece.text)?, piece.text.len())
    }

    /// The same for a piece that stands there as whole words.
    pub fn find_words(&self, piece: &Self) -> Option<(u32, u32)> {
        let length = piece.text.len();
        let (at, _) = self
            .text
            .match_indices(piece.text.as_str())
            .find(|(at, _)| {
                let before = self.text.get(..*at).and_then(|text| text.chars().last());
                let after = self.text.get(at + length..);
                let after = after.and_then(|text| text.chars().next());
                let inside = |letter: Option<char>| letter.is_some_and(char::is_alphanumeric);
                !inside(before) && !inside(after)
            })?;
        self.at(at, length)
    }

    /// Whether the sentence in which `piece` first stands is a question.
    pub fn asks(&self, piece: &Self) -> bool {
        let Some(at) = self.text.find(&piece.text) else {
            return false;
        };
        let last = piece.text.trim_end_matches(['"', '\'', ')']).chars().last();
        match last {
            Some('?') => return true,
            Some('.' | '!') => return false,
            _ => {}
        }
        let end = at + piece.text.len();
        let rest = self.text.get(end..).unwrap_or_default();
        let line_ends = |at: usize| self.breaks.contains(&(end + at));
        let ends = |at: usize, letter| matches!(letter, '.' | '!' | '?' | ';') || line_ends(at);
        let mut letters = rest.char_indices();
        letters
            .find(|(at, letter)| ends(*at, *letter))
            .is_some_and(|(_, letter)| letter == '?')
    }

    fn at(&self, at: usize, length: usize) -> Option<(u32, u32)> {
        let first = self.from.get(at)?.0;
        let last = self.from.get((at + length).checked_sub(1)?)?.1;
        Some((u32::try_from(first).ok()?, u32::try_from(last).ok()?))
    }
}

fn push(text: &mut String, from: &mut Vec<(usize, usize)>, letter: char, place: (usize, usize)) {
    text.push(letter);
    from.extend(std::iter::repeat_n(place, letter.len_utf8()));
}

const fn plain(letter: char) -> char {
    match letter {
        '’' | '‘' | '`' => '\'',
        '“' | '”' => '"',
        _ => letter,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_is_found_whatever_its_case_and_blanks() {
        let line = Folded::new("So  my Best\nfriend’s name is İda. ok?");
        let span = |piece: &str| line.find(&Folded::new(piece));
        assert_eq!(span("my best friend's"), Some((4, 22)));
        assert_eq!(span("nobody"), None);
        assert_eq!(line.find_words(&Folded::new("best")), Some((7, 11)));
        assert_eq!(line.find_words(&Folded::new("bes")), None);
    }

    #[test]
    fn a_question_is_told_from_a_statement() {
        let line = Folded::new("I play guitar. should I try drums? maybe");
        assert!(!line.asks(&Folded::new("play guitar")));
        assert!(line.asks(&Folded::new("try drums")));
        assert!(!line.asks(&Folded::new("maybe")));
        assert!(!line.asks(&Folded::new("nothing of it")));
        let lines = Folded::new("i love chess\ndo you play?");
        assert!(!lines.asks(&Folded::new("i love chess")));
        assert!(lines.asks(&Folded::new("play")));
    }
}
