//! What the passing of time does to a session: the day's budget, the notices, the end.

use innerworld_core::{
    conversation::{
        budget::DayBudget,
        record::{EndReason, NoticeKind, SessionEvent, SessionState},
    },
    identity::profile::NoticeClock,
};

use super::{
    budget,
    lifecycle::{self, Refused},
    room::{Inner, Room},
    safety,
    teen::TeenContext,
};
use crate::app::App;

/// A "not human" and break notice at least this often in active time.
const NOT_HUMAN_EVERY_MS: u64 = 60 * 60 * 1_000;

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
    if !budget::is_due(budget, now) {
        return Ok(());
    }
    let before_ms = budget.used.used_ms;
    let day = budget.day.clone();
    budget::charge(app, room, inner, ctx).await?;
    let charged = match inner.budget.as_ref() {
        Some(budget) if budget.day == day => budget.used.used_ms.saturating_sub(before_ms),
        _ => 0,
    };
    notices(app, room, inner, charged).await?;
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
    let mode = ctx.memory_mode(persona.as_ref());
    lifecycle::end(app, room, inner, mode, EndReason::DailyLimit).await
}

/// "Not a human" after an hour of active time, a break at half of the day's time; each is kept
/// per teen, over sessions and reconnects.
async fn notices(
    app: &App,
    room: &Room,
    inner: &mut Inner,
    charged_ms: u64,
) -> Result<(), Refused> {
    let Some(budget) = inner.budget.as_ref() else {
        return Ok(());
    };
    let stored = app.services.clocks.notices(room.teen).await?;
    let today = day_number(&budget.day);
    let half = app.settings.limits.daily.as_secs() / 2;
    let mut clock = NoticeClock {
        since_not_human_ms: stored.since_not_human_ms.saturating_add(charged_ms),
        ..stored
    };
    let mut due = Vec::new();
    if clock.since_not_human_ms >= NOT_HUMAN_EVERY_MS {
        clock.since_not_human_ms = 0;
        due.push(NoticeKind::NotHuman);
    }
    if u64::from(budget.remaining_s()) <= half && clock.break_given_on != today {
        clock.break_given_on = today;
        due.push(NoticeKind::Break);
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
