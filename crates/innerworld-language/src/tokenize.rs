//! Text into tokens with byte spans. Linear, never panics, reads at most 16 KiB.

/// Longest text that is read, in bytes; the rest is ignored.
pub const MAX_BYTES: usize = 16 * 1024;

/// What a token is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// Letters, perhaps with digits, inner apostrophes and hyphens.
    Word,
    /// Digits, perhaps with an ending: `7`, `7th`, `10:30`.
    Number,
    /// A run of one punctuation mark, or a line break.
    Mark,
    /// A link, an address, a handle: never read as words.
    Link,
    /// Emoji and other signs.
    Sign,
}

/// A piece of a text.
#[derive(Clone, PartialEq, Eq)]
pub struct Token<'a> {
    /// As written.
    pub raw: &'a str,
    /// First byte in the text.
    pub start: usize,
    /// Byte after the last.
    pub end: usize,
    /// Lower-cased, straight apostrophes, without `#`.
    pub low: String,
    /// `low` without a possessive `'s`.
    pub base: String,
    /// What it is made of.
    pub kind: TokenKind,
}

impl std::fmt::Debug for Token<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}({}..{})", self.kind, self.start, self.end)
    }
}

impl Token<'_> {
    /// Whether it carries a possessive `'s` (or a contracted "is").
    pub fn has_s(&self) -> bool {
        self.base.len() < self.low.len()
    }

    /// Whether it starts with a capital letter.
    pub fn is_capital(&self) -> bool {
        self.raw
            .trim_start_matches('#')
            .chars()
            .next()
            .is_some_and(char::is_uppercase)
    }
}

/// Words whose `'s` belongs to them.
const KEEP_S: &[&str] = &[
    "it's", "that's", "he's", "she's", "what's", "let's", "there's", "here's", "who's", "where's",
    "how's", "when's",
];

/// Abbreviations whose full stop ends no sentence.
const ABBREVIATIONS: &[&str] = &[
    "mr", "mrs", "ms", "mx", "dr", "st", "vs", "jr", "sr", "sra", "srta", "prof", "e.g", "i.e",
];

/// Cuts a text into tokens.
pub fn tokenize(text: &str) -> Vec<Token<'_>> {
    let text = cut(text);
    let mut tokens = Vec::new();
    let mut chunk = Chunk::default();
    let mut start = 0;
    while let Some((rest, first)) = from(text, start) {
        let length = if first.is_whitespace() && first != '\n' {
            first.len_utf8()
        } else {
            chunk.reach(text, start);
            let (length, kind) = measure(rest, first, &chunk.rest(text, start));
            if let Some(raw) = rest.get(..length) {
                tokens.push(token(raw, start, kind));
            }
            length
        };
        start += length;
    }
    tokens
}

fn from(text: &str, start: usize) -> Option<(&str, char)> {
    let rest = text.get(start..)?;
    Some((rest, rest.chars().next()?))
}

/// What stands between two spaces: looked through once, however many tokens it has.
#[derive(Default)]
struct Chunk {
    end: usize,
    last_dot: Option<usize>,
    /// The first `@` that was not passed yet.
    next_at: Option<usize>,
}

/// A chunk from a token on.
struct Rest<'t> {
    text: &'t str,
    /// Whether it is written like an address: something, `@`, and a dot after it.
    address: bool,
}

impl Chunk {
    fn reach(&mut self, text: &str, start: usize) {
        if start >= self.end {
            let rest = text.get(start..).unwrap_or_default();
            let chunk = rest.split(char::is_whitespace).next().unwrap_or(rest);
            *self = Self {
                end: start + chunk.len(),
                last_dot: chunk.rfind('.').map(|dot| start + dot),
                next_at: chunk.find('@').map(|at| start + at),
            };
        } else if self.next_at.is_some_and(|at| at < start) {
            let rest = text.get(start..self.end).unwrap_or_default();
            self.next_at = rest.find('@').map(|at| start + at);
        }
    }

    fn rest<'t>(&self, text: &'t str, start: usize) -> Rest<'t> {
        let address = match (self.next_at, self.last_dot) {
            (Some(at), Some(dot)) => at > start && dot > at,
            _ => false,
        };
        Rest {
            text: text.get(start..self.end).unwrap_or_default(),
            address,
        }
    }
}

fn cut(text: &str) -> &str {
    let mut end = text.len().min(MAX_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

fn token(raw: &str, start: usize, kind: TokenKind) -> Token<'_> {
    let low = raw.trim_start_matches('#').to_lowercase().replace('’', "'");
    let base = low
        .strip_suffix("'s")
        .filter(|_| !KEEP_S.contains(&low.as_str()))
        .unwrap_or(&low)
        .to_owned();
    Token {
        raw,
        start,
        end: start + raw.len(),
        low,
        base,
        kind,
    }
}

/// Length in bytes and kind of the token at the start of `rest`.
fn measure(rest: &str, first: char, chunk: &Rest<'_>) -> (usize, TokenKind) {
    if is_link(chunk) {
        let trimmed = chunk.text.trim_end_matches(['.', ',', '!', '?', ')']);
        return (trimmed.len().max(first.len_utf8()), TokenKind::Link);
    }
    if first.is_alphanumeric() || (first == '#' && tagged(rest)) {
        let length = word_length(rest);
        let kind = if first.is_numeric() {
            TokenKind::Number
        } else {
            TokenKind::Word
        };
        return (length, kind);
    }
    let run = rest.chars().take_while(|letter| *letter == first);
    let length = run.map(char::len_utf8).sum();
    let kind = if first.is_ascii_punctuation() || "\n…—–“”‘’".contains(first) {
        TokenKind::Mark
    } else {
        TokenKind::Sign
    };
    (length, kind)
}

fn is_link(chunk: &Rest<'_>) -> bool {
    let text = chunk.text;
    let low = text.get(..8.min(text.len())).unwrap_or(text);
    low.starts_with("http:/")
        || low.starts_with("https:/")
        || low.starts_with("www.")
        || (text.starts_with('@') && text.len() > 1)
        || chunk.address
}

fn tagged(rest: &str) -> bool {
    rest.chars().nth(1).is_some_and(char::is_alphanumeric)
}

/// Letters and digits; apostrophes, hyphens, colons and full stops only between two of them, the
/// latter two only between digits. A full stop after an abbreviation belongs to it.
fn word_length(rest: &str) -> usize {
    let mut length = 0;
    let mut letters = rest.chars().peekable();
    let mut last = ' ';
    while let Some(letter) = letters.next() {
        let next = letters.peek().copied().unwrap_or(' ');
        let joins = match letter {
            '\'' | '’' | '-' | '&' => last.is_alphanumeric() && next.is_alphanumeric(),
            ':' | '.' => last.is_ascii_digit() && next.is_ascii_digit(),
            '#' => length == 0,
            _ => letter.is_alphanumeric(),
        };
        if !joins {
            let word = rest.get(..length).unwrap_or_default().to_lowercase();
            if letter == '.' && ABBREVIATIONS.contains(&word.as_str()) {
                length += 1;
            }
            break;
        }
        length += letter.len_utf8();
        last = letter;
    }
    length
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raws(text: &str) -> Vec<&str> {
        tokenize(text).iter().map(|token| token.raw).collect()
    }

    #[test]
    fn clitics_stay_and_marks_split_off() {
        assert_eq!(
            raws("don't, Maya's well-kept dog!!! 7th 10:30 😂"),
            [
                "don't",
                ",",
                "Maya's",
                "well-kept",
                "dog",
                "!!!",
                "7th",
                "10:30",
                "😂"
            ]
        );
        assert_eq!(raws("mr. okafor. ok"), ["mr.", "okafor", ".", "ok"]);
        assert_eq!(
            raws("see https://x.org/a?b, @kim #tbt a@b.co."),
            [
                "see",
                "https://x.org/a?b",
                ",",
                "@kim",
                "#tbt",
                "a@b.co",
                "."
            ]
        );
    }

    #[test]
    fn possessives_have_a_base() {
        let tokens = tokenize("Maya’s it's");
        assert_eq!(tokens[0].base, "maya");
        assert!(tokens[0].has_s());
        assert_eq!(tokens[1].base, "it's");
    }
}
