//! Port: a model that streams an answer.

use std::{pin::Pin, time::Duration};

use async_trait::async_trait;
use futures_core::Stream;

use super::call::ModelCall;
use crate::conversation::record::{Finish, TurnOrigin};

/// Tokens of one call. Classes do not overlap: `input` excludes what was read from or written to
/// the cache.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct TokenUsage {
    /// Prompt tokens at full price.
    pub input: u32,
    /// Prompt tokens read from the provider's cache.
    pub cache_read: u32,
    /// Prompt tokens written to it.
    pub cache_write: u32,
    /// Answer tokens, reasoning included.
    pub output: u32,
    /// Reasoning tokens among them.
    pub reasoning: u32,
    /// Cost as the provider said, in billionths of a US dollar.
    pub cost_nanousd: Option<u64>,
    /// Estimated by us because the provider said nothing.
    pub estimated: bool,
}

/// What a stream of an answer yields.
#[derive(Clone, Debug, PartialEq)]
pub enum ModelItem {
    /// The provider is alive (a comment line); not a token.
    Alive,
    /// The same model is asked again.
    Retrying,
    /// A hop of the fallback chain was given up and the next one begins.
    Fallback,
    /// Who answers.
    Started {
        /// The provider's id of this generation.
        generation: Option<String>,
        /// The model that answers, as the provider names it.
        model: String,
        /// Model, or the offline persona.
        origin: TurnOrigin,
        /// Company that a consent names; empty for the offline persona.
        company: String,
    },
    /// More text.
    Text(String),
    /// Tokens, once known.
    Usage(TokenUsage),
    /// Done.
    End(Finish),
}

/// A stream of an answer. Dropping it drops the provider's connection.
pub type ModelStream = Pin<Box<dyn Stream<Item = Result<ModelItem, ModelError>> + Send>>;

/// What a caller can do about a failed call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ModelErrorKind {
    /// Not reachable, or failed for a passing reason.
    Unavailable,
    /// Rate limited.
    Throttled,
    /// Key refused, or not paid.
    Denied,
    /// The request is wrong (a bad field).
    Invalid,
    /// The provider does not know this model (any more).
    UnknownModel,
    /// The prompt is too long.
    ContextTooLong,
    /// The provider would not answer this text.
    Refused,
    /// The answer broke off.
    Truncated,
    /// No endpoint satisfies the privacy flags.
    PrivacyUnavailable,
    /// A spend or concurrency limit of ours.
    Budget,
    /// No consent names this company.
    NoConsent,
    /// We cancelled.
    Cancelled,
    /// A clock ran out.
    Timeout,
}

/// Before or after the first token of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ModelPhase {
    /// Nothing was shown: another hop may answer.
    BeforeFirstToken,
    /// Text was shown: never a silent retry.
    AfterFirstToken,
}

/// A failed call. Never holds upstream text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the model call failed ({kind:?}, {phase:?})")]
pub struct ModelError {
    /// What can be done.
    pub kind: ModelErrorKind,
    /// When it failed.
    pub phase: ModelPhase,
    /// HTTP status of the provider.
    pub provider_status: Option<u16>,
    /// When the provider asked to come back.
    pub retry_after: Option<Duration>,
}

impl ModelErrorKind {
    /// Its name in the ledger and in logs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unavailable => "unavailable",
            Self::Throttled => "throttled",
            Self::Denied => "denied",
            Self::Invalid => "invalid",
            Self::UnknownModel => "unknown_model",
            Self::ContextTooLong => "context_too_long",
            Self::Refused => "refused",
            Self::Truncated => "truncated",
            Self::PrivacyUnavailable => "privacy_unavailable",
            Self::Budget => "budget",
            Self::NoConsent => "no_consent",
            Self::Cancelled => "cancelled",
            Self::Timeout => "timeout",
        }
    }
}

impl ModelError {
    /// An error before the first token.
    pub const fn early(kind: ModelErrorKind) -> Self {
        Self {
            kind,
            phase: ModelPhase::BeforeFirstToken,
            provider_status: None,
            retry_after: None,
        }
    }
}

/// Port: a model that streams an answer.
///
/// # Contract
/// * `Started` comes before any `Text`. A second one may only come before the first `Text` (the
///   call was tried again) and replaces the one before; the fallback chain yields exactly one.
/// * A stream ends with `End` or one error; nothing follows it.
/// * An answer without text is an error, never an `End`; empty text is never yielded.
/// * An error tells the truth about its phase: `AfterFirstToken` exactly if `Text` was yielded.
/// * `Usage` comes at most once, before `End`.
/// * Dropping the stream closes the upstream connection.
#[async_trait]
pub trait ChatModel: Send + Sync {
    /// Starts an answer.
    async fn stream(&self, call: ModelCall) -> Result<ModelStream, ModelError>;
}
