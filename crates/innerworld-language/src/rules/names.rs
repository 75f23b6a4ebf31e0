//! Whether a word is somebody's name. Teens write names in lower case, so what stands beside a
//! word counts as much as its capital.

use super::Line;

/// How much the surroundings speak for a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trust {
    /// Not at all: only well-known names, or names that are words too if capitalised.
    Listed,
    /// A person does or is done something: any capitalised word.
    Context,
    /// Right behind a word for a person or pet: any word that is nothing else.
    Beside,
}

/// Longest name in words.
const MAX_WORDS: usize = 3;

/// Number of words of the name at `at`.
pub(super) fn at(line: &Line<'_>, at: usize, trust: Trust) -> Option<usize> {
    if !is_name(line, at, trust) {
        return None;
    }
    let scan = &line.scan;
    let mut length = 1;
    // Surnames only with capitals: "maya moved" is no name of two words.
    while length < MAX_WORDS
        && !scan.has_s(at + length - 1)
        && scan.is_capital(at)
        && scan.is_capital(at + length)
        && scan.is_word(at + length)
        && !line.lexicon.words.not_names.contains(scan.low(at + length))
    {
        length += 1;
    }
    Some(length)
}

fn is_name(line: &Line<'_>, at: usize, trust: Trust) -> bool {
    let (scan, lexicon) = (&line.scan, line.lexicon);
    let base = scan.base(at);
    if !scan.is_word(at) || base.chars().any(|letter| letter.is_ascii_digit()) {
        return false;
    }
    // "max", "will": a name when written as one or clearly placed.
    if lexicon.sure_names.contains(base) {
        return true;
    }
    if lexicon.words.not_names.contains(base) && !lexicon.cased_names.contains(base) {
        return false;
    }
    let letters = base.chars().count();
    match trust {
        Trust::Listed => lexicon.cased_names.contains(base) && scan.is_marked_capital(at),
        Trust::Context => letters >= 2 && scan.is_marked_capital(at) && !is_other(line, at),
        Trust::Beside => {
            let capital = scan.is_capital(at) && letters >= 2;
            let listed = lexicon.cased_names.contains(base);
            let plain = letters >= 3 && !looks_like_a_verb(base);
            capital || listed || (plain && ends_well(line, at))
        }
    }
}

/// Whether the word is listed as something else.
fn is_other(line: &Line<'_>, at: usize) -> bool {
    let (scan, lexicon) = (&line.scan, line.lexicon);
    let things = &lexicon.things;
    lexicon.cities.contains(scan.base(at))
        || scan.find(&things.known, at).is_some()
        || scan.find(&things.instruments, at).is_some()
        || scan.find(&lexicon.activities, at).is_some()
        || scan.find(&lexicon.events, at).is_some()
        || scan.find(&lexicon.topics, at).is_some()
}

fn looks_like_a_verb(word: &str) -> bool {
    word.ends_with("ing") || word.ends_with("ed") || word.ends_with("ly")
}

/// Whether a lower-case word is followed by what may follow a name.
fn ends_well(line: &Line<'_>, at: usize) -> bool {
    let scan = &line.scan;
    let next = scan.low(at + 1);
    scan.has_s(at)
        || next.is_empty()
        || !scan.is_word(at + 1)
        || line.lexicon.words.after_name.contains(next)
        || line.is_dated(at + 1)
        || next.ends_with("ed")
}
