//! Rust sources as far as a search for strings needs them.

/// A string of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Literal {
    /// Where it begins and ends in the code, in bytes.
    pub(super) from: usize,
    pub(super) to: usize,
    /// What stands in it, as it is written, without its delimiters.
    pub(super) text: String,
}

/// The code with its comments and the contents of its strings blanked out, byte for byte as long,
/// and the strings.
pub(super) fn read(text: &str) -> (String, Vec<Literal>) {
    let mut code = String::with_capacity(text.len());
    let mut literals = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (length, kind) = token(rest, code.chars().next_back());
        let (token, after) = rest.split_at(length.max(first.len_utf8()).min(rest.len()));
        match kind {
            Kind::Code => code.push_str(token),
            Kind::Comment => blank(&mut code, token),
            Kind::Text => {
                let from = code.len();
                blank(&mut code, token);
                literals.push(Literal {
                    from,
                    to: code.len(),
                    text: token.trim_matches(['r', '#', '"']).to_owned(),
                });
            }
        }
        rest = after;
    }
    (code, literals)
}

enum Kind {
    Code,
    Comment,
    Text,
}

/// How long the next token is, and what it is; `last` stands before it.
fn token(rest: &str, last: Option<char>) -> (usize, Kind) {
    let in_word = last.is_some_and(|c| c.is_alphanumeric() || c == '_');
    if rest.starts_with("//") {
        return (rest.find('\n').unwrap_or(rest.len()), Kind::Comment);
    }
    if let Some(inner) = rest.strip_prefix("/*") {
        let end = inner.find("*/").map_or(rest.len(), |at| at + 4);
        return (end, Kind::Comment);
    }
    if rest.starts_with('"') {
        return (quoted(rest, '"'), Kind::Text);
    }
    if rest.starts_with('r') && !in_word {
        let hashes = rest
            .bytes()
            .skip(1)
            .take_while(|byte| *byte == b'#')
            .count();
        let open = 2 + hashes;
        if rest.as_bytes().get(1 + hashes) == Some(&b'"') {
            let close = format!("\"{}", "#".repeat(hashes));
            let inner = rest.get(open..).unwrap_or_default();
            let end = inner
                .find(&close)
                .map_or(rest.len(), |at| open + at + close.len());
            return (end, Kind::Text);
        }
    }
    // A character, or the beginning of a lifetime.
    if let Some(inner) = rest.strip_prefix('\'') {
        let escaped = inner.starts_with('\\');
        let closed = inner.chars().nth(1) == Some('\'');
        if escaped || closed {
            return (quoted(rest, '\''), Kind::Code);
        }
    }
    (0, Kind::Code)
}

/// The length of what begins with this quote, its end included.
fn quoted(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return at + c.len_utf8(),
            _ => {}
        }
    }
    rest.len()
}

/// As many bytes, of which only the ends of lines are left.
fn blank(code: &mut String, token: &str) {
    code.extend(
        token
            .bytes()
            .map(|byte| if byte == b'\n' { '\n' } else { ' ' }),
    );
}
