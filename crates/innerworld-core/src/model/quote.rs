//! Somebody's words inside a prompt: data on one line that cannot end its block.

use serde::Serialize;

/// One JSON value on one line, in which no `<` or `>` of a delimiter can stand. Empty for a value
/// that JSON cannot hold.
pub fn line(value: &impl Serialize) -> String {
    let json = serde_json::to_string(value).unwrap_or_default();
    json.replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}
