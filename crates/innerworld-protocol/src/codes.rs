//! Stable codes: errors and closes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Stable error codes of the socket and of HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// Not JSON, or a field is missing or of the wrong form.
    BadFrame,
    /// A frame type that this version does not know.
    UnknownType,
    /// The first frame must be `hello`.
    HelloRequired,
    /// The protocol version is not spoken here.
    Version,
    /// The token ended.
    TokenExpired,
    /// The token is missing, wrong or revoked.
    TokenInvalid,
    /// Not allowed for this account or origin.
    Forbidden,
    /// Age and settings are not complete yet.
    ProfileIncomplete,
    /// A consent is missing; no byte has left.
    ConsentRequired,
    /// Choose a persona first.
    PersonaRequired,
    /// No such persona.
    UnknownPersona,
    /// The disclosure must be acknowledged first.
    DisclosureRequired,
    /// Empty after hygiene, or of the wrong form.
    InvalidMessage,
    /// More than 16,000 bytes.
    MessageTooLong,
    /// The id was used for another text.
    IdConflict,
    /// One turn runs and one waits.
    TurnBusy,
    /// No such turn.
    UnknownTurn,
    /// The session has ended.
    SessionEnded,
    /// Too fast.
    RateLimited,
    /// The day's time is used up.
    DailyLimit,
    /// The spend limit is reached.
    SpendLimit,
    /// The safety state refuses persona chat; writing in the journal is possible.
    JournalOnly,
    /// No model can answer.
    ModelUnavailable,
    /// The message was not accepted because it could not be stored.
    StorageUnavailable,
    /// A fault of ours.
    Internal,
    /// The server is shutting down.
    Draining,
    /// A newer connection took over.
    Replaced,
    /// The client reads too slowly.
    Slow,
    /// Nothing was heard for too long.
    Heartbeat,
    /// No such thing (HTTP).
    NotFound,
    /// The state moved meanwhile (HTTP).
    Conflict,
    /// A field of the request is wrong (HTTP).
    Invalid,
}

impl ErrorCode {
    /// Every code, in the order of the reference.
    pub const ALL: [Self; 32] = [
        Self::BadFrame,
        Self::UnknownType,
        Self::HelloRequired,
        Self::Version,
        Self::TokenExpired,
        Self::TokenInvalid,
        Self::Forbidden,
        Self::ProfileIncomplete,
        Self::ConsentRequired,
        Self::PersonaRequired,
        Self::UnknownPersona,
        Self::DisclosureRequired,
        Self::InvalidMessage,
        Self::MessageTooLong,
        Self::IdConflict,
        Self::TurnBusy,
        Self::UnknownTurn,
        Self::SessionEnded,
        Self::RateLimited,
        Self::DailyLimit,
        Self::SpendLimit,
        Self::JournalOnly,
        Self::ModelUnavailable,
        Self::StorageUnavailable,
        Self::Internal,
        Self::Draining,
        Self::Replaced,
        Self::Slow,
        Self::Heartbeat,
        Self::NotFound,
        Self::Conflict,
        Self::Invalid,
    ];

    /// The sentence for people.
    pub const fn message(self) -> &'static str {
        match self {
            Self::BadFrame => "This message could not be read.",
            Self::UnknownType => "This kind of message is not known here.",
            Self::HelloRequired => "The connection must begin with hello.",
            Self::Version => "Please update the app.",
            Self::TokenExpired => "Please sign in again.",
            Self::TokenInvalid => "You are not signed in.",
            Self::Forbidden => "This is not allowed.",
            Self::ProfileIncomplete => "Please complete your profile first.",
            Self::ConsentRequired => "Please review what you agree to first.",
            Self::PersonaRequired => "Please choose who you want to talk to first.",
            Self::UnknownPersona => "There is no such persona.",
            Self::DisclosureRequired => "Please read and accept the notice first.",
            Self::InvalidMessage => "There is nothing to send.",
            Self::MessageTooLong => "This message is too long. Please send it in parts.",
            Self::IdConflict => "This message id was used before for another text.",
            Self::TurnBusy => "An answer is on its way. Please wait for it.",
            Self::UnknownTurn => "This answer is not known.",
            Self::SessionEnded => "This conversation has ended.",
            Self::RateLimited => "Please wait a moment.",
            Self::DailyLimit => "Today's time is used up. It starts again tomorrow.",
            Self::SpendLimit => "There is nothing left for today. It starts again tomorrow.",
            Self::JournalOnly => "You can write in your journal now. Chat opens again later.",
            Self::ModelUnavailable => "No answer could be made just now. Please try again.",
            Self::StorageUnavailable => "Your message could not be saved. Please send it again.",
            Self::Internal => "Something went wrong on our side.",
            Self::Draining => "The server restarts. You will be reconnected.",
            Self::Replaced => "You opened this conversation somewhere else.",
            Self::Slow => "The connection was too slow.",
            Self::Heartbeat => "The connection was lost.",
            Self::NotFound => "There is no such thing.",
            Self::Conflict => "This changed meanwhile. Please look again.",
            Self::Invalid => "A field of the request is not valid.",
        }
    }

    /// Whether the same call may succeed later.
    pub const fn retryable(self) -> bool {
        matches!(
            self,
            Self::TurnBusy
                | Self::RateLimited
                | Self::DailyLimit
                | Self::SpendLimit
                | Self::ModelUnavailable
                | Self::StorageUnavailable
                | Self::Internal
                | Self::Draining
                | Self::Slow
                | Self::Heartbeat
        )
    }

    /// Whether the same call succeeds tomorrow at the earliest: a client does not send it again by itself.
    pub const fn lasts_for_today(self) -> bool {
        matches!(self, Self::DailyLimit | Self::SpendLimit)
    }

    /// The code's text on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BadFrame => "bad_frame",
            Self::UnknownType => "unknown_type",
            Self::HelloRequired => "hello_required",
            Self::Version => "version",
            Self::TokenExpired => "token_expired",
            Self::TokenInvalid => "token_invalid",
            Self::Forbidden => "forbidden",
            Self::ProfileIncomplete => "profile_incomplete",
            Self::ConsentRequired => "consent_required",
            Self::PersonaRequired => "persona_required",
            Self::UnknownPersona => "unknown_persona",
            Self::DisclosureRequired => "disclosure_required",
            Self::InvalidMessage => "invalid_message",
            Self::MessageTooLong => "message_too_long",
            Self::IdConflict => "id_conflict",
            Self::TurnBusy => "turn_busy",
            Self::UnknownTurn => "unknown_turn",
            Self::SessionEnded => "session_ended",
            Self::RateLimited => "rate_limited",
            Self::DailyLimit => "daily_limit",
            Self::SpendLimit => "spend_limit",
            Self::JournalOnly => "journal_only",
            Self::ModelUnavailable => "model_unavailable",
            Self::StorageUnavailable => "storage_unavailable",
            Self::Internal => "internal",
            Self::Draining => "draining",
            Self::Replaced => "replaced",
            Self::Slow => "slow",
            Self::Heartbeat => "heartbeat",
            Self::NotFound => "not_found",
            Self::Conflict => "conflict",
            Self::Invalid => "invalid",
        }
    }
}

/// Close codes. The fatal `error` or `going_away` before a close says the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CloseCode {
    /// After `session.ended`, or by the client.
    Normal,
    /// Frame too large.
    TooLarge,
    /// A fault of ours.
    Internal,
    /// Drain or restart.
    Restart,
    /// Bad frame, no `hello`, repeated protocol errors.
    Protocol,
    /// Token missing, expired or revoked.
    Token,
    /// Other subject, account closed or erased.
    Forbidden,
    /// Heartbeat lost.
    Heartbeat,
    /// Too slow.
    Slow,
    /// Replaced by a newer connection.
    Replaced,
    /// Protocol version.
    Version,
    /// Rate.
    Rate,
}

impl CloseCode {
    /// The number on the wire.
    pub const fn number(self) -> u16 {
        match self {
            Self::Normal => 1000,
            Self::TooLarge => 1009,
            Self::Internal => 1011,
            Self::Restart => 1012,
            Self::Protocol => 4400,
            Self::Token => 4401,
            Self::Forbidden => 4403,
            Self::Heartbeat => 4407,
            Self::Slow => 4408,
            Self::Replaced => 4409,
            Self::Version => 4426,
            Self::Rate => 4429,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_serde_agree() {
        for code in ErrorCode::ALL {
            let json = serde_json::to_string(&code).unwrap();
            assert_eq!(json, format!("\"{}\"", code.as_str()));
        }
    }
}
