//! What of a model's answer is believed. The order of the checks is fixed (see [`Reason`]); an item
//! that fails one is dropped and counted, the rest lives.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    excerpt::Excerpt,
    parse::{self, Parsed},
    patch::{Drops, ModelPatch, PatchMood, Reason},
    prompt,
    schema::{self, Section},
};
use crate::{memory::bounds, model::refusal};

mod claim;
mod edge;
mod node;

use claim::Transcript;

/// Most moods of one answer.
const MOODS: usize = 60;
/// The labels of moods, in the order of the weights.
const MOOD_LABELS: [&str; 7] = [
    "anger", "disgust", "fear", "joy", "neutral", "sadness", "surprise",
];

/// Why a whole answer is of no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Blank, or an object without any of the arrays.
    Empty,
    /// The model says that it will not.
    Refused,
    /// There is no JSON in it.
    NotJson,
    /// It repeats the schema or the example.
    Echo,
    /// Nothing in it passed.
    Unusable,
}

/// A checked answer.
#[derive(Debug)]
pub struct Checked {
    /// What is believed, or why nothing is.
    pub result: Result<ModelPatch, Fault>,
    /// Dropped items.
    pub drops: Drops,
    /// False if the answer broke off.
    pub complete: bool,
    /// What to tell the model should it be asked again; holds no words of the answer.
    pub repair: String,
}

impl Checked {
    fn fault(fault: Fault, drops: Drops, complete: bool) -> Self {
        Self {
            repair: prompt::repair(&[], fault.sentence()),
            result: Err(fault),
            drops,
            complete,
        }
    }
}

impl Fault {
    const fn sentence(self) -> &'static str {
        match self {
            Self::Empty => "it was empty.",
            Self::Refused | Self::NotJson => "it was not a JSON object.",
            Self::Echo => "it repeated the schema or the example.",
            Self::Unusable => "no item passed these checks.",
        }
    }
}

/// Checks `answer` against the part of the session it is about.
pub fn check(excerpt: &Excerpt, answer: &str) -> Checked {
    let Some(parsed) = parse::parse(answer) else {
        let fault = if answer.trim().is_empty() {
            Fault::Empty
        } else if refusal::is_refusal(answer) {
            Fault::Refused
        } else {
            Fault::NotJson
        };
        // Something that began as an object and broke off was cut, not left out.
        let cut = answer.contains('{') && !answer.trim_end().ends_with('}');
        return Checked::fault(fault, Drops::new(), !cut);
    };
    if !parsed.answered {
        let fault = if parsed.is_schema {
            Fault::Echo
        } else {
            Fault::Empty
        };
        return Checked::fault(fault, Drops::new(), parsed.complete);
    }
    let mut checker = Checker::new(excerpt);
    let patch = checker.items(&parsed);
    let given = parsed.items.iter().flatten().count();
    if parsed.is_schema || checker.echoes(&parsed) {
        *checker.drops.entry(Reason::Echo).or_default() += 1;
        return Checked::fault(Fault::Echo, checker.drops, parsed.complete);
    }
    let fault = Fault::Unusable;
    Checked {
        repair: prompt::repair(&checker.complaints, fault.sentence()),
        result: if given > 0 && patch.is_empty() {
            Err(fault)
        } else {
            Ok(patch)
        },
        drops: checker.drops,
        complete: parsed.complete,
    }
}

struct Checker<'a> {
    excerpt: &'a Excerpt,
    transcript: Transcript<'a>,
    drops: Drops,
    complaints: Vec<(Section, usize, Reason)>,
}

impl<'a> Checker<'a> {
    fn new(excerpt: &'a Excerpt) -> Self {
        Self {
            excerpt,
            transcript: Transcript::new(excerpt),
            drops: Drops::new(),
            complaints: Vec::new(),
        }
    }

    fn items(&mut self, parsed: &Parsed) -> ModelPatch {
        let [nodes, edges, moods] = &parsed.items;
        let mut patch = ModelPatch::default();
        let mut labels: BTreeMap<String, usize> = BTreeMap::new();
        for (at, item) in nodes.iter().enumerate() {
            let checked = bounded(at, bounds::PATCH_NODES)
                .and_then(|()| fitting(Section::Nodes, item))
                .and_then(|()| node::check(self.excerpt, &self.transcript, item));
            if let Some((label, node)) = self.keep(Section::Nodes, at, checked) {
                labels.entry(label).or_insert(patch.nodes.len());
                patch.nodes.push(node);
            }
        }
        for (at, item) in edges.iter().enumerate() {
            let ends = edge::Ends {
                labels: &labels,
                nodes: &patch.nodes,
            };
            let checked = bounded(at, bounds::PATCH_EDGES)
                .and_then(|()| fitting(Section::Edges, item))
                .and_then(|()| edge::check(self.excerpt, &self.transcript, &ends, item));
            let kept = self.keep(Section::Edges, at, checked);
            patch.edges.extend(kept);
        }
        for (at, item) in moods.iter().enumerate() {
            let checked = bounded(at, MOODS)
                .and_then(|()| fitting(Section::Emotions, item))
                .and_then(|()| mood(&self.transcript, item));
            let kept = self.keep(Section::Emotions, at, checked);
            patch.moods.extend(kept);
        }
        patch
    }

    fn keep<T>(&mut self, section: Section, at: usize, checked: Result<T, Reason>) -> Option<T> {
        match checked {
            Ok(item) => Some(item),
            Err(reason) => {
                *self.drops.entry(reason).or_default() += 1;
                self.complaints.push((section, at, reason));
                None
            }
        }
    }

    /// Whether an item has the example's quote, which the teen never said.
    fn echoes(&self, parsed: &Parsed) -> bool {
        let quotes = parsed.items.iter().flatten();
        quotes
            .filter_map(|item| item.get("quote")?.as_str())
            .any(|quote| prompt::is_example(quote) && !self.transcript.holds(quote))
    }
}

fn bounded(at: usize, most: usize) -> Result<(), Reason> {
    if at < most {
        Ok(())
    } else {
        Err(Reason::Schema)
    }
}

fn fitting(section: Section, item: &Value) -> Result<(), Reason> {
    if schema::item_fits(section, item) {
        Ok(())
    } else {
        Err(Reason::Schema)
    }
}

fn mood(transcript: &Transcript<'_>, item: &Value) -> Result<PatchMood, Reason> {
    let label = text(item, "label");
    let weight = item.get("weight").and_then(Value::as_f64);
    let weight = weight.filter(|weight| (0.0..=1.0).contains(weight));
    let lines = transcript.lines(item)?;
    let place = MOOD_LABELS.iter().position(|known| *known == label);
    #[expect(clippy::cast_possible_truncation, reason = "between 0 and 1")]
    let weight = weight.ok_or(Reason::Schema)? as f32;
    Ok(PatchMood {
        turns: lines.iter().map(|line| line.read.turn).collect(),
        label: place.ok_or(Reason::Schema)?,
        weight,
    })
}

/// A text field, which the schema has made sure of; empty for null.
fn text<'v>(item: &'v Value, key: &str) -> &'v str {
    item.get(key).and_then(Value::as_str).unwrap_or_default()
}
