//! Whether a word is somebody's name. Teens write names in lower case, so what stands beside a
//! word counts as much as its capital.

use super::Line;
use crate::tagger::EntityKind;

/// How much the surroundings speak for a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trust {
    /// Not at all: only well-known names, or names that are words too if capitalised.
    Listed,
    /// A person may stand here: any capitalised word, and first names of the lists.
    Context,
    /// A person does or is done something: any word that is no ordinary one, too.
    Company,
    /// Right behind a word for a person or pet: any word that is nothing else.
    Beside,
    /// Behind "mr" and the like: any word that is not a small one.
    Titled,
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
    while length < MAX_WORDS && !scan.has_s(at + length - 1) && is_surname(line, at, at + length) {
        length += 1;
    }
    Some(length)
}

/// Whether the word at `next` is the surname of a name that begins at `at`. In lower case only one
/// that is no ordinary word: "maya moved" is no name of two words.
fn is_surname(line: &Line<'_>, at: usize, next: usize) -> bool {
    let scan = &line.scan;
    let base = scan.base(next);
    if !scan.is_word(next) || line.lexicon.words.not_names.contains(base) {
        return false;
    }
    if scan.is_capital(at) {
        return scan.is_capital(next);
    }
    let names = &line.vocabulary.names;
    next == at + 1
        && scan.raw(next) == scan.low(next)
        && names.is_surname(base)
        && !names.is_first_name(base)
        && !line.lexicon.words.after_name.contains(base)
        && !line.is_dated(next)
        && (!line.vocabulary.knows(base)
            || line.lexicon.words.after_name.contains(scan.low(next + 1)))
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
        Trust::Context | Trust::Company => {
            let capital = letters >= 2 && scan.is_marked_capital(at);
            let rare = trust == Trust::Company && is_rare(line, at);
            let named = capital || rare || is_listed(line, base) || is_tagged(line, at);
            named && !is_other(line, at)
        }
        Trust::Titled => letters >= 2,
        Trust::Beside => {
            let capital = scan.is_capital(at) && letters >= 2;
            let listed = lexicon.cased_names.contains(base) || is_listed(line, base);
            let surname = letters >= 2 && line.vocabulary.names.is_surname(base);
            let plain = (letters >= 3 || surname) && !looks_like_a_verb(base);
            let clear = is_tagged(line, at) || is_rare(line, at) || ends_well(line, at);
            capital || listed || (plain && clear)
        }
    }
}

/// Whether the tagger reads a name of somebody here.
fn is_tagged(line: &Line<'_>, at: usize) -> bool {
    let mut names = line.names.iter();
    names.any(|name| name.kind == EntityKind::Person && name.start == at)
}

/// Whether the lists of first names have the word, and it is nothing else in chat.
fn is_listed(line: &Line<'_>, word: &str) -> bool {
    word.len() >= 3
        && line.vocabulary.names.is_first_name(word)
        && !line.lexicon.word_names.contains(word)
        && !line.lexicon.cased_names.contains(word)
}

/// Whether the word is no ordinary one and could be somebody's name.
fn is_rare(line: &Line<'_>, at: usize) -> bool {
    let base = line.scan.base(at);
    base.chars().count() >= 4
        && base.chars().all(char::is_alphabetic)
        && !looks_like_a_verb(base)
        && !line.vocabulary.knows(base)
        && !line.vocabulary.knows(base.trim_end_matches('s'))
        && !has_run(base)
        && !line.lexicon.words.stop_heads.contains(base)
        && !line.is_dated(at)
}

/// Whether a letter stands three times in a row: a word drawn out, not a name.
fn has_run(word: &str) -> bool {
    let letters: Vec<char> = word.chars().collect();
    letters
        .windows(3)
        .any(|run| run.iter().all(|letter| Some(letter) == run.first()))
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
