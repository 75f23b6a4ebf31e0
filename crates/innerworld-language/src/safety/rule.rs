//! One compiled rule: a pattern, and what cancels a match of it.
//!
//! The `regex` crate has no look-around, which keeps matching linear. Exceptions are therefore
//! patterns of their own over the text beside a match.

use std::{collections::BTreeMap, ops::Range, sync::OnceLock};

use innerworld_core::safety::screen::{Category, Level};
use regex_automata::Input;

use super::{
    automaton::Automaton,
    invalid::InvalidRules,
    matcher::{Matcher, Part},
    phrases::PhraseRule,
};

/// How far beside a match its exceptions may look, in bytes.
const REACH: usize = 64;

/// What may stand between two words of a phrase: not the end of a sentence.
const BETWEEN_WORDS: &str = r#"(?:[ ,;:"_*~()/-]|\.\.+ ?){1,4}"#;

pub(super) struct Rule {
    pub(super) id: String,
    pub(super) category: Category,
    pub(super) level: Level,
    /// The phrases, with nothing but spaces between their words.
    pub(super) phrases: String,
    /// The phrases as they are looked for.
    pub(super) matcher: Matcher,
    unless_before: Option<Pattern>,
    unless_after: Option<Pattern>,
    unless_message: Option<Pattern>,
}

/// A pattern of what cancels a match, compiled when it is first needed.
pub(super) struct Pattern {
    source: String,
    compiled: OnceLock<Result<Automaton, regex::Error>>,
}

/// Turns patterns as written into patterns of the `regex` crate.
pub(super) struct Compiler<'a> {
    pub(super) file: &'a str,
    pub(super) words: &'a BTreeMap<String, String>,
}

impl Compiler<'_> {
    pub(super) fn rule(&self, written: &PhraseRule) -> Result<Rule, InvalidRules> {
        let any = self.expanded(&written.id, &written.any.join("|"))?;
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
            matcher: Matcher::new(&any.replace(' ', BETWEEN_WORDS)),
            phrases: any,
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

    fn compiled(&self) -> Result<&Automaton, &regex::Error> {
        let built = self.compiled.get_or_init(|| Automaton::of(&self.source));
        built.as_ref()
    }

    /// Whether it matches. One that does not compile never does: what it would cancel stands.
    fn cancels(&self, text: &str) -> bool {
        let Ok(automaton) = self.compiled() else {
            return false;
        };
        let mut searcher = automaton.searcher();
        let found = searcher.end_of_match(&Input::new(text).earliest(true));
        searcher.end();
        matches!(found, Ok(Some(_)))
    }
}

impl Rule {
    /// Compiles everything now.
    pub(super) fn compile(&self) -> Result<(), regex::Error> {
        self.matcher.compile()?;
        let unless = [
            &self.unless_before,
            &self.unless_after,
            &self.unless_message,
        ];
        let mut unless = unless.into_iter().flatten();
        unless.try_for_each(|pattern| pattern.compiled().map(drop).map_err(Clone::clone))
    }

    /// Whether any match in a part of a text stands, which holds the words that the rule needs; one that
    /// runs over the place `over`, if there is one. One that is cancelled never takes another one with it.
    pub(super) fn stands_in(&self, part: &Part<'_>, over: Option<usize>) -> bool {
        let stands = |found: Range<usize>| {
            over.is_none_or(|place| found.start < place && place < found.end)
                && !self.is_cancelled(part, found)
        };
        self.matcher.any_match(part, stands)
            && !(self.unless_message.as_ref()).is_some_and(|pattern| pattern.cancels(part.text))
    }

    /// By what stands beside a match in its part: "not. i want to" is no "not i want to".
    fn is_cancelled(&self, part: &Part<'_>, found: Range<usize>) -> bool {
        let (text, part) = (part.text, &part.range);
        let from = text.floor_char_boundary(found.start.saturating_sub(REACH));
        let until = text.ceil_char_boundary(found.end.saturating_add(REACH).min(text.len()));
        let (from, until) = (from.max(part.start), until.min(part.end));
        let cancels = |pattern: &Option<Pattern>, part: Option<&str>| {
            (pattern.as_ref().zip(part)).is_some_and(|(pattern, part)| pattern.cancels(part))
        };
        cancels(&self.unless_before, text.get(from..found.start))
            || cancels(&self.unless_after, text.get(found.end..until))
    }
}
