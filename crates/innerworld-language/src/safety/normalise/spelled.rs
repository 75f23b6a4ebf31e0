//! View 2: words that are written letter by letter.
//!
//! Where every letter stands alone, the edges of words are lost. They are found again by the cheapest way to
//! cut the letters into words that the rules know, with as few letters as can be in words that they do not.

use std::{borrow::Cow, ops::Range};

use super::{vocabulary::Vocabulary, words::words};

/// Fewest letters that make words; fewer may make one word that the rules know.
const FEWEST_LETTERS: usize = 4;
/// Fewest letters of that one.
const FEWEST_OF_A_WORD: usize = 3;
/// Most marks and spaces between two letters of a word.
const MOST_BETWEEN: usize = 3;

/// Times that a text is read again at most.
const MOST_READINGS: usize = 4;

/// What a word costs that the rules know, and what one letter does.
const KNOWN: u32 = 3;
const KNOWN_LETTER: u32 = 1;
/// What a word costs that they do not know, and each of its letters. Together: a word of five letters is taken
/// out of the middle of an unknown one, "kill" is not taken out of "skills".
const UNKNOWN: u32 = 6;
const LETTER: u32 = 2;

/// A letter that stands alone, or a digit that stands for one.
#[derive(Clone, Copy)]
struct Single {
    /// The letter that it is read as.
    letter: char,
    /// Whether it is written as a letter.
    is_letter: bool,
    /// Bytes where it stands.
    start: usize,
    end: usize,
}

/// `text` with such words joined; `None` where there are none. A chat form among them ("i m") leaves letters
/// that stand alone, so the words are read again until nothing changes.
pub(super) fn joined(text: &str, known: &Vocabulary) -> Option<String> {
    let mut read = joined_once(&without_lone_apostrophes(text), known)?;
    for _ in 0..MOST_READINGS {
        match joined_once(&read, known) {
            Some(again) if again != read => read = again,
            _ => break,
        }
    }
    Some(read)
}

/// `text` without apostrophes that stand alone, as "don't" has one when it is spelled: they are no letters
/// and no edges of words.
fn without_lone_apostrophes(text: &str) -> Cow<'_, str> {
    if !text.contains('\'') {
        return Cow::Borrowed(text);
    }
    let mut read = String::with_capacity(text.len());
    let mut before = None;
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let lone =
            c == '\'' && before.is_some_and(may_stand_between) && rest.peek() == before.as_ref();
        if lone {
            // What stands on both sides of it stands once.
            rest.next();
        } else {
            before = Some(c);
            read.push(c);
        }
    }
    Cow::Owned(read)
}

fn joined_once(text: &str, known: &Vocabulary) -> Option<String> {
    let mut read = String::new();
    let mut copied = 0;
    let mut run: Vec<Single> = Vec::new();
    for single in singles(text) {
        let goes_on = run.last().is_some_and(|last| {
            let between = text.get(last.end..single.start).unwrap_or_default();
            (1..=MOST_BETWEEN).contains(&between.chars().count())
                && between.chars().all(may_stand_between)
        });
        if !goes_on {
            copied = push_run(&mut read, text, copied, &run, known);
            run.clear();
        }
        run.push(single);
    }
    copied = push_run(&mut read, text, copied, &run, known);
    if copied == 0 {
        return None;
    }
    read.push_str(text.get(copied..).unwrap_or_default());
    Some(words(&read))
}

/// Whether the first letter of a text, from whichever end it comes, stands alone: words that are written letter
/// by letter may go on over that end.
pub(super) fn stands_alone(text: impl Iterator<Item = char>) -> bool {
    let mut letters = text.skip_while(|c| may_stand_between(*c) || c.is_ascii_control());
    letters.next().is_some_and(|c| read_as(c).is_some())
        && letters
            .next()
            .is_none_or(|beside| !beside.is_alphanumeric())
}

const fn may_stand_between(c: char) -> bool {
    matches!(
        c,
        ' ' | '.' | '-' | '_' | '*' | ',' | '/' | '|' | '~' | ':' | '+'
    )
}

/// The letter that a character stands for.
fn read_as(c: char) -> Option<char> {
    Some(match c {
        '1' => 'i',
        '3' => 'e',
        '0' => 'o',
        '5' | '$' => 's',
        '4' | '@' => 'a',
        '7' => 't',
        c if c.is_alphabetic() => c,
        _ => return None,
    })
}

/// All letters that stand alone.
fn singles(text: &str) -> impl Iterator<Item = Single> + '_ {
    let mut before = ' ';
    let mut rest = text.char_indices().peekable();
    std::iter::from_fn(move || {
        loop {
            let (start, c) = rest.next()?;
            let is_first = !before.is_alphanumeric() && before != '\'';
            before = c;
            let next = rest.peek().map_or(' ', |(_, next)| *next);
            if is_first
                && !next.is_alphanumeric()
                && next != '\''
                && let Some(letter) = read_as(c)
            {
                return Some(Single {
                    letter,
                    is_letter: c.is_alphabetic(),
                    start,
                    end: start + c.len_utf8(),
                });
            }
        }
    })
}

/// Writes the words of a run behind what stands before it; gives how far the text was read.
fn push_run(
    read: &mut String,
    text: &str,
    copied: usize,
    run: &[Single],
    known: &Vocabulary,
) -> usize {
    let letters = run.iter().filter(|single| single.is_letter).count();
    let (Some(first), Some(last)) = (run.first(), run.last()) else {
        return copied;
    };
    // Digits are numbers where they are not few among letters.
    if letters < FEWEST_OF_A_WORD || letters < 2 * (run.len() - letters) {
        return copied;
    }
    let chunks = chunks(run);
    if run.len() < FEWEST_LETTERS {
        let [only] = chunks.as_slice() else {
            return copied;
        };
        let word: String = only.iter().map(|single| single.letter).collect();
        if !known.has(&word) {
            return copied;
        }
    }
    read.push_str(text.get(copied..first.start).unwrap_or_default());
    let mut behind = first.start;
    for chunk in chunks {
        let (Some(first), Some(last)) = (chunk.first(), chunk.last()) else {
            continue;
        };
        read.push_str(text.get(behind..first.start).unwrap_or_default());
        let letters: Vec<char> = chunk.iter().map(|single| single.letter).collect();
        push_words(read, &letters, known);
        behind = last.end;
    }
    last.end
}

/// A run, cut where more stands between two letters than between others.
fn chunks(run: &[Single]) -> Vec<&[Single]> {
    let between = |one: &Single, other: &Single| other.start - one.end;
    let pairs = run.iter().zip(run.iter().skip(1));
    let least = pairs.map(|(one, other)| between(one, other)).min();
    let cut = run.chunk_by(|one, other| Some(between(one, other)) <= least);
    let chunks: Vec<&[Single]> = cut.collect();
    // Where that would only cut letters off, all of them are one.
    if chunks.iter().all(|chunk| chunk.len() > 1) {
        chunks
    } else {
        vec![run]
    }
}

/// How the letters up to a place are cut most cheaply.
#[derive(Clone, Copy)]
struct Way {
    cost: u32,
    /// Where its last word starts.
    start: usize,
    /// Whether the rules know that word.
    known: bool,
}

/// Writes letters as words with spaces between them.
fn push_words(read: &mut String, letters: &[char], known: &Vocabulary) {
    let start = Way {
        cost: 0,
        start: 0,
        known: true,
    };
    let never = Way {
        cost: u32::MAX / 2,
        ..start
    };
    // For every place: the cheapest way that ends with a known word, and with an unknown one.
    let mut ways = vec![(never, never); letters.len() + 1];
    if let Some((by_word, _)) = ways.first_mut() {
        *by_word = start;
    }
    for at in 0..letters.len() {
        let Some((by_word, by_letter)) = ways.get(at).copied() else {
            continue;
        };
        if let Some((_, next)) = ways.get_mut(at + 1) {
            let (more, anew) = (by_letter.cost, by_word.cost + UNKNOWN);
            *next = Way {
                cost: LETTER + more.min(anew),
                start: if more <= anew { by_letter.start } else { at },
                known: false,
            };
        }
        let cheapest = by_word.cost.min(by_letter.cost);
        for length in known.lengths_at(letters.get(at..).unwrap_or_default()) {
            let cost = cheapest + if length == 1 { KNOWN_LETTER } else { KNOWN };
            if let Some((next, _)) = ways.get_mut(at + length)
                && cost < next.cost
            {
                *next = Way {
                    cost,
                    start: at,
                    known: true,
                };
            }
        }
    }
    for (place, word) in cuts(&ways).into_iter().enumerate() {
        if place > 0 {
            read.push(' ');
        }
        read.extend(letters.get(word).unwrap_or_default());
    }
}

/// Where the words of the cheapest way stand.
fn cuts(ways: &[(Way, Way)]) -> Vec<Range<usize>> {
    let mut cuts = Vec::new();
    let mut end = ways.len().saturating_sub(1);
    let mut is_known = true;
    while end > 0
        && let Some((by_word, by_letter)) = ways.get(end)
    {
        // Two unknown words never stand side by side.
        let way = if is_known && by_letter.cost < by_word.cost {
            by_letter
        } else {
            by_word
        };
        cuts.push(way.start..end);
        end = way.start;
        is_known = way.known;
    }
    cuts.reverse();
    cuts
}
