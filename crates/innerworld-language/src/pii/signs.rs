//! What a text holds at all: most messages have no digit and no `@`, and then most rules need not
//! be tried.

/// Marks of a folded text; each rule says in its own words which it cannot do without.
#[derive(Clone, Copy, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each mark is a question of its own"
)]
pub(super) struct Signs<'a> {
    text: &'a str,
    /// An ASCII digit.
    pub(super) digit: bool,
    /// `@`
    pub(super) at: bool,
    /// `/`
    pub(super) slash: bool,
    /// `:`
    pub(super) colon: bool,
    /// `.`
    pub(super) dot: bool,
    /// A bracket or a star that opens.
    pub(super) bracket: bool,
    /// A sign that stands in names on a network and seldom elsewhere: a digit, `_`, or a dot or a
    /// capital inside a word.
    pub(super) name: bool,
}

impl<'a> Signs<'a> {
    /// Looks once through `text`.
    pub(super) fn of(text: &'a str) -> Self {
        let mut signs = Self {
            text,
            digit: false,
            at: false,
            slash: false,
            colon: false,
            dot: false,
            bracket: false,
            name: false,
        };
        let mut before = b' ';
        for byte in text.bytes() {
            signs.name |= match byte {
                b'0'..=b'9' | b'_' => true,
                b'A'..=b'Z' => before.is_ascii_lowercase(),
                _ => before == b'.' && byte.is_ascii_lowercase(),
            };
            before = byte;
            match byte {
                b'0'..=b'9' => signs.digit = true,
                b'@' => signs.at = true,
                b'/' => signs.slash = true,
                b':' => signs.colon = true,
                b'.' => signs.dot = true,
                b'(' | b'[' | b'{' | b'<' | b'*' => signs.bracket = true,
                _ => {}
            }
        }
        signs
    }

    /// Whether `word` stands anywhere, in any case of ASCII. The word must be of lower-case ASCII,
    /// without `k` and `s`: those two are the only letters that patterns without regard to case
    /// also read in characters outside ASCII.
    pub(super) fn has(&self, word: &str) -> bool {
        debug_assert!(!word.contains(['k', 's']), "such a word may hide");
        let (text, word) = (self.text.as_bytes(), word.as_bytes());
        let first = word.first().copied().unwrap_or_default();
        (text.iter().enumerate())
            .filter(|(_, byte)| byte.to_ascii_lowercase() == first)
            .filter_map(|(at, _)| text.get(at..at + word.len()))
            .any(|part| part.eq_ignore_ascii_case(word))
    }
}
