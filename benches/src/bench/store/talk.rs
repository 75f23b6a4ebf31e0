//! Sessions that talk: what the server would hand to the store.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use anyhow::{Context as _, bail};
use innerworld_core::{
    clock::{Clock as _, Timestamp},
    conversation::{
        record::{
            Accept, AcceptOutcome, MessageRecord, SessionRecord, SessionState, TurnOrigin,
            TurnRecord, TurnState,
        },
        store::{ConversationStore, Taken},
    },
    ids::{IdSource as _, MessageId, SessionId, TeenId, TurnId},
    persona::PersonaId,
    secret::Text,
};
use innerworld_embedded::{OsIds, SystemClock};

/// A message of the length that teens' messages have.
const MESSAGE: &str = "We practised the song again after school and this time I did not stop in \
                       the middle, even with the others listening at the door.";
/// What an answer grows by between two checkpoints.
const PIECE: &str = "That took courage, and it sounds as if it was worth the try today. ";
/// A running answer begins again at this length.
const LONGEST: usize = 1_500;
const HOUR: std::time::Duration = std::time::Duration::from_secs(3_600);

/// Sessions in one store.
pub(super) struct Talk {
    store: Arc<dyn ConversationStore>,
    persona: PersonaId,
    speakers: Vec<Speaker>,
    answers: Vec<Mutex<(TeenId, TurnRecord)>>,
}

/// A teen who talks.
struct Speaker {
    session: SessionRecord,
    /// Messages so far; event numbers follow from it.
    said: AtomicU64,
}

impl Talk {
    /// Opens `speakers` sessions that take messages, and `answers` with a running answer each.
    pub(super) async fn begin(
        store: Arc<dyn ConversationStore>,
        speakers: usize,
        answers: usize,
    ) -> anyhow::Result<Self> {
        let persona: PersonaId = "courage".parse().context("no such persona")?;
        let mut talk = Self {
            store,
            persona,
            speakers: Vec::new(),
            answers: Vec::new(),
        };
        for _ in 0..speakers {
            let session = talk.open().await?;
            talk.speakers.push(Speaker {
                session,
                said: AtomicU64::new(0),
            });
        }
        for _ in 0..answers {
            let session = talk.open().await?;
            let mut turn = talk.turn(&session, 0);
            talk.accept(session.teen, turn.clone()).await?;
            turn.state = TurnState::Running;
            turn.upstream_started = true;
            turn.seq_start = Some(3);
            talk.store
                .update_turn(session.teen, &turn, Taken::NOTHING)
                .await?;
            talk.answers.push(Mutex::new((session.teen, turn)));
        }
        Ok(talk)
    }

    async fn open(&self) -> anyhow::Result<SessionRecord> {
        let now = SystemClock.now();
        let session = SessionRecord {
            id: SessionId::from_bits(OsIds.ulid(now)),
            teen: TeenId::from_subject_bits(OsIds.ulid(now)),
            epoch: 7,
            state: SessionState::Active,
            persona: Some(self.persona.clone()),
            persona_changes: 1,
            seq: 1,
            next_sequence: 0,
            started_at: now,
            last_activity_at: now,
            ended: None,
            expires_at: now.plus(24 * HOUR),
            locale: "en-US".to_owned(),
            country: Some("US".to_owned()),
        };
        self.store
            .open_session(&session, &[])
            .await
            .context("a session could not be opened")?;
        Ok(session)
    }

    /// Stores one message; returns once it is durable.
    pub(super) async fn say(&self, speaker: usize) -> anyhow::Result<()> {
        let speaker = self
            .speakers
            .get(speaker % self.speakers.len())
            .context("no speaker")?;
        let number = speaker.said.fetch_add(1, Ordering::Relaxed);
        let turn = self.turn(&speaker.session, number);
        self.accept(speaker.session.teen, turn).await
    }

    async fn accept(&self, teen: TeenId, turn: TurnRecord) -> anyhow::Result<()> {
        let now = turn.created_at;
        let seq = turn.seq_accepted.unwrap_or_default();
        let accept = Accept {
            teen,
            turn,
            seq,
            events: Vec::new(),
            safety: None,
            soft: None,
        };
        match self
            .store
            .accept(accept, now)
            .await
            .context("a message was not stored")?
        {
            AcceptOutcome::New => Ok(()),
            _ => bail!("a new message was not taken as new"),
        }
    }

    /// Stores a running answer again, a little longer.
    pub(super) async fn checkpoint(&self, answer: usize) -> anyhow::Result<()> {
        let place = self.answers.get(answer).context("no answer")?;
        let (teen, turn) = {
            let mut held = place.lock().unwrap_or_else(PoisonError::into_inner);
            let text = held.1.answer.reveal();
            let kept = if text.len() > LONGEST {
                ""
            } else {
                text.as_str()
            };
            held.1.answer = Text::new(format!("{kept}{PIECE}"));
            held.clone()
        };
        self.store
            .update_turn(teen, &turn, Taken::NOTHING)
            .await
            .context("an answer was not stored")
    }

    fn turn(&self, session: &SessionRecord, number: u64) -> TurnRecord {
        let now: Timestamp = SystemClock.now();
        let mut text_hash = [0; 32];
        OsIds.fill(&mut text_hash);
        TurnRecord {
            id: TurnId::from_bits(OsIds.ulid(now)),
            session: session.id,
            message: Some(MessageRecord {
                id: MessageId::from_bits(OsIds.ulid(now)),
                text_hash,
                text: MESSAGE.to_owned().into(),
                prompt_text: MESSAGE.to_owned().into(),
            }),
            persona: self.persona.clone(),
            state: TurnState::Accepted,
            origin: TurnOrigin::Model,
            sequence: 2 * number,
            seq_accepted: Some(2 + 3 * number),
            seq_start: None,
            seq_end: None,
            upstream_started: false,
            answer: Text::default(),
            finish: None,
            code: None,
            usage: None,
            excluded: false,
            second_look: None,
            suspected: None,
            support: false,
            created_at: now,
            expires_at: session.expires_at,
        }
    }
}
