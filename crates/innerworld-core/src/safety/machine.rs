//! The crisis state machine: one record per teen, a pure function of record, event and time.
//!
//! Nothing here waits, stores or sends. Time passes lazily: [`settle`] applies whatever became due
//! since the record was written, each change at the instant it was due, so that it does not matter
//! how often anybody looked.

mod clocks;

pub use clocks::{next_change, question_due, settle};

use super::{
    ledger::{LedgerKey, Source},
    record::{SafetyFrameKind, SafetyRecord, SafetyState},
    rules::{Categories, Rules},
    screen::{Category, Level},
};
use crate::{
    clock::Timestamp,
    ids::{EventId, TeenId},
};

/// What a teen may answer to a safety frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Choice {
    /// "I am safe."
    Safe,
    /// "I am not safe."
    NotSafe,
    /// Talk on.
    Talk,
    /// Open the journal.
    Journal,
    /// Open a grounding exercise.
    Grounding,
    /// Open the script for telling an adult.
    TellAdult,
    /// Closed without an answer.
    Dismissed,
}

impl Choice {
    /// Reads a choice as the wire writes it.
    pub fn parse(text: &str) -> Option<Self> {
        [
            Self::Safe,
            Self::NotSafe,
            Self::Talk,
            Self::Journal,
            Self::Grounding,
            Self::TellAdult,
            Self::Dismissed,
        ]
        .into_iter()
        .find(|choice| choice.name() == text)
    }

    /// As the wire writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::NotSafe => "not_safe",
            Self::Talk => "talk",
            Self::Journal => "journal",
            Self::Grounding => "grounding",
            Self::TellAdult => "tell_adult",
            Self::Dismissed => "dismissed",
        }
    }
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A message without concern.
    Pass,
    /// A trigger that interrupts, or a model that saw as much.
    Alarm {
        /// What it is about.
        category: Category,
        /// How serious; at least `Risk`.
        level: Level,
    },
    /// Something to ask about.
    Concern {
        /// What it may be about.
        category: Category,
        /// How serious.
        level: Level,
        /// A phrase rule fired (and not only a score or a model's doubt).
        trigger: bool,
    },
    /// Help was shown quietly.
    Soft,
    /// The teen answered a frame.
    Reply(EventId, Choice),
    /// The teen's app confirmed a frame.
    Ack(EventId),
    /// Time passed.
    Tick,
}

/// What an event is judged with.
#[derive(Clone, Copy, Debug)]
pub struct Circumstances<'a> {
    /// The protocol's numbers.
    pub rules: &'a Rules,
    /// The category table.
    pub categories: &'a Categories,
    /// Makes event ids.
    pub ledger: &'a LedgerKey,
    /// Whose record it is.
    pub teen: TeenId,
    /// The crisis that this input would open.
    pub event: EventId,
    /// The question that it would ask.
    pub question: EventId,
    /// The account's time zone, IANA.
    pub zone: &'a str,
    /// The present instant.
    pub now: Timestamp,
}

/// A notice that is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// A crisis frame.
    Crisis,
    /// A question.
    Ask,
    /// Help, quietly.
    Soft,
    /// An answer that the output filter stopped; no referral.
    OutputBlock,
}

impl Action {
    /// The name in counters.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Crisis => "crisis",
            Self::Ask => "ask",
            Self::Soft => "soft",
            Self::OutputBlock => "output_block",
        }
    }
}

/// What an event led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The record now (its `rev` is still the old one).
    pub record: SafetyRecord,
    /// The state is another one.
    pub moved: bool,
    /// Anything of the record is different: it must be stored.
    pub changed: bool,
    /// Whether the frame of `record.event` must be shown now.
    pub show: Show,
    /// What a new frame counts as; a follow-up is new without being counted.
    pub count: Option<Action>,
}

/// Whether a frame is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Show {
    /// Nothing.
    Nothing,
    /// The same event again.
    Again,
    /// A new event.
    New,
}

/// Applies an event.
pub fn apply(before: &SafetyRecord, event: Event, at: &Circumstances<'_>) -> Step {
    let mut step = Step {
        record: settle(before, at.now, at.zone, at.rules),
        moved: false,
        changed: false,
        show: Show::Nothing,
        count: None,
    };
    match event {
        Event::Pass => pass(&mut step.record, at),
        Event::Alarm { category, level } => alarm(&mut step, category, level, at),
        Event::Concern {
            category,
            level,
            trigger,
        } => {
            concern(&mut step, category, level, trigger, at);
        }
        Event::Soft => soft(&mut step.record, at),
        Event::Reply(event, choice) => reply(&mut step, event, choice, at),
        Event::Ack(event) => ack(&mut step, event, at),
        Event::Tick => tick(&mut step, at),
    }
    step.moved = step.record.state != before.state;
    step.changed = step.record != *before;
    step
}

/// Whether the record's frame still waits for an acknowledgement: it is the first frame after each
/// `welcome` and is sent again and again.
pub fn unacknowledged(record: &SafetyRecord) -> Option<EventId> {
    let waits = record.state != SafetyState::Normal && record.acked_at.is_none();
    record.event.filter(|_event| waits)
}

/// Joins a change that could not be stored in time with what was stored since: at least as severe
/// as both. Clocks that ran out meanwhile are applied by the next look.
#[must_use]
pub fn merge(stored: &SafetyRecord, late: &SafetyRecord) -> SafetyRecord {
    let known = late.crisis_event.is_some() && late.crisis_event == stored.crisis_event;
    if known && stored.last_trigger_at >= late.last_trigger_at {
        // The store has seen this crisis and moved on since.
        return stored.clone();
    }
    let late_leads = (late.state, late.last_trigger_at) > (stored.state, stored.last_trigger_at);
    let (lead, other) = if late_leads {
        (late, stored)
    } else {
        (stored, late)
    };
    let mut joined = lead.clone();
    joined.rev = stored.rev;
    if lead.level.is_some() {
        joined.level = lead.level.max(other.level);
    }
    joined.last_trigger_at = lead.last_trigger_at.max(other.last_trigger_at);
    joined.last_concern_at = lead.last_concern_at.max(other.last_concern_at);
    joined.passes = lead.passes.min(other.passes);
    joined.flagged = lead.flagged || other.flagged;
    let last_trigger = joined.last_trigger_at;
    joined
        .safe_replies
        .retain(|reply| Some(*reply) >= last_trigger);
    joined
}

/// Whether nothing was known for so long that the record may be deleted.
pub fn forgettable(record: &SafetyRecord, rules: &Rules, now: Timestamp) -> bool {
    let age = now.since(record.since);
    record.state == SafetyState::Normal && age >= Rules::hours(rules.forget_days * 24)
}

fn pass(record: &mut SafetyRecord, at: &Circumstances<'_>) {
    if record.state == SafetyState::CheckIn || record.flagged {
        record.passes = record.passes.saturating_add(1);
        end_checkin(record, at);
    }
}

/// A `safe` reply and enough messages without concern end a check-in, in either order.
fn end_checkin(record: &mut SafetyRecord, at: &Circumstances<'_>) {
    let done = !record.safe_replies.is_empty() && record.passes >= at.rules.passes_to_normal;
    if !done {
        return;
    }
    if record.state == SafetyState::CheckIn {
        clocks::enter(record, SafetyState::Normal, at.now);
    } else {
        clocks::unflag(record);
    }
}

fn alarm(step: &mut Step, category: Category, level: Level, at: &Circumstances<'_>) {
    let level = level.max(Level::Risk);
    let record = &mut step.record;
    if record.crisis_event == Some(at.event) {
        // The same message or reply once more: the same frame, and nothing else changes.
        if record.event == record.crisis_event {
            step.show = Show::Again;
        }
        return;
    }
    let in_crisis = record.state >= SafetyState::JournalOnly;
    step.show = Show::Again;
    if !(in_crisis && is_same_crisis(record, category, level, at)) {
        record.crisis_event = Some(at.event);
        record.crisis_at = Some(at.now);
        record.category = Some(category);
        step.show = Show::New;
        step.count = Some(Action::Crisis);
    }
    record.level = if in_crisis {
        record.level.max(Some(level))
    } else {
        Some(level)
    };
    if record.state != SafetyState::Crisis {
        record.state = SafetyState::Crisis;
        record.since = at.now;
    }
    record.event = record.crisis_event;
    record.event_kind = Some(SafetyFrameKind::Crisis);
    record.issued_at = record.crisis_at;
    record.acked_at = None;
    // What was judged before a clock that jumped back, or before another process stored, is no earlier end.
    record.last_trigger_at = record.last_trigger_at.max(Some(at.now));
    record.last_concern_at = record.last_concern_at.max(Some(at.now));
    record.safe_replies.clear();
    record.passes = 0;
    record.flagged = false;
}

/// Within ten minutes the same event is shown again, unless it got worse or is about something
/// else: then other words and other lines are needed.
fn is_same_crisis(
    record: &SafetyRecord,
    category: Category,
    level: Level,
    at: &Circumstances<'_>,
) -> bool {
    let young = record
        .crisis_at
        .is_some_and(|issued| at.now.since(issued) < Rules::minutes(at.rules.same_event_min));
    let rises = level == Level::Danger && record.level < Some(Level::Danger);
    let elsewhere = at.categories.variant(Some(category)) != at.categories.variant(record.category);
    young && !rises && !elsewhere
}

fn concern(
    step: &mut Step,
    category: Category,
    level: Level,
    trigger: bool,
    at: &Circumstances<'_>,
) {
    if step.record.state >= SafetyState::JournalOnly {
        if trigger {
            alarm(step, category, level, at);
        }
        return;
    }
    let record = &mut step.record;
    if record.event == Some(at.question) {
        step.show = Show::Again;
        return;
    }
    let asked = record.state == SafetyState::CheckIn || record.flagged;
    let recently = asked
        && record
            .last_ask_at
            .is_some_and(|last| at.now.since(last) < Rules::minutes(at.rules.ask_every_min));
    let rises = Some(level) > record.level
        || at.categories.variant(Some(category)) != at.categories.variant(record.category);
    record.passes = 0;
    record.safe_replies.clear();
    record.last_concern_at = record.last_concern_at.max(Some(at.now));
    if trigger {
        record.last_trigger_at = record.last_trigger_at.max(Some(at.now));
    }
    if recently && !rises {
        // Asked a moment ago: a trigger shows the same question again, a mere score does not.
        if trigger {
            step.show = Show::Again;
        }
        return;
    }
    record.level = if asked {
        record.level.max(Some(level))
    } else {
        Some(level)
    };
    record.category = Some(category);
    if record.state == SafetyState::Cooldown {
        record.flagged = true;
    } else if record.state == SafetyState::Normal {
        record.state = SafetyState::CheckIn;
        record.since = at.now;
    }
    issue_question(record, at.question, at.now);
    step.show = Show::New;
    step.count = Some(Action::Ask);
}

fn issue_question(record: &mut SafetyRecord, event: EventId, now: Timestamp) {
    record.event = Some(event);
    record.event_kind = Some(SafetyFrameKind::Checkin);
    record.issued_at = Some(now);
    record.acked_at = None;
    record.last_ask_at = Some(now);
}

fn soft(record: &mut SafetyRecord, at: &Circumstances<'_>) {
    if record.state != SafetyState::Normal {
        record.last_soft_at = Some(at.now);
    }
}

fn reply(step: &mut Step, event: EventId, choice: Choice, at: &Circumstances<'_>) {
    if choice == Choice::NotSafe {
        // Always believed, whatever it answers.
        let category = step.record.category.unwrap_or(Category::Ideation);
        let level = step.record.level.unwrap_or(Level::Risk);
        alarm(step, category, level, at);
        return;
    }
    let record = &mut step.record;
    if record.event != Some(event) && record.crisis_event != Some(event) {
        return;
    }
    let answers_crisis = record.event_kind == Some(SafetyFrameKind::Crisis);
    if record.event == Some(event) {
        record.acked_at = record.acked_at.or(Some(at.now));
    }
    if choice == Choice::Safe && record.state != SafetyState::Normal {
        record.safe_replies.push(at.now);
        let surplus = record.safe_replies.len().saturating_sub(8);
        record.safe_replies.drain(..surplus);
    }
    match record.state {
        SafetyState::Crisis => calm(step, at),
        SafetyState::JournalOnly if clocks::may_leave(record, at.now, at.zone, at.rules) => {
            clocks::enter(record, SafetyState::Cooldown, at.now);
        }
        SafetyState::JournalOnly if answers_crisis => calm(step, at),
        SafetyState::CheckIn | SafetyState::Cooldown => end_checkin(record, at),
        SafetyState::JournalOnly | SafetyState::Normal => {}
    }
}

fn ack(step: &mut Step, event: EventId, at: &Circumstances<'_>) {
    let record = &mut step.record;
    if record.event != Some(event) {
        return;
    }
    record.acked_at = record.acked_at.or(Some(at.now));
    let crisis = record.event_kind == Some(SafetyFrameKind::Crisis);
    if crisis && record.state >= SafetyState::JournalOnly {
        calm(step, at);
    }
}

/// The crisis frame was seen: journal only from here on, and a question with choices.
fn calm(step: &mut Step, at: &Circumstances<'_>) {
    let record = &mut step.record;
    if record.state != SafetyState::JournalOnly {
        record.state = SafetyState::JournalOnly;
        record.since = at.now;
    }
    let after = record.crisis_event.unwrap_or(at.event);
    let event = at.ledger.event(at.teen, Source::FollowUp(after));
    issue_question(record, event, at.now);
    step.show = Show::New;
}

/// Once an exit is possible the teen is asked again: nobody stays locked out for want of a
/// question.
fn tick(step: &mut Step, at: &Circumstances<'_>) {
    let record = &mut step.record;
    let Some(due) = question_due(record, at.zone, at.rules) else {
        return;
    };
    if due > at.now {
        return;
    }
    let after = record.crisis_event.unwrap_or(at.event);
    let event = at
        .ledger
        .event(at.teen, Source::Again(after, due.as_millis()));
    issue_question(record, event, at.now);
    step.show = Show::New;
}
