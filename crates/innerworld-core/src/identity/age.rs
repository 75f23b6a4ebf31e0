//! The age rule: a birth date becomes a band and is then forgotten.

use jiff::{ToSpan, civil::Date, tz::Offset};

use super::profile::{AgeBand, Profile};
use crate::clock::Timestamp;

/// The lowest age anywhere. Below it nothing of the person is kept.
pub const MINIMUM_AGE: i16 = 13;

/// Youngest age at which each country allows an account without a parent's consent.
///
/// General knowledge (Article 8 GDPR and the laws that use its margin), `verified_on` none: each
/// row needs a lawyer's date before it is relied upon. Countries that are not listed: 13.
const FLOORS: &[(i16, &[&str])] = &[
    (14, &["AT", "BG", "CY", "ES", "IT", "KR", "LT"]),
    (15, &["CZ", "FR", "GR", "SI"]),
    (16, &["DE", "HR", "HU", "IE", "LU", "NL", "PL", "RO", "SK"]),
];

/// What a birth date leaves behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgeFacts {
    /// The band today.
    pub band: AgeBand,
    /// First day of the month after the birthday that lifts the band (`2027-04-01`).
    pub next_band_on: Option<String>,
}

/// Why an age does not pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AgeError {
    /// Not a calendar date of a living person.
    #[error("the birth date is not a valid date")]
    Invalid,
    /// Below [`MINIMUM_AGE`], or below the floor of the country.
    #[error("the age requirement is not met")]
    TooYoung,
}

/// The youngest age that `country` (ISO 3166-1 alpha-2) allows.
pub fn floor(country: &str) -> i16 {
    FLOORS
        .iter()
        .find(|(_, countries)| countries.contains(&country))
        .map_or(MINIMUM_AGE, |(age, _)| *age)
}

/// The lower end of a band, in years.
pub const fn lower_end(band: AgeBand) -> i16 {
    match band {
        AgeBand::From13To15 => 13,
        AgeBand::From16To17 => 16,
        AgeBand::From18 => 18,
    }
}

/// Checks a birth date (`YYYY-MM-DD`) and reduces it to a band. The caller drops the date.
///
/// The day is that of UTC-12, the last place on earth where it begins: whoever passes is old
/// enough everywhere. Somebody born on 29 February has their birthday on 1 March in other years.
pub fn from_birth_date(
    birth_date: &str,
    country: &str,
    now: Timestamp,
) -> Result<AgeFacts, AgeError> {
    let born = parse_date(birth_date).ok_or(AgeError::Invalid)?;
    let today = last_day_on_earth(now);
    let age = age_on(born, today).ok_or(AgeError::Invalid)?;
    if age < floor(country) {
        return Err(AgeError::TooYoung);
    }
    let band = match age {
        ..16 => AgeBand::From13To15,
        16..18 => AgeBand::From16To17,
        _ => AgeBand::From18,
    };
    let next_band_on = match band {
        AgeBand::From13To15 => month_after_birthday(born, 16),
        AgeBand::From16To17 => month_after_birthday(born, 18),
        AgeBand::From18 => None,
    };
    Ok(AgeFacts { band, next_band_on })
}

/// Takes a declared band (unsigned, from the app) at the completion of the profile.
///
/// Without a date, the next band begins when even the youngest of this band has grown into it.
pub fn from_declared_band(
    band: AgeBand,
    country: &str,
    now: Timestamp,
) -> Result<AgeFacts, AgeError> {
    if lower_end(band) < floor(country) {
        return Err(AgeError::TooYoung);
    }
    let years = match band {
        AgeBand::From13To15 => Some(3),
        AgeBand::From16To17 => Some(2),
        AgeBand::From18 => None,
    };
    let next_band_on = years.and_then(|years: i64| {
        let grown = last_day_on_earth(now).checked_add(years.years()).ok()?;
        first_of_next_month(grown)
    });
    Ok(AgeFacts { band, next_band_on })
}

/// What an app declares of a teen whose band it declared before: one step up, at most once a
/// year. `None` for anything else; a band that came from a birth date is never declared.
pub fn declared_again(profile: &Profile, band: AgeBand, now: Timestamp) -> Option<AgeFacts> {
    let declared = profile.declared_on.as_deref().and_then(parse_date)?;
    let a_year_on = declared.checked_add(1.year()).ok()?;
    let next = match profile.band_at(now) {
        AgeBand::From13To15 => AgeBand::From16To17,
        AgeBand::From16To17 => AgeBand::From18,
        AgeBand::From18 => return None,
    };
    if band != next || declared_day(now) < a_year_on {
        return None;
    }
    from_declared_band(band, &profile.country, now).ok()
}

/// The day that a declaration made at `now` is written down with.
pub fn declared_day(now: Timestamp) -> Date {
    last_day_on_earth(now)
}

/// The band at `now`: a stored band rises by date, nobody edits it.
pub fn band_now(band: AgeBand, next_band_on: Option<&str>, now: Timestamp) -> AgeBand {
    let Some(rises) = next_band_on.and_then(parse_date) else {
        return band;
    };
    let today = last_day_on_earth(now);
    if today < rises {
        return band;
    }
    // A profile that was stored at 13 may be read years later: the second step is two years on.
    let adult = rises
        .checked_add(2.years())
        .is_ok_and(|second| today >= second);
    match band {
        AgeBand::From13To15 if !adult => AgeBand::From16To17,
        AgeBand::From13To15 | AgeBand::From16To17 | AgeBand::From18 => AgeBand::From18,
    }
}

fn parse_date(text: &str) -> Option<Date> {
    let plain = text.len() == 10
        && text
            .bytes()
            .enumerate()
            .all(|(position, byte)| match position {
                4 | 7 => byte == b'-',
                _ => byte.is_ascii_digit(),
            });
    plain.then(|| text.parse().ok()).flatten()
}

fn last_day_on_earth(now: Timestamp) -> Date {
    let there = Offset::constant(-12);
    let instant = jiff::Timestamp::from_millisecond(now.as_millis()).unwrap_or_default();
    there.to_datetime(instant).date()
}

fn age_on(born: Date, today: Date) -> Option<i16> {
    let years = today.year().checked_sub(born.year())?;
    let had_birthday = (today.month(), today.day()) >= (born.month(), born.day());
    let age = if had_birthday { years } else { years - 1 };
    (born <= today && age <= 120).then_some(age)
}

fn month_after_birthday(born: Date, age: i16) -> Option<String> {
    let first = Date::new(born.year().checked_add(age)?, born.month(), 1).ok()?;
    // 29 February counts on 1 March where there is no such day.
    let leap_slip = Date::new(first.year(), first.month(), born.day()).is_err();
    let month = if leap_slip {
        first.checked_add(1.month()).ok()?
    } else {
        first
    };
    first_of_next_month(month)
}

fn first_of_next_month(day: Date) -> Option<String> {
    let first = Date::new(day.year(), day.month(), 1).ok()?;
    Some(first.checked_add(1.month()).ok()?.to_string())
}

#[cfg(test)]
mod tests;
