//! A teen who talks in sessions, one a day, and the memory of it.

use std::{sync::Arc, time::Duration};

use innerworld_core::{
    clock::{Clock as _, Timestamp},
    conversation::{
        record::{
            EndReason, Finish, MessageRecord, SessionRecord, SessionState, TurnOrigin, TurnRecord,
            TurnState,
        },
        store::SessionLog,
    },
    identity::consent::MemoryMode,
    ids::{MessageId, SessionId, TeenId, TurnId},
    memory::{
        Account, Memory, MemoryPorts, RememberSettings, Remembered, encoder::Encoder,
        store::Horizon,
    },
    persona::PersonaId,
};
use innerworld_testkit::{fake_clock::FakeClock, seeded_ids::SeededIds};

use super::{
    phrasebook::{OneNumber, Phrasebook},
    store::{MapStore, OneKey},
};

pub(crate) const TEEN: TeenId = TeenId::from_subject_bits(1);
/// 24 November 2026, a Tuesday.
pub(crate) const START: Timestamp = Timestamp::from_millis(1_795_500_000_000);

/// An account that says nothing of a name.
pub(crate) const NAMELESS: Account<'static> = Account {
    teen_name: None,
    zone: ZONE,
};
/// Of every account here that is not given another.
pub(crate) const ZONE: &str = "Europe/Berlin";

/// How long a thing is remembered that nobody speaks of.
pub(crate) const MONTH: Duration = Duration::from_secs(30 * 86_400);

/// Memory over a store in maps, with a clock that the test moves.
pub(crate) struct World {
    pub(crate) memory: Memory,
    pub(crate) store: Arc<MapStore>,
    pub(crate) clock: Arc<FakeClock>,
    pub(crate) settings: RememberSettings,
}

pub(crate) fn day(number: u64) -> Timestamp {
    START.plus(Duration::from_secs(86_400 * number))
}

/// Id of the turn number `turn` of the session of that day.
pub(crate) fn turn_id(day: u64, turn: usize) -> TurnId {
    let millis = u128::try_from(self::day(day).as_millis()).unwrap();
    TurnId::from_bits((millis << 80) | (u128::try_from(turn).unwrap() << 8))
}

impl World {
    pub(crate) fn new() -> Self {
        Self::over(Arc::default(), "1")
    }

    /// Memory over the rows of another, with an extractor of this version.
    pub(crate) fn over(store: Arc<MapStore>, version: &'static str) -> Self {
        let clock = Arc::new(FakeClock::new(START));
        let ports = MemoryPorts {
            graph: store.clone(),
            namer: Arc::new(OneKey),
            extractor: Arc::new(Phrasebook(version)),
            encoder: None,
            thesaurus: None,
            scrubber: Arc::new(OneNumber),
            clock: clock.clone(),
            ids: Arc::new(SeededIds::new(1)),
        };
        Self {
            memory: Memory::new(ports, MONTH, 1 << 20),
            store,
            clock,
            settings: RememberSettings {
                mode: MemoryMode::Full,
                zone: ZONE.to_owned(),
                mood: true,
                evidence_days: 30,
                graph_days: 30,
                persona_name: "Comfort".to_owned(),
                teen_name: Some("Sam".to_owned().into()),
            },
        }
    }

    /// Another memory over the same rows, as after a restart, with this encoder.
    pub(crate) fn memory_with(&self, encoder: Option<Arc<dyn Encoder>>) -> Memory {
        let ports = MemoryPorts {
            graph: self.store.clone(),
            namer: Arc::new(OneKey),
            extractor: Arc::new(Phrasebook("1")),
            encoder,
            thesaurus: None,
            scrubber: Arc::new(OneNumber),
            clock: self.clock.clone(),
            ids: Arc::new(SeededIds::new(2)),
        };
        Memory::new(ports, MONTH, 1 << 20)
    }

    /// Remembers the session of a day.
    pub(crate) async fn remember(&self, log: &SessionLog) -> Remembered {
        self.clock
            .set(log.session.started_at.plus(Duration::from_secs(3_600)));
        self.memory.remember(log, &self.settings).await.unwrap()
    }

    /// A session of that day is talked and remembered.
    pub(crate) async fn talk(&self, day: u64, lines: &[&str]) -> Remembered {
        self.remember(&session(day, lines)).await
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A read that sees all of a graph.
    pub(crate) fn whole(&self) -> Horizon {
        Horizon::whole_graph(self.now())
    }
}

/// The log of a session in which the teen says these lines.
pub(crate) fn session(day: u64, lines: &[&str]) -> SessionLog {
    let started_at = self::day(day);
    let id = SessionId::from_bits(u128::try_from(started_at.as_millis()).unwrap() << 80);
    let turns = lines.iter().enumerate();
    SessionLog {
        session: SessionRecord {
            id,
            teen: TEEN,
            epoch: 1,
            state: SessionState::Queued,
            persona: Some(comfort()),
            persona_changes: 0,
            seq: 9,
            next_sequence: 100,
            started_at,
            last_activity_at: started_at,
            ended: Some((started_at, EndReason::Client)),
            expires_at: started_at.plus(Duration::from_secs(86_400)),
            locale: "en-US".to_owned(),
            country: None,
        },
        turns: turns.map(|(at, line)| turn(day, id, at, line)).collect(),
        events: Vec::new(),
    }
}

fn turn(day: u64, session: SessionId, at: usize, line: &str) -> TurnRecord {
    let said_at = self::day(day).plus(Duration::from_secs(60 * u64::try_from(at).unwrap()));
    TurnRecord {
        id: turn_id(day, at),
        session,
        message: Some(MessageRecord {
            id: MessageId::from_bits(turn_id(day, at).bits()),
            text_hash: [0; 32],
            text: line.to_owned().into(),
            prompt_text: line.to_owned().into(),
        }),
        persona: comfort(),
        state: TurnState::Ended,
        origin: TurnOrigin::Model,
        sequence: u64::try_from(2 * at).unwrap(),
        seq_accepted: None,
        seq_start: None,
        seq_end: None,
        upstream_started: true,
        answer: format!("You said: {line}").into(),
        finish: Some(Finish::Stop),
        code: None,
        usage: None,
        excluded: false,
        second_look: None,
        suspected: None,
        support: false,
        created_at: said_at,
        expires_at: said_at.plus(Duration::from_secs(86_400)),
    }
}

fn comfort() -> PersonaId {
    "comfort".parse().unwrap()
}
