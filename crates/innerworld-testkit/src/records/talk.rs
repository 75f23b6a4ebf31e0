//! Sessions, turns, events, jobs, safety changes, journal entries.

use std::time::Duration;

use innerworld_core::{
    clock::Timestamp,
    conversation::{
        record::{
            Accept, EventRecord, Finish, MessageRecord, SessionEvent, SessionRecord, SessionState,
            TurnOrigin, TurnRecord, TurnState,
        },
        store::SessionLog,
    },
    identity::consent::MemoryMode,
    ids::{EventId, JournalId, MessageId, SessionId, TeenId, TurnId},
    memory::{
        RememberSettings,
        job::{JobKind, MemoryJob},
    },
    persona::PersonaId,
    safety::{
        Category, SafetyCommit, SafetyCount, SafetyRecord, SafetyState, record::SafetyNotice,
        store::JournalEntry,
    },
};

use super::{NOW, Records, at};

const DAY: Duration = Duration::from_secs(24 * 3_600);

/// The persona of these records.
pub(crate) fn persona() -> PersonaId {
    "courage".parse().unwrap()
}

/// How the sessions of these records are remembered: in full, with moods, for a month.
pub fn remembering() -> RememberSettings {
    RememberSettings {
        mode: MemoryMode::Full,
        zone: "UTC".to_owned(),
        mood: true,
        evidence_days: 30,
        graph_days: 30,
        persona_name: "Comfort".to_owned(),
        teen_name: Some("Robin".to_owned().into()),
    }
}

impl Records {
    /// A session that began at `started_at` and is over, in which the teen said these lines, one a
    /// minute, and was asked for more.
    pub fn ended_session(&self, teen: TeenId, started_at: Timestamp, lines: &[&str]) -> SessionLog {
        let session = SessionRecord {
            state: SessionState::Queued,
            ..self.session_at(teen, started_at)
        };
        let turns = (0_u64..).zip(lines).map(|(at, line)| {
            let mut turn = self.turn(&session, 2 * at, 2 * at + 2);
            turn.created_at = started_at.plus(Duration::from_secs(60 * at));
            turn.id = TurnId::from_bits(self.ulid(turn.created_at));
            if let Some(message) = &mut turn.message {
                message.text = (*line).to_owned().into();
                message.prompt_text = (*line).to_owned().into();
            }
            turn.answer = "Tell me more.".to_owned().into();
            (turn.state, turn.finish) = (TurnState::Ended, Some(Finish::Stop));
            turn
        });
        SessionLog {
            turns: turns.collect(),
            session,
            events: Vec::new(),
        }
    }

    /// An open session that began at `NOW`.
    pub fn session(&self, teen: TeenId) -> SessionRecord {
        self.session_at(teen, NOW)
    }

    /// An open session that began at `started_at` and lives for a day.
    pub fn session_at(&self, teen: TeenId, started_at: Timestamp) -> SessionRecord {
        SessionRecord {
            id: SessionId::from_bits(self.ulid(started_at)),
            teen,
            epoch: 7,
            state: SessionState::Active,
            persona: Some(persona()),
            persona_changes: 1,
            seq: 1,
            next_sequence: 0,
            started_at,
            last_activity_at: started_at,
            ended: None,
            expires_at: started_at.plus(DAY),
            locale: "en-US".to_owned(),
            country: Some("US".to_owned()),
        }
    }

    /// Event `seq`.
    pub fn event(&self, seq: u64) -> EventRecord {
        EventRecord {
            seq,
            event: SessionEvent::Time {
                remaining_s: 1_200 - u32::try_from(seq).unwrap(),
                resets_at: at(3_600),
            },
        }
    }

    /// A turn with an accepted message: number `sequence`, event `seq`.
    pub fn turn(&self, session: &SessionRecord, sequence: u64, seq: u64) -> TurnRecord {
        let text = format!("We practised the song again, take {sequence}.");
        let created_at = at(10 + sequence);
        TurnRecord {
            id: TurnId::from_bits(self.ulid(created_at)),
            session: session.id,
            message: Some(MessageRecord {
                id: MessageId::from_bits(self.ulid(created_at)),
                text_hash: self.hash(),
                text: text.clone().into(),
                prompt_text: text.into(),
            }),
            persona: persona(),
            state: TurnState::Accepted,
            origin: TurnOrigin::Model,
            sequence,
            seq_accepted: Some(seq),
            seq_start: None,
            seq_end: None,
            upstream_started: false,
            answer: String::new().into(),
            finish: None,
            code: None,
            usage: None,
            excluded: false,
            second_look: None,
            suspected: None,
            support: false,
            created_at,
            expires_at: created_at.plus(DAY),
        }
    }

    /// Accepting `turn`, with nothing else in the commit.
    pub fn accept(&self, teen: TeenId, turn: &TurnRecord) -> Accept {
        Accept {
            teen,
            turn: turn.clone(),
            seq: turn.seq_accepted.unwrap_or_default(),
            events: Vec::new(),
            safety: None,
            soft: None,
        }
    }

    /// A change of the safety record from `expected_rev`, with a notice that counts.
    pub fn safety_commit(&self, teen: TeenId, expected_rev: u64) -> SafetyCommit {
        SafetyCommit {
            teen,
            record: SafetyRecord {
                rev: expected_rev + 1,
                state: SafetyState::Crisis,
                category: Some(Category::Abuse),
                since: NOW,
                last_trigger_at: Some(NOW),
                event: Some(EventId::from_bits(self.ulid(NOW))),
                issued_at: Some(NOW),
                protocol_version: "1".to_owned(),
                ..SafetyRecord::default()
            },
            expected_rev,
            notice: Some(self.notice("2026-11-24")),
        }
    }

    /// A notice counted on `day`.
    pub fn notice(&self, day: &str) -> SafetyNotice {
        SafetyNotice {
            id: self.bits().to_be_bytes(),
            count: SafetyCount {
                day: day.to_owned(),
                jurisdiction: "US-CA".to_owned(),
                category: Some(Category::Abuse),
                tier: "phrase".to_owned(),
                action: "crisis".to_owned(),
                detector_version: "1".to_owned(),
                resources_version: "1".to_owned(),
            },
            expires_at: NOW.plus(30 * DAY),
        }
    }

    /// The job that remembers `session`, due at `not_before`.
    pub fn remember(&self, teen: TeenId, session: SessionId, not_before: Timestamp) -> MemoryJob {
        MemoryJob {
            teen,
            kind: JobKind::Remember { session },
            not_before,
            attempts: 0,
        }
    }

    /// A journal entry written at `written_at`, kept for 30 days.
    pub fn journal(&self, written_at: Timestamp) -> JournalEntry {
        JournalEntry {
            id: JournalId::from_bits(self.ulid(written_at)),
            text: "Long walk by the river, felt calmer after."
                .to_owned()
                .into(),
            written_at,
            expires_at: written_at.plus(30 * DAY),
        }
    }
}
