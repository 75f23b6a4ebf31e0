//! Runs of digits, and the numbers that are known by their digits alone: cards and social
//! security numbers.

use std::ops::Range;

use super::{Class, Taken};

/// Digits that stand together, in bytes of the folded text.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Group {
    pub(super) fn len(&self) -> usize {
        self.end - self.start
    }

    pub(super) fn range(&self) -> Range<usize> {
        self.start..self.end
    }
}

/// Groups with nothing but a few separators between them.
pub(super) type Run = Vec<Group>;

const MOST_SEPARATORS: usize = 3;

/// All runs of `text`, in order.
pub(super) fn runs(text: &str) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut current: Run = Vec::new();
    let mut gap = 0;
    for (at, byte) in text.bytes().enumerate() {
        if byte.is_ascii_digit() {
            match current.last_mut() {
                Some(group) if gap == 0 => group.end = at + 1,
                _ => current.push(Group {
                    start: at,
                    end: at + 1,
                }),
            }
            gap = 0;
        } else if !current.is_empty() {
            gap += 1;
            if gap > MOST_SEPARATORS || !matches!(byte, b' ' | b'-' | b'.' | b'(' | b')') {
                runs.push(std::mem::take(&mut current));
                gap = 0;
            }
        }
    }
    if !current.is_empty() {
        runs.push(current);
    }
    runs
}

/// Cards: 12 to 19 digits whose check digit is right.
pub(super) fn cards(taken: &mut Taken<'_>, runs: &[Run]) {
    for run in runs {
        let mut from = 0;
        while from < run.len() {
            let length = card_at(taken, run.get(from..).unwrap_or_default());
            from += length.unwrap_or(1);
        }
    }
}

/// Takes the longest card that starts with the first group; says how many groups it has.
fn card_at(taken: &mut Taken<'_>, groups: &[Group]) -> Option<usize> {
    let text = taken.text();
    let first = groups.first()?;
    // A plus sign belongs to a phone number.
    if touches_letter_before(text, first.start) || text.get(..first.start)?.ends_with('+') {
        return None;
    }
    let mut digits = Vec::with_capacity(20);
    let mut best = None;
    for (index, group) in groups.iter().enumerate() {
        digits.extend(text.get(group.range())?.bytes().map(|b| b - b'0'));
        if digits.len() > 19 {
            break;
        }
        let shape = groups.get(..=index)?;
        if digits.len() >= 12
            && (card_shape(shape) || digits.len() >= 15 && is_named(text, first.start))
            && luhn(&digits)
            && !touches_letter_after(text, group.end)
        {
            best = Some((index + 1, group.end));
        }
    }
    let (count, end) = best?;
    taken.add(Class::Card, first.start, end).then_some(count)
}

/// Whether a word of cards stands before it: then its groups may be of any length.
fn is_named(text: &str, start: usize) -> bool {
    let before = text.get(..start).unwrap_or_default();
    let tail = before.char_indices().rev().nth(24).map_or(0, |(at, _)| at);
    let tail = before.get(tail..).unwrap_or_default().to_lowercase();
    ["card", "visa", "amex", "debit", "credit", "tarjeta"]
        .iter()
        .any(|word| tail.contains(word))
}

/// One block, blocks of three and more (the last may be short), or every digit alone.
fn card_shape(groups: &[Group]) -> bool {
    let Some((_, before_last)) = groups.split_last() else {
        return false;
    };
    before_last.iter().all(|g| g.len() >= 3) || groups.iter().all(|g| g.len() == 1)
}

fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            let doubled = u32::from(*digit) << (place % 2);
            if doubled > 9 { doubled - 9 } else { doubled }
        })
        .sum();
    // Twelve zeros pass the check and are no card.
    sum > 0 && sum.is_multiple_of(10)
}

/// Social security numbers by shape, 3-2-4 with the same separator. Area numbers are not checked:
/// a number that was never issued is masked too.
pub(super) fn social_security(taken: &mut Taken<'_>, runs: &[Run]) {
    let text = taken.text();
    for run in runs {
        for window in run.windows(3) {
            let [area, group, serial] = window else {
                continue;
            };
            let first = text.get(area.end..group.start);
            let same = first == text.get(group.end..serial.start)
                && first.is_some_and(|gap| matches!(gap, "-" | " " | "."));
            if same
                && [area.len(), group.len(), serial.len()] == [3, 2, 4]
                && !continues(text, area.start, serial.end)
            {
                taken.add(Class::Ssn, area.start, serial.end);
            }
        }
    }
}

/// Whether the number goes on beyond its ends with a dash, or touches a letter.
fn continues(text: &str, start: usize, end: usize) -> bool {
    let before = text.get(..start).unwrap_or_default();
    let after = text.get(end..).unwrap_or_default();
    touches_letter_before(text, start)
        || touches_letter_after(text, end)
        || before.ends_with('-') && ends_with_digit(before.trim_end_matches('-'))
        || after.starts_with('-') && starts_with_digit(after.trim_start_matches('-'))
}

pub(super) fn ends_with_digit(text: &str) -> bool {
    text.ends_with(|c: char| c.is_ascii_digit())
}

pub(super) fn starts_with_digit(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
}

pub(super) fn touches_letter_before(text: &str, start: usize) -> bool {
    text.get(..start)
        .is_some_and(|before| before.ends_with(|c: char| c.is_alphabetic() || c == '_'))
}

pub(super) fn touches_letter_after(text: &str, end: usize) -> bool {
    text.get(end..)
        .is_some_and(|after| after.starts_with(|c: char| c.is_alphabetic() || c == '_'))
}
