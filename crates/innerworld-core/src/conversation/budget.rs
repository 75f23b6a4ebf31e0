//! The day's time: how much of it is used, and when it runs.
//!
//! Time is charged in ticks. A tick adds what passed since the last one, at most
//! [`MAX_TICK`]: a device that sleeps, or a server that was down, never charges the gap.

use std::time::Duration;

use crate::{
    clock::Timestamp,
    identity::{profile::DayUse, zone::AccountDay},
};

/// Most that one tick adds.
pub const MAX_TICK: Duration = Duration::from_secs(60);

/// One teen's budget of one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayBudget {
    /// The calendar day in the account's zone, `2026-11-24`.
    pub day: String,
    /// When the next day begins there.
    pub resets_at: Timestamp,
    /// As stored, or charged since.
    pub used: DayUse,
    began_at: Timestamp,
    limit: Duration,
    running: bool,
}

impl DayBudget {
    /// The budget of this day.
    pub fn new(day: &AccountDay, used: DayUse, limit: Duration) -> Self {
        Self {
            day: day.date.to_string(),
            resets_at: day.ends_at,
            used,
            began_at: day.began_at,
            limit,
            running: false,
        }
    }

    /// Whether `now` lies in another day: later, or earlier because the clock jumped back.
    pub fn is_other_day(&self, now: Timestamp) -> bool {
        now >= self.resets_at || now < self.began_at
    }

    /// Starts or stops the clock, charging up to `now`.
    pub fn set_running(&mut self, running: bool, now: Timestamp) {
        self.charge(now);
        self.running = running;
    }

    /// Takes up a clock that another process left running, or standing: what passed since its last
    /// tick is charged with the next one.
    pub const fn take_up(&mut self, running: bool) {
        self.running = running;
    }

    /// Whether the clock runs.
    pub const fn is_running(&self) -> bool {
        self.running
    }

    /// Adds what passed since the last tick, if the clock runs. Returns what was added.
    pub fn charge(&mut self, now: Timestamp) -> Duration {
        let passed = now.since(self.used.ticked_at).min(MAX_TICK);
        // A first tick, and a clock that jumped back, only set the mark.
        let added = if self.running && self.used.ticked_at != Timestamp::default() {
            passed
        } else {
            Duration::ZERO
        };
        let added_ms = u64::try_from(added.as_millis()).unwrap_or(0);
        self.used.used_ms = self.used.used_ms.saturating_add(added_ms);
        self.used.ticked_at = now;
        added
    }

    /// Whole seconds left, rounded up: 0 means none.
    pub fn remaining_s(&self) -> u32 {
        let left = self
            .limit
            .saturating_sub(Duration::from_millis(self.used.used_ms));
        u32::try_from(left.as_millis().div_ceil(1_000)).unwrap_or(u32::MAX)
    }

    /// Whether nothing is left.
    pub fn is_spent(&self) -> bool {
        self.remaining_s() == 0
    }

    /// The threshold (300, 60 or 0 seconds left) that lies between `before` and now.
    pub fn crossed(&self, before_s: u32) -> Option<u32> {
        let now_s = self.remaining_s();
        [0, 60, 300]
            .into_iter()
            .find(|mark| before_s > *mark && now_s <= *mark)
    }

    /// How long until the next threshold, while the clock runs.
    pub fn until_next_mark(&self) -> Option<Duration> {
        if !self.running {
            return None;
        }
        let left = self.remaining_s();
        let mark = [300, 60, 0].into_iter().find(|mark| left > *mark)?;
        Some(Duration::from_secs(u64::from(left - mark)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(1_700_000_000_000 + seconds * 1_000)
    }

    fn budget_of(seconds: u64) -> DayBudget {
        let day = AccountDay::in_zone("UTC", at(0));
        DayBudget::new(&day, DayUse::default(), Duration::from_secs(seconds))
    }

    #[test]
    fn runs_only_while_running_and_never_over_a_gap() {
        let mut budget = budget_of(100);
        budget.set_running(true, at(0));
        assert_eq!(budget.charge(at(10)), Duration::from_secs(10));
        budget.set_running(false, at(20));
        assert_eq!(budget.charge(at(500)), Duration::ZERO);
        budget.set_running(true, at(500));
        assert_eq!(budget.charge(at(5_000)), MAX_TICK);
        assert_eq!(budget.remaining_s(), 20);
    }

    #[test]
    fn a_clock_that_jumps_back_charges_nothing() {
        let mut budget = budget_of(100);
        budget.set_running(true, at(100));
        assert_eq!(budget.charge(at(0)), Duration::ZERO);
        assert_eq!(budget.remaining_s(), 100);
    }

    #[test]
    fn a_day_ends_with_the_next_and_with_a_jump_to_the_one_before() {
        let zone = "America/New_York";
        let budget = DayBudget::new(
            &AccountDay::in_zone(zone, at(0)),
            DayUse::default(),
            MAX_TICK,
        );
        // 2023-11-14T22:13:20Z is 17:13:20 there.
        let began = at(-(17 * 3_600 + 13 * 60 + 20));
        let second = Duration::from_secs(1);
        assert!(!budget.is_other_day(began));
        assert!(budget.is_other_day(began.minus(second)));
        assert!(!budget.is_other_day(budget.resets_at.minus(second)));
        assert!(budget.is_other_day(budget.resets_at));
    }

    #[test]
    fn marks_are_told_once() {
        let mut budget = budget_of(310);
        budget.set_running(true, at(0));
        assert_eq!(budget.until_next_mark(), Some(Duration::from_secs(10)));
        let before = budget.remaining_s();
        budget.charge(at(12));
        assert_eq!(budget.crossed(before), Some(300));
        let before = budget.remaining_s();
        budget.charge(at(20));
        assert_eq!(budget.crossed(before), None);
    }
}
