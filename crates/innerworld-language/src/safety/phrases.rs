//! The rule files as they are written.

use std::collections::BTreeMap;

use innerworld_core::safety::screen::{Category, Level};
use serde::Deserialize;

/// One file: one language.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PhraseFile {
    /// Alternatives that patterns name as `<word>`.
    #[serde(default)]
    pub(super) words: BTreeMap<String, String>,
    /// The rules.
    #[serde(rename = "rule")]
    pub(super) rules: Vec<PhraseRule>,
}

/// One rule as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PhraseRule {
    /// Stable name, stored with counts.
    pub(super) id: String,
    /// What it is about.
    pub(super) category: Category,
    /// How serious.
    pub(super) level: Level,
    /// Patterns, any of which is a match. A space stands for what may part two words.
    pub(super) any: Vec<String>,
    /// The match does not count if the text right before it ends like this.
    pub(super) unless_before: Option<String>,
    /// The match does not count if the text right after it starts like this.
    pub(super) unless_after: Option<String>,
    /// No match counts if the message has this anywhere.
    pub(super) unless_message: Option<String>,
    /// Sentences that must match.
    pub(super) examples: Vec<String>,
    /// Sentences that must not match.
    pub(super) counterexamples: Vec<String>,
}
