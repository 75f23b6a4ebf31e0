//! Text -> words as the encoder's vocabulary has them: lower case, no accents, punctuation apart.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Letters of a word at most; a longer one is no word of the vocabulary.
const LONGEST: usize = 100;

/// Calls `take` with every word of `text`, in order.
///
/// Unlike the encoder's own tokenizer symbols stand alone too, so that a heart at a word's end does
/// not hide the word.
pub(super) fn each_word(text: &str, mut take: impl FnMut(&str)) {
    if text.is_ascii() {
        split(
            text.chars().map(|letter| letter.to_ascii_lowercase()),
            &mut take,
        );
    } else {
        let letters = text.nfd().filter(|letter| !is_combining_mark(*letter));
        split(letters.flat_map(char::to_lowercase), &mut take);
    }
}

fn split(letters: impl Iterator<Item = char>, take: &mut impl FnMut(&str)) {
    let mut word = String::with_capacity(32);
    let mut length = 0_usize;
    for letter in letters.chain([' ']) {
        if letter.is_alphanumeric() && !stands_alone(letter) {
            length += 1;
            if length <= LONGEST {
                word.push(letter);
            }
            continue;
        }
        if !word.is_empty() && length <= LONGEST {
            take(&word);
        }
        word.clear();
        length = 0;
        if !letter.is_whitespace() && !letter.is_control() {
            take(letter.encode_utf8(&mut [0; 4]));
        }
    }
}

/// Characters of Chinese, each a word of the vocabulary by itself.
pub(super) const fn stands_alone(letter: char) -> bool {
    matches!(letter,
        '\u{4E00}'..='\u{9FFF}'
        | '\u{3400}'..='\u{4DBF}'
        | '\u{20000}'..='\u{2EBEF}'
        | '\u{F900}'..='\u{FAFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        let mut words = Vec::new();
        each_word(text, |word| words.push(word.to_owned()));
        words
    }

    #[test]
    fn words_are_apart_from_what_surrounds_them() {
        assert_eq!(words("Don't GO!"), ["don", "'", "t", "go", "!"]);
        assert_eq!(words("Café\tÉcole\n"), ["cafe", "ecole"]);
        assert_eq!(words("love❤️it 你好"), ["love", "❤", "it", "你", "好"]);
        assert!(words(" \u{200d}\u{1} ").len() <= 1);
        assert!(words(&"a".repeat(101)).is_empty());
        assert_eq!(words(&"a".repeat(100)).len(), 1);
    }
}
