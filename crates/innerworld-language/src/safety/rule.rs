//! One compiled rule: a pattern, and what cancels a match of it.
//!
//! The `regex` crate has no look-around, which keeps matching linear. Exceptions are therefore
//! patterns of their own over the text beside a match.

use std::{collections::BTreeMap, sync::OnceLock};

use innerworld_core::safety::screen::{Category, Level};
use regex::bytes::{Regex, RegexBuilder};

use super::{invalid::InvalidRules, phrases::PhraseRule};

/// How far beside a match its exceptions may look, in bytes.
const REACH: usize = 64;

/// Most bytes of one compiled rule.
const SIZE_LIMIT: usize = 32 << 20;

/// What may stand between two words of a phrase: not the end of a sentence.
const BETWEEN_WORDS: &str = r#"(?:[ ,;:"_*~()/-]|\.\.+ ?){1,4}"#;

/// The same for words that were joined.
const MAYBE_BETWEEN_WORDS: &str = r#"(?:[ ,;:"_*~()/-]|\.\.+ ?){0,4}"#;

pub(super) struct Rule {
    pub(super) id: String,
    pub(super) category: Category,
    pub(super) level: Level,
    /// The phrases.
    pub(super) pattern: Pattern,
    /// The same for words without spaces.
    pub(super) joined: Pattern,
    unless_before: Option<Pattern>,
    unless_after: Option<Pattern>,
    unless_message: Option<Pattern>,
}

/// A pattern that is compiled when it is first needed. The words in a text say which rules can
/// match at all, so most messages need none; compiling all of them would delay each start by half
/// a second.
pub(super) struct Pattern {
    pub(super) source: String,
    compiled: OnceLock<Result<Regex, regex::Error>>,
}

/// Turns patterns as written into patterns of the `regex` crate.
pub(super) struct Compiler<'a> {
    pub(super) file: &'a str,
    pub(super) words: &'a BTreeMap<String, String>,
}

impl Compiler<'_> {
    pub(super) fn rule(&self, written: &PhraseRule) -> Result<Rule, InvalidRules> {
        let any = self.expanded(&written.id, &written.any.join("|"))?;
        let wrap = |between| format!(r"\b(?:{})\b", any.replace(' ', between));
        let beside = |pattern: &Option<String>, before: &str, after: &str| {
            pattern
                .as_ref()
                .map(|p| {
                    let expanded = self.expanded(&written.id, p)?;
                    let between = expanded.replace(' ', BETWEEN_WORDS);
                    Ok(Pattern::new(format!("{before}(?:{between}){after}")))
                })
                .transpose()
        };
        Ok(Rule {
            id: written.id.clone(),
            category: written.category,
            level: written.level,
            pattern: Pattern::new(wrap(BETWEEN_WORDS)),
            joined: Pattern::new(wrap(MAYBE_BETWEEN_WORDS)),
            unless_before: beside(&written.unless_before, r"\b", "[^a-z0-9]*$")?,
            unless_after: beside(&written.unless_after, "^[^a-z0-9]*", "")?,
            unless_message: beside(&written.unless_message, "", "")?,
        })
    }

    /// Puts word lists in; a list may use another one that stands before it in the alphabet.
    fn expanded(&self, rule: &str, pattern: &str) -> Result<String, InvalidRules> {
        let mut expanded = pattern.to_owned();
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
}

impl Pattern {
    fn new(source: String) -> Self {
        Self {
            source,
            compiled: OnceLock::new(),
        }
    }

    fn compiled(&self) -> Result<&Regex, &regex::Error> {
        self.compiled
            .get_or_init(|| {
                // Of bytes and ASCII classes: the text was reduced to ASCII where it matters, and
                // classes of all of Unicode, repeated sixty times, are slow to compile and run.
                RegexBuilder::new(&self.source)
                    .unicode(false)
                    .size_limit(SIZE_LIMIT)
                    .build()
            })
            .as_ref()
    }

    /// Whether it matches. One that does not compile never does: what it would cancel stands.
    fn cancels(&self, text: &str) -> bool {
        self.compiled()
            .is_ok_and(|pattern| pattern.is_match(text.as_bytes()))
    }
}

impl Rule {
    /// Compiles everything now.
    pub(super) fn compile(&self) -> Result<(), regex::Error> {
        let unless = [
            &self.unless_before,
            &self.unless_after,
            &self.unless_message,
        ];
        [&self.pattern, &self.joined]
            .into_iter()
            .chain(unless.into_iter().flatten())
            .try_for_each(|pattern| pattern.compiled().map(drop).map_err(Clone::clone))
    }

    /// Whether any match in `text`, which holds the words that the rule needs, stands. One that is
    /// cancelled never takes another one with it.
    pub(super) fn stands_in(&self, text: &str, joined: bool) -> bool {
        if (self.unless_message.as_ref()).is_some_and(|pattern| pattern.cancels(text)) {
            return false;
        }
        let pattern = if joined { &self.joined } else { &self.pattern };
        // Rather a check-in too many than one too few: the words are there.
        let Ok(pattern) = pattern.compiled() else {
            return true;
        };
        pattern
            .find_iter(text.as_bytes())
            .any(|found| !self.is_cancelled(text, found.start(), found.end()))
    }

    fn is_cancelled(&self, text: &str, start: usize, end: usize) -> bool {
        let from = text.floor_char_boundary(start.saturating_sub(REACH));
        let until = text.ceil_char_boundary(end.saturating_add(REACH).min(text.len()));
        let cancels = |pattern: &Option<Pattern>, part: Option<&str>| {
            (pattern.as_ref().zip(part)).is_some_and(|(pattern, part)| pattern.cancels(part))
        };
        cancels(&self.unless_before, text.get(from..start))
            || cancels(&self.unless_after, text.get(end..until))
    }
}
