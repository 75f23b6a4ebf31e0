//! The request: rules and schema, the same for everybody, then the talk as quoted data.

use serde::Serialize;

use super::Line;
use crate::model::quote;

/// Rules and schema: nobody's words, and the same bytes in every request.
pub const SYSTEM: &str = concat!(
    include_str!("../../../prompts/safety.en.txt"),
    include_str!("../../../prompts/safety.schema.json"),
);
/// The schema of an answer.
pub const SCHEMA: &str = include_str!("../../../prompts/safety.schema.json");
/// The schema's name in a request.
pub const SCHEMA_NAME: &str = "second_look";
/// Version of the rules, for the ledger. Raise it with every change of the prompt or the checks.
pub const VERSION: &str = "1";
/// Characters of a line that are sent: the longest message is screened whole on this machine, and
/// its beginning and end are looked at here.
const LINE_CHARS: usize = 4_000;

#[derive(Serialize)]
struct Quoted<'a> {
    id: String,
    who: &'static str,
    text: &'a str,
}

/// The talk, one JSON object a line between delimiters that no line can contain.
pub fn data(lines: &[Line]) -> String {
    let quoted = (1..).zip(lines).map(|(number, line)| {
        quote::line(&Quoted {
            id: format!("L{number}"),
            who: if line.by_teen { "teen" } else { "companion" },
            text: &ends(line.text.as_str()),
        })
    });
    let opening = std::iter::once("<data>".to_owned());
    let closing = std::iter::once("</data>".to_owned());
    let all: Vec<String> = opening.chain(quoted).chain(closing).collect();
    all.join("\n")
}

/// A text, or the two ends of a long one.
fn ends(text: &str) -> String {
    let length = text.chars().count();
    if length <= LINE_CHARS {
        return text.to_owned();
    }
    let half = LINE_CHARS / 2;
    let head: String = text.chars().take(half).collect();
    let tail: String = text.chars().skip(length - half).collect();
    format!("{head} (...) {tail}")
}
