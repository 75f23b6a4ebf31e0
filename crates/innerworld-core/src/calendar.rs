//! Calendar arithmetic in an account's time zone.

use jiff::{ToSpan, civil::Date, tz::TimeZone};

use crate::clock::Timestamp;

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
    let here = zoned(name, now);
    here.date()
        .checked_add(1.day())
        .and_then(|next| next.to_zoned_datetime(here.time_zone().clone()))
        .map_or(now, |start| {
            Timestamp::from_millis(start.timestamp().as_millisecond())
        })
}

/// A day in words, as recall indexes it: `8 May 2023 Monday`.
pub fn day_in_words(day: Date) -> String {
    day.strftime("%-d %B %Y %A").to_string()
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
    }
}
