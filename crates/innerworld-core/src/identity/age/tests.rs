use super::*;

/// Noon in UTC-12 of the day.
fn noon(day: &str) -> Timestamp {
    Timestamp::parse_rfc3339(&format!("{day}T00:00:00Z"))
        .unwrap()
        .plus(std::time::Duration::from_secs(24 * 3_600))
}

fn band(born: &str, country: &str, day: &str) -> Result<AgeBand, AgeError> {
    from_birth_date(born, country, noon(day)).map(|facts| facts.band)
}

#[test]
fn the_thirteenth_birthday_is_the_boundary() {
    let born = "2013-11-25";
    assert_eq!(band(born, "US", "2026-11-24"), Err(AgeError::TooYoung));
    assert_eq!(band(born, "US", "2026-11-25"), Ok(AgeBand::From13To15));
    assert_eq!(band(born, "US", "2026-11-26"), Ok(AgeBand::From13To15));
}

#[test]
fn the_day_is_the_last_one_on_earth() {
    let still_before = Timestamp::parse_rfc3339("2026-11-25T11:59:59Z").unwrap();
    let begun = Timestamp::parse_rfc3339("2026-11-25T12:00:00Z").unwrap();
    let born = "2013-11-25";
    assert_eq!(
        from_birth_date(born, "US", still_before),
        Err(AgeError::TooYoung)
    );
    assert!(from_birth_date(born, "US", begun).is_ok());
}

#[test]
fn a_leap_day_birthday_counts_on_the_first_of_march() {
    let born = "2012-02-29";
    assert_eq!(band(born, "US", "2025-02-28"), Err(AgeError::TooYoung));
    assert_eq!(band(born, "US", "2025-03-01"), Ok(AgeBand::From13To15));
    let facts = from_birth_date(born, "US", noon("2025-03-01")).unwrap();
    assert_eq!(facts.next_band_on.as_deref(), Some("2028-03-01"));
    let lifted_in_a_common_year = from_birth_date(born, "US", noon("2028-03-01")).unwrap();
    assert_eq!(
        lifted_in_a_common_year.next_band_on.as_deref(),
        Some("2030-04-01")
    );
}

#[test]
fn bands_and_their_next_step() {
    let facts = |born| from_birth_date(born, "US", noon("2026-11-25")).unwrap();
    assert_eq!(facts("2010-11-26").band, AgeBand::From13To15);
    assert_eq!(
        facts("2010-11-26").next_band_on.as_deref(),
        Some("2026-12-01")
    );
    assert_eq!(facts("2010-11-25").band, AgeBand::From16To17);
    assert_eq!(
        facts("2008-12-31").next_band_on.as_deref(),
        Some("2027-01-01")
    );
    assert_eq!(facts("2008-11-25").band, AgeBand::From18);
    assert_eq!(facts("2008-11-25").next_band_on, None);
}

#[test]
fn the_floor_of_the_country_counts() {
    assert_eq!(
        band("2011-01-01", "DE", "2026-11-25"),
        Err(AgeError::TooYoung)
    );
    assert_eq!(
        band("2011-01-01", "GB", "2026-11-25"),
        Ok(AgeBand::From13To15)
    );
    let declared = |band, country| from_declared_band(band, country, noon("2026-11-25"));
    assert_eq!(declared(AgeBand::From13To15, "DE"), Err(AgeError::TooYoung));
    assert!(declared(AgeBand::From16To17, "DE").is_ok());
    assert_eq!(
        declared(AgeBand::From13To15, "US")
            .unwrap()
            .next_band_on
            .as_deref(),
        Some("2029-12-01")
    );
}

#[test]
fn a_band_rises_at_the_beginning_of_its_day() {
    let at = |day| band_now(AgeBand::From13To15, Some("2027-04-01"), noon(day));
    assert_eq!(at("2027-03-31"), AgeBand::From13To15);
    assert_eq!(at("2027-04-01"), AgeBand::From16To17);
    assert_eq!(at("2029-03-31"), AgeBand::From16To17);
    assert_eq!(at("2029-04-01"), AgeBand::From18);
}

#[test]
fn what_is_not_a_date_is_refused() {
    for wrong in [
        "",
        "2013-02-30",
        "13-11-25",
        "2013-11-25T00:00",
        "2030-01-01",
        "1880-01-01",
    ] {
        assert_eq!(
            band(wrong, "US", "2026-11-25"),
            Err(AgeError::Invalid),
            "{wrong}"
        );
    }
}
