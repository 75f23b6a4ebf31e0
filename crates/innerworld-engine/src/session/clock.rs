//! What the passing of time does to a session: the day's budget, the notices, the end.

use std::time::Duration;

use innerworld_core::{
    conversation::{
        budget::DayBudget,
        record::{EndReason, NoticeKind, SessionEvent, SessionState},
    },
    identity::profile::NoticeClock,
};

use super::{
    budget::{self, CHARGE_EVERY},
    lifecycle::{self, Refused},
    room::{Inner, Room},
    safety,
    teen::TeenContext,
};
use crate::app::App;

/// One look at the clock for a session that somebody is connected to.
pub(crate) async fn tick(
    app: &App,
    room: &Room,
    inner: &mut Inner,
    ctx: &TeenContext,
) -> Result<(), Refused> {
    let now = app.now();
    if safety::pauses_clock(app, room, ctx) {
        budget::stop_clock(app, inner);
        return Ok(());
    }
    let active = matches!(&inner.session, Some(session) if session.state == SessionState::Active);
    let Some(budget) = inner.budget.as_ref().filter(|_budget| active) else {
        return Ok(());
    };
    if !budget.is_running() {
        budget::start_clock(app, inner);
        return Ok(());
    }
    if budget::is_due(budget, now) {
        budget::charge(app, room, inner, ctx).await?;
    }
    // Whoever charged it: this look, a message, or a socket that came or went.
    if std::mem::take(&mut inner.charged) {
        notices(app, room, inner, ctx).await?;
    }
    end_if_spent(app, room, inner, ctx).await
}

/// Ends the session when the day's time is used up; a running answer may finish first.
async fn end_if_spent(
    app: &App,
    room: &Room,
    inner: &mut Inner,
    ctx: &TeenContext,
) -> Result<(), Refused> {
    let spent = inner.budget.as_ref().is_some_and(DayBudget::is_spent);
    if !spent || room.view().running.is_some() || inner.open().is_err() {
        return Ok(());
    }
    let persona = inner
        .session
        .as_ref()
        .and_then(|session| session.persona.clone());
    let mode = ctx.memory_mode(app, persona.as_ref());
    lifecycle::end(app, room, inner, mode, EndReason::DailyLimit).await
}

/// A session's disclosure says that no human is there: the hour begins anew.
pub(crate) async fn told_by_disclosure(app: &App, room: &Room) -> Result<(), Refused> {
    let clocks = &app.services.clocks;
    let clock = clocks.notices(room.teen).await?;
    if clock.since_not_human_ms > 0 {
        let clock = NoticeClock {
            since_not_human_ms: 0,
            ..clock
        };
        clocks.put_notices(room.teen, clock).await?;
    }
    Ok(())
}

/// "Not a human" after at most an hour of active time (or what the jurisdiction says), a break at half
/// of the day's time; each is kept per teen, over sessions and reconnects.
async fn notices(
    app: &App,
    room: &Room,
    inner: &mut Inner,
    ctx: &TeenContext,
) -> Result<(), Refused> {
    let Some(budget) = inner.budget.as_ref() else {
        return Ok(());
    };
    let mut clock = app.services.clocks.notices(room.teen).await?;
    let profile = &ctx.profile;
    let minutes = (app.safeguards().desk)
        .jurisdiction(&profile.country, profile.region.as_deref())
        .notice_every_min;
    // The next look may be a charge later, and the hour must not be over by then.
    let every = Duration::from_secs(u64::from(minutes) * 60).saturating_sub(CHARGE_EVERY);
    let today = day_number(&budget.day);
    let half = app.settings.limits.daily.as_secs() / 2;
    let mut due = Vec::new();
    if Duration::from_millis(clock.since_not_human_ms) >= every {
        clock.since_not_human_ms = 0;
        due.push(NoticeKind::NotHuman);
    }
    if u64::from(budget.remaining_s()) <= half && clock.break_given_on != today {
        clock.break_given_on = today;
        due.push(NoticeKind::Break);
    }
    if due.is_empty() {
        return Ok(());
    }
    let locale = inner
        .session
        .as_ref()
        .map_or("en", |session| session.locale.as_str());
    let events = due
        .into_iter()
        .map(|kind| {
            let notice = app.safeguards().desk.notice(kind, locale);
            SessionEvent::Notice {
                kind,
                text: notice.text,
                version: notice.version,
            }
        })
        .collect();
    lifecycle::log_events(app, room, inner, events).await?;
    app.services.clocks.put_notices(room.teen, clock).await?;
    Ok(())
}

/// Days since 1970-01-01 of a calendar day like `2026-11-24`.
fn day_number(day: &str) -> Option<i32> {
    let midnight = innerworld_core::clock::Timestamp::parse_rfc3339(&format!("{day}T00:00:00Z"))?;
    i32::try_from(midnight.as_seconds().div_euclid(86_400)).ok()
}
