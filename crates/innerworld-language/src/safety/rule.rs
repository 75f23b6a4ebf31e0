//! One compiled rule: a pattern, and what cancels a match of it.
//!
//! The `regex` crate has no look-around, which keeps matching linear. Exceptions are therefore
//! patterns of their own over the text beside a match.

use std::collections::BTreeMap;

use innerworld_core::safety::screen::{Category, Level};
use regex::{Regex, RegexBuilder};

use super::{invalid::InvalidRules, phrases::PhraseRule};

/// How far beside a match its exceptions may look, in bytes.
const REACH: usize = 64;

/// Most bytes of one compiled rule.
pub(super) const SIZE_LIMIT: usize = 32 << 20;

/// What may stand between two words of a phrase: not the end of a sentence.
const BETWEEN_WORDS: &str = r#"(?:[ ,;:"_*~()/-]|\.\.+ ?){1,4}"#;

/// The same for words that were joined.
const MAYBE_BETWEEN_WORDS: &str = r#"(?:[ ,;:"_*~()/-]|\.\.+ ?){0,4}"#;

pub(super) struct Rule {
    pub(super) id: String,
    pub(super) category: Category,
    pub(super) level: Level,
    /// Source of the pattern, for the set of all rules.
    pub(super) source: String,
    /// The same for words without spaces.
    pub(super) joined_source: String,
    pattern: Regex,
    joined_pattern: Regex,
    unless_before: Option<Regex>,
    unless_after: Option<Regex>,
    unless_message: Option<Regex>,
}

/// Turns patterns as written into patterns of the `regex` crate.
pub(super) struct Compiler<'a> {
    pub(super) file: &'a str,
    pub(super) words: &'a BTreeMap<String, String>,
}

impl Compiler<'_> {
    pub(super) fn rule(&self, written: &PhraseRule) -> Result<Rule, InvalidRules> {
        let any = self.expanded(&written.id, &written.any.join("|"))?;
        // Word edges of ASCII: the text was reduced to it where it matters, and the fast engine
        // has no Unicode edges.
        let wrap = |between| format!(r"(?-u:\b)(?:{})(?-u:\b)", any.replace(' ', between));
        let (source, joined_source) = (wrap(BETWEEN_WORDS), wrap(MAYBE_BETWEEN_WORDS));
        let beside = |pattern: &Option<String>, before: &str, after: &str| {
            pattern
                .as_ref()
                .map(|p| {
                    let expanded = self.expanded(&written.id, p)?;
                    let whole = format!(
                        "{before}(?:{}){after}",
                        expanded.replace(' ', BETWEEN_WORDS)
                    );
                    self.regex(&written.id, &whole)
                })
                .transpose()
        };
        Ok(Rule {
            id: written.id.clone(),
            category: written.category,
            level: written.level,
            pattern: self.regex(&written.id, &source)?,
            joined_pattern: self.regex(&written.id, &joined_source)?,
            unless_before: beside(&written.unless_before, r"(?-u:\b)", "[^a-z0-9]*$")?,
            unless_after: beside(&written.unless_after, "^[^a-z0-9]*", "")?,
            unless_message: beside(&written.unless_message, "", "")?,
            source,
            joined_source,
        })
    }

    /// Puts word lists in; a list may use another one that stands before it in the alphabet.
    fn expanded(&self, rule: &str, pattern: &str) -> Result<String, InvalidRules> {
        // Within a sentence: of ASCII, since sixty repeats of all of Unicode are slow to compile.
        let mut expanded = pattern.replace("[^.!?]", r"[\x20-\x7e&&[^.!?]]");
        for (name, list) in self.words.iter().rev() {
            expanded = expanded.replace(&format!("<{name}>"), &format!("(?:{list})"));
        }
        match expanded.split_once('<') {
            Some((_, rest)) => Err(InvalidRules::UnknownWord {
                file: self.file.to_owned(),
                rule: rule.to_owned(),
                word: rest.split('>').next().unwrap_or_default().to_owned(),
            }),
            None => Ok(expanded),
        }
    }

    fn regex(&self, rule: &str, pattern: &str) -> Result<Regex, InvalidRules> {
        RegexBuilder::new(pattern)
            .size_limit(SIZE_LIMIT)
            .build()
            .map_err(|source| InvalidRules::Pattern {
                file: self.file.to_owned(),
                rule: rule.to_owned(),
                source: Box::new(source),
            })
    }
}

impl Rule {
    /// Whether any match in `text` stands. One that is cancelled never takes another one with it.
    pub(super) fn stands_in(&self, text: &str, joined: bool) -> bool {
        let pattern = if joined {
            &self.joined_pattern
        } else {
            &self.pattern
        };
        if self
            .unless_message
            .as_ref()
            .is_some_and(|p| p.is_match(text))
        {
            return false;
        }
        pattern
            .find_iter(text)
            .any(|found| !self.is_cancelled(text, found.start(), found.end()))
    }

    fn is_cancelled(&self, text: &str, start: usize, end: usize) -> bool {
        let from = text.floor_char_boundary(start.saturating_sub(REACH));
        let until = text.ceil_char_boundary(end.saturating_add(REACH).min(text.len()));
        let matches = |pattern: &Option<Regex>, part: Option<&str>| {
            pattern
                .as_ref()
                .zip(part)
                .is_some_and(|(pattern, part)| pattern.is_match(part))
        };
        matches(&self.unless_before, text.get(from..start))
            || matches(&self.unless_after, text.get(end..until))
    }
}
