//! Text -> words exactly as the encoder was trained on them.
//!
//! The table's own splitting is kinder to chat (symbols stand alone), but a network that has seen
//! `[UNK]` for such words gives another meaning to anything else.

use std::sync::LazyLock;

use regex::Regex;
use unicode_normalization::UnicodeNormalization as _;

use super::super::words::stands_alone;
use crate::pattern::fixed;

/// Letters of a word at most; a longer one is unknown.
const LONGEST: usize = 100;

/// Control, format, private and unassigned characters: they are left out.
static OTHER: LazyLock<Regex> = LazyLock::new(|| fixed(r"\p{C}"));
/// Accents, apart from their letters.
static MARK: LazyLock<Regex> = LazyLock::new(|| fixed(r"\p{Mn}"));
/// Punctuation beyond ASCII; each stands alone.
static PUNCTUATION: LazyLock<Regex> = LazyLock::new(|| fixed(r"\p{P}"));

/// Calls `take` with every word of `text`, in order; with none for a word that is too long to be
/// known.
pub(super) fn each_word(text: &str, mut take: impl FnMut(Option<&str>)) {
    let kept = text.chars().filter(|letter| is_kept(*letter));
    let plain = kept.nfd().filter(|letter| !is_accent(*letter));
    let mut word = String::with_capacity(32);
    let mut length = 0_usize;
    for letter in plain.flat_map(char::to_lowercase).chain([' ']) {
        let alone = stands_alone(letter) || is_punctuation(letter);
        if !alone && !letter.is_whitespace() {
            length += 1;
            if length <= LONGEST {
                word.push(letter);
            }
            continue;
        }
        if !word.is_empty() {
            take((length <= LONGEST).then_some(&word));
        }
        word.clear();
        length = 0;
        if alone {
            take(Some(letter.encode_utf8(&mut [0; 4])));
        }
    }
}

fn is_kept(letter: char) -> bool {
    if letter.is_ascii() {
        return !letter.is_ascii_control() || matches!(letter, '\t' | '\n' | '\r');
    }
    letter != char::REPLACEMENT_CHARACTER && !is(&OTHER, letter)
}

fn is_accent(letter: char) -> bool {
    !letter.is_ascii() && is(&MARK, letter)
}

fn is_punctuation(letter: char) -> bool {
    letter.is_ascii_punctuation() || !letter.is_ascii() && is(&PUNCTUATION, letter)
}

fn is(class: &Regex, letter: char) -> bool {
    class.is_match(letter.encode_utf8(&mut [0; 4]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        let mut words = Vec::new();
        each_word(text, |word| {
            words.push(word.unwrap_or("too long").to_owned());
        });
        words
    }

    #[test]
    fn words_are_those_of_the_encoders_own_tokenizer() {
        assert_eq!(words("Don't GO!"), ["don", "'", "t", "go", "!"]);
        assert_eq!(words("Café\tÉcole\n"), ["cafe", "ecole"]);
        assert_eq!(words("love\u{2764}\u{fe0f}it"), ["love\u{2764}it"]);
        assert_eq!(words("你好 «oui»"), ["你", "好", "«", "oui", "»"]);
        assert_eq!(words("a\u{200d}b\0c\u{fffd}"), ["abc"]);
        assert_eq!(words(" \u{200d}\u{1} "), Vec::<String>::new());
        assert_eq!(words(&"a".repeat(101)), ["too long"]);
        assert_eq!(words(&"a".repeat(100)).len(), 1);
    }
}
