//! Frames from the server.

mod error;
mod safety;

use innerworld_core::{
    conversation::record::{
        EndReason, Finish, NoticeKind, ResetReason, SessionState, TurnOrigin, TurnUsage,
    },
    ids::{MessageId, RequestId, SessionId, TurnId},
    persona::PersonaId,
    safety::SafetyState,
    secret::Redacted,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::{
    error::ErrorFrame,
    safety::{EmergencyHint, Resource, SafetyFrame},
};

/// A frame from the server. A client ignores types and fields it does not know.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type")]
pub enum ServerFrame {
    /// Answer to `hello`.
    #[serde(rename = "welcome")]
    Welcome(Box<Welcome>),
    /// What this is; always event 1 of a session.
    #[serde(rename = "disclosure")]
    Disclosure {
        /// Event number.
        seq: u64,
        /// Version of the text.
        version: String,
        /// The text.
        text: String,
        /// Its language.
        locale: String,
        /// Whether `disclosure.ack` must come before `persona.choose`.
        ack_required: bool,
        /// The notice that companions may be unsuitable for some minors.
        unsuitable_notice: String,
    },
    /// A notice.
    #[serde(rename = "notice")]
    Notice {
        /// Event number.
        seq: u64,
        /// Which.
        #[schemars(with = "String")]
        kind: NoticeKind,
        /// The sentence.
        text: String,
        /// Its version.
        version: String,
    },
    /// A persona took over.
    #[serde(rename = "persona.chosen")]
    PersonaChosen {
        /// Event number.
        seq: u64,
        /// Short name.
        #[schemars(with = "String")]
        persona: PersonaId,
        /// Display name.
        name: String,
        /// Version of its data file.
        version: String,
    },
    /// The message is stored.
    #[serde(rename = "accepted")]
    Accepted {
        /// Event number (of the first time, for a repeat).
        seq: u64,
        /// The message's id.
        #[schemars(with = "String")]
        id: MessageId,
        /// The turn it began.
        #[schemars(with = "String")]
        turn: TurnId,
        /// A repeat of a message that was accepted before.
        dup: bool,
    },
    /// An answer begins.
    #[serde(rename = "turn.start")]
    TurnStart {
        /// Event number.
        seq: u64,
        /// The turn.
        #[schemars(with = "String")]
        turn: TurnId,
        /// The message it answers.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        #[schemars(with = "Option<String>")]
        id: Option<MessageId>,
        /// Who speaks.
        #[schemars(with = "String")]
        persona: PersonaId,
        /// Who answers.
        #[schemars(with = "String")]
        origin: TurnOrigin,
        /// Made by a machine.
        ai_generated: bool,
    },
    /// What is going on before the first word.
    #[serde(rename = "turn.status")]
    TurnStatus {
        /// The turn.
        #[schemars(with = "String")]
        turn: TurnId,
        /// What.
        status: TurnStatus,
    },
    /// More of an answer.
    #[serde(rename = "turn.delta")]
    TurnDelta {
        /// The turn.
        #[schemars(with = "String")]
        turn: TurnId,
        /// Characters before this piece.
        off: u64,
        /// The piece.
        #[schemars(with = "String")]
        d: Redacted<String>,
    },
    /// The whole text of an answer so far; replaces what the client has.
    #[serde(rename = "turn.snapshot")]
    TurnSnapshot {
        /// The turn.
        #[schemars(with = "String")]
        turn: TurnId,
        /// Its text.
        #[schemars(with = "String")]
        text: Redacted<String>,
        /// Its length in characters.
        len: u64,
        /// Made by a machine.
        ai_generated: bool,
    },
    /// The answer's text is void; offsets begin at 0 again.
    #[serde(rename = "turn.reset")]
    TurnReset {
        /// Event number.
        seq: u64,
        /// The turn.
        #[schemars(with = "String")]
        turn: TurnId,
        /// Why.
        #[schemars(with = "String")]
        reason: ResetReason,
    },
    /// An answer ended.
    #[serde(rename = "turn.end")]
    TurnEnd {
        /// Event number.
        seq: u64,
        /// The turn.
        #[schemars(with = "String")]
        turn: TurnId,
        /// How.
        #[schemars(with = "String")]
        finish: Finish,
        /// Its length in characters.
        len: u64,
        /// Made by a machine.
        ai_generated: bool,
        /// The error code of `finish: error`.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        code: Option<String>,
        /// Tokens, only for developers.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        #[schemars(with = "Option<Usage>")]
        usage: Option<TurnUsage>,
    },
    /// Help that comes before everything else.
    #[serde(rename = "safety.crisis")]
    SafetyCrisis(Box<SafetyFrame>),
    /// A quiet offer, or a question.
    #[serde(rename = "safety.checkin")]
    SafetyCheckin(Box<SafetyFrame>),
    /// The safety state changed.
    #[serde(rename = "safety.state")]
    SafetyState {
        /// Event number.
        seq: u64,
        /// The new state.
        #[schemars(with = "String")]
        state: SafetyState,
        /// Until when at the earliest.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        until: Option<String>,
    },
    /// Time left today.
    #[serde(rename = "session.time")]
    SessionTime {
        /// Event number.
        seq: u64,
        /// Seconds left.
        remaining_s: u32,
        /// When the day begins anew.
        resets_at: String,
    },
    /// The session ended.
    #[serde(rename = "session.ended")]
    SessionEnded {
        /// Event number.
        seq: u64,
        /// Why.
        #[schemars(with = "String")]
        reason: EndReason,
        /// Seconds from first to last.
        duration_s: u64,
        /// Turns with a message.
        turns: u32,
        /// Seconds left today.
        remaining_s: u32,
        /// Whether a memory update follows.
        memory: MemoryFollows,
    },
    /// What was said is in the memory now.
    #[serde(rename = "memory.updated")]
    MemoryUpdated {
        /// Event number.
        seq: u64,
        /// Nodes and edges added.
        added: u32,
        /// Changed.
        changed: u32,
        /// Intervals closed.
        closed: u32,
        /// Version of the digest.
        digest_version: u64,
    },
    /// The token ends soon.
    #[serde(rename = "auth.expiring")]
    AuthExpiring {
        /// Seconds left.
        expires_in_s: u64,
    },
    /// The connection will be closed; reconnect after a wait.
    #[serde(rename = "going_away")]
    GoingAway {
        /// `drain` or `connection_age`.
        reason: GoingAwayReason,
        /// Wait at least this long.
        after_ms: u64,
        /// And up to this much longer, at random.
        jitter_ms: u64,
    },
    /// Something was refused or failed.
    #[serde(rename = "error")]
    Error(Box<ErrorFrame>),
    /// Answer to `ping`.
    #[serde(rename = "pong")]
    Pong {
        /// Echo.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        t: Option<String>,
        /// The server's time.
        now: String,
    },
    /// Several frames in one post (API Gateway).
    #[serde(rename = "batch")]
    Batch {
        /// 1 to 16 frames, in order, no nesting.
        frames: Vec<ServerFrame>,
    },
    /// A type that this version does not know.
    #[serde(other, rename = "unknown")]
    Unknown,
}

/// `welcome`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Welcome {
    /// The session.
    #[schemars(with = "String")]
    pub session: SessionId,
    /// Epoch of its log.
    pub epoch: String,
    /// Newest event.
    pub seq: u64,
    /// What follows.
    pub resumed: Resumed,
    /// Where the session stands.
    pub state: WireSessionState,
    /// The persona in charge.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schemars(with = "Option<String>")]
    pub persona: Option<PersonaId>,
    /// The turn that runs.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schemars(with = "Option<String>")]
    pub open_turn: Option<TurnId>,
    /// Send a `ping` this often.
    pub heartbeat_ms: u64,
    /// How often deltas are sent.
    pub rollup_ms: u32,
    /// Seconds left today.
    pub remaining_s: u32,
    /// When the day begins anew.
    pub resets_at: String,
    /// Limits that a client needs.
    pub limits: Limits,
    /// Version of the resource list; fetch and keep it when it changed.
    pub resources_version: String,
    /// Names this connection in logs.
    #[schemars(with = "String")]
    pub request_id: RequestId,
    /// Who answers.
    pub server: ServerInfo,
}

/// States as the wire names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WireSessionState {
    /// No persona chosen.
    Greeting,
    /// Talking.
    Active,
    /// Being ended.
    Ending,
    /// Ended.
    Ended,
    /// In memory.
    Remembered,
}

impl From<SessionState> for WireSessionState {
    fn from(state: SessionState) -> Self {
        match state {
            SessionState::Greeting => Self::Greeting,
            SessionState::Active => Self::Active,
            SessionState::Closing => Self::Ending,
            SessionState::Queued => Self::Ended,
            SessionState::Processed => Self::Remembered,
        }
    }
}

/// How a session was taken up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Resumed {
    /// The log from event 1 follows.
    New,
    /// The missed events follow, then the open turn from the client's offset.
    Full,
    /// The log was trimmed: snapshots follow.
    Snapshot,
    /// Another epoch or an ended session: a new session, drop your state.
    Lost,
}

/// Limits that a client needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Limits {
    /// Frames are shorter than this.
    pub frame_bytes: usize,
    /// A message's text is at most this.
    pub message_bytes: usize,
    /// Messages that may follow at once.
    pub messages_burst: u32,
    /// Messages a minute.
    pub messages_per_min: u32,
    /// Turns that may wait behind the running one.
    pub queued_turns: u32,
}

/// Who answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ServerInfo {
    /// Version.
    pub version: String,
    /// `socket` or `apigw`.
    pub carrier: String,
}

/// What is going on before the first word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TurnStatus {
    /// Behind another turn.
    Queued,
    /// Looked at for safety.
    Screening,
    /// The model was asked.
    Thinking,
    /// The model was asked again.
    Retrying,
    /// Another model is asked.
    Fallback,
}

/// Whether a memory update follows the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MemoryFollows {
    /// It follows.
    Pending,
    /// Memory is off.
    Off,
}

/// Why a connection goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GoingAwayReason {
    /// The server restarts.
    Drain,
    /// The connection is too old for its carrier.
    ConnectionAge,
}

/// Tokens of a turn.
#[derive(Clone, Copy, Debug, JsonSchema)]
pub struct Usage {
    /// Prompt tokens.
    pub tokens_in: u32,
    /// Answer tokens.
    pub tokens_out: u32,
}

impl ServerFrame {
    /// The frame as it goes over the wire.
    pub fn encode(&self) -> String {
        // Serialising these types cannot fail: no maps with odd keys, no floats.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads a frame; `None` if it is not one. Unknown types give [`ServerFrame::Unknown`], and so does
    /// an object without a type: a gateway says by itself that what lies behind it failed.
    pub fn parse(text: &str) -> Option<Self> {
        let frame = serde_json::from_str(text);
        frame.ok().or_else(|| {
            let object: serde_json::Map<String, serde_json::Value> =
                serde_json::from_str(text).ok()?;
            (!object.contains_key("type")).then_some(Self::Unknown)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_frame_of_ours_is_unknown_and_what_is_a_wrong_one_is_none() {
        let gateway = r#"{"message":"Internal server error","connectionId":"a=","requestId":"b="}"#;
        for unknown in [gateway, "{}", r#"{"type":"of another day","a":1}"#] {
            assert_eq!(ServerFrame::parse(unknown), Some(ServerFrame::Unknown));
        }
        for wrong in [
            "",
            "[]",
            "null",
            "1",
            r#"{"type":1}"#,
            r#"{"type":"welcome"}"#,
        ] {
            assert_eq!(ServerFrame::parse(wrong), None, "{wrong}");
        }
    }
}
