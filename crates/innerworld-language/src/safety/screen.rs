//! All rules over a message, and over the message together with the two before it.

use std::{borrow::Cow, collections::BTreeSet};

use innerworld_core::safety::screen::{Before, LocalScreen, LocalVerdict, Views};
use sha2::{Digest, Sha256};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::{
    InvalidRules,
    needs::{Finder, Need, Words},
    normalise,
    phrases::{PhraseFile, PhraseRule},
    rule::{Compiler, Rule},
};

/// Rule files of the program, by name.
const SHIPPED: &[(&str, &str)] = &[
    (
        "phrases.en.toml",
        include_str!("../../safety/phrases.en.toml"),
    ),
    (
        "phrases.es.toml",
        include_str!("../../safety/phrases.es.toml"),
    ),
];

/// Fewest examples and counterexamples of a rule.
const FEWEST_EXAMPLES: usize = 5;

/// Most earlier messages that are read together with this one.
const WINDOW: usize = 2;

/// The phrase rules. A match triggers; everything else passes.
pub struct PhraseScreen {
    rules: Vec<Rule>,
    /// What each rule needs, for words apart and for words that were joined.
    needs: Vec<(Need, Need)>,
    finder: Finder,
    version: String,
}

impl std::fmt::Debug for PhraseScreen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PhraseScreen")
            .field("rules", &self.rules.len())
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

impl PhraseScreen {
    /// The files inside the program, by name.
    pub const FILES: &[(&str, &str)] = SHIPPED;

    /// The rules inside the program. Their examples are tried by the tests, not at each start.
    pub fn shipped() -> Result<Self, InvalidRules> {
        Ok(Self::read(SHIPPED)?.0)
    }

    /// The rules inside the program, with every example tried as for other files.
    pub fn shipped_and_tried() -> Result<Self, InvalidRules> {
        Self::of_files(SHIPPED)
    }

    /// Rules of other files: `(name, content)` each. Every example and counterexample is tried;
    /// a file with one wrong rule is refused whole.
    pub fn of_files(files: &[(&str, &str)]) -> Result<Self, InvalidRules> {
        let (screen, written) = Self::read(files)?;
        screen.compile()?;
        screen.check_examples(&written)?;
        Ok(screen)
    }

    /// Compiles every pattern now instead of when a message first needs it, which takes about a
    /// second.
    pub fn compile(&self) -> Result<(), InvalidRules> {
        self.rules.iter().try_for_each(|rule| {
            rule.compile().map_err(|error| InvalidRules::Pattern {
                file: self.version.clone(),
                rule: rule.id.clone(),
                source: Box::new(error),
            })
        })
    }

    fn read(files: &[(&str, &str)]) -> Result<(Self, Vec<(String, PhraseRule)>), InvalidRules> {
        let mut rules = Vec::new();
        let mut written = Vec::new();
        let mut hash = Sha256::new();
        for (name, content) in files {
            let file: PhraseFile = toml::from_str(content).map_err(|e| InvalidRules::Format {
                file: (*name).to_owned(),
                source: Box::new(e),
            })?;
            let compiler = Compiler {
                file: name,
                words: &file.words,
            };
            for rule in file.rules {
                rules.push(compiler.rule(&rule)?);
                written.push(((*name).to_owned(), rule));
            }
            hash.update(content.as_bytes());
        }
        let mut words = Words::default();
        let needs = rules
            .iter()
            .map(|rule| needs_of(&mut words, rule))
            .collect::<Result<_, _>>()?;
        let finder = words.finder().map_err(|source| InvalidRules::TooMany {
            source: Box::new(source),
        })?;
        let digest = hash.finalize();
        let version = digest
            .iter()
            .take(6)
            .fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        let screen = Self {
            rules,
            needs,
            finder,
            version: format!("phrases-{version:012x}"),
        };
        Ok((screen, written))
    }

    /// Ids of all rules, for counters and reports.
    pub fn rule_ids(&self) -> impl Iterator<Item = &str> {
        self.rules.iter().map(|rule| rule.id.as_str())
    }

    /// Places of the rules that stand in a text, whichever view shows them.
    fn standing(&self, views: &Views) -> BTreeSet<usize> {
        let mut standing = BTreeSet::new();
        self.add_standing(&mut standing, views.plain.reveal(), false);
        if let Some(letters) = &views.letters {
            self.add_standing(&mut standing, letters.reveal(), false);
        }
        if let Some(joined) = &views.joined {
            self.add_standing(&mut standing, joined.reveal(), true);
        }
        standing
    }

    fn add_standing(&self, standing: &mut BTreeSet<usize>, view: &str, joined: bool) {
        let text = without_accents(view);
        let held = self.finder.held(&text);
        for (place, (rule, (apart, together))) in self.rules.iter().zip(&self.needs).enumerate() {
            let need = if joined { together } else { apart };
            if held.fulfils(need) && rule.stands_in(&text, joined) {
                standing.insert(place);
            }
        }
    }

    /// The gravest rule, and of those the one whose category interrupts.
    fn verdict(&self, standing: &BTreeSet<usize>) -> LocalVerdict {
        let gravest = standing
            .iter()
            .filter_map(|place| self.rules.get(*place))
            .max_by_key(|rule| (rule.level, std::cmp::Reverse(rule.category)));
        gravest.map_or(LocalVerdict::Pass, |rule| LocalVerdict::Trigger {
            category: rule.category,
            level: rule.level,
            rule: rule.id.clone(),
        })
    }

    fn check_examples(&self, written: &[(String, PhraseRule)]) -> Result<(), InvalidRules> {
        let mut ids = BTreeSet::new();
        let mut wrong = Vec::new();
        for (place, (file, rule)) in written.iter().enumerate() {
            if !ids.insert(rule.id.as_str()) {
                return Err(InvalidRules::Duplicate {
                    file: file.clone(),
                    rule: rule.id.clone(),
                });
            }
            let lists = [
                ("examples", "example", &rule.examples, true),
                (
                    "counterexamples",
                    "counterexample",
                    &rule.counterexamples,
                    false,
                ),
            ];
            for (kind, one, texts, wanted) in lists {
                if texts.len() < FEWEST_EXAMPLES {
                    return Err(InvalidRules::TooFew {
                        file: file.clone(),
                        rule: rule.id.clone(),
                        kind,
                        count: texts.len(),
                        least: FEWEST_EXAMPLES,
                    });
                }
                for (number, text) in (1..).zip(texts) {
                    if self.standing(&normalise::read(text)).contains(&place) != wanted {
                        wrong.push(format!("{one} {number} of {} in {file}", rule.id));
                    }
                }
            }
        }
        if wrong.is_empty() {
            Ok(())
        } else {
            Err(InvalidRules::Examples { wrong })
        }
    }
}

impl LocalScreen for PhraseScreen {
    fn read(&self, text: &str) -> Views {
        normalise::read(text)
    }

    fn screen(&self, message: &Views, Before { recent, .. }: &Before<'_>) -> LocalVerdict {
        let alone = self.standing(message);
        let earlier = recent
            .get(recent.len().saturating_sub(WINDOW)..)
            .unwrap_or_default();
        if !alone.is_empty() || earlier.is_empty() {
            return self.verdict(&alone);
        }
        // What the earlier messages already say was answered then; what neither part says alone
        // runs over the boundary.
        let all: Vec<&Views> = earlier.iter().copied().chain([message]).collect();
        let together = self.standing(&normalise::together(&all));
        if together.is_empty() {
            return LocalVerdict::Pass;
        }
        let before = self.standing(&normalise::together(earlier));
        self.verdict(&together.difference(&before).copied().collect())
    }

    fn version(&self) -> &str {
        &self.version
    }
}

/// What the patterns of a rule need. One that cannot even be read is refused here, at the start;
/// compiling takes longer and comes later.
fn needs_of(words: &mut Words, rule: &Rule) -> Result<(Need, Need), InvalidRules> {
    let mut need = |source| {
        words.need(source).map_err(|error| InvalidRules::Pattern {
            file: "all files".to_owned(),
            rule: rule.id.clone(),
            source: Box::new(regex::Error::Syntax(error.to_string())),
        })
    };
    Ok((need(&rule.pattern.source)?, need(&rule.joined.source)?))
}

/// Patterns are written without accents, as many people write.
fn without_accents(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    text.nfd().filter(|c| !is_combining_mark(*c)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::{
        strategy::{Strategy as _, ValueTree as _},
        string::string_regex,
        test_runner::TestRunner,
    };

    use super::*;

    /// A rule whose words were read wrongly from its pattern would be silent: whatever a pattern
    /// can match must hold what the rule is tried for.
    #[test]
    fn no_match_of_a_rule_is_passed_over() {
        let screen = PhraseScreen::shipped().unwrap();
        let mut runner = TestRunner::deterministic();
        for (rule, (apart, together)) in screen.rules.iter().zip(&screen.needs) {
            for (pattern, need) in [(&rule.pattern, apart), (&rule.joined, together)] {
                // Edges of words and of the text match no characters.
                let matched = pattern.source.replace(r"\b", "").replace("(?:^|", "(?:|");
                let matches = string_regex(&matched).unwrap();
                for _ in 0..60 {
                    let text = matches.new_tree(&mut runner).unwrap().current();
                    let held = screen.finder.held(&text);
                    assert!(held.fulfils(need), "{}: {text}", rule.id);
                }
            }
        }
    }
}
