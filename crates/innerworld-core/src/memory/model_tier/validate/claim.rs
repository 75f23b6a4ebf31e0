//! Lines, quotes, and whether the teen claims what they say.

use serde_json::Value;

use super::text;
use crate::memory::{
    bounds,
    model_tier::{
        excerpt::{Excerpt, ReadLine},
        fold_text::Folded,
        patch::Reason,
    },
    names,
    ontology::NodeKind,
    store::Speaker,
};

/// Words that a name may have without their being said.
const SMALL: &[&str] = &[
    "a", "an", "the", "my", "our", "to", "of", "in", "on", "at", "for", "with", "into", "and",
    "be", "go", "get", "is",
];
/// Marks in a name beside letters, digits and blanks: those of a graph's names, and those that a
/// name loses in silence.
const MARKS: &str = "'’.-&+#:/,!?()\"";
/// What is said to a model, not to a companion: nothing is read from such a line.
const ORDERS: &[&str] = &[
    "ignore all",
    "ignore previous",
    "ignore the rules",
    "ignore your",
    "disregard",
    "system prompt",
    "previous instructions",
    "you are now",
    "developer mode",
    "jailbreak",
    "as an ai",
    "language model",
    "existing_id",
];
/// What stands in no name besides.
const NO_NAME: &[&str] = &[
    "instruction",
    "you must",
    "json",
    "http:",
    "https:",
    "<data",
    "```",
];

/// A line of the transcript with its folded text.
pub(super) struct Spoken<'a> {
    pub(super) read: &'a ReadLine,
    pub(super) folded: Folded,
    at: usize,
}

/// The transcript, folded.
pub(super) struct Transcript<'a> {
    lines: Vec<Spoken<'a>>,
}

impl<'a> Transcript<'a> {
    pub(super) fn new(excerpt: &'a Excerpt) -> Self {
        let lines = excerpt.lines.iter().enumerate();
        Self {
            lines: lines
                .map(|(at, read)| Spoken {
                    read,
                    folded: Folded::new(read.text.reveal()),
                    at,
                })
                .collect(),
        }
    }

    /// Check 2: the lines an item names, each of them there and the teen's.
    pub(super) fn lines(&self, item: &Value) -> Result<Vec<&Spoken<'a>>, Reason> {
        let labels = item.get("lines").and_then(Value::as_array);
        let labels = labels.ok_or(Reason::Line)?.iter();
        let found: Option<Vec<&Spoken<'a>>> = labels
            .map(|label| {
                let label = label.as_str()?;
                let teen = |line: &&Spoken<'a>| line.read.speaker == Speaker::Teen;
                let mut lines = self.lines.iter().filter(teen);
                lines.find(|line| line.read.label == label)
            })
            .collect();
        let mut found = found
            .filter(|lines| !lines.is_empty())
            .ok_or(Reason::Line)?;
        found.sort_by_key(|line| line.at);
        found.dedup_by_key(|line| line.at);
        Ok(found)
    }

    /// Check 6: whether the teen claims `quote` in this line. The persona's words are not a claim,
    /// nor is a question or a line that gives a model orders. What the persona repeats later does no harm.
    pub(super) fn claims(&self, line: &Spoken<'_>, quote: &Folded) -> bool {
        let mut earlier = self.lines.iter().take(line.at);
        let suggested = earlier.any(|other| {
            other.read.speaker == Speaker::Persona && other.folded.find(quote).is_some()
        });
        !suggested && !line.folded.asks(quote) && !orders(&line.folded)
    }

    /// Whether anybody said this.
    pub(super) fn holds(&self, quote: &str) -> bool {
        let quote = Folded::new(quote);
        self.lines
            .iter()
            .any(|line| line.folded.find(&quote).is_some())
    }
}

/// Check 3: the quote, and those of the lines in which it stands.
pub(super) fn quoted<'l, 'a>(
    item: &Value,
    lines: &[&'l Spoken<'a>],
) -> Result<(Folded, Vec<&'l Spoken<'a>>), Reason> {
    let quote = Folded::new(text(item, "quote"));
    let holds = |line: &&&Spoken<'_>| line.folded.find(&quote).is_some();
    let found: Vec<&Spoken<'a>> = lines.iter().filter(holds).copied().collect();
    let says = quote
        .as_str()
        .chars()
        .filter(|letter| letter.is_alphanumeric());
    if says.count() < 2 || found.is_empty() {
        return Err(Reason::Quote);
    }
    Ok((quote, found))
}

/// Where `name` stands in `line`. Names of people, places and things stand there word for word; of
/// what is said in many ways every word must at least begin like one of the line's.
pub(super) fn grounded(kind: NodeKind, name: &str, line: &Folded) -> Option<(u32, u32)> {
    let folded = Folded::new(&names::display(name));
    if let Some(span) = line.find_words(&folded) {
        return Some(span);
    }
    let exact = matches!(kind, NodeKind::Person | NodeKind::Place | NodeKind::Thing);
    let mut first = None;
    for word in words(folded.as_str()).filter(|word| !SMALL.contains(word)) {
        let said = words(line.as_str())
            .find(|other| other == &word || (!exact && start(other) == start(word)))?;
        first = first.or_else(|| line.find_words(&Folded::new(said)));
    }
    first
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_alphanumeric() && letter != '\'')
        .filter(|word| !word.is_empty())
}

/// The first three letters: "stress" and "stressed", "run" and "running" begin alike.
fn start(word: &str) -> String {
    word.chars().take(3).collect()
}

/// Check 5, of a name: it names something, is short, has only the characters of names.
pub(super) fn is_name(kind: NodeKind, name: &str) -> bool {
    let allowed =
        |letter: char| letter.is_alphanumeric() || letter == ' ' || MARKS.contains(letter);
    name.chars().count() <= bounds::NAME_CHARS
        && name.chars().all(allowed)
        && !names::is_refused(&names::key(kind, name))
        && {
            let folded = Folded::new(name);
            !orders(&folded) && !NO_NAME.iter().any(|word| folded.as_str().contains(word))
        }
}

/// Whether a text gives a model orders.
fn orders(text: &Folded) -> bool {
    ORDERS.iter().any(|phrase| text.as_str().contains(phrase))
}
