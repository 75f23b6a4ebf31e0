//! The use case that carriers call: what a message, a reply, an acknowledgement or the passing of
//! time means for a teen, which frame goes out first, and what must be stored.
//!
//! Synchronous and without stores: a crisis frame needs nothing but memory. The carrier sends the
//! frame, then stores the commit ([`super::keep::Keeper`] or together with the message), then
//! confirms the message.

mod case;
mod output;
mod pages;
mod second_look;

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

pub use case::{Assessment, Case, Known, Place};
use jiff::civil::Date;
pub use pages::{Disclosure, HelpTools, Notice, PublicProtocol};

use super::{
    content::{Area, Content, Jurisdiction},
    frames::{FrameBook, SafetyFrame, Shape},
    heard::Heard,
    ledger::{LedgerKey, Source},
    machine::{self, Action, Choice, Circumstances, Event, Show, Step},
    record::{SafetyCommit, SafetyCount, SafetyFrameKind, SafetyNotice, SafetyRecord, SafetyState},
    rules::Rules,
    screen::{Category, Level, LocalScreen, LocalVerdict, Suspicion, Views},
    verdict::{ChatMode, SafetyVerdict},
};
use crate::{
    calendar::day_in,
    conversation::record::SessionEvent,
    ids::{EventId, MessageId, SessionId},
};

/// How long a counted notice is remembered.
pub const NOTICE_LIFE: Duration = Duration::from_secs(30 * 24 * 3_600);

/// The desk: files, frames, key and screen.
pub struct Desk {
    content: Content,
    frames: RwLock<Arc<FrameBook>>,
    ledger: LedgerKey,
    screen: Arc<dyn LocalScreen>,
}

impl std::fmt::Debug for Desk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Desk")
            .field("protocol_version", &self.content.protocol_version)
            .finish_non_exhaustive()
    }
}

/// What a step is counted under.
#[derive(Clone, Copy)]
struct Cause<'a> {
    source: Source<'a>,
    tier: &'static str,
}

impl<'a> Cause<'a> {
    /// An answer of the teen.
    const fn reply(source: Source<'a>) -> Self {
        Self {
            source,
            tier: "reply",
        }
    }

    /// A session that begins, or time that passes.
    const fn session(source: Source<'a>) -> Self {
        Self {
            source,
            tier: "session",
        }
    }
}

impl Desk {
    /// A desk with these files; `ledger` is the service key of that name, `today` leaves out
    /// services that have ended.
    pub fn new(
        content: Content,
        ledger: &[u8; 32],
        screen: Arc<dyn LocalScreen>,
        today: Date,
    ) -> Self {
        let frames = FrameBook::build(&content, today);
        Self {
            content,
            frames: RwLock::new(Arc::new(frames)),
            ledger: LedgerKey::from_bytes(ledger),
            screen,
        }
    }

    /// Leaves out services that have ended by `today`. Frames are built anew only then, so that this
    /// can be called again and again.
    pub fn renew(&self, today: Date) {
        if self.frames().is_over(today) {
            let fresh = Arc::new(FrameBook::build(&self.content, today));
            *self.frames.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        }
    }

    fn frames(&self) -> Arc<FrameBook> {
        Arc::clone(&self.frames.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The files.
    pub const fn content(&self) -> &Content {
        &self.content
    }

    /// Reads a message: see [`LocalScreen::read`].
    pub fn read(&self, text: &str) -> Views {
        self.screen.read(text)
    }

    /// Screens a message after what was heard before it. In the days after a crisis less is enough for a
    /// second look.
    pub fn screen(&self, case: &Case<'_>, message: &Views, heard: &Heard) -> LocalVerdict {
        let watchful = self.settled(case).state == SafetyState::Cooldown;
        heard.screen(&*self.screen, message, (case.now, watchful))
    }

    /// Judges a screened message of which the local tier decides.
    pub fn message(
        &self,
        case: &Case<'_>,
        verdict: &LocalVerdict,
        message: MessageId,
    ) -> Assessment {
        let (event, tier) = self.event_of(case, verdict);
        let mut found = self.judge(case, (event, tier), message);
        let (unsure, about, again) = match verdict {
            LocalVerdict::Escalate {
                by: Suspicion::Language,
                ..
            } => (true, None, case.language_offered),
            LocalVerdict::Escalate { category, .. } => (true, Some(*category), false),
            LocalVerdict::Pass | LocalVerdict::Trigger { .. } => (false, None, false),
        };
        let unseen = found.0.frame.is_none();
        let quietly = unsure && !again && unseen && found.1.state < SafetyState::CheckIn;
        let unreadable = matches!(case.known, Known::Unreadable) && unseen;
        if quietly || unreadable {
            let source = Source::Message(message.to_bytes());
            self.offer(case, &mut found.0, about, Cause { source, tier });
        }
        second_look::supported(found.0, unsure)
    }

    /// A message and the event it amounts to.
    fn judge(
        &self,
        case: &Case<'_>,
        (event, tier): (Event, &'static str),
        message: MessageId,
    ) -> (Assessment, SafetyRecord) {
        let source = Source::Message(message.to_bytes());
        let mut found = self.step(case, event, Cause { source, tier });
        let opened = self.ledger.event(case.teen, source);
        let before = self.settled(case);
        // The message that opened this crisis is stored even when it comes again.
        let own = before.crisis_event == Some(opened);
        let closed = before.state >= SafetyState::JournalOnly && !own;
        let assessment = &mut found.0;
        assessment.journal_only = closed
            || self.jurisdiction_mode(case) != ChatMode::Companion
            || matches!(case.known, Known::Unreadable);
        if assessment.journal_only {
            assessment.verdict = SafetyVerdict::Block;
        }
        if own && assessment.frame.is_none() {
            // A repeated message shows the same event again, also after it was confirmed.
            let variant = self.content.protocol.categories.variant(found.1.category);
            let level = found.1.level.unwrap_or(Level::Risk);
            assessment.frame = Some(self.frame(case, Shape::Crisis(variant, level), opened));
        }
        found
    }

    /// Takes an answer to a safety frame.
    pub fn reply(&self, case: &Case<'_>, event: EventId, choice: Choice) -> Assessment {
        let source = Source::Reply(event, choice.name());
        self.step(case, Event::Reply(event, choice), Cause::reply(source))
            .0
    }

    /// Takes the confirmation of a safety frame.
    pub fn ack(&self, case: &Case<'_>, event: EventId) -> Assessment {
        let source = Source::Reply(event, "ack");
        self.step(case, Event::Ack(event), Cause::reply(source)).0
    }

    /// Time passed: call it at `hello`, `ping` and now and then while somebody is connected.
    pub fn tick(&self, case: &Case<'_>) -> Assessment {
        let source = Source::Unreadable(case.now.as_seconds().div_euclid(3_600));
        self.step(case, Event::Tick, Cause::session(source)).0
    }

    /// A session begins: in Cooldown, and while the record cannot be read, help is shown quietly.
    pub fn session_start(&self, case: &Case<'_>, session: SessionId) -> Assessment {
        let source = Source::SessionStart(session.to_bytes());
        let cause = Cause::session(source);
        let mut found = self.step(case, Event::Tick, cause);
        let cooldown = found.1.state == SafetyState::Cooldown;
        if found.0.frame.is_none() && (cooldown || matches!(case.known, Known::Unreadable)) {
            let unthrottled = Case {
                soft_at: None,
                ..*case
            };
            self.offer(&unthrottled, &mut found.0, found.1.category, cause);
        }
        found.0
    }

    /// The frame that still waits for an acknowledgement: right after `welcome`, and again after
    /// each [`resend_after`].
    pub fn pending(&self, case: &Case<'_>) -> Option<SafetyFrame> {
        let record = self.settled(case);
        machine::unacknowledged(&record).map(|event| self.frame_of(case, &record, event))
    }

    /// How the teen may use the service now.
    pub fn mode(&self, case: &Case<'_>) -> ChatMode {
        let closed = self.settled(case).state >= SafetyState::JournalOnly
            || matches!(case.known, Known::Unreadable);
        let by_state = if closed {
            ChatMode::JournalingOnly
        } else {
            ChatMode::Companion
        };
        self.jurisdiction_mode(case).max(by_state)
    }

    /// Whether the daily budget stands still.
    pub fn pauses_budget(&self, case: &Case<'_>) -> bool {
        self.mode(case) != ChatMode::Companion
    }

    /// Whether answers get the support suffix.
    pub fn supports(&self, case: &Case<'_>) -> bool {
        self.settled(case).state != SafetyState::Normal
    }

    /// The rules of a place.
    pub fn jurisdiction(&self, country: &str, region: Option<&str>) -> &Jurisdiction {
        self.content.jurisdiction(country, region)
    }

    fn jurisdiction_mode(&self, case: &Case<'_>) -> ChatMode {
        self.content
            .jurisdiction(case.place.country, case.place.region)
            .mode_of(case.place.band)
    }

    fn settled(&self, case: &Case<'_>) -> SafetyRecord {
        let rules = &self.content.protocol.rules;
        machine::settle(&record_of(case), case.now, case.place.zone, rules)
    }

    /// What a verdict of the local tier means to the state machine.
    fn event_of(&self, case: &Case<'_>, verdict: &LocalVerdict) -> (Event, &'static str) {
        let categories = &self.content.protocol.categories;
        match verdict {
            LocalVerdict::Pass => (Event::Pass, "phrase"),
            LocalVerdict::Trigger {
                category, level, ..
            } => {
                let (category, level) = (*category, *level);
                let event = if categories.interrupts(category, level) {
                    Event::Alarm { category, level }
                } else {
                    Event::Concern {
                        category,
                        level,
                        trigger: true,
                    }
                };
                (event, "phrase")
            }
            LocalVerdict::Escalate {
                category,
                score,
                by,
            } => {
                let asks = match by {
                    Suspicion::Scorer => *score >= self.screen.ask_from(),
                    Suspicion::Window => true,
                    Suspicion::Language => false,
                };
                let event = if asks && self.settled(case).state < SafetyState::JournalOnly {
                    Event::Concern {
                        category: *category,
                        level: Level::Concern,
                        trigger: false,
                    }
                } else {
                    Event::Tick
                };
                (event, by.name())
            }
        }
    }

    fn step(&self, case: &Case<'_>, event: Event, cause: Cause<'_>) -> (Assessment, SafetyRecord) {
        let before = record_of(case);
        let at = Circumstances {
            rules: &self.content.protocol.rules,
            categories: &self.content.protocol.categories,
            ledger: &self.ledger,
            teen: case.teen,
            event: self.ledger.event(case.teen, cause.source),
            question: self.ledger.question(case.teen, cause.source),
            zone: case.place.zone,
            now: case.now,
        };
        let step = machine::apply(&before, event, &at);
        let frame = step
            .record
            .event
            .filter(|_event| step.show != Show::Nothing)
            .map(|event| self.frame_of(case, &step.record, event));
        let events = self.events(case, &step, frame.as_ref());
        let commit = step
            .changed
            .then(|| self.commit(case, &before, &step, cause));
        let verdict = match step.record.state {
            SafetyState::Normal => SafetyVerdict::Allow,
            SafetyState::Cooldown | SafetyState::CheckIn => SafetyVerdict::Support,
            SafetyState::JournalOnly | SafetyState::Crisis => SafetyVerdict::Block,
        };
        let assessment = Assessment {
            verdict,
            journal_only: self.mode(case) != ChatMode::Companion,
            state: step.record.state,
            frame,
            events,
            commit,
            soft: None,
        };
        (assessment, step.record)
    }

    fn events(
        &self,
        case: &Case<'_>,
        step: &Step,
        frame: Option<&SafetyFrame>,
    ) -> Vec<SessionEvent> {
        let logged = frame.filter(|_frame| step.show == Show::New).map(log_entry);
        let until =
            machine::next_change(&step.record, case.place.zone, &self.content.protocol.rules);
        let moved = step.moved.then(|| SessionEvent::SafetyState {
            state: step.record.state,
            until: until.map(|(due, _)| due),
        });
        logged.into_iter().chain(moved).collect()
    }

    fn commit(
        &self,
        case: &Case<'_>,
        before: &SafetyRecord,
        step: &Step,
        cause: Cause<'_>,
    ) -> SafetyCommit {
        let mut record = step.record.clone();
        record.rev = before.rev + 1;
        record
            .protocol_version
            .clone_from(&self.content.protocol_version);
        let notice = step
            .count
            .map(|action| self.counted(case, record.category, action, cause));
        SafetyCommit {
            teen: case.teen,
            record,
            expected_rev: before.rev,
            notice,
        }
    }

    fn counted(
        &self,
        case: &Case<'_>,
        category: Option<Category>,
        action: Action,
        cause: Cause<'_>,
    ) -> SafetyNotice {
        let row = self
            .content
            .jurisdiction(case.place.country, case.place.region);
        SafetyNotice {
            id: self.ledger.notice(case.teen, cause.source, action.name()),
            count: SafetyCount {
                day: day_in("UTC", case.now).to_string(),
                jurisdiction: row.report_label.clone(),
                category,
                tier: cause.tier.to_owned(),
                action: action.name().to_owned(),
                detector_version: self.screen.version().to_owned(),
                resources_version: self.content.resources_version.clone(),
            },
            expires_at: case.now.plus(NOTICE_LIFE),
        }
    }

    /// Shows help quietly, at most every ten minutes.
    fn offer(
        &self,
        case: &Case<'_>,
        assessment: &mut Assessment,
        about: Option<Category>,
        cause: Cause<'_>,
    ) {
        let every = Rules::minutes(self.content.protocol.rules.ask_every_min);
        let recently = case
            .soft_at
            .is_some_and(|last| case.now.since(last) < every);
        if recently {
            return;
        }
        let unreadable = matches!(case.known, Known::Unreadable);
        let shape = if unreadable {
            Shape::Unknown
        } else {
            Shape::Soft
        };
        let event = self.ledger.offer(case.teen, cause.source);
        let frame = self.frame(case, shape, event);
        assessment.events.push(log_entry(&frame));
        assessment.frame = Some(frame);
        if !unreadable {
            assessment.soft = Some(self.counted(case, about, Action::Soft, cause));
        }
    }

    fn frame_of(&self, case: &Case<'_>, record: &SafetyRecord, event: EventId) -> SafetyFrame {
        let variant = self.content.protocol.categories.variant(record.category);
        let level = record.level.unwrap_or(Level::Risk);
        let shape = match record.event_kind {
            Some(SafetyFrameKind::Crisis) => Shape::Crisis(variant, level),
            _ if record.state == SafetyState::JournalOnly => Shape::Follow(variant, level),
            _ => Shape::Ask(variant, level),
        };
        self.frame(case, shape, event)
    }

    fn frame(&self, case: &Case<'_>, shape: Shape, event: EventId) -> SafetyFrame {
        let place = &case.place;
        self.frames().frame(
            Area {
                country: place.country,
                region: place.region,
            },
            place.locale,
            shape,
            event,
        )
    }
}

/// How long to wait after sending an unacknowledged frame for the `sent`-th time (1 = the first)
/// before it is sent again.
pub const fn resend_after(sent: u32) -> Duration {
    Duration::from_secs(match sent {
        0 | 1 => 2,
        2 => 4,
        3 => 8,
        4 => 16,
        _ => 30,
    })
}

fn record_of(case: &Case<'_>) -> SafetyRecord {
    match case.known {
        Known::Record(record) => record.clone(),
        Known::Absent | Known::Unreadable => SafetyRecord::default(),
    }
}

fn log_entry(frame: &SafetyFrame) -> SessionEvent {
    SessionEvent::Safety {
        event: frame.event,
        kind: frame.kind,
        frame: frame.json.clone(),
    }
}
