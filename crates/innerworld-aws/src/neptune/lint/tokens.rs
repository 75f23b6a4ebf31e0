//! A statement as tokens; literals, comments and whatever our dialect has no use for end it here.

use super::Violation;

/// One token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// A word: keyword, variable, function, label or property.
    Word(&'a str),
    /// A name in backticks.
    Quoted(&'a str),
    /// `$name`.
    Parameter(&'a str),
    /// Digits.
    Number(&'a str),
    /// A sign of one or two characters.
    Sign(&'a str),
}

/// Signs, the longer ones first.
const SIGNS: [&str; 17] = [
    "<>", "<=", ">=", "(", ")", "[", "]", "{", "}", ":", ",", ".", "-", "<", ">", "=", "*",
];

/// Splits a text into tokens with their places.
pub(super) fn read(text: &str) -> Result<Vec<(usize, Token<'_>)>, Violation> {
    let mut tokens = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches([' ', '\n']);
        if rest.is_empty() {
            return Ok(tokens);
        }
        let at = text.len() - rest.len();
        let (token, left) = next(rest).map_err(|rule| Violation { rule, at })?;
        tokens.push((at, token));
        rest = left;
    }
}

fn next(rest: &str) -> Result<(Token<'_>, &str), &'static str> {
    if rest.starts_with("//") || rest.starts_with("/*") {
        return Err("no comments");
    }
    if rest.starts_with(['\'', '"']) {
        return Err("no literals: values are parameters");
    }
    if let Some(name) = rest.strip_prefix('$') {
        let (name, left) = word(name).ok_or("a parameter has a name")?;
        return Ok((Token::Parameter(name), left));
    }
    if let Some(name) = rest.strip_prefix('`') {
        let (name, left) = name.split_once('`').ok_or("a backtick is closed")?;
        return Ok((Token::Quoted(name), left));
    }
    if let Some((name, left)) = word(rest) {
        return Ok((Token::Word(name), left));
    }
    let digits = rest.trim_start_matches(|digit: char| digit.is_ascii_digit());
    if let Some(number) = rest.strip_suffix(digits)
        && !number.is_empty()
    {
        return Ok((Token::Number(number), digits));
    }
    SIGNS
        .into_iter()
        .find_map(|sign| Some((Token::Sign(sign), rest.strip_prefix(sign)?)))
        .ok_or("only the signs of the dialect")
}

fn word(rest: &str) -> Option<(&str, &str)> {
    let starts = rest.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    let left =
        rest.trim_start_matches(|letter: char| letter.is_ascii_alphanumeric() || letter == '_');
    rest.strip_suffix(left)
        .filter(|_name| starts)
        .map(|name| (name, left))
}
