//! Phone numbers: 7 to 15 digits in groups as people write them, not a date, a sum or a score.

use std::sync::LazyLock;

use regex::Regex;

use super::{
    Class, Taken,
    digits::{
        Group, Run, ends_with_digit, starts_with_digit, touches_letter_after, touches_letter_before,
    },
};
use crate::pattern::fixed;

static EXTENSION: LazyLock<Regex> =
    LazyLock::new(|| fixed(r"(?i)^(?: ?x ?| ?,? ?ext(?:ension|\.)? ?)[0-9]{1,6}\b"));
static INTRODUCED: LazyLock<Regex> = LazyLock::new(|| {
    fixed(concat!(
        r"(?i)\b(?:phone|cell|mobile|number|num|call|text|txt|dial|tel|fax|whatsapp|sms|signal",
        r"|tel[eé]fono|m[oó]vil|celular|n[uú]mero|ll[aá]mame)\b[^0-9\n]{0,24}$",
    ))
});
static SUM_AFTER: LazyLock<Regex> = LazyLock::new(|| {
    fixed(
        r"(?i)^ ?(?:[%€$£¥]|(?:dollars?|euros?|pounds?|bucks|usd|eur|gbp|pesos?|views|followers|likes|subs|points|people|km|miles|meters|steps|years)\b)",
    )
});
/// Groups of three, three and four with a sign between them that no other rule knows.
static SIGNED: LazyLock<Regex> = LazyLock::new(|| {
    fixed(concat!(
        r"(?:^|[^0-9/_~|])(?P<number>(?:1 ?[/_~|] ?)?[0-9]{3}",
        r"(?: ?/ ?[0-9]{3} ?/ ?| ?_ ?[0-9]{3} ?_ ?| ?~ ?[0-9]{3} ?~ ?| ?\| ?[0-9]{3} ?\| ?)[0-9]{4})\b",
    ))
});

const FEWEST_DIGITS: usize = 7;
const MOST_DIGITS: usize = 15;

/// Takes phone numbers out of the runs of digits.
pub(super) fn phones(taken: &mut Taken<'_>, runs: &[Run]) {
    for run in runs {
        let mut from = 0;
        while from < run.len() {
            let rest = run.get(from..).unwrap_or_default();
            from += phone_at(taken, rest).unwrap_or(1);
        }
    }
}

/// Takes the longest number that starts with the first group; says how many groups it has.
fn phone_at(taken: &mut Taken<'_>, groups: &[Group]) -> Option<usize> {
    let mut digits = 0;
    let fitting = groups
        .iter()
        .take_while(|group| {
            digits += group.len();
            digits <= MOST_DIGITS
        })
        .count();
    (1..=fitting).rev().find(|count| {
        groups.get(..*count).is_some_and(|window| {
            let cut = groups.get(*count).map(|next| next.start);
            Candidate::new(taken.text(), window, cut)
                .and_then(|candidate| candidate.span())
                .is_some_and(|(start, end)| taken.add(Class::Phone, start, end))
        })
    })
}

/// Takes numbers with slashes or underlines between their groups.
pub(super) fn signed(taken: &mut Taken<'_>) {
    let text = taken.text();
    for found in SIGNED.captures_iter(text) {
        if let Some(number) = found.name("number") {
            taken.add(Class::Phone, number.start(), number.end());
        }
    }
}

/// Takes numbers of which at least one digit was said as a word, `said` in bytes of the text:
/// nobody groups those. Counting up or down is none.
pub(super) fn said(taken: &mut Taken<'_>, runs: &[Run], said: &[usize]) {
    let text = taken.text();
    for run in runs {
        let (Some(first), Some(last)) = (run.first(), run.last()) else {
            continue;
        };
        let digits: Vec<u8> = run
            .iter()
            .filter_map(|group| text.get(group.range()))
            .flat_map(|group| group.bytes().map(|byte| byte - b'0'))
            .collect();
        let words = run
            .iter()
            .any(|group| said.binary_search(&group.start).is_ok());
        if words && (FEWEST_DIGITS..=MOST_DIGITS).contains(&digits.len()) && !counts(&digits) {
            taken.add(Class::Phone, first.start, last.end);
        }
    }
}

/// Whether digits go up or down by one each.
fn counts(digits: &[u8]) -> bool {
    let steps = || {
        digits
            .windows(2)
            .filter_map(|pair| Some((*pair.first()?, *pair.last()?)))
    };
    steps().all(|(a, b)| a + 1 == b) || steps().all(|(a, b)| a == b + 1)
}

struct Candidate<'a> {
    text: &'a str,
    groups: &'a [Group],
    lengths: Vec<usize>,
    gaps: Vec<&'a str>,
    digits: Vec<u8>,
    plus: bool,
    start: usize,
    end: usize,
    next_group: Option<usize>,
}

impl<'a> Candidate<'a> {
    fn new(text: &'a str, groups: &'a [Group], next_group: Option<usize>) -> Option<Self> {
        let (first, last) = (groups.first()?, groups.last()?);
        let before = text.get(..first.start)?;
        let opened = before.strip_suffix('(').unwrap_or(before);
        let plus = before.ends_with('+') || opened.ends_with('+');
        let start =
            first.start - (before.len() - opened.len()) - usize::from(opened.ends_with('+'));
        Some(Self {
            text,
            groups,
            lengths: groups.iter().map(Group::len).collect(),
            gaps: groups
                .windows(2)
                .filter_map(|pair| text.get(pair.first()?.end..pair.last()?.start))
                .collect(),
            digits: groups
                .iter()
                .filter_map(|group| text.get(group.range()))
                .flat_map(|group| group.bytes().map(|b| b - b'0'))
                .collect(),
            plus,
            start,
            end: last.end,
            next_group,
        })
    }

    /// Where the number is, with its plus sign and extension, if it is one.
    fn span(&self) -> Option<(usize, usize)> {
        let total = self.digits.len();
        if !(FEWEST_DIGITS..=MOST_DIGITS).contains(&total) || !self.is_apart() || self.is_sum() {
            return None;
        }
        let shaped = match self.groups.len() {
            1 => self.is_plain_number(),
            _ => self.is_grouped_number(),
        };
        shaped.then(|| (self.start, self.end + self.extension()))
    }

    fn extension(&self) -> usize {
        let after = self.text.get(self.end..).unwrap_or_default();
        EXTENSION.find(after).map_or(0, |found| found.len())
    }

    /// Not a part of a word, a clock time, a fraction or a longer number.
    fn is_apart(&self) -> bool {
        let before = self.text.get(..self.start).unwrap_or_default();
        let after = self.text.get(self.end..).unwrap_or_default();
        let joined_before = before
            .strip_suffix(['/', ':', '.', '-'])
            .is_some_and(ends_with_digit)
            || self.lengths.first() == Some(&3)
                && before.strip_suffix(',').is_some_and(ends_with_digit);
        let thousands = |rest: &str| rest.chars().take_while(char::is_ascii_digit).count() == 3;
        let joined_after = after
            .strip_prefix(['/', ':'])
            .is_some_and(starts_with_digit)
            || after.strip_prefix(',').is_some_and(thousands)
            || self.next_group.is_some() && !after.starts_with(' ');
        !joined_before
            && !joined_after
            && !touches_letter_before(self.text, self.start)
            && (self.extension() > 0 || !touches_letter_after(self.text, self.end))
    }

    fn is_sum(&self) -> bool {
        let before = self.text.get(..self.start).unwrap_or_default();
        let after = self.text.get(self.end..).unwrap_or_default();
        let zeros = self.digits.iter().rev().take_while(|d| **d == 0).count();
        before.trim_end().ends_with(['$', '€', '£', '¥', '#'])
            || SUM_AFTER.is_match(after)
            || zeros >= 6
    }

    fn is_plain_number(&self) -> bool {
        let total = self.digits.len();
        if counts(&self.digits) {
            return false;
        }
        if self.plus {
            return total >= 8;
        }
        (10..=13).contains(&total) || self.is_introduced()
    }

    fn is_introduced(&self) -> bool {
        let before = self.text.get(..self.start).unwrap_or_default();
        // Only the last words count; a bounded look keeps the whole linear.
        let tail = before.char_indices().rev().nth(40).map_or(0, |(at, _)| at);
        INTRODUCED.is_match(before.get(tail..).unwrap_or_default())
    }

    fn is_grouped_number(&self) -> bool {
        if self.groups.iter().all(|group| self.is_year(group)) {
            return false;
        }
        if self.lengths.iter().all(|length| *length == 1) {
            return !counts(&self.digits);
        }
        !self.is_date()
            && self.separators_fit()
            && self.single_digits_fit()
            && self.lengths.iter().all(|length| *length <= 9)
            && self.pairs_fit()
            && (self.groups.len() > 2 || self.two_groups_fit())
    }

    /// Dots separate all groups of a phone number, and at least three, or none.
    fn separators_fit(&self) -> bool {
        let dots = self.gaps.iter().filter(|gap| gap.contains('.')).count();
        dots == 0
            || self.lengths.ends_with(&[3, 3, 4])
            || self.gaps.iter().all(|gap| *gap == ".") && self.gaps.len() >= 2
    }

    /// A lone digit is a country or trunk prefix at the front.
    fn single_digits_fit(&self) -> bool {
        self.lengths.iter().enumerate().all(|(place, length)| {
            *length > 1 || self.plus && place <= 2 || place == 0 && self.digits.len() >= 10
        })
    }

    /// Only pairs: a list of numbers or scores looks like that as well.
    fn pairs_fit(&self) -> bool {
        let any_shape = self.plus || self.digits.len() >= 10 && self.is_introduced();
        if any_shape || self.lengths.iter().any(|length| *length > 2) {
            return true;
        }
        let same = self.gaps.windows(2).all(|pair| pair.first() == pair.last());
        match self.gaps.first() {
            Some(&" ") => same && self.groups.len() == 5 && self.digits.first() == Some(&0),
            _ => same && self.groups.len() >= 4,
        }
    }

    /// Two groups are a phone number in few shapes; two years are none.
    fn two_groups_fit(&self) -> bool {
        let years = self.groups.iter().any(|group| self.is_year(group));
        match self.lengths.as_slice() {
            [4, 4] => !years && !self.names_a_house(),
            [3, 4] => !self.names_a_house(),
            [2 | 3, 6..=8] | [5, 5 | 6] | [4, 5..=7] => true,
            _ => self.plus,
        }
    }

    /// "370 3911 Fourth Avenue": the word after it belongs to the number.
    fn names_a_house(&self) -> bool {
        let after = self.text.get(self.end..).unwrap_or_default();
        self.gaps == [" "]
            && after
                .strip_prefix(' ')
                .is_some_and(|rest| rest.starts_with(char::is_uppercase))
            && !self.is_introduced()
    }

    fn number(&self, group: &Group) -> Option<u32> {
        self.text.get(group.range())?.parse().ok()
    }

    fn is_year(&self, group: &Group) -> bool {
        group.len() == 4
            && self
                .number(group)
                .is_some_and(|year| (1900..2100).contains(&year))
    }

    fn is_date(&self) -> bool {
        let [first, second, third] = self.groups else {
            return false;
        };
        let day_and_month =
            |one: &Group, other: &Group| match (self.number(one), self.number(other)) {
                (Some(x), Some(y)) => {
                    one.len() <= 2 && other.len() <= 2 && x.min(y) <= 12 && x.max(y) <= 31
                }
                _ => false,
            };
        self.is_year(first) && day_and_month(second, third)
            || self.is_year(third) && day_and_month(first, second)
    }
}
