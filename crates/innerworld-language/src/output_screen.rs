//! The filter over a persona's answer while it streams.
//!
//! The text is taken word by word: a word is decided when the white space after it has come, so how
//! the answer was cut into chunks never changes the result. A word is held back only while a rule
//! that it began could still match.

mod contact;
mod phrase;
mod pieces;

use innerworld_core::safety::screen::{
    OutputClass, OutputFilter, OutputHit, OutputScreen, Released,
};
use serde::Deserialize;

use self::{
    contact::{Contacts, Reach},
    phrase::{Phrase, Phrases},
    pieces::{Piece, Pieces},
};
use crate::safety::InvalidRules;

const SHIPPED: &[(&str, &str)] = &[
    ("output.en.toml", include_str!("../safety/output.en.toml")),
    ("output.es.toml", include_str!("../safety/output.es.toml")),
];
/// Longest replacement that a file may hold, in characters.
const REPLACEMENT_CHARS: usize = 400;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OutputFile {
    replace: Replacements,
    human_claim: PhraseList,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Replacements {
    human_claim: String,
    leak: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PhraseList {
    phrases: Vec<String>,
}

/// The output rules and the contacts that may be named.
#[derive(Debug)]
pub struct Screen {
    contacts: Contacts,
    claims: Vec<Phrase>,
    leak_replacement: String,
}

impl Screen {
    /// The files inside the program, by name.
    pub const FILES: &[(&str, &str)] = SHIPPED;

    /// The rules inside the program; `contacts` are the numbers and addresses of the resource list,
    /// which a persona may always name.
    pub fn shipped(contacts: Vec<String>) -> Result<Self, InvalidRules> {
        Self::of_files(SHIPPED, contacts)
    }

    /// Rules of other files: `(name, content)` each.
    ///
    /// # Errors
    /// [`InvalidRules`] names the first mistake.
    pub fn of_files(files: &[(&str, &str)], contacts: Vec<String>) -> Result<Self, InvalidRules> {
        let mut claims = Vec::new();
        let mut leak_replacement = String::new();
        for (name, content) in files {
            let file: OutputFile = toml::from_str(content).map_err(|e| InvalidRules::Format {
                file: (*name).to_owned(),
                source: Box::new(e),
            })?;
            for (rule, text) in [
                ("human_claim", &file.replace.human_claim),
                ("leak", &file.replace.leak),
            ] {
                let length = text.trim().chars().count();
                if length == 0 || length > REPLACEMENT_CHARS {
                    return Err(InvalidRules::Text {
                        file: (*name).to_owned(),
                        rule: rule.to_owned(),
                        most: REPLACEMENT_CHARS,
                    });
                }
            }
            let hit = OutputHit {
                class: OutputClass::HumanClaim,
                replacement: file.replace.human_claim,
                about: None,
            };
            claims.extend(
                file.human_claim
                    .phrases
                    .iter()
                    .map(|row| Phrase::choices(row, hit.clone())),
            );
            if leak_replacement.is_empty() {
                leak_replacement = file.replace.leak;
            }
        }
        Ok(Self {
            contacts: Contacts::new(contacts),
            claims,
            leak_replacement,
        })
    }
}

impl OutputScreen for Screen {
    fn filter(&self, leaks: &[&str], _locale: &str) -> Box<dyn OutputFilter> {
        let hit = OutputHit {
            class: OutputClass::Leak,
            replacement: self.leak_replacement.clone(),
            about: None,
        };
        let leaks = leaks.iter().map(|leak| Phrase::exact(leak, hit.clone()));
        let phrases = self.claims.iter().cloned().chain(leaks).collect();
        Box::new(Filter {
            pieces: Pieces::default(),
            held: Vec::new(),
            phrases: Phrases::new(phrases),
            reach: Reach::new(self.contacts.clone()),
            cutting: false,
            void: false,
        })
    }
}

struct Filter {
    pieces: Pieces,
    /// Words that are not decided yet, oldest first.
    held: Vec<Piece>,
    phrases: Phrases,
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
        if let Some(hit) = self.phrases.take(&piece.word) {
            self.void = true;
            self.held.clear();
            out.text.clear();
            out.reset = Some(hit);
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

    /// Lets go of every word that no rule can reach back to any more.
    fn release(&mut self, out: &mut Released) {
        let keep = self
            .phrases
            .open_words()
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
        let held: usize = self
            .held
            .iter()
            .map(|piece| piece.space.chars().count() + piece.word.chars().count())
            .sum();
        held + self.pieces.pending_chars()
    }
}
