//! Numbers written with words or with letters that look like digits: the same text with digits in
//! their place, and the way back.

use std::ops::Range;

use super::folded::Folded;

/// Words for digits; `o` and `oh` count only beside another digit.
const WORDS: [(&str, char); 13] = [
    ("zero", '0'),
    ("null", '0'),
    ("one", '1'),
    ("two", '2'),
    ("three", '3'),
    ("four", '4'),
    ("five", '5'),
    ("six", '6'),
    ("seven", '7'),
    ("eight", '8'),
    ("nine", '9'),
    ("oh", '0'),
    ("o", '0'),
];
/// Words of letters that look like digits and are words all the same.
const NO_NUMBERS: [&str; 4] = ["lol", "ill", "lolol", "lo"];
/// Most characters between two parts of one number.
const NEAR: usize = 3;

/// A text whose numbers are digits.
pub(super) struct Spelled {
    /// The text.
    pub(super) folded: Folded,
    /// Where a digit stands for a word, in bytes of the new text, in order.
    pub(super) said: Vec<usize>,
}

/// What a word could mean.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Meaning {
    /// Digits as they stand.
    Digits,
    /// A word for a digit.
    Word(char),
    /// The same, but only beside a digit.
    Maybe(String),
    /// Digits and letters that look like digits.
    Lookalike(String),
    /// "double", "triple".
    Times(usize),
    /// No number.
    None,
}

struct Word {
    range: Range<usize>,
    meaning: Meaning,
}

impl Spelled {
    /// `None` where no word stands for a digit.
    pub(super) fn read(folded: &Folded) -> Option<Self> {
        let mut words = words(&folded.text);
        settle(&folded.text, &mut words);
        if !words
            .iter()
            .any(|word| matches!(word.meaning, Meaning::Word(_) | Meaning::Lookalike(_)))
        {
            return None;
        }
        Some(Self::write(folded, &words))
    }

    fn write(folded: &Folded, words: &[Word]) -> Self {
        let mut new = Folded::default();
        let mut said = Vec::new();
        let mut copied = 0;
        // Where "double" began and how often the next digit counts.
        let mut times: Option<(usize, usize)> = None;
        for word in words {
            let (digits, spoken) = match &word.meaning {
                Meaning::Word(digit) => (digit.to_string(), true),
                Meaning::Lookalike(digits) => (digits.clone(), false),
                Meaning::Times(count) => {
                    times = Some((word.range.start, *count));
                    continue;
                }
                Meaning::Digits | Meaning::Maybe(_) | Meaning::None => {
                    times = None;
                    continue;
                }
            };
            let (start, count) = times.take().unwrap_or((word.range.start, 1));
            match folded.text.get(copied..start) {
                // "five five five, zero one": one number.
                Some(", " | ",") if copied > 0 => new.replace(folded, copied..start, " "),
                _ => new.copy(folded, copied..start),
            }
            if spoken {
                said.push(new.text.len());
            }
            new.replace(folded, start..word.range.end, &digits.repeat(count));
            copied = word.range.end;
        }
        new.copy(folded, copied..folded.text.len());
        Self { folded: new, said }
    }
}

fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        let inside = c.is_alphanumeric() || c == '|' || c == '\'';
        match (inside, start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                let meaning = text.get(from..at).map_or(Meaning::None, meaning);
                words.push(Word {
                    range: from..at,
                    meaning,
                });
                start = None;
            }
            _ => {}
        }
    }
    words
}

fn meaning(word: &str) -> Meaning {
    if word.len() > 20 || !word.is_ascii() {
        return Meaning::None;
    }
    if word.bytes().all(|byte| byte.is_ascii_digit()) {
        return Meaning::Digits;
    }
    if word.eq_ignore_ascii_case("double") {
        return Meaning::Times(2);
    }
    if word.eq_ignore_ascii_case("triple") {
        return Meaning::Times(3);
    }
    let known = WORDS
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(word));
    match known {
        Some((name, digit)) if name.starts_with('o') && *name != "one" => {
            Meaning::Maybe(digit.to_string())
        }
        Some((_, digit)) => Meaning::Word(*digit),
        None => lookalike(word),
    }
}

fn lookalike(word: &str) -> Meaning {
    if word.len() < 2 {
        return Meaning::None;
    }
    let digits: Option<String> = word.chars().map(digit_of).collect();
    let has_digit = word.bytes().any(|byte| byte.is_ascii_digit());
    // Without a digit only the letters that are hardest to tell from one count.
    let sure = |c: char| matches!(c, 'o' | 'O' | 'l' | 'I' | '|');
    match digits {
        Some(digits) if has_digit => Meaning::Lookalike(digits),
        Some(digits)
            if word.chars().all(sure)
                && !NO_NUMBERS.iter().any(|no| no.eq_ignore_ascii_case(word)) =>
        {
            Meaning::Maybe(digits)
        }
        _ => Meaning::None,
    }
}

const fn digit_of(c: char) -> Option<char> {
    Some(match c {
        '0'..='9' => c,
        'o' | 'O' => '0',
        'l' | 'i' | 'I' | '|' => '1',
        'z' | 'Z' => '2',
        's' | 'S' => '5',
        'b' | 'B' => '8',
        _ => return None,
    })
}

/// Decides about the words that are numbers only beside one, from left to right.
fn settle(text: &str, words: &mut [Word]) {
    let mut before: Option<usize> = None;
    for at in 0..words.len() {
        let next = words.get(at + 1).map(|next| {
            let counts = matches!(
                next.meaning,
                Meaning::Digits | Meaning::Word(_) | Meaning::Lookalike(_)
            );
            (counts, next.range.start)
        });
        let Some(word) = words.get_mut(at) else {
            return;
        };
        if let Meaning::Maybe(digits) = &word.meaning {
            let after_one = before.is_some_and(|end| is_near(text, end..word.range.start));
            let before_one =
                next.is_some_and(|(counts, start)| counts && is_near(text, word.range.end..start));
            word.meaning = match digits.chars().next() {
                _ if !after_one && !before_one => Meaning::None,
                Some(digit) if digits.len() == 1 => Meaning::Word(digit),
                _ => Meaning::Lookalike(digits.clone()),
            };
        }
        before = match word.meaning {
            Meaning::None | Meaning::Maybe(_) => None,
            _ => Some(word.range.end),
        };
    }
}

fn is_near(text: &str, gap: Range<usize>) -> bool {
    gap.len() <= NEAR
        && text.get(gap).is_some_and(|gap| {
            gap.chars()
                .all(|c| matches!(c, ' ' | '-' | '.' | ',' | '(' | ')'))
        })
}
