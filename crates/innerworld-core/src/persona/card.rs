//! A persona's data file.

use serde::{Deserialize, Serialize};

use super::PersonaId;

/// A persona, as loaded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Persona {
    /// Short name.
    pub id: PersonaId,
    /// Display name.
    pub name: String,
    /// Version of the data file.
    pub version: String,
    /// One sentence for the card.
    pub tagline: String,
    /// How it talks, a few words each, for the card.
    pub voice: Vec<String>,
    /// What it will not do, for the card.
    pub boundaries: Vec<String>,
    /// Lines a teen may start with.
    pub starters: Vec<String>,
    /// The fixed first line.
    pub opening: String,
    /// Part 1 of the prompt: the policy, then this persona; at least 5,000 characters.
    pub system_prompt: String,
    /// Voice of the offline persona.
    pub offline: OfflineVoice,
}

/// Phrases from which the offline persona speaks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OfflineVoice {
    /// Reflections per emotion: anger, disgust, fear, joy, neutral, sadness, surprise.
    pub reflect: std::collections::BTreeMap<String, Vec<String>>,
    /// Questions about a remembered fact; `{fact}` is replaced.
    pub remember: Vec<String>,
    /// Open questions or small exercises of this persona; `{name}` of an entity may be used.
    pub invite: Vec<String>,
    /// Offers of the journal after six offline turns.
    pub journal: Vec<String>,
}
