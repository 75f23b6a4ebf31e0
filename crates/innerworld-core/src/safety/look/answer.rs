//! What a model wrote -> a verdict, or why it is none.

use serde::Deserialize;

use super::{About, LookFailure, LookLevel, LookVerdict};
use crate::{
    model::refusal,
    safety::screen::{Category, Level},
};

/// Bytes of an answer that are read: many times what a verdict takes.
pub const MAX_BYTES: usize = 2_048;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    level: AnsweredLevel,
    category: AnsweredCategory,
    about: AnsweredAbout,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum AnsweredLevel {
    None,
    Concern,
    Risk,
    Danger,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum AnsweredCategory {
    Known(Category),
    None(Nothing),
}

#[derive(Deserialize)]
enum Nothing {
    #[serde(rename = "none")]
    None,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum AnsweredAbout {
    #[serde(rename = "self")]
    Teen,
    Other,
    Fiction,
}

/// Reads an answer. A fence or a word around the object does not matter; the object itself must be
/// exactly one of the schema, and there must be only one.
///
/// # Errors
/// [`LookFailure::Refused`] for prose that says so, else [`LookFailure::Malformed`].
pub fn read(answer: &str) -> Result<LookVerdict, LookFailure> {
    if answer.len() > MAX_BYTES {
        return Err(LookFailure::Malformed);
    }
    let Some(object) = object_in(answer) else {
        return Err(if refusal::is_refusal(answer) {
            LookFailure::Refused
        } else {
            LookFailure::Malformed
        });
    };
    let answer: Answer = serde_json::from_str(object).map_err(|_wrong| LookFailure::Malformed)?;
    let category = match answer.category {
        AnsweredCategory::Known(category) => Some(category),
        AnsweredCategory::None(Nothing::None) => None,
    };
    let level = match answer.level {
        // An answer that contradicts itself is believed in its graver half.
        AnsweredLevel::None if category.is_some() => LookLevel::Some(Level::Concern),
        AnsweredLevel::None => LookLevel::Nothing,
        AnsweredLevel::Concern => LookLevel::Some(Level::Concern),
        AnsweredLevel::Risk => LookLevel::Some(Level::Risk),
        AnsweredLevel::Danger => LookLevel::Some(Level::Danger),
    };
    Ok(LookVerdict {
        level,
        category,
        about: match answer.about {
            AnsweredAbout::Teen => About::Teen,
            AnsweredAbout::Other => About::Other,
            AnsweredAbout::Fiction => About::Fiction,
        },
    })
}

/// From the first brace to the last: two objects make a text that is no JSON, and so no verdict.
fn object_in(answer: &str) -> Option<&str> {
    let from = answer.find('{')?;
    let to = answer.rfind('}')?;
    answer.get(from..=to)
}
