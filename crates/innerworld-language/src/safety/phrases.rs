//! Phrase rules: a regular-expression set finds candidates, then each rule's exceptions decide.
//!
//! Rules are data (`phrases.<language>.toml`). Spaces in a pattern stand for one space of a
//! normalised text; `{{name}}` takes a piece from the file's `[words]`.

use std::collections::BTreeMap;

use innerworld_core::safety::{Category, Level, LocalScreen, LocalVerdict};
use regex::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};
use serde::Deserialize;

use super::normalise::{self, Views};

/// Bytes before a match in which `unless_before` looks, at most, and not beyond the sentence.
const BEFORE_BYTES: usize = 96;
/// Most bytes of a compiled set; the shipped rules take a fraction.
const SIZE_LIMIT: usize = 32 << 20;

/// A file of rules that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BadPhrases {
    /// Not TOML of the right form.
    #[error("{file} is not a valid file of phrase rules")]
    Format {
        /// The file.
        file: String,
        /// What and where.
        #[source]
        source: toml::de::Error,
    },
    /// A rule that is not valid.
    #[error("{file}: rule {rule}: {problem}")]
    Rule {
        /// The file.
        file: String,
        /// The rule's id.
        rule: String,
        /// What is wrong.
        problem: String,
    },
    /// The rules do not compile together.
    #[error("the phrase rules do not compile together")]
    Set(#[source] Box<regex::Error>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleFile {
    version: String,
    #[serde(default)]
    words: BTreeMap<String, String>,
    rule: Vec<RuleText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleText {
    id: String,
    category: Category,
    level: Level,
    pattern: String,
    unless_before: Option<String>,
    unless_after: Option<String>,
    unless_message: Option<String>,
    examples: Vec<String>,
    counterexamples: Vec<String>,
}

struct Rule {
    id: String,
    category: Category,
    level: Level,
    pattern: Regex,
    unless_before: Option<Regex>,
    unless_after: Option<Regex>,
    unless_message: Option<Regex>,
}

/// The sentences that a rule must and must not find, for tests.
#[derive(Debug)]
pub struct PhraseTest {
    /// The rule's id.
    pub rule: String,
    /// Must be found, by this rule.
    pub examples: Vec<String>,
    /// Must not be found, by any rule.
    pub counterexamples: Vec<String>,
}

/// The local tier: phrase rules over a message and over the last few messages.
pub struct PhraseScreen {
    set: RegexSet,
    rules: Vec<Rule>,
    tests: Vec<PhraseTest>,
    version: String,
}

impl std::fmt::Debug for PhraseScreen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PhraseScreen").field("version", &self.version).finish_non_exhaustive()
    }
}

impl PhraseScreen {
    /// The rules that ship with this crate.
    pub fn shipped() -> Result<Self, BadPhrases> {
        let files = super::FILES.iter().filter(|(name, _)| name.starts_with("phrases."));
        Self::load(&files.copied().collect::<Vec<_>>())
    }

    /// Rules of files, given as name and text. Every rule needs at least five examples and five
    /// counterexamples; [`PhraseScreen::tests`] hands them out.
    pub fn load(files: &[(&str, &str)]) -> Result<Self, BadPhrases> {
        let mut rules = Vec::new();
        let mut tests = Vec::new();
        let mut patterns = Vec::new();
        let mut versions = Vec::new();
        for (name, text) in files {
            let file: RuleFile = toml::from_str(text).map_err(|source| BadPhrases::Format {
                file: (*name).to_owned(),
                source,
            })?;
            versions.push(file.version.clone());
            for rule in &file.rule {
                let compiled = Rule::compile(rule, &file.words).map_err(|problem| {
                    BadPhrases::Rule { file: (*name).to_owned(), rule: rule.id.clone(), problem }
                })?;
                patterns.push(compiled.pattern.as_str().to_owned());
                rules.push(compiled);
                tests.push(PhraseTest {
                    rule: rule.id.clone(),
                    examples: rule.examples.clone(),
                    counterexamples: rule.counterexamples.clone(),
                });
            }
        }
        let set = RegexSetBuilder::new(&patterns)
            .unicode(false)
            .size_limit(SIZE_LIMIT)
            .build()
            .map_err(|error| BadPhrases::Set(Box::new(error)))?;
        let all: Vec<u8> = files.iter().flat_map(|(_, text)| text.bytes()).collect();
        let hash = innerworld_core::safety::content::sha256(&all);
        let version =
            format!("phrases-{}+{}", versions.join("."), hash.get(..8).unwrap_or_default());
        Ok(Self { set, rules, tests, version })
    }

    /// The sentences that the rules are checked with.
    pub fn tests(&self) -> &[PhraseTest] {
        &self.tests
    }

    /// How many rules there are.
    pub fn rules(&self) -> usize {
        self.rules.len()
    }

    /// The rules that find something in `text` alone, by id.
    pub fn found_by(&self, text: &str) -> Vec<&str> {
        let views = normalise::views(text);
        let found = self.all_matches(&views);
        found.into_iter().map(|rule| rule.id.as_str()).collect()
    }

    fn all_matches(&self, views: &Views) -> Vec<&Rule> {
        let mut found = self.matches(&views.plain, 0);
        for view in [&views.letters, &views.joined] {
            if *view != views.plain {
                found.extend(self.matches(view, 0));
            }
        }
        found
    }

    /// Rules with a match in a view that ends after `from` and starts before it (or anywhere, for
    /// 0).
    fn matches(&self, view: &str, from: usize) -> Vec<&Rule> {
        let candidates = self.set.matches(view);
        candidates
            .iter()
            .filter_map(|index| self.rules.get(index))
            .filter(|rule| rule.finds(view, from))
            .collect()
    }
}

impl LocalScreen for PhraseScreen {
    fn screen(&self, text: &str, recent: &[&str]) -> LocalVerdict {
        let views = normalise::views(text);
        let mut found = self.all_matches(&views);
        if !recent.is_empty() {
            let mut earlier: Vec<String> =
                recent.iter().map(|message| normalise::plain(message)).collect();
            earlier.retain(|message| !message.is_empty());
            let before = earlier.join(" ");
            if !before.is_empty() && !views.plain.is_empty() {
                // Words may be parted between messages, so the whole is normalised once more.
                let joined = normalise::plain(&format!("{before} {}", views.plain));
                let boundary = joined.len().saturating_sub(views.plain.len());
                found.extend(self.matches(&joined, boundary));
            }
        }
        let worst = found.into_iter().max_by_key(|rule| (rule.level, urgency(rule.category)));
        worst.map_or(LocalVerdict::Pass, |rule| LocalVerdict::Trigger {
            category: rule.category,
            level: rule.level,
            rule: rule.id.clone(),
        })
    }

    fn version(&self) -> &str {
        &self.version
    }
}

/// Of two findings of one level the one that interrupts wins.
const fn urgency(category: Category) -> u8 {
    match category {
        Category::Medical => 8,
        Category::Attempt => 7,
        Category::IntentPlan => 6,
        Category::ThreatOthers => 5,
        Category::Ideation => 4,
        Category::Nssi => 3,
        Category::Abuse => 2,
        Category::Grooming => 1,
        Category::Eating => 0,
    }
}

impl Rule {
    fn compile(rule: &RuleText, words: &BTreeMap<String, String>) -> Result<Self, String> {
        if rule.examples.len() < 5 || rule.counterexamples.len() < 5 {
            return Err("needs at least 5 examples and 5 counterexamples".to_owned());
        }
        let compile = |pattern: &str| {
            let pattern = fill(pattern, words)?;
            RegexBuilder::new(&pattern)
                .unicode(false)
                .size_limit(SIZE_LIMIT)
                .build()
                .map_err(|error| format!("the pattern does not compile: {error}"))
        };
        let optional = |pattern: Option<&String>, wrap: (&str, &str)| {
            pattern.map(|pattern| compile(&format!("{}{pattern}{}", wrap.0, wrap.1))).transpose()
        };
        Ok(Self {
            id: rule.id.clone(),
            category: rule.category,
            level: rule.level,
            pattern: compile(&format!(r"\b(?:{})\b", rule.pattern))?,
            unless_before: optional(rule.unless_before.as_ref(), (r"(?:^|\b)(?:", ") ?$"))?,
            unless_after: optional(rule.unless_after.as_ref(), ("^ ?(?:", r")(?:\b|$)"))?,
            unless_message: optional(rule.unless_message.as_ref(), (r"\b(?:", r")\b"))?,
        })
    }

    /// Whether any match stands after all exceptions. Exceptions cancel one match each, except
    /// `unless_message`, which speaks about the whole text.
    fn finds(&self, view: &str, boundary: usize) -> bool {
        if self.unless_message.as_ref().is_some_and(|cue| cue.is_match(view)) {
            return false;
        }
        self.pattern.find_iter(view).any(|found| {
            let spans = boundary == 0 || (found.start() < boundary && found.end() > boundary);
            spans && !self.is_cancelled(view, found.start(), found.end())
        })
    }

    fn is_cancelled(&self, view: &str, start: usize, end: usize) -> bool {
        let sentence = view.get(..start).unwrap_or_default();
        let sentence = sentence.rsplit(" . ").next().unwrap_or_default();
        let from = sentence.len().saturating_sub(BEFORE_BYTES);
        let from = (from..=sentence.len()).find(|at| sentence.is_char_boundary(*at)).unwrap_or(0);
        let before = sentence.get(from..).unwrap_or_default();
        let after = view.get(end..).unwrap_or_default();
        self.unless_before.as_ref().is_some_and(|cue| cue.is_match(before))
            || self.unless_after.as_ref().is_some_and(|cue| cue.is_match(after))
    }
}

/// Puts the file's words into a pattern. Words may use words that come before them.
fn fill(pattern: &str, words: &BTreeMap<String, String>) -> Result<String, String> {
    let mut filled = pattern.to_owned();
    // Two rounds: a word may hold another word, not deeper.
    for _ in 0..2 {
        for (name, word) in words {
            filled = filled.replace(&format!("{{{{{name}}}}}"), word);
        }
    }
    if filled.contains("{{") {
        return Err("uses a word that the file does not define".to_owned());
    }
    Ok(filled)
}
