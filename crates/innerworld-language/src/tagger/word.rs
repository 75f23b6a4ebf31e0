//! One word as the tagger sees it.

use std::borrow::Cow;

/// Letters of the full shape.
const SHAPE: usize = 12;
/// Runs of the collapsed shape.
const RUNS: usize = 9;

/// A word with everything that its features are made of.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a feature by itself")]
pub(super) struct Word {
    /// Lower case, digits as 0, links and handles as themselves, no possessive ending.
    pub(super) low: String,
    /// Upper, lower, digit or mark, letter by letter.
    pub(super) shape: String,
    /// The same with one letter a run.
    pub(super) runs: String,
    /// Letters.
    pub(super) length: usize,
    /// The first is upper case.
    pub(super) capital: bool,
    /// All are upper case, and there are two at least.
    pub(super) capitals: bool,
    /// An upper-case letter stands after a lower-case one.
    pub(super) mixed: bool,
    /// It holds a digit.
    pub(super) digit: bool,
    /// It holds a hyphen.
    pub(super) hyphen: bool,
    /// It begins with `#`.
    pub(super) hash: bool,
    /// It begins with `@`.
    pub(super) at: bool,
    /// It ended in a possessive "'s".
    pub(super) has_s: bool,
    /// It ends a sentence or a clause: what follows may be capital anyway.
    pub(super) breaks: bool,
}

impl Word {
    pub(super) fn new(raw: &str) -> Self {
        let raw = straight(raw);
        let (stem, has_s) = without_s(&raw);
        let letters = stem.trim_start_matches('#');
        let count = |is: fn(char) -> bool| letters.chars().filter(|letter| is(*letter)).count();
        let (upper, alphabetic) = (count(char::is_uppercase), count(char::is_alphabetic));
        let shape: String = stem.chars().take(4 * SHAPE).map(shape_of).collect();
        let mut runs = String::new();
        for letter in shape.chars() {
            if !runs.ends_with(letter) && runs.len() < RUNS {
                runs.push(letter);
            }
        }
        Self {
            low: folded(stem),
            shape: shape.chars().take(SHAPE).collect(),
            runs,
            length: stem.chars().count(),
            capital: letters.chars().next().is_some_and(char::is_uppercase),
            capitals: upper > 1 && upper == alphabetic,
            mixed: letters.chars().skip(1).any(char::is_uppercase) && upper < alphabetic,
            digit: count(|letter| letter.is_ascii_digit()) > 0,
            hyphen: letters.len() > 1 && letters.contains('-'),
            hash: stem.starts_with('#') && stem.len() > 1,
            at: stem.starts_with('@') && stem.len() > 1,
            has_s,
            breaks: stem.starts_with(['.', '!', '?', ':']),
        }
    }

    /// As name lists have it.
    pub(super) fn listed(&self) -> &str {
        self.low.trim_start_matches('#')
    }
}

fn straight(raw: &str) -> Cow<'_, str> {
    if raw.contains('’') {
        Cow::Owned(raw.replace('’', "'"))
    } else {
        Cow::Borrowed(raw)
    }
}

/// A name with a possessive ending is the same name.
fn without_s(raw: &str) -> (&str, bool) {
    let stem = raw.strip_suffix("'s").or_else(|| raw.strip_suffix("'S"));
    match stem.filter(|stem| stem.len() > 1) {
        Some(stem) => (stem, true),
        None => (raw, false),
    }
}

fn folded(stem: &str) -> String {
    let starts = |with: &str| {
        stem.get(..with.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(with))
    };
    if starts("http:/") || starts("https:/") || starts("www.") {
        return "<url>".to_owned();
    }
    if stem.len() > 1 && stem.starts_with('@') {
        return "<@m>".to_owned();
    }
    let lower = stem.chars().flat_map(char::to_lowercase);
    lower
        .map(|letter| if letter.is_ascii_digit() { '0' } else { letter })
        .collect()
}

fn shape_of(letter: char) -> char {
    if letter.is_uppercase() {
        'X'
    } else if letter.is_alphabetic() {
        'x'
    } else if letter.is_ascii_digit() {
        'd'
    } else if letter.is_ascii() {
        letter
    } else {
        '*'
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_seen_as_what_they_are() {
        let word = Word::new("McDonald’s");
        assert_eq!((&*word.low, &*word.runs), ("mcdonald", "XxXx"));
        assert!(word.capital && word.mixed && word.has_s && !word.capitals);
        let word = Word::new("#NYC2026");
        assert_eq!((&*word.low, word.listed()), ("#nyc0000", "nyc0000"));
        assert!(word.capitals && word.hash && word.digit);
        assert_eq!(Word::new("@kim").low, "<@m>");
        assert_eq!(Word::new("HTTPS://x.org").low, "<url>");
        assert_eq!(Word::new("'s").low, "'s");
        assert_eq!(Word::new("").length, 0);
    }
}
