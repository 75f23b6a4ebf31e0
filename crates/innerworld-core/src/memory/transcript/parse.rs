//! The JSON form. What is said when it is wrong never quotes the file.

use std::borrow::Cow;

use jiff::civil::Date;
use serde::{Deserialize, Deserializer, de::Error as _};

use crate::memory::store::Speaker;

/// A session as the file has it.
#[derive(Deserialize)]
pub(super) struct RawSession {
    #[serde(default, deserialize_with = "day")]
    pub(super) date: Option<Date>,
    #[serde(default)]
    pub(super) zone: Option<String>,
    pub(super) lines: Vec<RawLine>,
}

/// A line as the file has it.
#[derive(Deserialize)]
pub(super) struct RawLine {
    #[serde(default, deserialize_with = "id")]
    pub(super) id: Option<String>,
    #[serde(deserialize_with = "speaker")]
    pub(super) speaker: Speaker,
    #[serde(default)]
    pub(super) at: Option<String>,
    pub(super) text: String,
}

impl RawLine {
    /// A line of a plain text.
    pub(super) fn of_teen(text: &str) -> Self {
        Self {
            id: None,
            speaker: Speaker::Teen,
            at: None,
            text: text.to_owned(),
        }
    }
}

/// An id: a text or a number.
#[derive(Deserialize)]
#[serde(untagged, expecting = "an `id` is a text or a number")]
enum Id {
    Number(u64),
    Text(String),
}

fn id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Option::<Id>::deserialize(deserializer)? {
        Some(Id::Number(number)) => Some(number.to_string()),
        Some(Id::Text(text)) => Some(text),
        None => None,
    })
}

fn speaker<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Speaker, D::Error> {
    let name = Cow::<'de, str>::deserialize(deserializer)?;
    match &*name {
        "teen" => Ok(Speaker::Teen),
        "persona" => Ok(Speaker::Persona),
        _ => Err(D::Error::custom(
            "a `speaker` is either \"teen\" or \"persona\"",
        )),
    }
}

/// The day of a date, which may go on with a time.
fn day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Date>, D::Error> {
    let Some(text) = Option::<Cow<'de, str>>::deserialize(deserializer)? else {
        return Ok(None);
    };
    let day = text.get(..10).and_then(|day| day.parse().ok());
    day.map(Some)
        .ok_or_else(|| D::Error::custom("a `date` is written like 2026-05-08"))
}
