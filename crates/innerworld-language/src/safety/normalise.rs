//! Three views of a message, in which spelling tricks no longer hide a word.
//!
//! * `plain`: compatibility forms, lower case, no invisible characters, no accents, look-alike
//!   letters of other scripts, contractions and chat forms written out, punctuation gone except
//!   sentence ends, which stand alone as `.`;
//! * `letters`: the same after digits and symbols inside words were read as letters;
//! * `joined`: the same after letters that stand apart were joined.
//!
//! Views are for matching only: what is stored or shown is never changed. Time is linear in the
//! length of the text.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::forms;

/// The three views.
#[derive(Clone, PartialEq, Eq)]
pub struct Views {
    /// As written.
    pub plain: String,
    /// With symbols read as letters.
    pub letters: String,
    /// With spaced letters joined.
    pub joined: String,
}

impl std::fmt::Debug for Views {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

/// Makes the three views.
pub fn views(text: &str) -> Views {
    let folded = fold(text);
    Views {
        plain: finish(&shorten_runs(&folded, 2)),
        letters: finish(&read_symbols(&shorten_runs(&folded, 1))),
        joined: finish(&join_letters(&shorten_runs(&folded, 2))),
    }
}

/// The first view alone.
pub fn plain(text: &str) -> String {
    finish(&shorten_runs(&fold(text), 2))
}

/// Compatibility forms, lower case, no invisible characters, no accents, one script per word.
fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for letter in text.nfkd() {
        if is_invisible(letter) || is_combining_mark(letter) {
            continue;
        }
        for lower in letter.to_lowercase() {
            // Lower case of a few letters brings a mark of its own (the dotted capital I).
            if !is_combining_mark(lower) {
                folded.push(straight(lower));
            }
        }
    }
    one_script(&folded)
}

fn straight(letter: char) -> char {
    match letter {
        '‘' | '’' | '‛' | '´' | '`' | 'ʼ' | '′' => '\'',
        '“' | '”' | '„' | '«' | '»' => '"',
        '‐' | '‑' | '‒' | '–' | '—' | '−' => '-',
        _ => letter,
    }
}

/// Category Cf and the variation selectors.
const fn is_invisible(letter: char) -> bool {
    matches!(letter,
        '\u{AD}' | '\u{34F}' | '\u{600}'..='\u{605}' | '\u{61C}' | '\u{6DD}' | '\u{70F}'
        | '\u{890}'..='\u{891}' | '\u{8E2}' | '\u{115F}'..='\u{1160}' | '\u{180B}'..='\u{180F}'
        | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
        | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'
        | '\u{110BD}' | '\u{110CD}' | '\u{13430}'..='\u{1343F}' | '\u{1BCA0}'..='\u{1BCA3}'
        | '\u{1D173}'..='\u{1D17A}' | '\u{E0001}' | '\u{E0020}'..='\u{E007F}'
        | '\u{E0100}'..='\u{E01EF}')
}

/// Letters of other scripts that look Latin become Latin, in words that mix scripts and in words
/// made of nothing else while the text has Latin words.
fn one_script(text: &str) -> String {
    let needed = text.chars().any(|letter| looks_like(letter).is_some());
    if !needed || !text.chars().any(|letter| letter.is_ascii_lowercase()) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    for word in text.split_inclusive(char::is_whitespace) {
        let mixes = word.chars().any(|letter| letter.is_ascii_lowercase());
        let only = word
            .chars()
            .filter(|letter| letter.is_alphabetic())
            .all(|letter| looks_like(letter).is_some());
        if mixes || only {
            out.extend(word.chars().map(|letter| looks_like(letter).unwrap_or(letter)));
        } else {
            out.push_str(word);
        }
    }
    out
}

const fn looks_like(letter: char) -> Option<char> {
    Some(match letter {
        'а' | 'α' | 'ɑ' => 'a',
        'в' | 'β' | 'ь' => 'b',
        'с' | 'ϲ' => 'c',
        'ԁ' => 'd',
        'е' | 'ε' | 'э' => 'e',
        'ɡ' => 'g',
        'һ' | 'н' => 'h',
        'і' | 'ι' | 'ı' => 'i',
        'ј' => 'j',
        'к' | 'κ' => 'k',
        'ӏ' | 'ⅼ' => 'l',
        'м' => 'm',
        'п' | 'η' => 'n',
        'о' | 'ο' | 'օ' => 'o',
        'р' | 'ρ' => 'p',
        'ѕ' => 's',
        'т' | 'τ' => 't',
        'υ' | 'ս' => 'u',
        'ν' | 'ѵ' => 'v',
        'ѡ' | 'ω' => 'w',
        'х' | 'χ' => 'x',
        'у' | 'γ' => 'y',
        _ => return None,
    })
}

/// Three or more equal letters become `keep`.
fn shorten_runs(text: &str, keep: usize) -> String {
    let mut out = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let mut run = 1_usize;
        while letters.next_if_eq(&letter).is_some() {
            run += 1;
        }
        let shortened = if letter.is_alphabetic() && run >= 3 { keep } else { run };
        out.extend(std::iter::repeat_n(letter, shortened));
    }
    out
}

/// Reads digits and symbols inside a word that has letters as letters.
fn read_symbols(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for chunk in text.split_inclusive(char::is_whitespace) {
        let word = chunk.trim_end();
        let core = word.trim_end_matches(['!', '.', '?', ',', ';', ':', '*', '"', ')']);
        let has_letter = core.chars().any(|letter| letter.is_ascii_lowercase());
        if has_letter {
            out.extend(core.chars().filter_map(read_symbol));
            out.extend(chunk.chars().skip(core.chars().count()));
        } else {
            out.push_str(chunk);
        }
    }
    out
}

const fn read_symbol(letter: char) -> Option<char> {
    match letter {
        '*' | '-' | '.' | '_' | '~' | '|' => None,
        '1' | '!' => Some('i'),
        '3' => Some('e'),
        '0' => Some('o'),
        '$' | '5' => Some('s'),
        '@' | '4' => Some('a'),
        '7' => Some('t'),
        other => Some(other),
    }
}

/// Joins four or more single letters that are parted by one space, dot or dash each.
fn join_letters(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(letter) = letters.get(at) {
        let run = spaced_run(&letters, at);
        if run.len() >= 4 {
            let word: String = run.iter().collect();
            out.push_str(&forms::segment(&word));
            at += 2 * run.len() - 1;
        } else {
            out.push(*letter);
            at += 1;
        }
    }
    out
}

/// The single letters that begin at `start`, each followed by one separator.
fn spaced_run(letters: &[char], start: usize) -> Vec<char> {
    let word_at = |at: usize| letters.get(at).is_some_and(|letter| letter.is_alphanumeric());
    let separator_at =
        |at: usize| letters.get(at).is_some_and(|letter| matches!(letter, ' ' | '.' | '-' | '_'));
    let mut run = Vec::new();
    if start.checked_sub(1).is_some_and(word_at) {
        return run;
    }
    let mut at = start;
    while word_at(at) && !word_at(at + 1) {
        run.extend(letters.get(at));
        if !separator_at(at + 1) {
            break;
        }
        at += 2;
    }
    run
}

/// Words with one space between, chat forms written out, sentence ends as words of their own.
fn finish(text: &str) -> String {
    let mut words: Vec<&str> = Vec::new();
    for piece in text.split(|letter: char| !is_kept(letter)) {
        split_ends(piece, &mut words);
    }
    forms::expand(&words)
}

fn is_kept(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '\'' | '.' | '?' | '!')
}

/// Parts a piece into words and `.` for the ends of sentences.
fn split_ends<'a>(piece: &'a str, words: &mut Vec<&'a str>) {
    for (position, part) in piece.split(['.', '?', '!']).enumerate() {
        if position > 0 && words.last().is_some_and(|last| *last != ".") {
            words.push(".");
        }
        let word = part.trim_matches('\'');
        if !word.is_empty() {
            words.push(word);
        }
    }
}
