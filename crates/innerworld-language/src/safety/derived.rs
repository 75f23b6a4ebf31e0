//! What is worked out of the rules before any message comes: the words that each needs, and all words that
//! they know.
//!
//! Working it out reads every pattern and takes a quarter of a second, so for the rules that ship it lies
//! beside them, and names the very files that it was made of.

use serde::{Deserialize, Serialize};

use super::{
    InvalidRules,
    matcher::Beginnings,
    needs::{Need, Words, parsed},
    normalise::vocabulary::{Collector, Vocabulary},
    parts::stays_within,
    phrases::PhraseRule,
    rule::Rule,
};

/// The same for the shipped rules, as `cargo xtask codegen` wrote it.
const SHIPPED: &str = include_str!("../../safety/derived.json");

/// In the order of the rules.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Derived {
    /// The version of the rules that it was made of.
    version: String,
    pub(super) rules: Vec<OfRule>,
    pub(super) words: Words,
    pub(super) known: Vocabulary,
}

/// When a rule is tried.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct OfRule {
    /// What a text must hold.
    pub(super) need: Need,
    /// What a match can begin with.
    pub(super) first: Option<Beginnings>,
    /// Whether it is enough to try it on each part of a text by itself.
    pub(super) by_parts: bool,
}

impl Derived {
    /// What lies beside the shipped rules, if it was made of these.
    pub(super) fn shipped(version: &str, rules: &[Rule]) -> Option<Self> {
        let derived: Self = serde_json::from_str(SHIPPED).ok()?;
        let fits = derived.version == version && derived.rules.len() == rules.len();
        fits.then_some(derived)
    }

    /// Of rules, and the sentences that they were written with.
    pub(super) fn of(
        version: &str,
        (rules, written): (&[Rule], &[(String, PhraseRule)]),
    ) -> Result<Self, InvalidRules> {
        let (mut words, mut known) = (Words::default(), Collector::default());
        let derived = rules.iter().map(|rule| {
            let phrases = parsed(&rule.phrases).map_err(|error| unreadable(rule, &error))?;
            let matched = parsed(&rule.matcher.source).map_err(|error| unreadable(rule, &error))?;
            known.add_pattern(&phrases);
            Ok(OfRule {
                need: words.of(&matched),
                first: Beginnings::of(&matched),
                by_parts: stays_within(&phrases),
            })
        });
        let derived = derived.collect::<Result<Vec<_>, InvalidRules>>()?;
        for (_, rule) in written {
            for sentence in rule.examples.iter().chain(&rule.counterexamples) {
                known.add_sentence(sentence);
            }
        }
        Ok(Self {
            version: version.to_owned(),
            rules: derived,
            words,
            known: known.vocabulary(),
        })
    }
}

/// A pattern that cannot even be read is refused at the start; compiling takes longer and comes later.
fn unreadable(rule: &Rule, error: &regex_syntax::Error) -> InvalidRules {
    InvalidRules::Pattern {
        file: "all files".to_owned(),
        rule: rule.id.clone(),
        source: Box::new(regex::Error::Syntax(error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::super::PhraseScreen;

    /// A text must not be let by because of what was worked out of other rules.
    #[test]
    fn what_lies_beside_the_rules_is_what_they_give() {
        let (shipped, anew) = PhraseScreen::derived_twice().unwrap();
        let shipped = shipped.expect("run `cargo xtask codegen`");
        assert!(shipped == anew, "run `cargo xtask codegen`");
    }
}
