//! How names, days and moods are put into words, and which are not told at all.

use jiff::civil::Date;

use crate::memory::graph::{EmotionWeights, Node, NodeId};

/// A mood below this weight was not told clearly.
const CLEAR_MOOD: f32 = 0.5;
/// A name with more digits than this might be a number to call or to find somebody by.
const MAX_DIGITS: usize = 4;

/// Words of the seven emotions, in their order; neutral is not told.
pub(in crate::memory) const MOODS: [Option<&str>; 7] = [
    Some("angry"),
    Some("put off"),
    Some("worried"),
    Some("happy"),
    None,
    Some("sad"),
    Some("surprised"),
];

/// A persona must not put such words into a teen's mouth: they stay evidence in the graph.
const DIAGNOSES: &[&str] = &[
    "add",
    "adhd",
    "addict",
    "addiction",
    "anorexia",
    "anorexic",
    "anxiety",
    "autism",
    "autistic",
    "bipolar",
    "bpd",
    "bulimia",
    "bulimic",
    "depressed",
    "depression",
    "depressive",
    "diagnosis",
    "disorder",
    "dysphoria",
    "insomnia",
    "mania",
    "manic",
    "narcissist",
    "ocd",
    "panic",
    "psychosis",
    "ptsd",
    "schizophrenia",
    "suicidal",
    "suicide",
    "trauma",
];

/// One item of a line with the nodes it names.
pub(super) struct Shown {
    pub(super) text: String,
    pub(super) nodes: Vec<NodeId>,
}

impl Shown {
    pub(super) fn new(text: String) -> Self {
        Self {
            text,
            nodes: Vec::new(),
        }
    }
}

/// A name as it may be told: one line, no diagnosis, nothing that looks like contact data.
pub(super) fn plain_name(name: &str) -> Option<String> {
    let digits = name.chars().filter(char::is_ascii_digit).count();
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    let diagnosis = name
        .to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .any(|word| DIAGNOSES.contains(&word));
    let told = !name.is_empty() && !diagnosis && digits <= MAX_DIGITS && !name.contains('@');
    told.then_some(name)
}

/// `8 May`.
pub(super) fn short_day(day: Date) -> String {
    day.strftime("%-d %B").to_string()
}

/// The day of an event, if it is known to the day.
pub(super) fn event_day(node: &Node) -> Option<Date> {
    let precision = node.attrs.get("precision").map(|p| p.reveal().as_str());
    if !matches!(precision, None | Some("day")) {
        return None;
    }
    let from = node.attrs.get("when_from")?.reveal();
    from.get(..10)?.parse().ok()
}

pub(super) fn is_pet(node: &Node) -> bool {
    node.attrs
        .get("sub")
        .is_some_and(|sub| sub.reveal() == "pet")
}

pub(super) fn clear_mood(mood: &EmotionWeights) -> Option<&'static str> {
    let (weight, word) = mood
        .iter()
        .zip(MOODS)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))?;
    word.filter(|_| *weight >= CLEAR_MOOD)
}

pub(super) fn shown(node: &Node, note: &str) -> Shown {
    let name = node.name.reveal().split_whitespace();
    let name = name.collect::<Vec<_>>().join(" ");
    Shown {
        text: if note.is_empty() {
            name
        } else {
            format!("{name} ({note})")
        },
        nodes: vec![node.id],
    }
}
