//! Brings a history into memory, as the product would.

use std::{sync::Arc, time::Duration};

use innerworld_core::{
    calendar,
    clock::Timestamp,
    conversation::{
        record::{EndReason, Finish, MessageRecord, SessionState, TurnRecord, TurnState},
        store::SessionLog,
    },
    identity::consent::MemoryMode,
    ids::{SessionId, TeenId, TurnId},
    memory::{
        Account, Correction, Memory, MemoryPorts, RememberSettings, Target, Wrong,
        store::EntityExtractor,
    },
};
use jiff::{civil::DateTime, tz::TimeZone};

use super::{
    answers::Outcome,
    form::{About, Act, Deed, History},
};
use crate::{
    FakeClock, SeededIds, model_calls::NoScrubber, records::Records, reference::Reference,
};

const TEEN: TeenId = TeenId::from_subject_bits(1);
/// Nothing goes by age here: a history may span years.
const LONG: u32 = 100 * 366;
const MINUTE: Duration = Duration::from_secs(60);

/// What arrives: the session or the act of that place in its history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    Session(usize),
    Act(usize),
}

/// A teen's memory, and the history that is told to it.
pub(super) struct Teller<'h> {
    history: &'h History,
    store: Arc<Reference>,
    clock: Arc<FakeClock>,
    pub(super) memory: Memory,
}

/// The id of a line, by its session and its place in it.
pub(super) fn turn_id(history: &History, place: (usize, usize)) -> TurnId {
    let said_at = history.line_at(place);
    let number = u128::try_from(place.0 * 1_000 + place.1).unwrap();
    TurnId::from_bits(ulid(said_at) | (number << 8))
}

fn ulid(at: Timestamp) -> u128 {
    u128::try_from(at.as_millis()).unwrap() << 80
}

impl History {
    /// A time of day in the teen's zone as an instant.
    fn instant(&self, at: DateTime) -> Timestamp {
        let zone = calendar::zone(&self.zone).unwrap_or(TimeZone::UTC);
        let zoned = at.to_zoned_datetime(zone).unwrap();
        Timestamp::from_millis(zoned.timestamp().as_millisecond())
    }

    /// When a line was said: a minute after the one before.
    fn line_at(&self, (session, line): (usize, usize)) -> Timestamp {
        let began = self.instant(self.session.get(session).unwrap().at.0);
        began.plus(MINUTE * u32::try_from(line).unwrap())
    }

    /// When the last session or act arrived.
    pub(super) fn now(&self) -> Timestamp {
        let sessions = self.session.iter().map(super::form::Session::arrives);
        let arrived = sessions.chain(self.act.iter().map(|act| act.at.0));
        self.instant(arrived.max().unwrap())
    }

    fn log(&self, place: usize) -> SessionLog {
        let records = Records::named("histories");
        let told = self.session.get(place).unwrap();
        let mut session = records.session_at(TEEN, self.instant(told.at.0));
        session.id =
            SessionId::from_bits(ulid(session.started_at) | u128::try_from(place).unwrap());
        session.state = SessionState::Queued;
        session.ended = Some((session.started_at, EndReason::Client));
        let lines = (0_u64..).zip(&told.line).map(|(number, line)| {
            let at = usize::try_from(number).unwrap();
            let base = records.turn(&session, 2 * number, number);
            let message = base.message.map(|message| MessageRecord {
                text: line.text.clone().into(),
                prompt_text: line.text.clone().into(),
                ..message
            });
            TurnRecord {
                id: turn_id(self, (place, at)),
                message,
                state: TurnState::Ended,
                answer: "I hear you.".to_owned().into(),
                finish: Some(Finish::Stop),
                created_at: self.line_at((place, at)),
                ..base
            }
        });
        SessionLog {
            turns: lines.collect(),
            session,
            events: Vec::new(),
        }
    }
}

impl<'h> Teller<'h> {
    pub(super) fn new(history: &'h History, extractor: Arc<dyn EntityExtractor>) -> Self {
        Self::over(history, extractor, Arc::new(Reference::new()))
    }

    fn over(
        history: &'h History,
        extractor: Arc<dyn EntityExtractor>,
        store: Arc<Reference>,
    ) -> Self {
        let clock = Arc::new(FakeClock::new(history.now()));
        let ports = MemoryPorts {
            graph: store.clone(),
            namer: store.clone(),
            extractor,
            encoder: None,
            thesaurus: None,
            scrubber: Arc::new(NoScrubber),
            clock: clock.clone(),
            ids: Arc::new(SeededIds::new(1)),
        };
        Self {
            memory: Memory::new(ports, Duration::from_secs(86_400) * LONG, 1 << 20),
            history,
            store,
            clock,
        }
    }

    /// The same memory, read by another extractor from now on.
    pub(super) fn again(&self, extractor: Arc<dyn EntityExtractor>) -> Self {
        Self::over(self.history, extractor, self.store.clone())
    }

    /// Every step at the time of its arrival, each session twice. Returns what could not be done.
    pub(super) async fn all(&self, steps: &[Step]) -> Vec<String> {
        let mut failed = Vec::new();
        for step in steps {
            let done = match *step {
                Step::Session(place) => {
                    let arrives = self.history.session.get(place).unwrap().arrives();
                    self.clock.set(self.history.instant(arrives));
                    let first = self.remember(place).await;
                    first.and(self.remember(place).await)
                }
                Step::Act(place) => self.act(self.history.act.get(place).unwrap()).await,
            };
            failed.extend(done.err());
        }
        self.clock.set(self.history.now());
        failed
    }

    /// Every session again, the last one first, at the end of the history.
    pub(super) async fn read_again(&self) -> Vec<String> {
        let mut failed = Vec::new();
        for place in (0..self.history.session.len()).rev() {
            failed.extend(self.remember(place).await.err());
        }
        failed
    }

    async fn remember(&self, place: usize) -> Result<(), String> {
        let settings = RememberSettings {
            mode: MemoryMode::Full,
            zone: self.history.zone.clone(),
            mood: false,
            evidence_days: LONG,
            graph_days: LONG,
            persona_name: "Comfort".to_owned(),
            teen_name: None,
        };
        let log = self.history.log(place);
        let done = self.memory.remember(&log, &settings).await;
        done.map(drop)
            .map_err(|error| format!("session {place} was not remembered: {error}"))
    }

    async fn act(&self, act: &Act) -> Result<(), String> {
        self.clock.set(self.history.instant(act.at.0));
        let outcome = self.outcome().await;
        let fact = |about: &About| {
            let mut facts = outcome.about(about);
            let first = facts.next().map(|edge| edge.id);
            let fact = first.filter(|_one| facts.next().is_none());
            fact.ok_or_else(|| format!("{about} is not one fact"))
        };
        let forget = match &act.deed {
            Deed::Correct(correct) => {
                let correction = Correction {
                    wrong: Wrong::Fact {
                        id: fact(&correct.fact)?,
                        instead: correct.instead.clone().map(Into::into),
                    },
                    teen_name: None,
                    zone: self.history.zone.clone(),
                };
                let done = self.memory.correct(TEEN, &correction).await;
                return done.map(drop).map_err(|error| error.to_string());
            }
            Deed::ForgetFact(about) => Target::Fact(fact(about)?),
            Deed::ForgetThing(name) => Target::Node(outcome.thing(name)?),
            Deed::ForgetLine(text) => Target::Turn(self.line(text)?),
        };
        let account = Account {
            teen_name: None,
            zone: &self.history.zone,
        };
        let done = self.memory.forget(TEEN, &[forget], None, account).await;
        done.map(drop).map_err(|error| error.to_string())
    }

    fn line(&self, text: &str) -> Result<TurnId, String> {
        let mut sessions = self.history.session.iter().enumerate();
        let found = sessions.find_map(|(session, told)| {
            let line = told.line.iter().position(|line| line.text == text)?;
            Some(turn_id(self.history, (session, line)))
        });
        found.ok_or_else(|| format!("no line says {text:?}"))
    }

    /// What memory holds now.
    pub(super) async fn outcome(&self) -> Outcome<'_> {
        let export = self.memory.export(TEEN, self.history.now()).await.unwrap();
        Outcome::new(&self.memory, TEEN, export)
    }
}
