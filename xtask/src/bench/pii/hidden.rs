//! Contact data that is written so that a pattern does not see it, and numbers that are none.

use std::{collections::BTreeMap, fs};

use anyhow::Context;
use innerworld_language::pii::{self, Span};
use serde::{Deserialize, Serialize};

use super::super::{figure, page, tally::Tally};
use crate::{process::say, workspace};

/// Share of hidden spans that must be masked (language.md, gate 9).
const GATE: f64 = 0.95;

#[derive(Deserialize)]
struct Lines {
    lines: Vec<Line>,
    decoys: Vec<String>,
}

#[derive(Deserialize)]
struct Line {
    family: String,
    text: String,
    spans: Vec<Known>,
}

#[derive(Deserialize)]
struct Known {
    text: String,
}

/// The figures of a run.
#[derive(Debug, Default, Serialize)]
pub(super) struct Hidden {
    /// By the way of hiding: known spans, and those of which every letter and digit is masked.
    families: BTreeMap<String, Masked>,
    known: usize,
    masked: usize,
    recall: f64,
    decoys: usize,
    /// Lines without contact data in which something was masked.
    decoys_taken: usize,
}

#[derive(Debug, Default, Serialize)]
struct Masked {
    known: usize,
    masked: usize,
}

impl Hidden {
    /// Reads `tests/pii/obfuscated.json` and looks for its spans.
    pub(super) fn measure(show: bool) -> anyhow::Result<Self> {
        let path = workspace::root().join("tests/pii/obfuscated.json");
        let text = fs::read_to_string(&path)
            .with_context(|| format!("could not read {}", path.display()))?;
        let lines: Lines = serde_json::from_str(&text)
            .with_context(|| format!("{} holds no hidden lines", path.display()))?;
        let mut hidden = Self::default();
        for line in &lines.lines {
            hidden.count(line, show);
        }
        for decoy in &lines.decoys {
            let taken = pii::find(decoy);
            hidden.decoys += 1;
            hidden.decoys_taken += usize::from(!taken.is_empty());
            if show && let Some(span) = taken.first() {
                say(&format!("taken {}: {decoy}", span.class.label()));
            }
        }
        hidden.recall = Tally {
            hits: hidden.masked,
            said: 0,
            gold: hidden.known,
        }
        .scores()
        .recall;
        Ok(hidden)
    }

    pub(super) fn reached(&self) -> bool {
        self.recall >= GATE
    }

    fn count(&mut self, line: &Line, show: bool) {
        let spans = pii::find(&line.text);
        for known in &line.spans {
            let masked = is_masked(&line.text, &known.text, &spans);
            let family = self.families.entry(line.family.clone()).or_default();
            family.known += 1;
            family.masked += usize::from(masked);
            self.known += 1;
            self.masked += usize::from(masked);
            if show && !masked {
                say(&format!("missed {}: {:?}", line.family, line.text));
            }
        }
    }

    pub(super) fn row(&self) -> page::Row {
        let cells = vec![
            self.masked.to_string(),
            format!("{:.3}", self.recall),
            format!("{} of {}", self.decoys_taken, self.decoys),
        ];
        ("now".to_owned(), cells)
    }

    pub(super) fn print(&self) {
        say("hidden                  known  masked");
        for (family, counts) in &self.families {
            let (known, masked) = (counts.known, counts.masked);
            say(&format!("{family:22}  {known:5}  {masked:6}"));
        }
        let verdict = if self.reached() {
            "reached"
        } else {
            "BELOW 0.95"
        };
        say(&format!(
            "recall {:.3} ({} of {})  {verdict}; {} of {} lines without contact data were touched ({:.3})",
            self.recall,
            self.masked,
            self.known,
            self.decoys_taken,
            self.decoys,
            figure(self.decoys_taken) / figure(self.decoys.max(1)),
        ));
    }
}

/// Whether every letter and digit of `known` lies in a span. Signs between them may stay.
fn is_masked(text: &str, known: &str, spans: &[Span]) -> bool {
    text.find(known).is_some_and(|start| {
        known
            .char_indices()
            .filter(|(_, letter)| letter.is_alphanumeric())
            .all(|(at, _)| {
                spans
                    .iter()
                    .any(|span| (span.start..span.end).contains(&(start + at)))
            })
    })
}
