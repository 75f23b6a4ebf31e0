//! All rules over a message, and over the message together with the two before it.

use std::{collections::BTreeSet, ops::Range};

use innerworld_core::safety::screen::{Before, LocalScreen, LocalVerdict, Views};
use sha2::{Digest, Sha256};

use super::{
    InvalidRules,
    derived::{Derived, OfRule},
    gates::Gates,
    matcher::Part,
    needs::{Finder, Need},
    normalise::{self, vocabulary::Vocabulary},
    phrases::{PhraseFile, PhraseRule},
    rule::{Compiler, Rule},
    view::View,
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
    rules: Vec<Tried>,
    gates: Gates,
    finder: Finder,
    known: Vocabulary,
    version: String,
}

/// A rule, and when it is tried.
struct Tried {
    rule: Rule,
    /// What a text must hold.
    need: Need,
    /// Whether it is enough to try it on each part of a text by itself.
    by_parts: bool,
}

/// Rules as they were read.
struct Read {
    rules: Vec<Rule>,
    /// The same as written, with their files.
    written: Vec<(String, PhraseRule)>,
    version: String,
}

impl Read {
    fn derive(&self) -> Result<Derived, InvalidRules> {
        Derived::of(&self.version, (&self.rules, &self.written))
    }
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
        let read = Self::read(SHIPPED)?;
        let derived = match Derived::shipped(&read.version, &read.rules) {
            Some(derived) => derived,
            None => read.derive()?,
        };
        Self::of(read.rules, read.version, derived)
    }

    /// As it lies beside the rules inside the program, if it fits them, and as they give it.
    #[cfg(test)]
    pub(super) fn derived_twice() -> Result<(Option<Derived>, Derived), InvalidRules> {
        let read = Self::read(SHIPPED)?;
        let shipped = Derived::shipped(&read.version, &read.rules);
        Ok((shipped, read.derive()?))
    }

    /// What is worked out of the rules inside the program, to be laid beside them: see `derived`.
    #[cfg(feature = "train")]
    pub fn derive_shipped() -> Result<String, InvalidRules> {
        let derived = Self::read(SHIPPED)?.derive()?;
        Ok(serde_json::to_string(&derived).unwrap_or_default() + "\n")
    }

    /// The rules inside the program, with every example tried as for other files.
    pub fn shipped_and_tried() -> Result<Self, InvalidRules> {
        Self::of_files(SHIPPED)
    }

    /// Rules of other files: `(name, content)` each. Every example and counterexample is tried;
    /// a file with one wrong rule is refused whole.
    pub fn of_files(files: &[(&str, &str)]) -> Result<Self, InvalidRules> {
        let read = Self::read(files)?;
        let derived = read.derive()?;
        let screen = Self::of(read.rules, read.version, derived)?;
        screen.compile()?;
        screen.check_examples(&read.written)?;
        Ok(screen)
    }

    /// Compiles every pattern now instead of when a message first needs it, which takes about a
    /// second.
    pub fn compile(&self) -> Result<(), InvalidRules> {
        self.rules.iter().try_for_each(|Tried { rule, .. }| {
            rule.compile().map_err(|error| InvalidRules::Pattern {
                file: self.version.clone(),
                rule: rule.id.clone(),
                source: Box::new(error),
            })
        })
    }

    fn read(files: &[(&str, &str)]) -> Result<Read, InvalidRules> {
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
        let digest = hash.finalize();
        let version = digest
            .iter()
            .take(6)
            .fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        let version = format!("phrases-{version:012x}");
        Ok(Read {
            rules,
            written,
            version,
        })
    }

    fn of(rules: Vec<Rule>, version: String, derived: Derived) -> Result<Self, InvalidRules> {
        let Derived {
            rules: tried,
            words,
            known,
            ..
        } = derived;
        let needs: Vec<&Need> = tried.iter().map(|tried| &tried.need).collect();
        let gates = Gates::of(&needs, words.len());
        let finder = words.finder().map_err(|source| InvalidRules::TooMany {
            source: Box::new(source),
        })?;
        let rules = rules.into_iter().zip(tried);
        let rules = rules.map(|(mut rule, tried)| {
            let OfRule {
                need,
                first,
                by_parts,
            } = tried;
            rule.matcher.first = first;
            Tried {
                rule,
                need,
                by_parts,
            }
        });
        Ok(Self {
            rules: rules.collect(),
            gates,
            finder,
            known,
            version,
        })
    }

    /// Ids of all rules, for counters and reports.
    pub fn rule_ids(&self) -> impl Iterator<Item = &str> {
        self.rules.iter().map(|tried| tried.rule.id.as_str())
    }

    /// Places of the rules that stand in a message, whichever view shows them.
    fn standing(&self, message: &Views) -> BTreeSet<usize> {
        let mut standing = BTreeSet::new();
        let plain = View::of(&message.plain);
        self.add_standing(&mut standing, &plain, &plain.parts(), None);
        for other in [&message.letters, &message.joined].into_iter().flatten() {
            let view = View::of(other);
            // What reads as in the plain view was judged there.
            self.add_standing(&mut standing, &view, &view.parts_not_in(&plain), None);
        }
        standing
    }

    /// Those that stand over the edge between a message and what came before it, where they are read as
    /// one text.
    fn standing_over(&self, together: &Views, message: &Views) -> BTreeSet<usize> {
        let mut standing = BTreeSet::new();
        let ends = [
            (Some(&together.plain), Some(&message.plain)),
            (together.letters.as_ref(), message.letters.as_ref()),
            (together.joined.as_ref(), message.joined.as_ref()),
        ];
        for (all, end) in ends {
            let Some(all) = all.map(View::of) else {
                continue;
            };
            let end = View::of(end.unwrap_or(&message.plain));
            match all.text().strip_suffix(end.text()).map(str::len) {
                Some(edge) => {
                    let mut parts = all.parts();
                    parts.retain(|part| part.start < edge && edge < part.end);
                    self.add_standing(&mut standing, &all, &parts, Some(edge));
                }
                // The message reads otherwise behind the ones before.
                None => self.add_standing(&mut standing, &all, &all.parts(), None),
            }
        }
        standing
    }

    fn add_standing(
        &self,
        standing: &mut BTreeSet<usize>,
        view: &View<'_>,
        parts: &[Range<usize>],
        over: Option<usize>,
    ) {
        if parts.is_empty() {
            return;
        }
        let text = view.text();
        for range in parts {
            let held = self
                .finder
                .held(text.get(range.clone()).unwrap_or_default());
            let mut part = None;
            for place in self.gates.opened_by(&held) {
                let Some(tried) = self.rules.get(place) else {
                    continue;
                };
                let may_match = tried.by_parts && held.fulfils(&tried.need);
                if !may_match || standing.contains(&place) {
                    continue;
                }
                let part = part.get_or_insert_with(|| Part::of(text, range.clone()));
                if tried.rule.stands_in(part, over) {
                    standing.insert(place);
                }
            }
        }
        for (place, tried) in self.rules.iter().enumerate() {
            let may_match = !tried.by_parts && self.finder.held(text).fulfils(&tried.need);
            if may_match && tried.rule.stands_in(&Part::of(text, 0..text.len()), over) {
                standing.insert(place);
            }
        }
    }

    /// The gravest rule, and of those the one whose category interrupts.
    fn verdict(&self, standing: &BTreeSet<usize>) -> LocalVerdict {
        let gravest = standing
            .iter()
            .filter_map(|place| Some(&self.rules.get(*place)?.rule))
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
                    if self.standing(&self.read(text)).contains(&place) != wanted {
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
        normalise::read(text, &self.known)
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
        let together = self.standing_over(&normalise::together(&all, &self.known), message);
        if together.is_empty() {
            return LocalVerdict::Pass;
        }
        let before = self.standing(&normalise::together(earlier, &self.known));
        self.verdict(&together.difference(&before).copied().collect())
    }

    fn version(&self) -> &str {
        &self.version
    }
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
        for Tried { rule, need, .. } in &screen.rules {
            // Edges of words and of the text match no characters.
            let matched = rule
                .matcher
                .source
                .replace(r"\b", "")
                .replace("(?:^|", "(?:|");
            let matches = string_regex(&matched).unwrap();
            for _ in 0..60 {
                let text = matches.new_tree(&mut runner).unwrap().current();
                let held = screen.finder.held(&text);
                assert!(held.fulfils(need), "{}: {text}", rule.id);
            }
        }
    }

    #[test]
    fn no_shipped_rule_has_to_be_tried_on_whole_texts() {
        let screen = PhraseScreen::shipped().unwrap();
        for Tried { rule, by_parts, .. } in &screen.rules {
            assert!(by_parts, "{}", rule.id);
        }
    }
}
