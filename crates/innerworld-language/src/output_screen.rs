//! The filter over a persona's answer while it streams.
//!
//! The text is taken word by word: a word is decided when the white space after it has come, so how
//! the answer was cut into chunks never changes the result. A word is held back only while a rule
//! that it began could still match.

mod automaton;
mod contact;
mod file;
mod matcher;
mod pieces;
mod reading;
mod row;

use std::{collections::BTreeMap, sync::Arc};

use innerworld_core::safety::{
    content::language_of,
    screen::{OutputClass, OutputFilter, OutputHit, OutputScreen, Released},
};

use self::{
    automaton::{Automaton, Rule},
    contact::{Contacts, Reach},
    file::MEANS,
    matcher::Matcher,
    pieces::{Piece, Pieces},
    reading::{Break, Reading, words_of},
    row::{Node, Symbol},
};
use crate::safety::InvalidRules;

const SHIPPED: &[(&str, &str)] = &[
    ("output.en.toml", include_str!("../safety/output.en.toml")),
    ("output.es.toml", include_str!("../safety/output.es.toml")),
    (MEANS, include_str!("../../../safety/corpus/means.txt")),
];

/// The output rules and the contacts that may be named.
#[derive(Debug)]
pub struct Screen {
    contacts: Contacts,
    rules: Arc<Automaton>,
    replace: Arc<BTreeMap<String, BTreeMap<OutputClass, String>>>,
}

impl Screen {
    /// The files inside the program, by name.
    pub const FILES: &[(&str, &str)] = SHIPPED;

    /// The rules inside the program; `contacts` are the numbers and addresses of the resource list,
    /// which a persona may always name.
    pub fn shipped(contacts: Vec<String>) -> Result<Self, InvalidRules> {
        Self::untried(SHIPPED, contacts)
    }

    /// The rules inside the program, with every example tried as for other files.
    pub fn shipped_and_tried() -> Result<Self, InvalidRules> {
        try_examples(SHIPPED)?;
        Self::shipped(Vec::new())
    }

    /// Rules of other files: `(name, content)` each. Rules that are not those of the program are
    /// tried on their examples; files with one wrong rule are refused whole.
    ///
    /// # Errors
    /// [`InvalidRules`] names the first mistake, or all examples that come out wrong.
    pub fn of_files(files: &[(&str, &str)], contacts: Vec<String>) -> Result<Self, InvalidRules> {
        let screen = Self::untried(files, contacts)?;
        if files.iter().any(|file| !SHIPPED.contains(file)) {
            try_examples(files)?;
        }
        Ok(screen)
    }

    fn untried(files: &[(&str, &str)], contacts: Vec<String>) -> Result<Self, InvalidRules> {
        let read = file::read(files, false)?;
        Ok(Self {
            contacts: Contacts::new(contacts),
            rules: Arc::new(read.automaton),
            replace: Arc::new(read.replace),
        })
    }

    /// Ids of the rules that stand in a text: for reports on fixtures, never for what is shown.
    pub fn standing(&self, text: &str) -> Vec<&str> {
        let found = standing(&self.rules, text).into_iter();
        let rules = found.filter_map(|rule| self.rules.rules.get(rule as usize));
        rules.map(|rule| rule.id.as_str()).collect()
    }

    fn filter_of(&self, leaks: Automaton, locale: &str) -> Filter {
        Filter {
            pieces: Pieces::default(),
            held: Vec::new(),
            open: Break::Sentence,
            rules: Matcher::new(Arc::clone(&self.rules), false),
            leaks: Matcher::new(Arc::new(leaks), true),
            automaton: Arc::clone(&self.rules),
            replace: Arc::clone(&self.replace),
            language: language_of(locale),
            reach: Reach::new(self.contacts.clone()),
            cutting: false,
            void: false,
        }
    }
}

/// Numbers of the rules that stand in a text.
fn standing(rules: &Arc<Automaton>, text: &str) -> Vec<u32> {
    let mut pieces = Pieces::default();
    pieces.add(text);
    let mut open = Break::Sentence;
    let mut matcher = Matcher::new(Arc::clone(rules), false);
    let mut found = Vec::new();
    while let Some(piece) = pieces.next_complete().or_else(|| pieces.last()) {
        found.extend(matcher.take(&Reading::of(&piece, &mut open), piece.chars()));
    }
    found.extend(matcher.finish());
    found.sort_unstable();
    found.dedup();
    found
}

/// Every example must be stopped by its rule, every counterexample pass all rules.
fn try_examples(files: &[(&str, &str)]) -> Result<(), InvalidRules> {
    let read = file::read(files, true)?;
    let automaton = Arc::new(read.automaton);
    let mut wrong = Vec::new();
    for (place, (file, rule)) in (0..).zip(&read.written) {
        let mut note = |kind: &str, number: usize| {
            wrong.push(format!("{kind} {number} of {} in {file}", rule.id()));
        };
        for (number, text) in (1..).zip(&rule.examples) {
            if !standing(&automaton, text).contains(&place) {
                note("example", number);
            }
        }
        for (number, text) in (1..).zip(&rule.counterexamples) {
            if !standing(&automaton, text).is_empty() {
                note("counterexample", number);
            }
        }
    }
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(InvalidRules::Examples { wrong })
    }
}

/// An automaton of texts that stand for themselves.
fn automaton_of(texts: &[&str]) -> Automaton {
    let mut automaton = Automaton::default();
    let rule = automaton.add_rule(Rule {
        id: OutputClass::Leak.name().to_owned(),
        class: OutputClass::Leak,
        about: None,
        before: automaton::Unless::default(),
        earlier: automaton::Unless::default(),
        after: automaton::Unless::default(),
    });
    for text in texts {
        let words = words_of(text).into_iter();
        let nodes: Vec<Node> = words
            .map(|word| Node::One(vec![Symbol::Word(word.text)]))
            .collect();
        if !nodes.is_empty() {
            automaton.add_row(rule, &(false, Node::Row(nodes)));
        }
    }
    automaton
}

impl OutputScreen for Screen {
    fn filter(&self, leaks: &[&str], locale: &str) -> Box<dyn OutputFilter> {
        Box::new(self.filter_of(automaton_of(leaks), locale))
    }
}

struct Filter {
    pieces: Pieces,
    /// Words that are not decided yet, oldest first.
    held: Vec<Piece>,
    /// What the text so far leaves before the next word.
    open: Break,
    rules: Matcher,
    leaks: Matcher,
    automaton: Arc<Automaton>,
    replace: Arc<BTreeMap<String, BTreeMap<OutputClass, String>>>,
    language: &'static str,
    reach: Reach,
    /// The rest of this sentence is dropped.
    cutting: bool,
    /// The answer was voided: everything further is swallowed.
    void: bool,
}

impl Filter {
    fn take(&mut self, piece: Piece, out: &mut Released) {
        if self.void {
            return;
        }
        let reading = Reading::of(&piece, &mut self.open);
        let chars = piece.chars();
        let leaks = !self.leaks.take(&reading, chars).is_empty();
        let hits = self.rules.take(&reading, chars);
        if self.voided(leaks, &hits, out) {
            return;
        }
        let ends_sentence = piece.ends_sentence();
        let starts_line = piece.starts_line();
        if self.cutting {
            // A new line is a new sentence, whatever stands before it.
            if !starts_line {
                self.cutting = !ends_sentence;
                return;
            }
            self.cutting = false;
        }
        let contact = self.reach.take(&piece);
        self.held.push(piece);
        if let Some(words) = contact.cut {
            self.held.truncate(self.held.len().saturating_sub(words));
            self.cutting = !ends_sentence;
            out.cut = true;
            self.reach.reset();
        }
        self.release(out);
    }

    /// Voids the answer if a rule stands.
    fn voided(&mut self, leaks: bool, hits: &[u32], out: &mut Released) -> bool {
        let found = hits.iter().filter_map(|rule| {
            let rule = self.automaton.rules.get(*rule as usize)?;
            Some((rule.class, rule.about))
        });
        let leak = leaks.then_some((OutputClass::Leak, None));
        let Some((class, about)) = found.chain(leak).min() else {
            return false;
        };
        self.void = true;
        self.held.clear();
        out.text.clear();
        out.reset = Some(OutputHit {
            class,
            about,
            replacement: self.replacement(class),
        });
        true
    }

    /// In the teen's language, else in the first there is: every file has all of them.
    fn replacement(&self, class: OutputClass) -> String {
        let own = self.replace.get(self.language);
        let texts = own.or_else(|| self.replace.values().next());
        let text = texts.and_then(|texts| texts.get(&class));
        text.cloned().unwrap_or_default()
    }

    /// Lets go of every word that no rule can reach back to any more.
    fn release(&mut self, out: &mut Released) {
        let keep = self
            .rules
            .open_pieces()
            .max(self.leaks.open_pieces())
            .max(self.reach.open_words())
            .min(self.held.len());
        for piece in self.held.drain(..self.held.len() - keep) {
            out.text.push_str(&piece.space);
            out.text.push_str(&piece.word);
        }
    }
}

impl OutputFilter for Filter {
    fn push(&mut self, chunk: &str) -> Released {
        let mut out = Released::default();
        self.pieces.add(chunk);
        while let Some(piece) = self.pieces.next_complete() {
            self.take(piece, &mut out);
        }
        out
    }

    fn finish(&mut self) -> Released {
        let mut out = Released::default();
        if let Some(piece) = self.pieces.last() {
            self.take(piece, &mut out);
        }
        if !self.void {
            let leaks = !self.leaks.finish().is_empty();
            let hits = self.rules.finish();
            self.voided(leaks, &hits, &mut out);
        }
        if !self.void {
            if let Some(words) = self.reach.end() {
                self.held.truncate(self.held.len().saturating_sub(words));
                out.cut = true;
            }
            for piece in self.held.drain(..) {
                out.text.push_str(&piece.space);
                out.text.push_str(&piece.word);
            }
            if !self.cutting {
                out.text.push_str(&self.pieces.trailing_space());
            }
        }
        self.void = true;
        out
    }

    fn held_back(&self) -> usize {
        let held: usize = self.held.iter().map(Piece::chars).sum();
        held + self.pieces.pending_chars()
    }
}
