//! The rule files of the output filter: read, made into one automaton, tried on their own examples.

use std::collections::{BTreeMap, BTreeSet};

use innerworld_core::safety::{Category, screen::OutputClass};
use serde::Deserialize;

use super::{
    automaton::{Automaton, Rule},
    row::{self, BadRow, Node},
};
use crate::safety::InvalidRules;

/// Longest replacement that a file may hold, in characters.
const REPLACEMENT_CHARS: usize = 400;
/// Fewest examples and counterexamples of a rule.
const FEWEST_EXAMPLES: usize = 5;
/// Most places of all rows together, which bounds memory and time.
const MOST_PLACES: usize = 200_000;
/// The name under which rows mention the things of [`MEANS`].
const MEANS_LIST: &str = "means";
/// Everyday things that answers may not give quantities of or instructions with; a language and a
/// thing a line.
pub(super) const MEANS: &str = "means.txt";
/// The nonsense word that stands for such a thing in examples.
const NONSENSE: &str = "florp";

/// One file: one language.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OutputFile {
    /// `en`.
    language: String,
    /// What is shown instead, by class.
    pub(super) replace: BTreeMap<OutputClass, String>,
    /// Lists that rows name as `<list>`.
    #[serde(default)]
    words: BTreeMap<String, String>,
    #[serde(rename = "rule")]
    pub(super) rules: Vec<OutputRule>,
}

/// One rule as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OutputRule {
    id: String,
    class: OutputClass,
    /// What the teen is asked about, for the classes that ask.
    about: Option<Category>,
    /// Rows, any of which is a match.
    any: Vec<String>,
    /// Rows that cancel a match right after them in the same clause.
    #[serde(default)]
    unless_before: Vec<String>,
    /// Rows that cancel a match after them in the same sentence.
    #[serde(default)]
    unless_earlier: Vec<String>,
    /// Rows that cancel a match right before them in the same sentence.
    #[serde(default)]
    unless_after: Vec<String>,
    /// Texts that the rule must stop.
    pub(super) examples: Vec<String>,
    /// Texts that no rule may stop.
    pub(super) counterexamples: Vec<String>,
}

/// The files, read.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) automaton: Automaton,
    /// Replacements by language and class.
    pub(super) replace: BTreeMap<String, BTreeMap<OutputClass, String>>,
    /// The rules as they are written, with their file, in the automaton's order.
    pub(super) written: Vec<(String, OutputRule)>,
}

/// Reads `files`. With `tried`, the nonsense word of examples is a means too.
pub(super) fn read(files: &[(&str, &str)], tried: bool) -> Result<Read, InvalidRules> {
    let means = files.iter().find(|(name, _)| *name == MEANS);
    let (_, means) = means.ok_or_else(|| InvalidRules::Missing {
        file: MEANS.to_owned(),
    })?;
    let mut read = Read {
        automaton: Automaton::default(),
        replace: BTreeMap::new(),
        written: Vec::new(),
    };
    for (name, content) in files.iter().filter(|(name, _)| *name != MEANS) {
        let mut file: OutputFile = toml::from_str(content).map_err(|e| InvalidRules::Format {
            file: (*name).to_owned(),
            source: Box::new(e),
        })?;
        check_replacements(name, &file)?;
        let things = things(means, &file.language, tried);
        if !things.is_empty() {
            file.words.insert(MEANS_LIST.to_owned(), things);
        }
        let compiler = Compiler {
            file: name,
            words: &file.words,
        };
        for rule in file.rules {
            compiler.add(&mut read.automaton, &rule)?;
            read.written.push(((*name).to_owned(), rule));
        }
        read.replace.insert(file.language, file.replace);
    }
    check_rules(&read.written)?;
    Ok(read)
}

/// Things of a language, in one and in many, as a list.
fn things(means: &str, language: &str, tried: bool) -> String {
    let lines = means.lines().filter(|line| !line.starts_with('#'));
    let named = lines.filter_map(|line| line.split_once(' '));
    let own = named.filter(|(of, _)| *of == language);
    let mut forms = BTreeSet::new();
    for thing in own
        .map(|(_, thing)| thing.trim())
        .chain(tried.then_some(NONSENSE))
    {
        let one = thing.strip_suffix('s').unwrap_or(thing);
        forms.extend([thing.to_owned(), format!("{one}s")]);
        if !thing.ends_with("ss") {
            forms.insert(one.to_owned());
        }
        if let Some(stem) = one.strip_suffix("fe") {
            forms.insert(format!("{stem}ves"));
        }
        if thing.ends_with('s') {
            forms.insert(format!("{thing}es"));
        }
    }
    forms.into_iter().collect::<Vec<_>>().join("|")
}

fn check_replacements(name: &str, file: &OutputFile) -> Result<(), InvalidRules> {
    let shown = OutputClass::ALL
        .into_iter()
        .filter(|class| *class != OutputClass::Contact);
    for class in shown {
        let text = file.replace.get(&class).map_or("", String::as_str);
        let length = text.trim().chars().count();
        if length == 0 || length > REPLACEMENT_CHARS {
            return Err(InvalidRules::Text {
                file: name.to_owned(),
                rule: class.name().to_owned(),
                most: REPLACEMENT_CHARS,
            });
        }
    }
    Ok(())
}

fn check_rules(written: &[(String, OutputRule)]) -> Result<(), InvalidRules> {
    let mut ids = BTreeSet::new();
    for (file, rule) in written {
        let (file, id) = (file.clone(), rule.id.clone());
        if !ids.insert(rule.id.as_str()) {
            return Err(InvalidRules::Duplicate { file, rule: id });
        }
        if rule.class.asks() != rule.about.is_some() {
            return Err(InvalidRules::About { file, rule: id });
        }
        let lists = [
            ("examples", &rule.examples),
            ("counterexamples", &rule.counterexamples),
        ];
        for (kind, texts) in lists {
            if texts.len() < FEWEST_EXAMPLES {
                return Err(InvalidRules::TooFew {
                    file,
                    rule: id,
                    kind,
                    count: texts.len(),
                    least: FEWEST_EXAMPLES,
                });
            }
        }
    }
    Ok(())
}

struct Compiler<'a> {
    file: &'a str,
    words: &'a BTreeMap<String, String>,
}

impl Compiler<'_> {
    fn add(&self, automaton: &mut Automaton, rule: &OutputRule) -> Result<(), InvalidRules> {
        let lists = [
            &rule.any,
            &rule.unless_before,
            &rule.unless_earlier,
            &rule.unless_after,
        ];
        let mut place = 0;
        let mut nodes = lists.map(|_| Vec::new());
        for (rows, nodes) in lists.into_iter().zip(&mut nodes) {
            for row in rows {
                place += 1;
                nodes.push(self.node(rule, place, row)?);
            }
        }
        let [any, before, earlier, after] = nodes;
        let compiled = Rule {
            id: rule.id.clone(),
            class: rule.class,
            about: rule.about,
            before: automaton.unless(&before),
            earlier: automaton.unless(&earlier),
            after: automaton.unless(&after),
        };
        let number = automaton.add_rule(compiled);
        for (at, node) in (1..).zip(&any) {
            if !automaton.add_row(number, node) {
                return Err(self.bad(rule, at, "may not begin with any word"));
            }
            if automaton.len() > MOST_PLACES {
                return Err(self.bad(rule, at, "makes the rules too large: use shorter lists"));
            }
        }
        Ok(())
    }

    fn node(&self, rule: &OutputRule, at: usize, row: &str) -> Result<(bool, Node), InvalidRules> {
        let list = |name: &str| self.words.get(name).cloned();
        row::read(row, &list).map_err(|bad| match bad {
            BadRow::List(word) => InvalidRules::UnknownWord {
                file: self.file.to_owned(),
                rule: rule.id.clone(),
                word,
            },
            BadRow::Word(word) => {
                let what = format!("has the word {word}, which texts are never read as");
                self.bad(rule, at, what)
            }
            BadRow::Form(what) => self.bad(rule, at, what),
        })
    }

    fn bad(&self, rule: &OutputRule, row: usize, what: impl Into<String>) -> InvalidRules {
        InvalidRules::Row {
            file: self.file.to_owned(),
            rule: rule.id.clone(),
            row,
            what: what.into(),
        }
    }
}

impl OutputRule {
    pub(super) fn id(&self) -> &str {
        &self.id
    }
}
