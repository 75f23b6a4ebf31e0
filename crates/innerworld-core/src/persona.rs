//! Personas: characters as data files, and the prompts made from them.

pub mod card;
pub mod contract;
pub mod directory;
mod file;
pub mod prompt;

pub use file::{MAX_PROMPT_CHARS, MIN_PROMPT_CHARS};

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize};

/// Short name of a persona: 1 to 32 lower-case letters, digits or hyphens, starting with a letter.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct PersonaId(Box<str>);

/// A text that is not a persona's short name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a persona id is 1 to 32 lower-case letters, digits or hyphens, starting with a letter")]
pub struct InvalidPersonaId;

impl PersonaId {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PersonaId {
    type Err = InvalidPersonaId;

    fn from_str(text: &str) -> Result<Self, InvalidPersonaId> {
        let starts_right = text
            .bytes()
            .next()
            .is_some_and(|byte| byte.is_ascii_lowercase());
        let all_allowed = text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        if starts_right && all_allowed && text.len() <= 32 {
            Ok(Self(text.into()))
        } else {
            Err(InvalidPersonaId)
        }
    }
}

impl fmt::Display for PersonaId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for PersonaId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
