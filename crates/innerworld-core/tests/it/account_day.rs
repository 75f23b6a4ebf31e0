//! The account's day: daylight saving, travelling west and east, and no day begun twice.

use std::time::Duration;

use innerworld_core::{
    clock::Timestamp,
    conversation::budget::DayBudget,
    identity::profile::{DayUse, Profile},
};
use innerworld_testkit::records::Records;
use proptest::prelude::*;

const HOUR: Duration = Duration::from_secs(3_600);

fn at(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).unwrap()
}

fn living_in(zone: &str) -> Profile {
    let mut profile = Records::named("account_day").profile();
    zone.clone_into(&mut profile.time_zone);
    profile
}

/// The day at an instant, and when it ends.
fn day(profile: &Profile, now: &str) -> (String, String) {
    let day = profile.day_at(at(now));
    (day.date.to_string(), day.ends_at.to_rfc3339())
}

#[track_caller]
fn check(profile: &Profile, now: &str, date: &str, ends_at: &str) {
    assert_eq!(
        day(profile, now),
        (date.to_owned(), ends_at.to_owned()),
        "at {now}"
    );
}

#[test]
fn a_day_lasts_as_long_as_it_does_there() {
    // 25 hours, then 23, where clocks go back and forward at two in the morning.
    let profile = living_in("America/New_York");
    check(
        &profile,
        "2026-11-01T04:00:00Z",
        "2026-11-01",
        "2026-11-02T05:00:00Z",
    );
    check(
        &profile,
        "2027-03-14T05:00:00Z",
        "2027-03-14",
        "2027-03-15T04:00:00Z",
    );
    // Clocks go forward at midnight: the day begins at one.
    let profile = living_in("Africa/Cairo");
    check(
        &profile,
        "2026-04-23T20:00:00Z",
        "2026-04-23",
        "2026-04-23T22:00:00Z",
    );
    // Clocks go back at midnight: the last hour of a day comes twice, the day only once.
    let profile = living_in("America/Santiago");
    check(
        &profile,
        "2027-04-04T02:30:00Z",
        "2027-04-03",
        "2027-04-04T04:00:00Z",
    );
    check(
        &profile,
        "2027-04-04T03:30:00Z",
        "2027-04-03",
        "2027-04-04T04:00:00Z",
    );
    check(
        &profile,
        "2027-04-04T04:00:00Z",
        "2027-04-04",
        "2027-04-05T04:00:00Z",
    );
}

#[test]
fn a_new_zone_counts_from_the_next_day_on() {
    let mut profile = living_in("America/Los_Angeles");
    profile.ask_for_zone("America/Denver", at("2026-11-24T20:00:00Z"));
    assert_eq!(
        profile.zone_at(at("2026-11-25T07:59:59Z")),
        "America/Los_Angeles"
    );
    // Denver's midnight passes an hour earlier, and nothing begins.
    check(
        &profile,
        "2026-11-25T07:30:00Z",
        "2026-11-24",
        "2026-11-25T08:00:00Z",
    );
    assert_eq!(
        profile.zone_at(at("2026-11-25T08:00:00Z")),
        "America/Denver"
    );
    check(
        &profile,
        "2026-11-25T08:00:00Z",
        "2026-11-25",
        "2026-11-26T07:00:00Z",
    );
}

#[test]
fn travelling_west_goes_on_in_the_day_that_was_begun() {
    let mut profile = living_in("Europe/Berlin");
    profile.ask_for_zone("America/Los_Angeles", at("2026-11-24T10:00:00Z"));
    // Midnight in Berlin is three in the afternoon in Los Angeles: the same day.
    let ends_at = "2026-11-25T08:00:00Z";
    for now in [
        "2026-11-24T10:00:00Z",
        "2026-11-24T23:00:00Z",
        "2026-11-25T07:59:59Z",
    ] {
        check(&profile, now, "2026-11-24", ends_at);
    }
    check(&profile, ends_at, "2026-11-25", "2026-11-26T08:00:00Z");
}

#[test]
fn travelling_over_the_date_line_begins_no_day_twice() {
    // 26 hours apart: at midnight in the east the west is two days behind.
    let mut profile = living_in("Pacific/Kiritimati");
    profile.ask_for_zone("Etc/GMT+12", at("2026-11-24T00:00:00Z"));
    let ends_at = "2026-11-25T12:00:00Z";
    for now in [
        "2026-11-24T09:59:59Z",
        "2026-11-24T10:00:00Z",
        "2026-11-24T12:30:00Z",
    ] {
        check(&profile, now, "2026-11-24", ends_at);
    }
    check(&profile, ends_at, "2026-11-25", "2026-11-26T12:00:00Z");
}

#[test]
fn a_change_is_taken_back_or_replaced_before_it_counts() {
    let noon = at("2026-11-24T20:00:00Z");
    let mut profile = living_in("America/Los_Angeles");
    profile.ask_for_zone("Europe/Berlin", noon);
    profile.ask_for_zone("America/Los_Angeles", noon);
    assert_eq!(profile, living_in("America/Los_Angeles"));
    profile.ask_for_zone("Europe/Berlin", noon);
    profile.ask_for_zone("America/Denver", noon);
    assert_eq!(profile.time_zone, "America/Los_Angeles");
    let tomorrow = at("2026-11-25T09:00:00Z");
    assert_eq!(profile.zone_at(tomorrow), "America/Denver");
    // Back again, from the day after that.
    profile.ask_for_zone("America/Los_Angeles", tomorrow);
    assert_eq!(profile.zone_at(tomorrow), "America/Denver");
    let after = at("2026-11-26T07:30:00Z");
    assert_eq!(profile.zone_at(after), "America/Los_Angeles");
    check(
        &profile,
        "2026-11-26T07:30:00Z",
        "2026-11-25",
        "2026-11-26T08:00:00Z",
    );
}

#[test]
fn the_budget_ends_with_the_account_day() {
    let profile = living_in("America/New_York");
    let now = at("2026-11-24T12:00:00Z");
    let budget = DayBudget::new(&profile.day_at(now), DayUse::default(), HOUR);
    assert_eq!(budget.day, "2026-11-24");
    assert!(!budget.is_other_day(at("2026-11-25T04:59:59Z")));
    assert!(budget.is_other_day(at("2026-11-25T05:00:00Z")));
}

const ZONES: [&str; 8] = [
    "America/Los_Angeles",
    "Pacific/Kiritimati",
    "Etc/GMT+12",
    "Europe/Berlin",
    "Asia/Kathmandu",
    "Africa/Cairo",
    "America/Santiago",
    "Australia/Lord_Howe",
];

proptest! {
    /// Whoever changes zones as they like gets each day once, in order, and what a day says of its
    /// end is true as long as nothing is changed.
    #[test]
    fn no_day_is_begun_twice(
        start in 1_770_000_000_i64..1_800_000_000,
        moves in prop::collection::vec((0_usize..8, 1_i64..130_000), 1..40),
    ) {
        let mut profile = living_in("Europe/Berlin");
        let mut seconds = start;
        let mut last = profile.day_at(Timestamp::from_millis(seconds * 1_000));
        let mut days = 0_i64;
        for (zone, passes) in moves {
            let now = Timestamp::from_millis(seconds * 1_000);
            profile.ask_for_zone(ZONES.get(zone).unwrap(), now);
            prop_assert_eq!(profile.day_at(now).date, last.date, "asking begins no day");
            last = profile.day_at(now);
            seconds += passes;
            let now = Timestamp::from_millis(seconds * 1_000);
            let day = profile.day_at(now);
            prop_assert!(day.date >= last.date, "a day came back");
            prop_assert!(day.ends_at > now);
            prop_assert_eq!(now >= last.ends_at, day.date > last.date);
            days += i64::from(day.date > last.date);
            last = day;
        }
        // The date line gives one day more, once.
        prop_assert!(days <= (seconds - start) / 86_400 + 2);
    }
}
