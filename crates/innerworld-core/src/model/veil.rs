//! What a model provider is not told though memory keeps it: surnames, schools, streets.
//!
//! Scrubbed text still says "Maya Torres", "Lincoln High" and "Maple Street". For a call each of
//! them becomes a numbered placeholder (`[surname-1]`), and the answer gets them back. The numbers
//! follow the order in which the names stand in the prompt; a prompt of a session only grows, so
//! a name keeps its number from turn to turn and nothing needs to be stored.

use std::collections::{BTreeMap, BTreeSet};

use super::call::{HistoryTurn, Prompt, RemoteText};

/// What kind of name it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PrivateKind {
    /// A surname behind a first name.
    Surname,
    /// The name of a school, without the words that say what school it is.
    School,
    /// The name of a street.
    Street,
}

impl PrivateKind {
    /// The word inside its placeholders.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Surname => "surname",
            Self::School => "school",
            Self::Street => "street",
        }
    }
}

/// A name in a text, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PrivateName {
    /// What it is.
    pub kind: PrivateKind,
    /// First byte.
    pub start: usize,
    /// Byte after the last.
    pub end: usize,
    /// Whether the same words mean the same name wherever they stand: not so for a surname that
    /// is a first name as well, or a school that is called like its city.
    pub always: bool,
}

/// Finds names that must not leave.
///
/// # Contract
/// * Spans lie on character boundaries, in order, and do not overlap.
/// * The same text gives the same spans.
/// * First names, relations, cities, and the words that say what kind of school it is stay out.
pub trait PrivateNames: Send + Sync {
    /// All such names in `text`.
    fn find(&self, text: &str) -> Vec<PrivateName>;
}

/// The names of one prompt and their placeholders.
#[derive(Clone, Default)]
pub struct Veil {
    /// As first written, by placeholder.
    names: BTreeMap<String, String>,
    /// Placeholder and whether it counts everywhere, by kind and folded name.
    known: BTreeMap<(PrivateKind, String), (String, bool)>,
    /// Placeholders that stood in the prompt already: somebody typed them.
    typed: BTreeSet<String>,
    last: BTreeMap<PrivateKind, u32>,
}

impl std::fmt::Debug for Veil {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Veil({} names)", self.names.len())
    }
}

impl Veil {
    /// `prompt` as it may leave, and the way back. Policy and persona are nobody's words.
    pub fn over(prompt: &Prompt, finder: &dyn PrivateNames) -> (Prompt, Self) {
        let mut veil = Self::default();
        let mut cover = |text: &RemoteText| veil.cover(text, finder);
        // Each part is covered by what stood before it and in it: what was sent once is sent the
        // same again. The message comes before what was recalled for it, since next turn it
        // stands in the history and that does not.
        let digest = prompt.digest.as_ref().map(&mut cover);
        let history = prompt.history.iter().map(|turn| HistoryTurn {
            user: cover(&turn.user),
            assistant: cover(&turn.assistant),
        });
        let history = history.collect();
        let message = cover(&prompt.message);
        let recalled = prompt.recalled.as_ref().map(&mut cover);
        let support = prompt.support.as_ref().map(&mut cover);
        let veiled = Prompt {
            system: prompt.system.clone(),
            opening: prompt.opening.clone(),
            version: prompt.version.clone(),
            digest,
            history,
            recalled,
            support,
            message,
        };
        (veiled, veil)
    }

    /// Whether there is nothing to give back.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// `text` of the provider with the names in place of their placeholders.
    pub fn lift(&self, text: &str) -> String {
        let mut lifted = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(open) = rest.find('[') {
            let (before, from) = rest.split_at(open);
            lifted.push_str(before);
            let close = from.find(']').map_or(from.len(), |at| at + 1);
            let (placeholder, after) = from.split_at(close);
            if let Some(name) = self.names.get(&placeholder.to_ascii_lowercase()) {
                lifted.push_str(name);
                rest = after;
            } else {
                lifted.push('[');
                rest = from.get(1..).unwrap_or_default();
            }
        }
        lifted.push_str(rest);
        lifted
    }

    fn note_typed(&mut self, text: &str) {
        for kind in [
            PrivateKind::Surname,
            PrivateKind::School,
            PrivateKind::Street,
        ] {
            let opening = format!("[{}-", kind.label());
            for (at, _) in text.match_indices(opening.as_str()) {
                let from = text.get(at..).unwrap_or_default();
                if let Some(close) = from.find(']') {
                    self.typed.extend(from.get(..=close).map(str::to_owned));
                }
            }
        }
    }

    /// `text` with its names replaced, and with those known from before wherever their words stand.
    fn cover(&mut self, text: &RemoteText, finder: &dyn PrivateNames) -> RemoteText {
        let text = text.as_str();
        self.note_typed(text);
        let mut spans = Vec::new();
        for found in finder.find(text) {
            if let Some(name) = text.get(found.start..found.end) {
                spans.push((found.start, found.end, self.placeholder(&found, name)));
            }
        }
        self.add_known(text, &mut spans);
        spans.sort_unstable();
        RemoteText::veiled(replaced(text, &spans))
    }

    fn placeholder(&mut self, found: &PrivateName, name: &str) -> String {
        let key = (found.kind, folded(name));
        if let Some((placeholder, _always)) = self.known.get(&key) {
            return placeholder.clone();
        }
        let placeholder = self.next(found.kind);
        self.names.insert(placeholder.clone(), name.to_owned());
        self.known.insert(key, (placeholder.clone(), found.always));
        placeholder
    }

    fn add_known(&self, text: &str, spans: &mut Vec<(usize, usize, String)>) {
        if self.known.is_empty() {
            return;
        }
        let low = folded(text);
        for ((_kind, name), (placeholder, always)) in &self.known {
            for (start, _) in low.match_indices(name.as_str()).filter(|_| *always) {
                let end = start + name.len();
                let free = !spans.iter().any(|span| span.0 < end && start < span.1);
                if free && stands_alone(text, start, end) {
                    spans.push((start, end, placeholder.clone()));
                }
            }
        }
    }

    fn next(&mut self, kind: PrivateKind) -> String {
        let last = self.last.entry(kind).or_default();
        loop {
            *last = last.saturating_add(1);
            let placeholder = format!("[{}-{last}]", kind.label());
            if !self.typed.contains(&placeholder) {
                return placeholder;
            }
        }
    }
}

/// An answer that comes in pieces: a placeholder may be cut anywhere.
#[derive(Debug)]
pub struct Lifting<'a> {
    veil: &'a Veil,
    held: String,
}

/// Longest placeholder, in bytes.
const LONGEST: usize = 24;

impl<'a> Lifting<'a> {
    /// Nothing has come yet.
    pub const fn new(veil: &'a Veil) -> Self {
        Self {
            veil,
            held: String::new(),
        }
    }

    /// What can be shown once `piece` came too; may be empty.
    pub fn push(&mut self, piece: &str) -> String {
        self.held.push_str(piece);
        let open = self
            .held
            .rfind('[')
            .filter(|at| self.held.len() - at <= LONGEST)
            .filter(|at| !self.held.get(*at..).is_some_and(|rest| rest.contains(']')));
        let rest = open.map(|at| self.held.split_off(at));
        let ready = std::mem::replace(&mut self.held, rest.unwrap_or_default());
        self.veil.lift(&ready)
    }

    /// What is left when the answer ends.
    pub fn finish(&mut self) -> String {
        std::mem::take(&mut self.held)
    }
}

fn folded(name: &str) -> String {
    name.to_ascii_lowercase()
}

fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    let before = text.get(..start).unwrap_or_default();
    let after = text.get(end..).unwrap_or_default();
    !before.ends_with(|c: char| c.is_alphanumeric() || c == '[')
        && !after.starts_with(|c: char| c.is_alphanumeric())
}

fn replaced(text: &str, spans: &[(usize, usize, String)]) -> String {
    let mut result = String::with_capacity(text.len());
    let mut copied = 0;
    for (start, end, placeholder) in spans {
        let Some(kept) = text.get(copied..*start) else {
            continue;
        };
        result.push_str(kept);
        result.push_str(placeholder);
        copied = *end;
    }
    result.push_str(text.get(copied..).unwrap_or_default());
    result
}
