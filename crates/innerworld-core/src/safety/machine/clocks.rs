//! What time alone changes.

use super::super::{
    record::{SafetyFrameKind, SafetyRecord, SafetyState},
    rules::Rules,
    screen::Level,
};
use crate::{
    calendar::{day_in, next_day_in},
    clock::Timestamp,
};

/// Applies everything that became due until `now`.
///
/// Each change happens at its own instant, so settling twice, or late, gives the same record.
#[must_use]
pub fn settle(record: &SafetyRecord, now: Timestamp, zone: &str, rules: &Rules) -> SafetyRecord {
    let mut record = record.clone();
    // Crisis, journal only, cooldown, check-in, normal: four changes at most follow each other.
    for _ in 0..4 {
        match next_change(&record, zone, rules) {
            Some((due, state)) if due <= now => enter(&mut record, state, due),
            _ => break,
        }
    }
    let answered_by_time = record.state == SafetyState::Cooldown && record.flagged;
    if answered_by_time && quiet_at(&record, rules) <= now {
        unflag(&mut record);
    }
    record
}

/// When a check-in ends because nothing worrying came any more.
fn quiet_at(record: &SafetyRecord, rules: &Rules) -> Timestamp {
    let concern = record.last_concern_at.unwrap_or(record.since);
    concern.plus(Rules::hours(rules.checkin_hours))
}

/// The next change that time alone will bring, and when.
pub fn next_change(
    record: &SafetyRecord,
    zone: &str,
    rules: &Rules,
) -> Option<(Timestamp, SafetyState)> {
    match record.state {
        SafetyState::Normal => None,
        SafetyState::CheckIn => Some((quiet_at(record, rules), SafetyState::Normal)),
        SafetyState::Crisis => {
            let shown = record.last_trigger_at.unwrap_or(record.since);
            let due = shown.plus(Rules::hours(rules.unacknowledged_hours));
            Some((due, SafetyState::JournalOnly))
        }
        SafetyState::JournalOnly => Some((release_at(record, zone, rules), SafetyState::Cooldown)),
        SafetyState::Cooldown => {
            let over = record.since.plus(Rules::hours(rules.cooldown_hours));
            // A question that is still open when support ends goes on as a check-in.
            let next = if record.flagged && over < quiet_at(record, rules) {
                SafetyState::CheckIn
            } else {
                SafetyState::Normal
            };
            Some((over, next))
        }
    }
}

/// When journal-only ends by itself.
fn release_at(record: &SafetyRecord, zone: &str, rules: &Rules) -> Timestamp {
    let trigger = record.last_trigger_at.unwrap_or(record.since);
    let due = if is_danger(record) {
        trigger.plus(Rules::hours(rules.danger_limit_hours))
    } else {
        let slept = next_day_in(zone, trigger);
        trigger.plus(Rules::hours(rules.risk_hours)).max(slept)
    };
    due.max(record.since)
}

/// Whether the `safe` reply that was just given (the last one) ends journal-only.
pub(super) fn may_leave(record: &SafetyRecord, now: Timestamp, zone: &str, rules: &Rules) -> bool {
    let trigger = record.last_trigger_at.unwrap_or(record.since);
    let (Some(first), Some(last)) = (record.safe_replies.first(), record.safe_replies.last())
    else {
        return false;
    };
    if *last != now {
        return false;
    }
    if is_danger(record) {
        let waited = now.since(trigger) >= Rules::hours(rules.danger_hours);
        return waited && day_in(zone, now) > day_in(zone, trigger);
    }
    last.since(*first) >= Rules::minutes(rules.safe_apart_min)
        && now.since(trigger) >= Rules::minutes(rules.safe_after_trigger_min)
}

/// When the teen must be asked again, if they were not asked since.
pub fn question_due(record: &SafetyRecord, zone: &str, rules: &Rules) -> Option<Timestamp> {
    if record.state != SafetyState::JournalOnly {
        return None;
    }
    // A crisis frame that nobody confirmed yet comes first.
    let crisis_waits =
        record.event_kind == Some(SafetyFrameKind::Crisis) && record.acked_at.is_none();
    if crisis_waits {
        return None;
    }
    let trigger = record.last_trigger_at.unwrap_or(record.since);
    let due = if is_danger(record) {
        let slept = next_day_in(zone, trigger);
        trigger.plus(Rules::hours(rules.danger_hours)).max(slept)
    } else {
        let waited = trigger.plus(Rules::minutes(rules.safe_after_trigger_min));
        record.safe_replies.last().map_or(waited, |last| {
            waited.max(last.plus(Rules::minutes(rules.safe_apart_min)))
        })
    };
    let asked = record.last_ask_at.is_some_and(|last| last >= due);
    (!asked).then_some(due)
}

/// Enters a state at an instant.
pub(super) fn enter(record: &mut SafetyRecord, state: SafetyState, at: Timestamp) {
    match state {
        SafetyState::Normal => {
            // Nothing of what happened is kept once it is over.
            *record = SafetyRecord {
                rev: record.rev,
                protocol_version: std::mem::take(&mut record.protocol_version),
                ..SafetyRecord::default()
            };
        }
        SafetyState::Cooldown => {
            record.safe_replies.clear();
            record.passes = 0;
            // A crisis frame that nobody ever confirmed stays first in line.
            if record.event_kind == Some(SafetyFrameKind::Checkin) {
                record.event = None;
                record.event_kind = None;
            }
        }
        SafetyState::CheckIn => record.flagged = false,
        SafetyState::JournalOnly | SafetyState::Crisis => {}
    }
    record.state = state;
    record.since = at;
}

/// Ends a check-in during Cooldown.
pub(super) fn unflag(record: &mut SafetyRecord) {
    record.flagged = false;
    record.safe_replies.clear();
    record.passes = 0;
    record.event = None;
    record.event_kind = None;
}

fn is_danger(record: &SafetyRecord) -> bool {
    record.level == Some(Level::Danger)
}
