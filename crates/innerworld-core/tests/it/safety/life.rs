//! A teen's safety record through time, by the shipped protocol.

use std::time::Duration;

use innerworld_core::{
    clock::Timestamp,
    ids::{EventId, TeenId},
    safety::{
        Category, Level, SafetyRecord, SafetyState,
        content::{Content, Files},
        ledger::{LedgerKey, Source},
        machine::{self, Choice, Circumstances, Event, Step},
    },
};

pub(super) const MINUTE: Duration = Duration::from_secs(60);
pub(super) const HOUR: Duration = Duration::from_secs(3_600);

/// Monday, 23 November 2026, 20:00 in New York.
pub(super) const EVENING: Timestamp = Timestamp::from_millis(1_795_482_000_000);
pub(super) const ZONE: &str = "America/New_York";

pub(super) fn shipped() -> Content {
    Content::load(&Files::shipped()).unwrap()
}

pub(super) fn alarm(category: Category, level: Level) -> Event {
    Event::Alarm { category, level }
}

pub(super) fn risk() -> Event {
    alarm(Category::Ideation, Level::Risk)
}

pub(super) fn danger() -> Event {
    alarm(Category::IntentPlan, Level::Danger)
}

pub(super) fn concern(category: Category, level: Level, trigger: bool) -> Event {
    Event::Concern {
        category,
        level,
        trigger,
    }
}

/// A record, and the clock it is looked at with.
pub(super) struct Life {
    pub(super) content: Content,
    ledger: LedgerKey,
    teen: TeenId,
    pub(super) now: Timestamp,
    pub(super) record: SafetyRecord,
    inputs: u8,
}

impl Life {
    pub(super) fn new() -> Self {
        Self {
            content: shipped(),
            ledger: LedgerKey::from_bytes(&[7; 32]),
            teen: TeenId::from_subject_bits(1),
            now: EVENING,
            record: SafetyRecord::default(),
            inputs: 0,
        }
    }

    /// One that stands in `state` at `level`; nothing waits for an answer but a crisis.
    pub(super) fn in_state(state: SafetyState, level: Level) -> Self {
        let mut life = Self::new();
        let (category, trigger) = match level {
            Level::Danger => (Category::IntentPlan, danger()),
            Level::Concern | Level::Risk => (Category::Ideation, risk()),
        };
        match state {
            SafetyState::Normal => {}
            SafetyState::CheckIn => {
                life.happens(concern(category, level, false));
            }
            SafetyState::Crisis => {
                life.happens(trigger);
            }
            SafetyState::JournalOnly => {
                life.happens(trigger);
                life.acks();
            }
            SafetyState::Cooldown => {
                life.happens(trigger);
                life.acks();
                life.passes(73 * HOUR);
                life.happens(Event::Tick);
            }
        }
        assert_eq!(life.record.state, state);
        life
    }

    pub(super) fn passes(&mut self, time: Duration) -> &mut Self {
        self.now = self.now.plus(time);
        self
    }

    /// Something new happens now.
    pub(super) fn happens(&mut self, event: Event) -> Step {
        self.inputs += 1;
        self.again(self.inputs, event)
    }

    /// The input of this number happens (again).
    pub(super) fn again(&mut self, input: u8, event: Event) -> Step {
        let at = Circumstances {
            rules: &self.content.protocol.rules,
            categories: &self.content.protocol.categories,
            ledger: &self.ledger,
            teen: self.teen,
            event: self.ledger.event(self.teen, Source::Message([input; 16])),
            question: self
                .ledger
                .question(self.teen, Source::Message([input; 16])),
            zone: ZONE,
            now: self.now,
        };
        let step = machine::apply(&self.record, event, &at);
        self.record = step.record.clone();
        step
    }

    /// The frame that asks for an answer.
    pub(super) fn event(&self) -> EventId {
        self.record.event.unwrap()
    }

    pub(super) fn acks(&mut self) -> Step {
        self.happens(Event::Ack(self.event()))
    }

    pub(super) fn answers(&mut self, choice: Choice) -> Step {
        self.happens(Event::Reply(self.event(), choice))
    }

    pub(super) fn ticks(&mut self) -> Step {
        self.happens(Event::Tick)
    }

    pub(super) fn is(&self, state: SafetyState) {
        assert_eq!(self.record.state, state);
    }
}
