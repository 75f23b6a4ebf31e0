//! The days that a question asks for: those that a turn may speak of ("last week"), and plain dates
//! ("in may", "on the 8th of May", "in 2024").
//!
//! A plain date without a year is the latest one that is not after the day of the question.

use jiff::civil::{Date, date};

use super::{
    spoken_days::{Days, month, spoken_days},
    tokens::each_word,
};

/// A question is read up to this many words.
const MOST_WORDS: usize = 400;

/// The days that `text`, asked on `today`, asks for.
pub(super) fn asked_days(text: &str, today: Date) -> Vec<Days> {
    let mut all = spoken_days(text, today);
    let mut words: Vec<String> = Vec::new();
    each_word(text, |word| {
        if words.len() < MOST_WORDS {
            words.push(word.to_owned());
        }
    });
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let mut at = 0;
    while let Some(rest) = words.get(at..).filter(|rest| !rest.is_empty()) {
        let found = one_day(rest, today).or_else(|| span(rest, today));
        at += found.map_or(1, |(_days, used)| used);
        all.extend(found.map(|(days, _used)| days));
    }
    all
}

/// "8 may 2023", "the 8th of may", "may 8th": with the number of words it takes.
fn one_day(words: &[&str], today: Date) -> Option<(Days, usize)> {
    let (day, named, used) = match words {
        [first, "of", named, ..] if number(first).is_some() => (first, named, 3),
        [first, named, ..] if number(first).is_some() => (first, named, 2),
        [named, second, ..] => (second, named, 2),
        _ => return None,
    };
    let (day, month) = (number(day)?, month(named)?);
    let said = words.get(used).and_then(|word| year(word));
    let this_year = || Date::new(today.year(), month, day).ok();
    let year = match said {
        Some(year) => year,
        None if this_year()? > today => today.year() - 1,
        None => today.year(),
    };
    let on = Date::new(year, month, day).ok()?;
    let days = Days {
        from: on,
        until: on,
    };
    Some((days, used + usize::from(said.is_some())))
}

/// "in may", "may 2023", "in 2023": with the number of words it takes. "may" alone is a verb.
fn span(words: &[&str], today: Date) -> Option<(Days, usize)> {
    let (words, used) = match words {
        ["in" | "during" | "since" | "of" | "by", rest @ ..] => (rest, 1),
        all => (all, 0),
    };
    let (first, second) = (*words.first()?, words.get(1).and_then(|word| year(word)));
    if let Some(month) = month(first).filter(|_month| used > 0 || second.is_some()) {
        let latest = today.year() - i16::from(month > today.month());
        let from = Date::new(second.unwrap_or(latest), month, 1).ok()?;
        let days = Days {
            from,
            until: from.last_of_month(),
        };
        return Some((days, used + 1 + usize::from(second.is_some())));
    }
    let from = date(year(first).filter(|_year| used > 0)?, 1, 1);
    let days = Days {
        from,
        until: from.last_of_year(),
    };
    Some((days, used + 1))
}

/// A day of a month: "8", "8th".
fn number(word: &str) -> Option<i8> {
    let digits = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let ends = word.strip_prefix(digits)?;
    let day = digits.parse().ok().filter(|day| (1..=31).contains(day));
    day.filter(|_day| matches!(ends, "" | "st" | "nd" | "rd" | "th"))
}

/// A year that people speak of.
fn year(word: &str) -> Option<i16> {
    let year = word.parse().ok().filter(|_year| word.len() == 4);
    year.filter(|year| (1900..2100).contains(year))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a question of Friday 22 May 2026 asks for.
    fn asked(text: &str) -> Vec<String> {
        let days = asked_days(text, date(2026, 5, 22)).into_iter();
        days.map(|days| format!("{} {}", days.from, days.until))
            .collect()
    }

    #[test]
    fn dates_are_asked_for_in_many_ways() {
        for (text, from, until) in [
            ("what did i do last week?", "2026-05-11", "2026-05-17"),
            ("what did i tell you in may", "2026-05-01", "2026-05-31"),
            ("in december i moved", "2025-12-01", "2025-12-31"),
            ("in May 2024?", "2024-05-01", "2024-05-31"),
            ("the trip of early june 2025", "2025-06-01", "2025-06-30"),
            ("on 8 May, 2025", "2025-05-08", "2025-05-08"),
            ("on the 8th of may", "2026-05-08", "2026-05-08"),
            ("on may 23rd", "2025-05-23", "2025-05-23"),
            ("what happened in 2024", "2024-01-01", "2024-12-31"),
        ] {
            assert_eq!(asked(text), [format!("{from} {until}")], "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "may i ask you",
            "we won 8 to 3",
            "room 2024",
            "30 february",
            "",
        ] {
            assert!(asked(text).is_empty(), "{text}: {:?}", asked(text));
        }
    }
}
