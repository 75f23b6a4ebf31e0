//! The words of a piece of an answer as the rules see them, and in which other ways it may be read.
//!
//! The readings are those of the input side: compatibility forms, look-alikes, digits for letters,
//! marks inside of words, invisible characters, letters written one by one.

use super::pieces::Piece;
use crate::{pii::is_invisible, safety::read_word};

/// What stands before a word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Break {
    /// Nothing, or a space.
    #[default]
    None,
    /// A quotation mark, a bracket, a star.
    Mark,
    /// A comma, a colon, a dash, a new line.
    Clause,
    /// The end of a sentence.
    Sentence,
}

/// A word: lower case, no accents, contractions written out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) text: String,
    pub(super) after: Break,
}

impl Word {
    pub(super) fn is_number(&self) -> bool {
        is_number(&self.text)
    }
}

/// Another way to read a piece.
#[derive(Debug)]
pub(super) enum Other {
    Words(Vec<Word>),
    /// Letters of one or more words without anything between them.
    Joined(String),
}

/// All ways to read a piece.
#[derive(Debug)]
pub(super) struct Reading {
    pub(super) words: Vec<Word>,
    pub(super) others: Vec<Other>,
    /// The one letter that the piece is, where it is one.
    pub(super) letter: Option<char>,
}

impl Reading {
    /// Reads a piece. `open` is the break that the text before left, and takes what this leaves.
    pub(super) fn of(piece: &Piece, open: &mut Break) -> Self {
        let lines = piece.space.matches('\n').count();
        let line = match lines {
            0 => Break::None,
            1 => Break::Clause,
            _ => Break::Sentence,
        };
        let before = (*open).max(line);
        *open = before;
        let views = read_word(&piece.word);
        let words = words(views.plain.reveal(), open);
        let mut others = Vec::new();
        if let Some(letters) = &views.letters {
            let letters = letters.reveal().chars().filter(|c| c.is_alphanumeric());
            others.push(Other::Joined(letters.map(without_accent).collect()));
        }
        others.extend(without_marks(&piece.word).map(Other::Joined));
        if !piece.word.is_ascii() {
            let apart: String = piece
                .word
                .chars()
                .map(|c| if is_invisible(c) { ' ' } else { c })
                .collect();
            // Beside a Latin word a word of look-alikes is read as Latin.
            let beside = |text: &str| {
                let views = read_word(&format!("a {text}"));
                let plain = views.plain.reveal().clone();
                let mut break_before = before;
                self::words(plain.trim_start_matches("a "), &mut break_before)
            };
            for other in [beside(&piece.word), beside(&apart)] {
                if other != words {
                    others.push(Other::Words(other));
                }
            }
        }
        let letter = single(&piece.word, &words);
        if let Some(letter) = letter.filter(|_letter| words.iter().all(Word::is_number)) {
            others.push(Other::Joined(letter.into()));
        }
        Self {
            words,
            others,
            letter,
        }
    }
}

/// The words of a row of a rule or of a text that stands for itself.
pub(super) fn words_of(text: &str) -> Vec<Word> {
    words(read_word(text).plain.reveal(), &mut Break::default())
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// One letter with nothing but marks around it.
fn single(word: &str, words: &[Word]) -> Option<char> {
    let mut inner = word.chars().filter(|c| c.is_alphanumeric());
    let (Some(only), None) = (inner.next(), inner.next()) else {
        return None;
    };
    let read = match words {
        [one] => one.text.chars().next().filter(|_| one.text.len() == 1),
        _ => None,
    };
    let letter = read.or_else(|| only.to_lowercase().next()).unwrap_or(only);
    Some(without_digit(letter))
}

/// The letter that a digit or a sign stands for.
const fn without_digit(c: char) -> char {
    match c {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    }
}

/// The letters of a word that has marks or digits between them: "t.e.l.l", "t3ll".
fn without_marks(word: &str) -> Option<String> {
    let core = word.trim_matches(|c: char| !c.is_alphanumeric());
    let marked = core
        .chars()
        .any(|c| !c.is_alphabetic() && !matches!(c, '\'' | '’'));
    if !marked || !core.chars().any(char::is_alphabetic) {
        return None;
    }
    let letters = core.chars().filter(|c| !is_invisible(*c));
    let letters = letters.flat_map(char::to_lowercase).map(without_digit);
    let letters = letters.filter(|c| c.is_alphanumeric());
    Some(letters.map(without_accent).collect())
}

fn words(plain: &str, open: &mut Break) -> Vec<Word> {
    let mut found = Vec::new();
    let mut word = String::new();
    let mut chars = plain.chars().peekable();
    let mut last = ' ';
    while let Some(c) = chars.next() {
        if c.is_alphanumeric() || c == '\'' {
            word.push(without_accent(c));
        } else {
            flush(&mut word, open, &mut found);
            let next = chars.peek().copied();
            *open = (*open).max(break_of(last, c, next));
        }
        last = c;
    }
    flush(&mut word, open, &mut found);
    found
}

fn break_of(last: char, c: char, next: Option<char>) -> Break {
    let inner = next.is_some_and(char::is_alphanumeric);
    match c {
        ' ' => Break::None,
        '.' if last == '.' || next == Some('.') => Break::Clause,
        '.' if inner => Break::Mark,
        '!' | '?' if inner => Break::Clause,
        '.' | '!' | '?' => Break::Sentence,
        '-' if inner && last.is_alphanumeric() => Break::None,
        ',' | ';' | ':' | '-' | '¿' | '¡' => Break::Clause,
        _ => Break::Mark,
    }
}

fn flush(word: &mut String, open: &mut Break, found: &mut Vec<Word>) {
    let whole = std::mem::take(word);
    let core = whole.trim_matches('\'');
    if core.is_empty() {
        return;
    }
    let mut push = |text: &str| {
        found.push(Word {
            text: text.to_owned(),
            after: std::mem::take(open),
        });
    };
    if let Some(full) = full_form(core) {
        full.split(' ').for_each(push);
        return;
    }
    let core = core.strip_suffix("'s").unwrap_or(core);
    // "20mg" is a number and a word.
    let letters = core.find(|c: char| !c.is_ascii_digit());
    match letters.filter(|at| *at > 0).map(|at| core.split_at(at)) {
        Some((number, unit)) => {
            push(number);
            push(unit);
        }
        None => push(core),
    }
}

/// Contractions that the input side leaves alone.
fn full_form(word: &str) -> Option<&'static str> {
    Some(match word {
        "you're" | "youre" => "you are",
        "we're" => "we are",
        "they're" | "theyre" => "they are",
        "you'll" | "youll" => "you will",
        "we'll" => "we will",
        "they'll" | "theyll" => "they will",
        "he'll" => "he will",
        "she'll" => "she will",
        "it'll" => "it will",
        "you've" | "youve" => "you have",
        "we've" => "we have",
        "they've" => "they have",
        "you'd" | "youd" => "you would",
        "we'd" => "we would",
        "he'd" => "he would",
        "she'd" => "she would",
        "let's" => "let us",
        "lemme" => "let me",
        "gimme" => "give me",
        "who's" => "who is",
        "here's" => "here is",
        "where's" => "where is",
        "how's" => "how is",
        "mustn't" => "must not",
        "needn't" => "need not",
        "hadn't" => "had not",
        "c'mon" => "come on",
        "ur" => "your",
        "r" => "are",
        "luv" => "love",
        "pls" | "plz" => "please",
        _ => return None,
    })
}

/// Accents are often left out; `ñ` is a letter of its own.
const fn without_accent(c: char) -> char {
    match c {
        'á' | 'à' | 'â' | 'ä' => 'a',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'í' | 'ì' | 'î' | 'ï' => 'i',
        'ó' | 'ò' | 'ô' | 'ö' => 'o',
        'ú' | 'ù' | 'û' | 'ü' => 'u',
        other => other,
    }
}
