//! Settings of model providers: plain values, mapped from the configuration file by the executable.

use std::{sync::Arc, time::Duration};

use crate::key::KeySource;

/// The model that is asked first when nothing else is configured.
pub const DEFAULT_MODEL_PRIMARY: &str = "anthropic/claude-sonnet-5.5";
/// The model that is asked next when nothing else is configured.
pub const DEFAULT_MODEL_FALLBACK: &str = "openai/gpt-4o-mini";
/// The model that reads ended sessions when nothing else is configured.
pub const DEFAULT_EXTRACTION_MODEL: &str = "anthropic/claude-haiku-4.5";
/// The model that takes a second look at messages when nothing else is configured.
pub const DEFAULT_SAFETY_MODEL: &str = "anthropic/claude-haiku-4.5";
/// No configuration raises `max_tokens` above this.
pub const HARD_MAX_TOKENS: u32 = 800;

/// No configuration raises the tokens of an answer in JSON above this.
pub const HARD_MAX_JSON_TOKENS: u32 = 1_500;

/// The request shape of a provider.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dialect {
    /// OpenRouter: privacy flags, upstream fallback models and cache breakpoints travel with each
    /// call.
    #[default]
    OpenRouter,
    /// Any other server with the chat-completions API.
    OpenAi,
}

impl Dialect {
    /// Reads the name used in configuration and in the secret.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "openrouter" => Some(Self::OpenRouter),
            "openai" => Some(Self::OpenAi),
            _ => None,
        }
    }

    /// Where the API of this dialect's own company is.
    pub const fn default_base_url(self) -> &'static str {
        match self {
            Self::OpenRouter => "https://openrouter.ai/api/v1",
            Self::OpenAi => "https://api.openai.com/v1",
        }
    }
}

/// What a provider promises about a teen's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Privacy {
    /// The flags of the dialect, sent with each call (OpenRouter only).
    Flags,
    /// An agreement of the operator with the company, by its name.
    Contract(String),
}

/// One model server.
#[derive(Clone, Debug)]
pub struct ProviderConfig {
    /// Short name, for the ledger and logs.
    pub name: String,
    /// The company that a consent names.
    pub company: String,
    /// Base URL of the API, without `/chat/completions`.
    pub base_url: String,
    /// Its request shape.
    pub dialect: Dialect,
    /// What it promises.
    pub privacy: Privacy,
    /// Whether a private address (a local model) and plain HTTP are allowed, for this host only.
    pub allow_private: bool,
    /// The API key.
    pub key: Arc<dyn KeySource>,
    /// The model asked first.
    pub model_primary: String,
    /// The model asked next.
    pub model_fallback: Option<String>,
    /// Clocks and limits.
    pub limits: ProviderLimits,
}

/// Clocks and limits of one provider.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProviderLimits {
    /// The clocks of a call.
    pub clocks: Clocks,
    /// When a failed call is tried again.
    pub retry: RetryLimits,
    /// When a model is left alone.
    pub breaker: BreakerLimits,
    /// Calls at the same time.
    pub concurrency: Concurrency,
    /// Speaks HTTP/2 without TLS from the first byte, for local servers that want it.
    pub cleartext_http2: bool,
}

/// The clocks of a call (models.md 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clocks {
    /// Name resolution, TCP and TLS.
    pub connect: Duration,
    /// From sending to the response headers.
    pub headers: Duration,
    /// From sending to the first content token; nothing resets it.
    pub first_token: Duration,
    /// Between content tokens.
    pub idle: Duration,
    /// Between any two bytes.
    pub liveness: Duration,
    /// The whole call.
    pub total: Duration,
    /// After the finish reason: how long usage is waited for.
    pub settle: Duration,
}

impl Default for Clocks {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(3),
            headers: Duration::from_secs(10),
            first_token: Duration::from_secs(15),
            idle: Duration::from_secs(10),
            liveness: Duration::from_secs(30),
            total: Duration::from_secs(60),
            settle: Duration::from_secs(2),
        }
    }
}

/// When a failed call is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryLimits {
    /// Most retries of a call.
    pub most: u8,
    /// Shortest pause.
    pub min_delay: Duration,
    /// Longest pause; the pause is drawn evenly between the two.
    pub max_delay: Duration,
    /// The longest `Retry-After` that is obeyed; a longer one means the next hop.
    pub obey: Duration,
}

impl Default for RetryLimits {
    fn default() -> Self {
        Self {
            most: 2,
            min_delay: Duration::from_millis(200),
            max_delay: Duration::from_secs(1),
            obey: Duration::from_secs(5),
        }
    }
}

/// When a model is left alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BreakerLimits {
    /// Failures that open it, at least half of the calls of `window`.
    pub failures: usize,
    /// How far back it looks.
    pub window: Duration,
    /// How long it stays open the first time; it doubles.
    pub open: Duration,
    /// The longest it stays open.
    pub max_open: Duration,
    /// How long it stays open for an unknown model.
    pub unknown_model: Duration,
}

impl Default for BreakerLimits {
    fn default() -> Self {
        Self {
            failures: 5,
            window: Duration::from_secs(20),
            open: Duration::from_secs(10),
            max_open: Duration::from_secs(120),
            unknown_model: Duration::from_secs(600),
        }
    }
}

/// Calls at the same time to one base URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Concurrency {
    /// Calls that run.
    pub running: usize,
    /// Calls that wait; one more is refused at once.
    pub waiting: usize,
}

impl Default for Concurrency {
    fn default() -> Self {
        Self {
            running: 256,
            waiting: 256,
        }
    }
}
