//! Frames from the client.

use std::borrow::Cow;

use innerworld_core::{
    ids::{EventId, MessageId, SessionId, TurnId},
    secret::Redacted,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A frame from the client.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "type")]
pub enum ClientFrame {
    /// First frame of a connection; repeated, it asks for a resync.
    #[serde(rename = "hello")]
    Hello(Hello),
    /// The disclosure was accepted.
    #[serde(rename = "disclosure.ack")]
    DisclosureAck(DisclosureAck),
    /// Chooses a persona, between turns only.
    #[serde(rename = "persona.choose")]
    PersonaChoose(PersonaChoose),
    /// A message to the persona.
    #[serde(rename = "message")]
    Message(Message),
    /// Stops the running answer.
    #[serde(rename = "cancel")]
    Cancel(Cancel),
    /// Everything up to this event was received.
    #[serde(rename = "ack")]
    Ack(Ack),
    /// The teen is typing; defers the idle end.
    #[serde(rename = "typing")]
    Typing,
    /// A safety frame was shown.
    #[serde(rename = "safety.ack")]
    SafetyAck(SafetyAck),
    /// A choice of a safety frame.
    #[serde(rename = "safety.reply")]
    SafetyReply(SafetyReply),
    /// Ends the session.
    #[serde(rename = "session.end")]
    SessionEnd(SessionEnd),
    /// A fresh token for this connection.
    #[serde(rename = "auth")]
    Auth(Auth),
    /// Heartbeat.
    #[serde(rename = "ping")]
    Ping(Ping),
}

/// `hello`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Hello {
    /// Must be 1.
    pub protocol: u32,
    /// Who connects.
    pub client: ClientInfo,
    /// The session to join; without it the teen's live session, or a new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub session: Option<SessionId>,
    /// What the client has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Last>,
    /// How often deltas may be sent, 0 to 500 milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollup_ms: Option<u32>,
    /// Language setting, `en-US`.
    pub locale: String,
    /// Country setting; picks resources. Never guessed from an address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
}

/// Name and version of a client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ClientInfo {
    /// Name, at most 64 bytes.
    pub name: String,
    /// Version, at most 32 bytes.
    pub version: String,
}

/// Where a client stands in a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Last {
    /// Epoch of the log it knows.
    pub epoch: String,
    /// Newest event it has.
    pub seq: u64,
    /// The turn that was open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub turn: Option<TurnId>,
    /// Characters of that turn it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub off: Option<u64>,
}

/// `disclosure.ack`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DisclosureAck {
    /// Version that was shown.
    pub version: String,
}

/// `persona.choose`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PersonaChoose {
    /// Short name: `courage`, `comfort`, `creative`, `compass`, or one the operator added.
    pub persona: String,
}

/// `message`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Message {
    /// Made by the client: the idempotency key inside the session.
    #[schemars(with = "String")]
    pub id: MessageId,
    /// 1 to 16,000 bytes.
    #[schemars(with = "String")]
    pub text: Redacted<String>,
}

/// `cancel`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Cancel {
    /// The turn to stop.
    #[schemars(with = "String")]
    pub turn: TurnId,
}

/// `ack`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Ack {
    /// Everything up to here was received.
    pub seq: u64,
}

/// `safety.ack`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SafetyAck {
    /// The event that was shown.
    #[schemars(with = "String")]
    pub event: EventId,
}

/// `safety.reply`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SafetyReply {
    /// The event that is answered.
    #[schemars(with = "String")]
    pub event: EventId,
    /// One of the frame's choices.
    pub choice: String,
}

/// `session.end`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SessionEnd {
    /// A word for the client's own use; not stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// `auth`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Auth {
    /// A fresh access token of the same account, at most 8 KB.
    #[schemars(with = "String")]
    pub token: Redacted<String>,
}

/// `ping`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Ping {
    /// At most 32 bytes, echoed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub t: Option<String>,
}

/// Why a frame was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameError {
    /// Not JSON, or a field is missing or wrong.
    Bad,
    /// A type that is not known.
    UnknownType,
}

#[derive(Deserialize)]
struct Head<'a> {
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
}

fn read<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, FrameError> {
    serde_json::from_str(text).map_err(|_fields| FrameError::Bad)
}

impl ClientFrame {
    /// Reads a frame. Unknown fields are ignored.
    ///
    /// The text is read twice (type, then fields) because that is cheaper than serde's buffering
    /// of tagged enums, and this runs for every frame of every teen.
    pub fn parse(text: &str) -> Result<Self, FrameError> {
        // serde would also take a struct's fields as a list.
        if !text.trim_ascii_start().starts_with('{') {
            return Err(FrameError::Bad);
        }
        let head: Head<'_> = serde_json::from_str(text).map_err(|_not_json| FrameError::Bad)?;
        match head.kind.as_ref() {
            "hello" => read(text).map(Self::Hello),
            "disclosure.ack" => read(text).map(Self::DisclosureAck),
            "persona.choose" => read(text).map(Self::PersonaChoose),
            "message" => read(text).map(Self::Message),
            "cancel" => read(text).map(Self::Cancel),
            "ack" => read(text).map(Self::Ack),
            "typing" => Ok(Self::Typing),
            "safety.ack" => read(text).map(Self::SafetyAck),
            "safety.reply" => read(text).map(Self::SafetyReply),
            "session.end" => read(text).map(Self::SessionEnd),
            "auth" => read(text).map(Self::Auth),
            "ping" => read(text).map(Self::Ping),
            _ => Err(FrameError::UnknownType),
        }
    }

    /// The frame as it goes over the wire.
    pub fn encode(&self) -> String {
        // Serialising these types cannot fail: no maps with odd keys, no floats.
        serde_json::to_string(self).unwrap_or_default()
    }
}
