//! What the pipeline decides about a message.

use serde::{Deserialize, Serialize};

/// Outcome of moderation. Order is severity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SafetyVerdict {
    /// A plain persona turn.
    Allow,
    /// A persona turn with the support suffix.
    Support,
    /// No persona turn.
    Block,
}

/// How a teen may use the service now: the stricter of the jurisdiction's mode and the state.
/// Order is strictness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChatMode {
    /// Talking with personas.
    Companion,
    /// Journal, grounding, trusted-adult script and resources; no persona.
    JournalingOnly,
    /// Not at all.
    Refused,
}
