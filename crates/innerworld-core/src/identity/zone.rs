//! Whose midnight counts: the account's day, while time zones change.
//!
//! A change of zone counts from the next day on, and no calendar day is begun twice: who travels
//! west stays in the day that was begun before until the new zone has reached the next one.

use jiff::{ToSpan, civil::Date};

use super::profile::Profile;
use crate::{calendar, clock::Timestamp};

/// A calendar day of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountDay {
    /// The day, as the budget is stored under it.
    pub date: Date,
    /// When it began.
    pub began_at: Timestamp,
    /// When the next day begins.
    pub ends_at: Timestamp,
}

impl AccountDay {
    /// The day at `now` in one zone.
    pub fn in_zone(zone: &str, now: Timestamp) -> Self {
        let date = calendar::day_in(zone, now);
        Self {
            date,
            began_at: calendar::start_of(zone, date),
            ends_at: after(zone, date),
        }
    }
}

/// A zone that was asked for, and the account's day on which it was.
struct Change<'a> {
    zone: &'a str,
    asked_on: Date,
}

impl Profile {
    /// The time zone that counts at `now`.
    pub fn zone_at(&self, now: Timestamp) -> &str {
        match self.zone_change() {
            Some(change) if self.is_in_force(&change, now) => change.zone,
            _ => &self.time_zone,
        }
    }

    /// The account's day at `now`.
    pub fn day_at(&self, now: Timestamp) -> AccountDay {
        let Some(change) = self.zone_change() else {
            return AccountDay::in_zone(&self.time_zone, now);
        };
        let in_force = self.is_in_force(&change, now);
        let zone = if in_force {
            change.zone
        } else {
            &self.time_zone
        };
        // Where the new zone is still in the day before, the day that was begun goes on.
        let date = calendar::day_in(zone, now).max(change.asked_on);
        let next_there = after(change.zone, date);
        let ends_at = if in_force {
            next_there
        } else {
            next_there.max(after(&self.time_zone, change.asked_on))
        };
        let began_there = calendar::start_of(zone, date);
        let began_at = began_there.min(calendar::start_of(&self.time_zone, date));
        AccountDay {
            date,
            began_at,
            ends_at,
        }
    }

    /// Asks for another zone from the next day on. The zone that counts today takes back a change
    /// that did not begin yet.
    pub fn ask_for_zone(&mut self, zone: &str, now: Timestamp) {
        let in_force = self
            .zone_change()
            .is_some_and(|change| self.is_in_force(&change, now));
        if zone == self.zone_at(now) {
            if !in_force {
                self.next_time_zone = None;
            }
            return;
        }
        let today = self.day_at(now).date;
        self.time_zone = self.zone_at(now).to_owned();
        self.next_time_zone = Some(format!("{zone} {today}"));
    }

    /// The profile as it is shown at `now`: a change of zone that counts is no change any more.
    #[must_use]
    pub fn settled(mut self, now: Timestamp) -> Self {
        let in_force = self
            .zone_change()
            .is_some_and(|change| self.is_in_force(&change, now));
        if in_force {
            self.time_zone = self.zone_at(now).to_owned();
            self.next_time_zone = None;
        }
        self
    }

    fn zone_change(&self) -> Option<Change<'_>> {
        let (zone, day) = self.next_time_zone.as_deref()?.split_once(' ')?;
        let asked_on = day.parse().ok()?;
        Some(Change { zone, asked_on })
    }

    fn is_in_force(&self, change: &Change<'_>, now: Timestamp) -> bool {
        calendar::day_in(&self.time_zone, now) > change.asked_on
    }
}

/// When the day after `date` begins in the zone called `zone`.
fn after(zone: &str, date: Date) -> Timestamp {
    let next = date.checked_add(1.day()).unwrap_or(date);
    calendar::start_of(zone, next)
}
