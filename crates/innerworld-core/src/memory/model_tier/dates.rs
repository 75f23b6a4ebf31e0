//! "When" as a model writes it -> an instant, counted from the day of the session.

use jiff::{Span, ToSpan as _, civil::Date};

use crate::{calendar, clock::Timestamp, memory::graph::Precision};

/// Years around the session within which a date is believed.
const YEARS_BACK: i16 = 25;
const YEARS_AHEAD: i16 = 5;
const WEEKDAYS: [&str; 7] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];

/// Reads `when` against the session's day in `zone`. `None` if it is no date, or one that nobody
/// of that age could mean: never a guess.
pub fn resolve(when: &str, session: Timestamp, zone: &str) -> Option<(Timestamp, Precision)> {
    let today = calendar::day_in(zone, session);
    let text = when.trim().to_lowercase();
    let (day, precision) = iso(&text).or_else(|| relative(&text, today))?;
    let years = (today.year() - YEARS_BACK)..=(today.year() + YEARS_AHEAD);
    years
        .contains(&day.year())
        .then(|| (calendar::start_of(zone, day), precision))
}

/// `2026-05-08`, `2026-05`, `2026`; a time of day behind a day is left out.
fn iso(text: &str) -> Option<(Date, Precision)> {
    let day = text.split(['t', ' ']).next()?;
    match day.len() {
        10 => Some((day.parse().ok()?, Precision::Day)),
        7 if text.len() == 7 => Some((format!("{day}-01").parse().ok()?, Precision::Month)),
        4 if text.len() == 4 => Some((format!("{day}-01-01").parse().ok()?, Precision::Year)),
        _ => None,
    }
}

fn relative(text: &str, today: Date) -> Option<(Date, Precision)> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let day = |days: i64| today.checked_add(days.days()).ok();
    match words.as_slice() {
        ["today" | "tonight" | "now"] => Some((today, Precision::Day)),
        ["yesterday"] => Some((day(-1)?, Precision::Day)),
        ["tomorrow"] => Some((day(1)?, Precision::Day)),
        ["last", unit] => weekday(unit, today, false).or_else(|| moved(today, unit, -1)),
        ["next", unit] => weekday(unit, today, true).or_else(|| moved(today, unit, 1)),
        ["this", unit] => moved(today, unit, 0),
        [number, unit, "ago"] => moved(today, unit, -count(number)?),
        ["in", number, unit] => moved(today, unit, count(number)?),
        _ => None,
    }
}

fn count(word: &str) -> Option<i64> {
    let words = ["a", "two", "three", "four", "five", "six"];
    let known = (1..).zip(words).find(|(_, name)| *name == word);
    known
        .map(|(number, _)| number)
        .or_else(|| word.parse().ok().filter(|number| (1..=60).contains(number)))
}

fn moved(today: Date, unit: &str, by: i64) -> Option<(Date, Precision)> {
    let (span, precision): (Span, _) = match unit.trim_end_matches('s') {
        "day" => (by.days(), Precision::Day),
        "week" => (by.weeks(), Precision::Week),
        "month" => (by.months(), Precision::Month),
        "year" => (by.years(), Precision::Year),
        _ => return None,
    };
    let day = today.checked_add(span).ok()?;
    // A month or a year begins with its first day; a week stands for the same day of it.
    let first = match precision {
        Precision::Month => day.first_of_month(),
        Precision::Year => day.first_of_year(),
        _ => day,
    };
    Some((first, precision))
}

fn weekday(name: &str, today: Date, ahead: bool) -> Option<(Date, Precision)> {
    let wanted = (1..).zip(WEEKDAYS).find(|(_, day)| *day == name)?.0;
    let now = i64::from(today.weekday().to_monday_one_offset());
    let forward = (wanted - now).rem_euclid(7);
    let days = match (ahead, forward) {
        (true, 0) => 7,
        (true, days) => days,
        (false, days) => days - 7,
    };
    Some((today.checked_add(days.days()).ok()?, Precision::Day))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_count_from_the_session_and_are_never_guessed() {
        // 24 November 2026, a Tuesday; already the 25th in Tokyo.
        let session = Timestamp::parse_rfc3339("2026-11-24T20:00:00Z").unwrap();
        let day = |when: &str| {
            let (at, precision) = resolve(when, session, "UTC")?;
            Some((at.to_rfc3339().get(..10)?.to_owned(), precision))
        };
        for (when, wanted, precision) in [
            ("2026-05-08", "2026-05-08", Precision::Day),
            ("2026-05-08T10:00:00Z", "2026-05-08", Precision::Day),
            ("2026-05", "2026-05-01", Precision::Month),
            ("2025", "2025-01-01", Precision::Year),
            ("Yesterday", "2026-11-23", Precision::Day),
            ("last month", "2026-10-01", Precision::Month),
            ("next friday", "2026-11-27", Precision::Day),
            ("last tuesday", "2026-11-17", Precision::Day),
            ("two weeks ago", "2026-11-10", Precision::Week),
            ("in 3 days", "2026-11-27", Precision::Day),
        ] {
            assert_eq!(day(when), Some((wanted.to_owned(), precision)), "{when}");
        }
        for when in [
            "",
            "soon",
            "2026-13-01",
            "1850",
            "9999",
            "2026-1",
            "in many days",
        ] {
            assert_eq!(day(when), None, "{when}");
        }
        let tokyo = resolve("today", session, "Asia/Tokyo").unwrap().0;
        assert_eq!(tokyo.to_rfc3339().get(..16).unwrap(), "2026-11-24T15:00");
    }
}
