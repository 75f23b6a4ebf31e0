//! Steps 1 and 2: compatibility forms and case, and look-alikes of other alphabets.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

use crate::pii::is_invisible;

/// Step 1. Invisible characters go first, since they keep letters and accents from joining;
/// lower case can bring forth a form that is not yet normal.
pub(super) fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    // Nothing joins over a space, so that most tokens can be taken as they are.
    for token in text.split(' ') {
        push_space(&mut folded);
        if token.is_ascii() {
            push_alike(&mut folded, token.chars().map(|c| c.to_ascii_lowercase()));
        } else {
            let visible = token.chars().filter(|c| !is_invisible(*c));
            let lower: String = visible.nfkc().flat_map(char::to_lowercase).collect();
            push_alike(&mut folded, lower.nfkc().filter(|c| !is_invisible(*c)));
        }
    }
    folded.truncate(folded.trim_end().len());
    folded
}

/// One quotation mark, one dash and one space of each kind.
fn push_alike(folded: &mut String, token: impl Iterator<Item = char>) {
    for c in token {
        match c {
            '\u{2018}' | '\u{2019}' | '\u{201b}' | '\u{2bc}' | '`' | '\u{b4}' => folded.push('\''),
            '\u{201c}' | '\u{201d}' | '\u{201e}' => folded.push('"'),
            '\u{2010}'..='\u{2015}' => folded.push('-'),
            _ if c.is_whitespace() || c.is_control() => push_space(folded),
            _ => folded.push(c),
        }
    }
}

fn push_space(folded: &mut String) {
    if !folded.is_empty() && !folded.ends_with(' ') {
        folded.push(' ');
    }
}

/// Step 2. A token of a real Russian or Greek text keeps its letters: only tokens that mix
/// alphabets change, and tokens made of look-alikes alone that stand beside Latin ones.
pub(super) fn without_look_alikes(text: &str) -> Cow<'_, str> {
    // Accents and emoji are no letters of another alphabet.
    if !text.chars().any(|c| look_alike(c).is_some()) {
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
