//! The days that a text speaks of, counted from the day it was said: "yesterday", "last week",
//! "two months ago", "next friday".
//!
//! A turn says "yesterday" and is asked for by its date. Only expressions that have one reading are
//! read; plain dates stand in the text as they are. For recall alone: what is kept as a fact is
//! dated by the extractor.

use jiff::{
    ToSpan,
    civil::{Date, Weekday},
};

use super::tokens::each_word;

/// A text is read up to this many words; a message is shorter.
const MOST_WORDS: usize = 400;
/// Nobody counts further than this.
const MOST_COUNTED: i32 = 100;

/// A span of days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Days {
    /// The first.
    pub from: Date,
    /// The last.
    pub until: Date,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Day,
    Week,
    Weekend,
    Month,
    Year,
}

/// The days that `text`, said on `today`, speaks of, in its order.
pub fn spoken_days(text: &str, today: Date) -> Vec<Days> {
    let mut words: Vec<String> = Vec::new();
    each_word(text, |word| {
        if words.len() < MOST_WORDS {
            words.push(word.to_owned());
        }
    });
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let places = 0..words.len();
    let mut all: Vec<Days> = places
        .filter_map(|at| read(words.get(at..)?, today))
        .collect();
    // "a couple of days ago" reads the same without its first word.
    all.dedup();
    all
}

/// A span in the words of a calendar, as far as they differ from those of the day it was said on:
/// "22 May Friday", "May", "April May", "2025".
pub fn in_words(days: Days, today: Date) -> String {
    let Days { from, until } = days;
    let mut words = if from == until {
        from.strftime("%-d %B %A").to_string()
    } else if from.month() == until.month() && from.year() == until.year() {
        from.strftime("%B").to_string()
    } else if from.month() == 1 && until.month() == 12 {
        String::new()
    } else {
        format!("{} {}", from.strftime("%B"), until.strftime("%B"))
    };
    if from.year() != today.year() {
        words = format!("{words} {}", from.year());
    }
    words.trim_start().to_owned()
}

/// The expression at the start of `words`.
fn read(words: &[&str], today: Date) -> Option<Days> {
    near_day(words, today)
        .or_else(|| named(words, today))
        .or_else(|| counted(words, today))
}

/// "yesterday", "last night", "tomorrow".
fn near_day(words: &[&str], today: Date) -> Option<Days> {
    let steps = match words {
        ["yesterday" | "yday", ..] | ["last", "night", ..] => -1,
        ["tomorrow" | "tmrw" | "tmr" | "tomoro" | "tmw" | "tmmrw", ..] => 1,
        _ => return None,
    };
    day(today, steps)
}

/// "last friday", "next month", "this past weekend", "last june".
fn named(words: &[&str], today: Date) -> Option<Days> {
    let (steps, named) = match words {
        ["this" | "the" | "just", "past", named, ..] | ["last", named, ..] => (-1, *named),
        ["this", "coming", named, ..] | ["next", named, ..] => (1, *named),
        _ => return None,
    };
    if let Some(unit) = unit(named) {
        return moved(today, unit, steps);
    }
    if let Some(weekday) = weekday(named) {
        return on_weekday(today, weekday, steps);
    }
    in_month(today, month(named)?, steps)
}

/// "three weeks ago", "a couple of days ago", "in two months".
fn counted(words: &[&str], today: Date) -> Option<Days> {
    let (back, words) = match words {
        ["in", rest @ ..] => (false, rest),
        all => (true, all),
    };
    let (count, rest) = match words {
        ["a", "couple", "of", rest @ ..]
        | ["a", "couple", rest @ ..]
        | ["couple", "of", rest @ ..] => (2, rest),
        ["a", "few", rest @ ..] => (3, rest),
        [number, rest @ ..] => (count(number)?, rest),
        [] => return None,
    };
    match (back, rest) {
        (true, [named, "ago" | "back", ..]) => moved(today, unit(named)?, -count),
        (false, [named, ..]) => moved(today, unit(named)?, count),
        _ => None,
    }
}

/// So many units before or after this day. Of a week and more only the unit is meant.
fn moved(today: Date, unit: Unit, steps: i32) -> Option<Days> {
    let far = today.checked_add(match unit {
        Unit::Day => steps.days(),
        Unit::Week | Unit::Weekend => steps.weeks(),
        Unit::Month => steps.months(),
        Unit::Year => steps.years(),
    });
    let far = far.ok()?;
    let monday = || {
        let since = far.weekday().to_monday_zero_offset();
        far.checked_sub(i32::from(since).days()).ok()
    };
    let (from, until) = match unit {
        Unit::Day => (far, far),
        Unit::Week => (monday()?, monday()?.checked_add(6.days()).ok()?),
        Unit::Weekend => (
            monday()?.checked_add(5.days()).ok()?,
            monday()?.checked_add(6.days()).ok()?,
        ),
        Unit::Month => (far.first_of_month(), far.last_of_month()),
        Unit::Year => (far.first_of_year(), far.last_of_year()),
    };
    Some(Days { from, until })
}

fn day(today: Date, steps: i32) -> Option<Days> {
    moved(today, Unit::Day, steps)
}

/// The nearest such weekday before or after this day.
fn on_weekday(today: Date, weekday: Weekday, steps: i32) -> Option<Days> {
    let found = today.nth_weekday(steps, weekday).ok()?;
    Some(Days {
        from: found,
        until: found,
    })
}

/// The nearest such month before or after this one.
fn in_month(today: Date, month: i8, steps: i32) -> Option<Days> {
    let same_year = if steps < 0 {
        month < today.month()
    } else {
        month > today.month()
    };
    let other = if same_year { 0 } else { steps };
    let year = i32::from(today.year()).checked_add(other)?;
    let from = Date::new(i16::try_from(year).ok()?, month, 1).ok()?;
    Some(Days {
        from,
        until: from.last_of_month(),
    })
}

fn unit(word: &str) -> Option<Unit> {
    Some(match word {
        "day" | "days" => Unit::Day,
        "week" | "weeks" | "wk" | "wks" => Unit::Week,
        "weekend" | "weekends" => Unit::Weekend,
        "month" | "months" => Unit::Month,
        "year" | "years" | "yr" | "yrs" => Unit::Year,
        _ => return None,
    })
}

fn count(word: &str) -> Option<i32> {
    const NUMBERS: [&str; 12] = [
        "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
        "twelve",
    ];
    if matches!(word, "a" | "an") {
        return Some(1);
    }
    let named = (1..).zip(NUMBERS).find(|(_, name)| *name == word);
    let count = named.map_or_else(|| word.parse().ok(), |(count, _)| Some(count))?;
    (1..=MOST_COUNTED).contains(&count).then_some(count)
}

fn weekday(word: &str) -> Option<Weekday> {
    Some(match word {
        "monday" | "mon" => Weekday::Monday,
        "tuesday" | "tue" | "tues" => Weekday::Tuesday,
        "wednesday" | "wed" => Weekday::Wednesday,
        "thursday" | "thu" | "thur" | "thurs" => Weekday::Thursday,
        "friday" | "fri" => Weekday::Friday,
        "saturday" | "sat" => Weekday::Saturday,
        "sunday" | "sun" => Weekday::Sunday,
        _ => return None,
    })
}

pub(super) fn month(word: &str) -> Option<i8> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let found = (1..).zip(MONTHS).find(|(_, name)| *name == word);
    found.map(|(number, _)| number)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a text said on Friday 22 May 2026 speaks of.
    fn spoken(text: &str) -> Vec<String> {
        let today = jiff::civil::date(2026, 5, 22);
        let days = spoken_days(text, today).into_iter();
        days.map(|days| in_words(days, today)).collect()
    }

    #[test]
    fn days_are_counted_from_the_day_they_were_said_on() {
        for (text, days) in [
            ("we won YESTERDAY!", "21 May Thursday"),
            ("the test is tmrw", "23 May Saturday"),
            ("went there last monday", "18 May Monday"),
            ("next friday is prom", "29 May Friday"),
            ("we moved last week", "May"),
            ("she left three weeks ago", "April May"),
            ("last weekend was fun", "May"),
            ("saw him a couple of days ago", "20 May Wednesday"),
            ("camp starts next month", "June"),
            ("last year i was in 8th grade", "2025"),
            ("it was two years ago", "2024"),
            ("in 2 weeks we leave", "June"),
            ("last december it snowed", "December 2025"),
            ("next june", "June"),
            ("this past sunday", "17 May Sunday"),
        ] {
            assert_eq!(spoken(text), [days], "{text}");
        }
    }

    #[test]
    fn what_has_no_one_reading_is_not_read() {
        for text in [
            "last time",
            "may i go?",
            "next please",
            "in may",
            "ago",
            "a few",
            "in 5000 weeks",
            "day by day",
            "on friday",
            "",
        ] {
            assert!(spoken(text).is_empty(), "{text}: {:?}", spoken(text));
        }
    }

    #[test]
    fn the_ends_of_the_calendar_are_no_days() {
        assert!(spoken_days("next year", Date::MAX).is_empty());
        assert!(spoken_days("yesterday, a hundred years ago", Date::MIN).is_empty());
    }
}
