//! What was read, in the form in which it is printed.

use std::collections::BTreeMap;

use innerworld_core::{
    clock::Timestamp,
    memory::{
        graph::{Polarity, Precision},
        ontology::{EdgeKind, NodeKind},
        reading::Reading,
        store::Speaker,
        transcript::Transcript,
    },
};
use innerworld_language::english::Talk;
use jiff::civil::Date;
use serde::{Serialize, Serializer};

use super::view::View;

/// Everything that was read out of a session.
#[derive(Serialize)]
pub(super) struct Found<'a> {
    pub(super) extractor: &'a str,
    pub(super) version: &'a str,
    pub(super) date: Date,
    pub(super) zone: &'a str,
    pub(super) lines: Vec<LineFound<'a>>,
    pub(super) graph: Patch<'a>,
}

/// What was read out of one line.
#[derive(Serialize)]
pub(super) struct LineFound<'a> {
    pub(super) id: &'a str,
    pub(super) speaker: Speaker,
    pub(super) at: Instant,
    /// As it would be kept.
    pub(super) text: &'a str,
    /// Whether the end was left out.
    pub(super) cut: bool,
    /// Whether it is surely not English: then only listed names and contact data are found.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) foreign: bool,
    pub(super) mentions: Vec<MentionFound<'a>>,
    /// Weights of the teen's lines.
    pub(super) emotions: BTreeMap<&'static str, f64>,
    pub(super) pii: Vec<PiiFound>,
}

#[derive(Serialize)]
pub(super) struct MentionFound<'a> {
    pub(super) kind: NodeKind,
    pub(super) name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) qualifier: Option<&'a str>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) attrs: BTreeMap<&'a str, &'a str>,
    pub(super) span: (u32, u32),
    /// What read it.
    pub(super) rule: &'a str,
    pub(super) confidence: f64,
    /// The node that it became; `None` if it names nothing that is kept.
    pub(super) node: Option<String>,
    /// Whether it becomes one once another session says it too.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) tentative: bool,
}

#[derive(Serialize)]
pub(super) struct PiiFound {
    pub(super) class: &'static str,
    pub(super) span: (usize, usize),
}

/// What the session adds to an empty graph.
#[derive(Serialize)]
pub(super) struct Patch<'a> {
    pub(super) nodes: Vec<NodeFound<'a>>,
    pub(super) edges: Vec<EdgeFound<'a>>,
}

#[derive(Serialize)]
pub(super) struct NodeFound<'a> {
    pub(super) id: String,
    pub(super) kind: NodeKind,
    pub(super) name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) qualifier: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) aliases: Vec<&'a str>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) attrs: BTreeMap<&'a str, &'a str>,
    pub(super) confidence: f64,
    pub(super) lines: Vec<&'a str>,
}

#[derive(Serialize)]
pub(super) struct EdgeFound<'a> {
    pub(super) kind: EdgeKind,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) slot: &'a str,
    /// The last word on it: `+` it holds, `-` it stopped.
    pub(super) polarity: Polarity,
    pub(super) valid_from: Instant,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) valid_until: Option<Instant>,
    /// How precisely the last of these times is known.
    pub(super) precision: Precision,
    /// That it holds, or, once it stopped, that it did.
    pub(super) confidence: f64,
    pub(super) lines: Vec<&'a str>,
    /// What read it.
    pub(super) rules: Vec<&'a str>,
    /// The same in words.
    pub(super) says: String,
}

/// An instant, printed as the wire shows it.
#[derive(Clone, Copy)]
pub(super) struct Instant(pub(super) Timestamp);

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'a> Found<'a> {
    pub(super) fn new(transcript: &'a Transcript, reading: &'a Reading) -> Self {
        let view = View::new(transcript, reading);
        let mut talk = Talk::default();
        let lines = transcript.lines.iter().enumerate();
        Self {
            extractor: &reading.list.extractor,
            version: &reading.list.version,
            date: transcript.date,
            zone: &transcript.zone,
            lines: lines
                .map(|(place, line)| view.line(place, line, &mut talk))
                .collect(),
            graph: view.patch(),
        }
    }
}
