//! Frames that show help, and what is in them.

use innerworld_core::ids::EventId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Body of `safety.crisis` and `safety.checkin` (safety.md 6). The server sends prebuilt bytes;
/// this is how a client reads them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SafetyFrame {
    /// Event number; 0 for the copy that was sent before everything else.
    pub seq: u64,
    /// Drops repeats.
    #[schemars(with = "Option<String>")]
    pub event: Option<EventId>,
    /// `risk`, `danger`, `concern`.
    #[serde(default)]
    pub level: String,
    /// Wording and resources that were picked.
    #[serde(default)]
    pub variant: String,
    /// `soft` or `ask` of a check-in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intensity: Option<String>,
    /// What to show.
    #[serde(default)]
    pub text: String,
    /// Who can help.
    #[serde(default)]
    pub resources: Vec<Resource>,
    /// Version of the list.
    #[serde(default)]
    pub resources_version: String,
    /// The emergency number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub emergency_hint: Option<EmergencyHint>,
    /// What `safety.reply` may say.
    #[serde(default)]
    pub choices: Vec<String>,
    /// Never: a person wrote this.
    #[serde(default)]
    pub ai_generated: bool,
}

/// Somebody who can help.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Resource {
    /// Short name.
    pub id: String,
    /// Display name.
    pub name: String,
    /// Number to call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<String>,
    /// Number to text, with the word to send.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sms: Option<serde_json::Value>,
    /// Chat address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chat: Option<String>,
    /// Web address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub web: Option<String>,
    /// When somebody answers.
    #[serde(default)]
    pub hours: String,
    /// In which languages.
    #[serde(default)]
    pub languages: Vec<String>,
}

/// The emergency number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EmergencyHint {
    /// The number.
    pub number: String,
    /// A sentence around it.
    pub text: String,
}
