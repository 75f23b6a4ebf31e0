//! Charging the day's time, and telling how much is left.

use std::time::Duration;

use innerworld_core::{
    clock::Timestamp,
    conversation::{
        budget::{DayBudget, MAX_TICK},
        record::{SessionEvent, SessionState},
    },
    error::ErrorKind,
    identity::profile::DayUse,
};

use super::{
    lifecycle::{Refused, log_events},
    room::{Inner, Room},
    safety,
    teen::TeenContext,
};
use crate::app::App;

/// Active time is charged at least this often, so that a crash loses less than this.
pub(crate) const CHARGE_EVERY: Duration = Duration::from_secs(15);

/// Whether the day's time must be charged now: enough has passed, or so much that it may change
/// what is told or allowed.
pub(crate) fn is_due(budget: &DayBudget, now: Timestamp) -> bool {
    let since = now.since(budget.used.ticked_at);
    // After a jump back the old mark lies ahead: until it was reached no time would be charged.
    let jumped_back = now < budget.used.ticked_at;
    since >= CHARGE_EVERY
        || jumped_back
        || budget.is_other_day(now)
        || budget.until_next_mark().is_some_and(|left| left <= since)
}

/// [`charge`], if it must be now. A message would otherwise cost a second commit.
pub(crate) async fn charge_if_due(
    app: &App,
    room: &Room,
    inner: &mut Inner,
    ctx: &TeenContext,
) -> Result<(), Refused> {
    let now = app.now();
    if (inner.budget.as_ref()).is_some_and(|budget| !is_due(budget, now)) {
        return Ok(());
    }
    charge(app, room, inner, ctx).await
}

/// Charges the day's time up to now and stores it. A day that is over is closed first; so is
/// one that a clock which jumped forwards had begun.
pub(crate) async fn charge(
    app: &App,
    room: &Room,
    inner: &mut Inner,
    ctx: &TeenContext,
) -> Result<(), Refused> {
    let now = app.now();
    let was_running = inner.budget.as_ref().is_some_and(DayBudget::is_running);
    if inner
        .budget
        .as_ref()
        .is_none_or(|budget| budget.is_other_day(now))
    {
        // Days are rare: the zone may have been changed since the socket opened.
        let profile = app.services.profiles.load(room.teen).await?;
        let day = profile.as_ref().unwrap_or(&*ctx.profile).day_at(now);
        let used = app
            .services
            .clocks
            .day(room.teen, &day.date.to_string())
            .await?;
        let mut fresh = DayBudget::new(&day, used, app.settings.limits.daily);
        // The clock goes on from midnight on, unless it jumped.
        let over = close_day(app, room, inner, now).await?;
        fresh.set_running(was_running, over.unwrap_or(now));
        inner.budget = Some(fresh);
        return Ok(());
    }
    let Some(budget) = inner.budget.as_mut() else {
        return Ok(());
    };
    let expected = budget.used.ticked_at;
    let before = budget.remaining_s();
    // A process that does not stay leaves its mark, from which the next one counts.
    if !budget.charge(now).is_zero() || app.settings.part.is_shared() {
        let (day, used) = (budget.day.clone(), budget.used);
        store_tick(app, room, &day, expected, used).await?;
        inner.charged = true;
    }
    announce_time(app, room, inner, before).await
}

/// Takes up the day's clock where another process left it.
pub(crate) async fn take_up(
    app: &App,
    room: &Room,
    inner: &mut Inner,
    ctx: &TeenContext,
) -> Result<(), Refused> {
    let active = matches!(&inner.session, Some(session) if session.state == SessionState::Active);
    let day = ctx.profile.day_at(app.now());
    let clocks = &app.services.clocks;
    let used = clocks.day(room.teen, &day.date.to_string()).await?;
    let mut budget = DayBudget::new(&day, used, app.settings.limits.daily);
    budget.take_up(active && !safety::pauses_clock(app, room, ctx));
    inner.budget = Some(budget);
    Ok(())
}

/// Charges the day that is over up to its end, which is returned; `None` if the clock did not walk
/// there.
async fn close_day(
    app: &App,
    room: &Room,
    inner: &mut Inner,
    now: Timestamp,
) -> Result<Option<Timestamp>, Refused> {
    let Some(budget) = inner.budget.as_mut() else {
        return Ok(None);
    };
    let (expected, end) = (budget.used.ticked_at, budget.resets_at);
    let walked = expected <= end && end <= now && now.since(expected) <= MAX_TICK;
    if !walked {
        return Ok(None);
    }
    if !budget.charge(end).is_zero() {
        let (day, used) = (budget.day.clone(), budget.used);
        store_tick(app, room, &day, expected, used).await?;
        inner.charged = true;
    }
    Ok(Some(end))
}

async fn store_tick(
    app: &App,
    room: &Room,
    day: &str,
    expected: Timestamp,
    used: DayUse,
) -> Result<(), Refused> {
    match app
        .services
        .clocks
        .tick(room.teen, day, expected, used)
        .await
    {
        Ok(()) => Ok(()),
        // The stored mark is older than ours: a mark that was only set in RAM. Take the store's.
        Err(error) if error.kind() == ErrorKind::Conflict => {
            let stored = app.services.clocks.day(room.teen, day).await?;
            let merged = DayUse {
                used_ms: stored.used_ms.max(used.used_ms),
                ..used
            };
            Ok(app
                .services
                .clocks
                .tick(room.teen, day, stored.ticked_at, merged)
                .await?)
        }
        Err(error) => Err(error.into()),
    }
}

/// Tells the time left at 300, 60 and 0 seconds, once each.
async fn announce_time(
    app: &App,
    room: &Room,
    inner: &mut Inner,
    before_s: u32,
) -> Result<(), Refused> {
    let Some(budget) = inner.budget.as_ref() else {
        return Ok(());
    };
    if budget.crossed(before_s).is_none() || inner.open().is_err() {
        return Ok(());
    }
    let Some(budget) = inner.budget.as_ref() else {
        return Ok(());
    };
    let time = SessionEvent::Time {
        remaining_s: budget.remaining_s(),
        resets_at: budget.resets_at,
    };
    log_events(app, room, inner, vec![time]).await
}

/// Lets the day's clock run (the session is active and somebody is there).
pub(crate) fn start_clock(app: &App, inner: &mut Inner) {
    let active = matches!(&inner.session, Some(session) if session.state == SessionState::Active);
    if let Some(budget) = inner.budget.as_mut() {
        budget.set_running(active, app.now());
    }
}

/// Stops the day's clock.
pub(crate) fn stop_clock(app: &App, inner: &mut Inner) {
    if let Some(budget) = inner.budget.as_mut() {
        budget.set_running(false, app.now());
    }
}

/// Stops the day's clock as of an earlier instant: what came after it is not charged.
pub(crate) fn stop_clock_at(app: &App, inner: &mut Inner, at: Timestamp) {
    if let Some(budget) = inner.budget.as_mut().filter(|budget| budget.is_running()) {
        budget.set_running(false, at);
        budget.used.ticked_at = app.now();
    }
}

/// Charges what passed up to an earlier instant, stores that, and stops the clock there.
pub(crate) async fn settle_at(
    app: &App,
    room: &Room,
    inner: &mut Inner,
    at: Timestamp,
) -> Result<(), Refused> {
    let Some(budget) = inner.budget.as_ref().filter(|budget| budget.is_running()) else {
        return Ok(());
    };
    let expected = budget.used.ticked_at;
    stop_clock_at(app, inner, at);
    let Some(budget) = inner.budget.as_ref() else {
        return Ok(());
    };
    let (day, used) = (budget.day.clone(), budget.used);
    store_tick(app, room, &day, expected, used).await
}
