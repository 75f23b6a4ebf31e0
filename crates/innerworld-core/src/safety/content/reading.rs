//! How old somebody must be to read a text with ease.

/// Oldest reading age of what is shown in a crisis, in years.
pub const MAX_READING_AGE: f32 = 12.0;

/// Years of age: the school grade plus the age at which school begins. English by Flesch and Kincaid
/// (1975), Spanish by Crawford (1984), every other language as English.
///
/// Words without a letter (numbers to call) are left out. Syllables are counted by rules of thumb: a
/// figure to notice hard texts by, and no judgement on how they sound.
pub fn reading_age(text: &str, language: &str) -> f32 {
    let words: Vec<&str> = text
        .split_whitespace()
        .filter(|word| word.chars().any(char::is_alphabetic))
        .collect();
    let ends = text.split_whitespace().filter(|word| {
        let word = word.trim_end_matches(['"', '\'', '\u{201d}', ')']);
        word.ends_with(['.', '!', '?', ':'])
    });
    let spanish = language == "es";
    let syllables: usize = words
        .iter()
        .map(|word| {
            if spanish {
                of_spanish(word)
            } else {
                of_english(word)
            }
        })
        .sum();
    let sentences = figure(ends.count().max(1));
    let (words, syllables) = (figure(words.len().max(1)), figure(syllables));
    if spanish {
        6.0 - 0.205 * (100.0 * sentences / words) + 0.049 * (100.0 * syllables / words) - 3.407
    } else {
        5.0 + 0.39 * (words / sentences) + 11.8 * (syllables / words) - 15.59
    }
}

fn figure(count: usize) -> f32 {
    f32::from(u16::try_from(count).unwrap_or(u16::MAX))
}

/// Groups of vowels, without an `e` at the end that is not spoken.
fn of_english(word: &str) -> usize {
    let letters: Vec<char> = word
        .chars()
        .flat_map(char::to_lowercase)
        .filter(|letter| letter.is_alphabetic())
        .collect();
    let vowel = |letter: &char| "aeiouy".contains(*letter);
    let begins = |pair: &[char]| matches!(pair, [before, here] if !vowel(before) && vowel(here));
    let first = usize::from(letters.first().is_some_and(vowel));
    let groups = first + letters.windows(2).filter(|pair| begins(pair)).count();
    let silent = match letters.as_slice() {
        [.., before, 'l', 'e'] => vowel(before),
        [.., before, 'e'] => !vowel(before),
        [.., before, 'e', 'd'] => !matches!(before, 't' | 'd') && !vowel(before),
        _ => false,
    };
    groups.saturating_sub(usize::from(silent)).max(1)
}

/// Vowels, where two of them are one syllable if one is a weak one without an accent.
fn of_spanish(word: &str) -> usize {
    let letters: Vec<char> = word.chars().flat_map(char::to_lowercase).collect();
    let strong = |letter: char| "aeoáéóíú".contains(letter);
    let vowel = |letter: char| strong(letter) || "iuü".contains(letter);
    let first = usize::from(letters.first().is_some_and(|letter| vowel(*letter)));
    let begins = |pair: &&[char]| match **pair {
        [before, here] if vowel(before) => strong(before) && strong(here),
        [_, here] => vowel(here),
        _ => false,
    };
    (first + letters.windows(2).filter(begins).count()).max(1)
}
