//! A persona, as the rest of the system sees it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::PersonaId;

/// The emotions of the offline voice, in the order of
/// [`EmotionWeights`](crate::memory::graph::EmotionWeights).
pub const EMOTIONS: [&str; 7] = [
    "anger", "disgust", "fear", "joy", "neutral", "sadness", "surprise",
];

/// Most persona turns a session can have; so many times the offline voice has something new to say.
pub const SESSION_TURNS: usize = 38;

/// A persona, as loaded. Its fields were checked by
/// [`PersonaDirectory`](super::directory::PersonaDirectory).
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
    /// Names exactly this part 1 in the ledger: id, version of the file, hash of the text.
    pub prompt_version: String,
    /// Voice of the offline persona.
    pub offline: OfflineVoice,
}

impl Persona {
    /// What a client may show: everything but the prompt and the offline lines.
    pub fn card(&self) -> PersonaCard {
        PersonaCard {
            id: self.id.clone(),
            name: self.name.clone(),
            version: self.version.clone(),
            tagline: self.tagline.clone(),
            voice: self.voice.clone(),
            boundaries: self.boundaries.clone(),
            starters: self.starters.clone(),
            opening: self.opening.clone(),
        }
    }
}

/// The public part of a persona.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonaCard {
    /// Short name.
    pub id: PersonaId,
    /// Display name.
    pub name: String,
    /// Version of the data file.
    pub version: String,
    /// One sentence.
    pub tagline: String,
    /// How it talks.
    pub voice: Vec<String>,
    /// What it will not do.
    pub boundaries: Vec<String>,
    /// Lines a teen may start with.
    pub starters: Vec<String>,
    /// Its first line.
    pub opening: String,
}

/// Lines from which the offline persona speaks. A reply is a reflection, perhaps a remembered
/// fact, and an invitation (or an offer of the journal): 15 to 60 words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfflineVoice {
    /// Reflections per emotion: anger, disgust, fear, joy, neutral, sadness, surprise. The neutral
    /// ones fit every message: they serve when an emotion's own lines are used up, and together
    /// they last for [`SESSION_TURNS`].
    pub reflect: BTreeMap<String, Vec<String>>,
    /// Questions about a remembered fact; `{fact}` is replaced by a plain clause.
    pub remember: Vec<String>,
    /// Open questions or small exercises of this persona. A line with `{name}` needs an entity of
    /// the message; those without last for [`SESSION_TURNS`].
    pub invite: Vec<String>,
    /// Offers of the journal after six offline turns.
    pub journal: Vec<String>,
}

impl OfflineVoice {
    /// Reflections for `emotion`: its own first, then the neutral ones.
    pub fn reflections(&self, emotion: &str) -> impl Iterator<Item = &str> {
        let own = self.reflect.get(emotion);
        let neutral = self.reflect.get("neutral").filter(|_| emotion != "neutral");
        own.into_iter().chain(neutral).flatten().map(String::as_str)
    }

    /// Every line, for checks.
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        self.reflect
            .values()
            .flatten()
            .chain(&self.remember)
            .chain(&self.invite)
            .chain(&self.journal)
            .map(String::as_str)
    }
}
