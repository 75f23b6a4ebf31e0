//! Calendar arithmetic in an account's time zone.

use jiff::{ToSpan, civil::Date, tz::TimeZone};

use crate::clock::Timestamp;

/// A day in words.
const WORDS: &str = "%-d %B %Y %A";

/// A time zone by IANA name; unknown names are refused when a profile is written.
pub fn zone(name: &str) -> Option<TimeZone> {
    TimeZone::get(name).ok()
}

/// The calendar day of `now` in the zone called `name` (UTC if the name is unknown).
pub fn day_in(name: &str, now: Timestamp) -> Date {
    zoned(name, now).date()
}

/// The instant at which the next calendar day begins in the zone called `name`.
pub fn next_day_in(name: &str, now: Timestamp) -> Timestamp {
    let next = day_in(name, now).checked_add(1.day());
    next.map_or(now, |next| start_of(name, next))
}

/// The instant at which a calendar day begins in the zone called `name`: the first one of it where
/// clocks go forward at midnight. A day beyond what a calendar holds begins with the Unix epoch.
pub fn start_of(name: &str, day: Date) -> Timestamp {
    day.to_zoned_datetime(zone(name).unwrap_or(TimeZone::UTC))
        .map_or(Timestamp::default(), |start| {
            Timestamp::from_millis(start.timestamp().as_millisecond())
        })
}

/// The last millisecond of a day like `2026-11-24` in the zone called `name`; `None` if the text
/// is no day.
pub fn end_of(name: &str, day: &str) -> Option<Timestamp> {
    let day: Date = day.parse().ok().filter(|_day| day.len() == 10)?;
    let next = start_of(name, day.checked_add(1.day()).ok()?);
    Some(next.minus(std::time::Duration::from_millis(1)))
}

/// A day in words, as recall indexes it: `8 May 2023 Monday`.
pub fn day_in_words(day: Date) -> String {
    day.strftime(WORDS).to_string()
}

/// The day that [`day_in_words`] wrote.
pub fn day_of_words(words: &str) -> Option<Date> {
    Date::strptime(WORDS, words).ok()
}

fn zoned(name: &str, now: Timestamp) -> jiff::ZonedDateTime {
    let zone = zone(name).unwrap_or(TimeZone::UTC);
    jiff::Timestamp::from_millisecond(now.as_millis())
        .unwrap_or_default()
        .to_zoned_datetime(zone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_written_in_english_words() {
        assert_eq!(
            day_in_words(jiff::civil::date(2023, 5, 8)),
            "8 May 2023 Monday"
        );
        let day = jiff::civil::date(2023, 12, 18);
        assert_eq!(day_of_words(&day_in_words(day)), Some(day));
        assert_eq!(day_of_words("8 May 2023 Sunday"), None);
        assert_eq!(day_of_words(""), None);
    }
}
