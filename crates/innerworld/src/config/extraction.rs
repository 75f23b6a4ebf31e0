//! `[extraction]`: the model that reads ended sessions, what it may cost.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The model that reads ended sessions for memory, beside the rules on this machine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ExtractionConfig {
    /// Whether ended sessions of teens who agreed to it are read by a model. Needs a provider with
    /// a key; without one the rules on this machine do it alone.
    pub(crate) enabled: bool,
    /// Name of the provider to ask; unset, the first one that has a key.
    pub(crate) provider: Option<String>,
    /// Model to ask; unset, the shipped default. A small one is enough.
    pub(crate) model: Option<String>,
    /// Model to ask once when the first fails; unset, the shipped default.
    pub(crate) fallback: Option<String>,
    /// Most tokens of an answer, 200 to 1500.
    pub(crate) max_tokens: u32,
    /// Seconds that one session may take, 10 to 60.
    pub(crate) deadline_s: u32,
    /// Price of a million prompt tokens in US dollars, for providers that do not say what a call
    /// cost.
    pub(crate) input_usd_per_million: f32,
    /// Price of a million answer tokens in US dollars, likewise.
    pub(crate) output_usd_per_million: f32,
    /// US dollars that extraction may cost a day (UTC), counted from the start of the process;
    /// beyond it sessions stay with the rules on this machine. Unset, no limit.
    pub(crate) usd_per_day: Option<f32>,
}

impl Default for ExtractionConfig {
    fn default() -> Self {
        Self {
            enabled: true,
            provider: None,
            model: None,
            fallback: None,
            max_tokens: 1_500,
            deadline_s: 60,
            input_usd_per_million: 1.0,
            output_usd_per_million: 5.0,
            usd_per_day: None,
        }
    }
}
