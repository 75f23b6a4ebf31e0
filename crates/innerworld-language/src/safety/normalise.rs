//! The readings of a message that the rules see. What is stored or shown never changes.
//!
//! The order of the steps is fixed: compatibility forms and case, look-alikes of other alphabets,
//! repeated letters and chat forms, then the three views.

use std::borrow::Cow;

use innerworld_core::{safety::screen::Views, secret::Text};
use unicode_normalization::UnicodeNormalization;

use super::core_words::corrected;
use crate::pii::is_invisible;

/// Reads `text`. Never fails, takes time in proportion to its length, and reading `plain` again
/// gives `plain`.
pub(super) fn read(text: &str) -> Views {
    let folded = folded(text);
    let latin = without_look_alikes(&folded);
    let plain = words(&latin);
    let singles = singles(&plain);
    // Most texts have one reading only.
    let another = |other: Option<String>| other.filter(|other| *other != plain).map(Text::new);
    let once = unstretched(&latin).map(|once| words(&once));
    let letters = symbols_as_letters(once.as_deref().unwrap_or(&plain));
    let letters = another(letters.map(|letters| words(&letters)).or(once));
    let joined = (singles >= FEWEST_SINGLES).then(|| words(&single_letters_joined(&plain)));
    let joined = another(joined);
    Views {
        text: Text::new(text.to_owned()),
        plain: Text::new(plain),
        letters,
        joined,
        singles,
        odds: f32::NEG_INFINITY,
    }
}

/// What [`read`] gives for these messages with a space between them, from what it gave for each.
pub(super) fn together(parts: &[&Views]) -> Views {
    side_by_side(parts).unwrap_or_else(|| read(&spaced(parts, |part| part.text.reveal())))
}

/// `None` where what stands in one message could change how another is read.
fn side_by_side(parts: &[&Views]) -> Option<Views> {
    let alone = |part: &&Views| {
        part.text.reveal().is_ascii()
            && !part.plain.reveal().is_empty()
            && part.joined.is_none()
            && !part.plain.reveal().split(' ').any(|token| token == LONE)
    };
    let singles = parts.iter().map(|part| part.singles).sum();
    if singles >= FEWEST_SINGLES || !parts.iter().all(alone) {
        return None;
    }
    for view in [plain, letters] {
        let pairs = parts.iter().zip(parts.iter().skip(1));
        for (before, after) in pairs {
            if view(before).ends_with("my") && view(after).starts_with("self") {
                return None;
            }
        }
    }
    let other = parts.iter().any(|part| part.letters.is_some());
    Some(Views {
        text: Text::new(spaced(parts, |part| part.text.reveal())),
        plain: Text::new(spaced(parts, plain)),
        letters: other.then(|| Text::new(spaced(parts, letters))),
        joined: None,
        singles,
        odds: f32::NEG_INFINITY,
    })
}

fn plain(views: &Views) -> &str {
    views.plain.reveal()
}

fn letters(views: &Views) -> &str {
    views.letters.as_ref().unwrap_or(&views.plain).reveal()
}

fn spaced<'a>(parts: &[&'a Views], view: impl Fn(&'a Views) -> &'a str) -> String {
    let length = parts.iter().map(|part| view(part).len() + 1).sum();
    let mut text = String::with_capacity(length);
    for (place, part) in parts.iter().enumerate() {
        if place > 0 {
            text.push(' ');
        }
        text.push_str(view(part));
    }
    text
}

/// Step 1. Invisible characters go first, since they keep letters and accents from joining;
/// lower case can bring forth a form that is not yet normal.
fn folded(text: &str) -> String {
    if text.is_ascii() {
        // Already in normal form, and most often without anything to make alike.
        let lower = text.to_ascii_lowercase();
        return if is_alike(&lower) {
            lower
        } else {
            marks_alike(lower.chars(), lower.len())
        };
    }
    let visible = text.chars().filter(|c| !is_invisible(*c));
    let lower: String = visible.nfkc().flat_map(char::to_lowercase).collect();
    let normal = lower.nfkc().filter(|c| !is_invisible(*c));
    marks_alike(normal, lower.len())
}

/// Whether [`marks_alike`] would change nothing in an ASCII text.
fn is_alike(text: &str) -> bool {
    let bytes = text.as_bytes();
    let marks = bytes.iter().filter(|b| matches!(b, 0..0x20 | 0x7f | b'`'));
    let spaces = bytes.windows(2).filter(|two| *two == b"  ");
    marks.count() == 0 && spaces.count() == 0 && !text.starts_with(' ') && !text.ends_with(' ')
}

/// One quotation mark, one dash and one space of each kind.
fn marks_alike(text: impl Iterator<Item = char>, length: usize) -> String {
    let mut folded = String::with_capacity(length);
    for c in text {
        match c {
            '\u{2018}' | '\u{2019}' | '\u{201b}' | '\u{2bc}' | '`' | '\u{b4}' => folded.push('\''),
            '\u{201c}' | '\u{201d}' | '\u{201e}' => folded.push('"'),
            '\u{2010}'..='\u{2015}' => folded.push('-'),
            _ if c.is_whitespace() || c.is_control() => {
                if !folded.is_empty() && !folded.ends_with(' ') {
                    folded.push(' ');
                }
            }
            _ => folded.push(c),
        }
    }
    folded.truncate(folded.trim_end().len());
    folded
}

/// Step 2. A token of a real Russian or Greek text keeps its letters: only tokens that mix
/// alphabets change, and tokens made of look-alikes alone that stand beside Latin ones.
fn without_look_alikes(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let tokens: Vec<&str> = text.split(' ').collect();
    let mut latin: Vec<bool> = tokens.iter().map(|t| t.chars().any(is_latin)).collect();
    let disguised: Vec<bool> = tokens.iter().map(|token| all_look_alikes(token)).collect();
    spread(&mut latin, &disguised, 0..tokens.len());
    spread(&mut latin, &disguised, (0..tokens.len()).rev());
    let read: Vec<String> = tokens
        .iter()
        .zip(latin)
        .map(|(token, latin)| {
            if latin {
                token.chars().map(|c| look_alike(c).unwrap_or(c)).collect()
            } else {
                (*token).to_owned()
            }
        })
        .collect();
    read.join(" ").into()
}

/// Marks tokens of look-alikes whose neighbour before them, in this order, is Latin.
fn spread(latin: &mut [bool], disguised: &[bool], order: impl Iterator<Item = usize>) {
    let mut before = false;
    for at in order {
        if let (Some(mark), Some(true)) = (latin.get_mut(at), disguised.get(at)) {
            *mark = *mark || before;
        }
        before = latin.get(at).copied().unwrap_or(false);
    }
}

fn is_latin(c: char) -> bool {
    c.is_ascii_alphabetic() || ('\u{c0}'..='\u{24f}').contains(&c)
}

fn all_look_alikes(token: &str) -> bool {
    let mut letters = token.chars().filter(|c| c.is_alphabetic()).peekable();
    letters.peek().is_some() && letters.all(|c| look_alike(c).is_some())
}

/// The Latin letter that a lower-case Cyrillic or Greek one looks like.
const fn look_alike(c: char) -> Option<char> {
    Some(match c {
        'а' | 'α' => 'a',
        'в' | 'β' | 'ь' => 'b',
        'с' | 'ϲ' => 'c',
        'ԁ' => 'd',
        'е' | 'ё' | 'ε' => 'e',
        'һ' | 'н' => 'h',
        'і' | 'ї' | 'ι' => 'i',
        'ј' => 'j',
        'к' | 'κ' => 'k',
        'ӏ' => 'l',
        'м' => 'm',
        'η' | 'п' => 'n',
        'о' | 'ο' => 'o',
        'р' | 'ρ' => 'p',
        'ԛ' => 'q',
        'г' => 'r',
        'ѕ' => 's',
        'т' | 'τ' => 't',
        'υ' | 'μ' => 'u',
        'ν' => 'v',
        'ԝ' | 'ω' => 'w',
        'х' | 'χ' => 'x',
        'у' | 'γ' => 'y',
        _ => return None,
    })
}

/// Step 3, word by word: repeated letters, chat forms, slips of the core words.
fn words(text: &str) -> String {
    let mut read = String::with_capacity(text.len() + 16);
    let mut start = 0;
    for (at, c) in text.char_indices() {
        if c.is_alphanumeric() || c == '\'' {
            continue;
        }
        push_word(&mut read, text.get(start..at).unwrap_or_default());
        read.push(c);
        start = at + c.len_utf8();
    }
    push_word(&mut read, text.get(start..).unwrap_or_default());
    read
}

fn push_word(read: &mut String, word: &str) {
    if word.is_empty() {
        return;
    }
    let core = word.trim_matches('\'');
    if core.is_empty() {
        read.push_str(word);
        return;
    }
    let short = at_most_two_alike(core);
    // Only quotation marks stand around the core.
    let marks = word.len() - word.trim_start_matches('\'').len();
    let before = word.get(..marks).unwrap_or_default();
    let after = word.get(marks + core.len()..).unwrap_or_default();
    read.push_str(before);
    if short == "self" && (read == "my " || read.ends_with(" my ")) {
        read.truncate(read.len() - 1);
        read.push_str("self");
    } else {
        read.push_str(
            full_form(&short)
                .or_else(|| corrected(&short))
                .unwrap_or(&short),
        );
    }
    read.push_str(after);
}

fn at_most_two_alike(word: &str) -> Cow<'_, str> {
    let bytes = word.as_bytes();
    let alike = |three: &[u8]| three.windows(2).all(|two| two.first() == two.last());
    if word.is_ascii() && !bytes.windows(3).any(alike) {
        return Cow::Borrowed(word);
    }
    let mut short = String::with_capacity(word.len());
    let (mut last, mut times) = ('\0', 0);
    for c in word.chars() {
        times = if c == last { times + 1 } else { 1 };
        last = c;
        if times <= 2 || !c.is_alphabetic() {
            short.push(c);
        }
    }
    short.into()
}

/// Contractions and chat forms. No full form holds a word that has another one.
fn full_form(word: &str) -> Option<&'static str> {
    Some(match word {
        "im" | "i'm" | "iam" => "i am",
        "ive" | "i've" => "i have",
        "i'd" => "i would",
        "i'll" => "i will",
        "imma" | "ima" | "i'mma" | "i'ma" => "i am going to",
        "wanna" | "wana" => "want to",
        "gonna" | "gunna" | "finna" | "boutta" | "bouta" | "tryna" => "going to",
        "gotta" => "have to",
        "cant" | "can't" | "cannot" => "can not",
        "dont" | "don't" | "dnt" => "do not",
        "doesnt" | "doesn't" => "does not",
        "didnt" | "didn't" => "did not",
        "wont" | "won't" => "will not",
        "wouldnt" | "wouldn't" => "would not",
        "couldnt" | "couldn't" => "could not",
        "shouldnt" | "shouldn't" => "should not",
        "isnt" | "isn't" | "aint" | "ain't" => "is not",
        "arent" | "aren't" => "are not",
        "wasnt" | "wasn't" => "was not",
        "werent" | "weren't" => "were not",
        "havent" | "haven't" => "have not",
        "hasnt" | "hasn't" => "has not",
        "they'd" | "theyd" => "they would",
        "everyone'd" => "everyone would",
        "he's" | "hes" => "he is",
        "she's" | "shes" => "she is",
        "it's" => "it is",
        "there's" | "theres" => "there is",
        "that's" | "thats" => "that is",
        "what's" | "whats" => "what is",
        "kinda" => "kind of",
        "u" => "you",
        _ => return None,
    })
}

/// Letters that stand three times or more in a row, once; `None` where none do. "Kiiill" is no word with
/// two, "killll" none with one: this is read beside the other.
fn unstretched(text: &str) -> Option<String> {
    let mut three = text
        .chars()
        .zip(text.chars().skip(1))
        .zip(text.chars().skip(2));
    if !three.any(|((a, b), c)| a == b && b == c && c.is_alphabetic()) {
        return None;
    }
    let mut once = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let mut times = 1;
        while rest.next_if_eq(&c).is_some() {
            times += 1;
        }
        let stretched = times > 2 && c.is_alphabetic();
        once.extend(std::iter::repeat_n(c, if stretched { 1 } else { times }));
    }
    Some(once)
}

/// A token that stands for "i" where other words are written with digits too.
const LONE: &str = "1";
/// Words with digits for letters that make it so.
const FEWEST_MIXED: usize = 2;

/// View 1: what stands for a letter inside a token that has letters.
fn symbols_as_letters(text: &str) -> Option<String> {
    let is_symbol = |c: char| matches!(c, '0'..='9' | '!' | '$' | '@' | '*' | '-' | '.');
    // A mark that ends a word is none inside it.
    let inside = |token: &str| token.trim_end_matches(['.', '!', ',']).contains(is_symbol);
    if !text.contains(is_symbol) || !text.split(' ').any(inside) {
        return None;
    }
    let mixed = |token: &&str| inside(token) && token.chars().any(char::is_alphabetic);
    let digits = |token: &&str| mixed(token) && token.contains(|c: char| c.is_ascii_digit());
    let written_so = text.split(' ').filter(digits).count() >= FEWEST_MIXED;
    let tokens: Vec<String> = text
        .split(' ')
        .map(|token| {
            if mixed(&token) {
                without_inner_marks(&letters_of(token))
            } else if written_so && token == LONE {
                "i".to_owned()
            } else {
                token.to_owned()
            }
        })
        .collect();
    Some(tokens.join(" "))
}

fn letters_of(token: &str) -> String {
    let mut letters: Vec<char> = Vec::with_capacity(token.len());
    let mut inside = false;
    // From the end, since an exclamation mark counts only before more of the word.
    for c in token.chars().rev() {
        inside = inside || c.is_alphanumeric() || matches!(c, '$' | '@');
        letters.push(match c {
            '1' => 'i',
            '!' if inside => 'i',
            '3' => 'e',
            '0' => 'o',
            '$' | '5' => 's',
            '@' | '4' => 'a',
            '7' => 't',
            _ => c,
        });
    }
    letters.into_iter().rev().collect()
}

/// Drops a single `*`, `-` or `.` between two letters; a row of them separates words.
fn without_inner_marks(token: &str) -> String {
    let mut kept = String::with_capacity(token.len());
    let mut before = ' ';
    let mut rest = token.chars().peekable();
    while let Some(c) = rest.next() {
        let inner = matches!(c, '*' | '-' | '.')
            && before.is_alphanumeric()
            && rest.peek().is_some_and(|next| next.is_alphanumeric());
        if !inner {
            kept.push(c);
        }
        before = c;
    }
    kept
}

/// Fewest single letters that make a word.
const FEWEST_SINGLES: usize = 4;

/// Letters and digits that stand alone.
fn singles(text: &str) -> usize {
    let parts = text.split(|c: char| !c.is_alphanumeric());
    let single = |part: &&str| part.len() == 1 || part.chars().count() == 1;
    parts.filter(single).count()
}

/// View 2: four or more single letters, parted by spaces or dots, make a word.
fn single_letters_joined(text: &str) -> String {
    let mut read = String::with_capacity(text.len());
    let mut run = String::new();
    let mut letters = String::new();
    let mut chars = text.chars().peekable();
    let mut before = ' ';
    while let Some(c) = chars.next() {
        let alone = c.is_alphabetic()
            && !before.is_alphanumeric()
            && !chars
                .peek()
                .is_some_and(|next| next.is_alphanumeric() || *next == '\'');
        if alone {
            letters.push(c);
            run.push(c);
        } else if !letters.is_empty() && matches!(c, ' ' | '.') {
            run.push(c);
        } else {
            end_run(&mut read, &mut run, &mut letters);
            read.push(c);
        }
        before = c;
    }
    end_run(&mut read, &mut run, &mut letters);
    read
}

fn end_run(read: &mut String, run: &mut String, letters: &mut String) {
    if letters.chars().count() >= FEWEST_SINGLES {
        read.push_str(letters);
        // What stood after the last letter stays between the words.
        let tail = run.trim_end_matches([' ', '.']).len();
        read.push_str(run.get(tail..).unwrap_or_default());
    } else {
        read.push_str(run);
    }
    run.clear();
    letters.clear();
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all(texts: &[&str]) -> (Views, Views) {
        let parts: Vec<Views> = texts.iter().map(|text| read(text)).collect();
        (
            together(&parts.iter().collect::<Vec<_>>()),
            read(&texts.join(" ")),
        )
    }

    #[test]
    fn a_word_that_runs_over_two_messages_is_read_as_one() {
        for texts in [["hurt my", "self"], ["s o r", "r y"], ["soo my", "s3lf!"]] {
            let (together, at_once) = all(&texts);
            assert!(together == at_once, "{texts:?}");
        }
    }

    proptest! {
        #[test]
        fn messages_side_by_side_read_as_one_text(
            texts in prop::collection::vec("[ -~]{1,30}|[a-em-y' .!13]{1,30}|(hurt )?my|self( ok)?", 1..4),
        ) {
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let (together, at_once) = all(&texts);
            prop_assert!(together == at_once, "{texts:?}");
        }

        #[test]
        fn so_do_messages_of_any_alphabet(texts in prop::collection::vec(any::<String>(), 1..4)) {
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let (together, at_once) = all(&texts);
            prop_assert!(together == at_once);
        }
    }
}
