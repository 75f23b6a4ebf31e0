//! `[memory]`: what is remembered, and for how long.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is remembered, and for how long.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct MemoryConfig {
    /// Days that a scrubbed turn is kept as evidence, 1 to 365, counted from the turn.
    pub(crate) evidence_days: u32,
    /// Days that a thing or fact is kept, 1 to 365, counted from when it last came up.
    pub(crate) graph_days: u32,
    /// Tokens that freshly recalled memory may take in a prompt.
    pub(crate) turn_tokens: u32,
}

impl Default for MemoryConfig {
    fn default() -> Self {
        Self {
            evidence_days: 30,
            graph_days: 30,
            turn_tokens: 120,
        }
    }
}
