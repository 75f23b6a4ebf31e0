//! `[[providers]]` and `[models]`: who answers, and how models are asked.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The request shape of a model server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Dialect {
    /// OpenRouter: privacy flags travel with each call.
    #[default]
    Openrouter,
    /// Any other server with the chat-completions API.
    Openai,
}

/// What a provider promises about a teen's words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Privacy {
    /// The dialect asks for it with each call (OpenRouter only).
    #[default]
    Flags,
    /// An agreement of the operator with the company; `agreement` names it.
    Contract,
}

/// One model server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ProviderConfig {
    /// Short name of letters, digits, `-` and `_`; it is part of the key's environment variable
    /// (`INNERWORLD_PROVIDERS__<NAME>__API_KEY`).
    pub(crate) name: String,
    /// The company that a consent must name before a byte leaves.
    pub(crate) company: String,
    /// Base URL of the API. Default for OpenRouter: `https://openrouter.ai/api/v1`.
    pub(crate) base_url: Option<String>,
    /// `openrouter` or `openai` (any server with the chat-completions API).
    pub(crate) dialect: Dialect,
    /// `flags` (sent with each call, OpenRouter only) or `contract`.
    pub(crate) privacy: Privacy,
    /// With `privacy = "contract"`: the name of the agreement.
    pub(crate) agreement: Option<String>,
    /// Whether a private address (a local model) may be reached: only this host and port.
    pub(crate) allow_private: bool,
    /// File with the API key, mode 0600: the key alone, or the JSON secret with model names.
    pub(crate) api_key_file: Option<PathBuf>,
    /// Model to ask first; unset, `models.primary`.
    pub(crate) primary: Option<String>,
    /// Model to ask when the first fails; unset, `models.fallback`.
    pub(crate) fallback: Option<String>,
}

/// How models are asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ModelsConfig {
    /// Model to ask first; unset, the shipped default. A name inside the secret wins over it.
    pub(crate) primary: Option<String>,
    /// Model to ask when the first fails; unset, the shipped default.
    pub(crate) fallback: Option<String>,
    /// Most tokens of an answer, 1 to 800.
    pub(crate) max_tokens: u32,
    /// 0 (same answer each time) to 1 (free).
    pub(crate) temperature: f32,
    /// Calls at the same time to one base URL.
    pub(crate) concurrency: u32,
    /// Most time to connect (DNS, TCP, TLS), in milliseconds.
    pub(crate) connect_ms: u32,
    /// Most time to the response headers, in milliseconds.
    pub(crate) headers_ms: u32,
    /// Most time to the first content token, in milliseconds.
    pub(crate) first_token_ms: u32,
    /// Most time between two content tokens, in milliseconds.
    pub(crate) idle_ms: u32,
    /// Most time without any byte, in milliseconds.
    pub(crate) liveness_ms: u32,
    /// Most time of a whole call, in milliseconds.
    pub(crate) total_ms: u32,
}

impl Default for ModelsConfig {
    fn default() -> Self {
        Self {
            primary: None,
            fallback: None,
            max_tokens: 400,
            temperature: 0.8,
            concurrency: 256,
            connect_ms: 3_000,
            headers_ms: 10_000,
            first_token_ms: 15_000,
            idle_ms: 10_000,
            liveness_ms: 30_000,
            total_ms: 60_000,
        }
    }
}
