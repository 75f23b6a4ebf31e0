//! What is stored about a session that is going on.

use serde::{Deserialize, Serialize};

use crate::{
    clock::Timestamp,
    ids::{MessageId, SessionId, TeenId, TurnId},
    persona::PersonaId,
    safety::{
        SafetyCommit, SafetyNotice,
        screen::{Category, Suspicion},
    },
    secret::Text,
};

/// Where a session stands (protocol.md 5 and its stored names).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionState {
    /// Created; the disclosure was logged, no persona chosen yet.
    Greeting,
    /// A persona was chosen.
    Active,
    /// Being ended: only safety frames pass; the memory job is queued.
    Closing,
    /// Ended; `session.ended` is in the log; the memory job has not applied its patch yet.
    Queued,
    /// The memory job has applied its patch.
    Processed,
}

impl SessionState {
    /// Whether the teen may still talk in it.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Greeting | Self::Active)
    }
}

/// Why a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// The teen ended it.
    Client,
    /// Nobody was there for ten minutes.
    Idle,
    /// The day's time is used up.
    DailyLimit,
    /// The safety state asked for it.
    Safety,
    /// The account was erased.
    Erased,
    /// The server shut down for good.
    Shutdown,
}

/// A session's own row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionRecord {
    /// Its id.
    pub id: SessionId,
    /// Whose it is.
    pub teen: TeenId,
    /// Drawn when the event log was created; changes only when history was lost.
    pub epoch: u64,
    /// Where it stands.
    pub state: SessionState,
    /// The persona in charge, once chosen.
    pub persona: Option<PersonaId>,
    /// How often the persona was chosen (at most 4 times a session).
    pub persona_changes: u8,
    /// Sequence number of the newest event.
    pub seq: u64,
    /// Number that the next stored message gets (messages are counted apart from events).
    pub next_sequence: u64,
    /// When it was opened.
    pub started_at: Timestamp,
    /// The last frame of the teen or the last word of an answer.
    pub last_activity_at: Timestamp,
    /// When it ended, and why.
    pub ended: Option<(Timestamp, EndReason)>,
    /// The row does not exist at or after this instant.
    pub expires_at: Timestamp,
    /// Language setting of the client, for texts: `en-US`.
    pub locale: String,
    /// Country setting of the teen's profile, for resources.
    pub country: Option<String>,
}

/// Who made a turn's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TurnOrigin {
    /// A model of a provider.
    Model,
    /// The offline persona.
    Offline,
    /// A fixed text (the opening line, a journaling offer).
    Template,
    /// The safety protocol.
    Safety,
}

/// How a turn's answer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finish {
    /// The model finished by itself.
    Stop,
    /// The token limit was reached.
    Length,
    /// The teen cancelled, or nobody listened for the grace time.
    Cancelled,
    /// The safety protocol answered instead.
    Safety,
    /// The model failed after text was shown, or every hop failed.
    Error,
    /// A clock ran out.
    Timeout,
    /// The process died; what was stored is kept, no second charge.
    Interrupted,
}

/// Tokens of one turn, as the provider or the estimate counted them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TurnUsage {
    /// Prompt tokens.
    pub tokens_in: u32,
    /// Answer tokens.
    pub tokens_out: u32,
}

/// Where a turn stands in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TurnState {
    /// The message is durable.
    Accepted,
    /// `turn.start` was logged.
    Running,
    /// `turn.end` was logged.
    Ended,
}

/// A message and its answer: one row. The frames `accepted`, `turn.start` and `turn.end` have no
/// event of their own, they are rebuilt from here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TurnRecord {
    /// Its id.
    pub id: TurnId,
    /// The session it belongs to.
    pub session: SessionId,
    /// The teen's message, absent for template turns.
    pub message: Option<MessageRecord>,
    /// The persona that answers.
    pub persona: PersonaId,
    /// Where it stands.
    pub state: TurnState,
    /// Who answers; fixed when the turn starts.
    pub origin: TurnOrigin,
    /// Number of the teen's message among the session's messages; the answer has the next one.
    pub sequence: u64,
    /// Event number of `accepted`.
    pub seq_accepted: Option<u64>,
    /// Event number of `turn.start`.
    pub seq_start: Option<u64>,
    /// Event number of `turn.end`.
    pub seq_end: Option<u64>,
    /// Set, durably, before a request leaves for a provider: such a turn is never run again.
    pub upstream_started: bool,
    /// The answer so far.
    pub answer: Text,
    /// How it ended.
    pub finish: Option<Finish>,
    /// The stable error code of `finish = error`.
    pub code: Option<String>,
    /// Tokens, once known.
    pub usage: Option<TurnUsage>,
    /// Crisis and journal-only turns: never evidence, history, embedding or prompt.
    pub excluded: bool,
    /// A model's second look at the message, for fear of this, is not back yet: nothing of an answer
    /// may be shown.
    #[serde(default)]
    pub second_look: Option<Category>,
    /// What made the local tier fear that, and how sure it was, in ten-thousandths: where no model can
    /// look, that decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suspected: Option<(Suspicion, u16)>,
    /// The answer carries the support suffix: the local safety tier heard a burden in the message.
    #[serde(default)]
    pub support: bool,
    /// When the message was accepted (or the template turn made).
    pub created_at: Timestamp,
    /// The row does not exist at or after this instant.
    pub expires_at: Timestamp,
}

impl TurnRecord {
    /// Length of the answer in Unicode scalar values, as the wire counts.
    pub fn answer_length(&self) -> u64 {
        u64::try_from(self.answer.reveal().chars().count()).unwrap_or(u64::MAX)
    }
}

/// The teen's part of a turn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageRecord {
    /// The client's id: the idempotency key inside the session.
    pub id: MessageId,
    /// SHA-256 of the text, to tell a repeat from a conflict.
    pub text_hash: [u8; 32],
    /// The text as sent, after hygiene.
    pub text: Text,
    /// The text as it entered the prompt (contact data replaced); stored so that history stays
    /// byte-identical.
    pub prompt_text: Text,
}

/// A sequenced event that no turn row holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventRecord {
    /// Its number in the session's log, from 1.
    pub seq: u64,
    /// The event, in core's form; `innerworld-protocol` maps it to a frame.
    pub event: SessionEvent,
}

/// Events of a session's log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum SessionEvent {
    /// The disclosure, always number 1.
    Disclosure {
        /// Version of the text.
        version: String,
        /// Language of the text.
        locale: String,
        /// The text as shown.
        text: String,
        /// Whether `disclosure.ack` must precede the choice of a persona.
        ack_required: bool,
        /// The notice that companions may be unsuitable for some minors.
        unsuitable_notice: String,
    },
    /// A notice.
    Notice {
        /// `not_human`, `break`, `provider_change`, `offline`.
        kind: NoticeKind,
        /// The sentence.
        text: String,
        /// Version of the text.
        version: String,
    },
    /// A persona took over.
    PersonaChosen {
        /// Which.
        persona: PersonaId,
        /// Its display name.
        name: String,
        /// Version of its data file.
        version: String,
    },
    /// The running turn's text is void; it starts again at offset 0.
    TurnReset {
        /// Which turn.
        turn: TurnId,
        /// Why.
        reason: ResetReason,
    },
    /// A safety frame (crisis or check-in), kept as the JSON object that was sent, without `seq`.
    Safety {
        /// Its event id, by which clients drop repeats.
        event: crate::ids::EventId,
        /// `crisis` or `checkin`.
        kind: crate::safety::SafetyFrameKind,
        /// The JSON text of the frame, `seq` zero.
        frame: String,
    },
    /// The safety state changed.
    SafetyState {
        /// The new state.
        state: crate::safety::SafetyState,
        /// Until when at the earliest, if that is known.
        until: Option<Timestamp>,
    },
    /// Time left today.
    Time {
        /// Seconds left.
        remaining_s: u32,
        /// When the day's budget is full again.
        resets_at: Timestamp,
    },
    /// The session ended.
    Ended {
        /// Why.
        reason: EndReason,
        /// Seconds from first to last.
        duration_s: u64,
        /// Turns with a message.
        turns: u32,
        /// Seconds left today.
        remaining_s: u32,
        /// Whether a memory job follows.
        memory_pending: bool,
    },
    /// The memory job applied its patch.
    MemoryUpdated {
        /// Nodes and edges added.
        added: u32,
        /// Changed.
        changed: u32,
        /// Intervals closed.
        closed: u32,
        /// Version of the session digest.
        digest_version: u64,
    },
}

/// Kinds of notices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// The persona is not a human.
    NotHuman,
    /// Time for a break.
    Break,
    /// Another company answers from here on.
    ProviderChange,
    /// The offline persona answers.
    Offline,
}

/// Why a running turn's text was voided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResetReason {
    /// The output filter stopped it.
    Safety,
    /// The answer starts again from another source.
    Restart,
}

/// Everything that accepting a message commits at once.
#[derive(Clone, Debug)]
pub struct Accept {
    /// Whose message.
    pub teen: TeenId,
    /// The turn row to insert, `state = Accepted`, with `message` present.
    pub turn: TurnRecord,
    /// The session's newest event number after this commit (`turn.seq_accepted`, or later when
    /// safety events ride along).
    pub seq: u64,
    /// Sequenced events that ride in the same commit (safety frames, state changes).
    pub events: Vec<EventRecord>,
    /// Safety record, notice and count of a triggered message.
    pub safety: Option<SafetyCommit>,
    /// A quiet offer of help that is counted without a record.
    pub soft: Option<SafetyNotice>,
}

/// What accepting a message found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AcceptOutcome {
    /// Stored now.
    New,
    /// The same message was stored before: the same turn again.
    Duplicate(Box<TurnRecord>),
    /// The id was used for another text.
    IdConflict,
    /// The session takes no more messages.
    SessionClosed,
    /// The safety record moved meanwhile (`rev` differs); nothing was stored.
    SafetyMoved,
}
