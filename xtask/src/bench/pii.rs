//! `cargo xtask bench pii`: which contact and identity data the patterns find in sentences whose
//! spans are known, and in our own lines that hide them.

mod hidden;
mod veil;

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context;
use clap::Args;
use innerworld_language::pii::{self, Class, Span};
use serde::{Deserialize, Serialize};

use self::{hidden::Hidden, veil::Cost};
use super::{figure, page, timed};
use crate::process::say;

/// What F2 a class must reach, where one is asked for (language.md, gate 9).
const GATE: f64 = 0.98;

/// Our classes beside the types of the data; those with a gate first.
const CLASSES: [(Class, &str, bool); 10] = [
    (Class::Email, "EMAIL_ADDRESS", true),
    (Class::Phone, "PHONE_NUMBER", true),
    (Class::Card, "CREDIT_CARD", true),
    (Class::Ssn, "US_SSN", true),
    (Class::Iban, "IBAN_CODE", true),
    (Class::Ip, "IP_ADDRESS", true),
    (Class::Address, "STREET_ADDRESS", false),
    (Class::Postcode, "ZIP_CODE", false),
    (Class::Url, "DOMAIN_NAME", false),
    (Class::Id, "US_DRIVER_LICENSE", false),
];

/// Find contact data in sentences with known spans; F2 of each class
#[derive(Debug, Args)]
pub(crate) struct Pii {
    /// Sentences in the format of Presidio's synthetic data set; without it only the hidden lines
    /// of `tests/pii` are measured
    data: Option<PathBuf>,
    /// Print what was missed and what was taken by mistake
    #[arg(long)]
    show: bool,
    /// Write the figures into `benches/pii.md`, below this heading
    #[arg(long, value_name = "HEADING")]
    write: Option<String>,
    /// End with the figures as one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Deserialize)]
struct Sentence {
    full_text: String,
    spans: Vec<Gold>,
}

/// A known span, in characters.
#[derive(Deserialize)]
struct Gold {
    entity_type: String,
    start_position: usize,
    end_position: usize,
}

/// Counts of one class.
#[derive(Debug, Serialize)]
struct Row {
    class: &'static str,
    /// Known spans.
    known: usize,
    /// Known spans of which every character is masked, by whatever class.
    masked: usize,
    /// Spans that were found as this class.
    found: usize,
    /// Those that lie on a known span of the type.
    right: usize,
    f2: f64,
    gated: bool,
}

/// All figures of a run.
#[derive(Debug, Serialize)]
struct All {
    /// Of the sentences that were given.
    open: Option<Figures>,
    /// Of our own hidden lines.
    hidden: Hidden,
    veil: Cost,
}

/// The figures of given sentences.
#[derive(Debug, Serialize)]
struct Figures {
    sentences: usize,
    classes: Vec<Row>,
    sentences_per_s: f64,
}

impl Pii {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let hidden = Hidden::measure(self.show)?;
        let open = self.data.as_deref().map(|data| self.sentences(data));
        let open = open.transpose()?;
        if let Some(figures) = &open {
            figures.print();
        }
        hidden.print();
        let veil = Cost::measure()?;
        veil.print();
        if let (Some(heading), Some(figures)) = (&self.write, &open) {
            page::write("pii.md", heading, &figures.rows())?;
        }
        if let (Some(heading), None) = (&self.write, &open) {
            page::write("pii.md", heading, &[hidden.row()])?;
        }
        let reached = hidden.reached() && open.as_ref().is_none_or(Figures::reached);
        if self.json {
            say(&serde_json::to_string(&All { open, hidden, veil })?);
        }
        Ok(if reached {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }

    fn sentences(&self, data: &Path) -> anyhow::Result<Figures> {
        let text = fs::read_to_string(data)
            .with_context(|| format!("could not read {}", data.display()))?;
        let sentences: Vec<Sentence> = serde_json::from_str(&text)
            .with_context(|| format!("{} is not in Presidio's format", data.display()))?;
        // Patterns are compiled at their first use.
        pii::find("a first text");
        let mut rows: Vec<Row> = CLASSES.iter().map(Row::new).collect();
        let mut all_us = 0.0;
        for sentence in &sentences {
            let (spans, us) = timed(|| pii::find(&sentence.full_text));
            all_us += us;
            for (row, (class, kind, _gated)) in rows.iter_mut().zip(CLASSES) {
                self.count(row, sentence, (&spans, class, kind));
            }
        }
        rows.iter_mut().for_each(Row::close);
        Ok(Figures {
            sentences: sentences.len(),
            classes: rows,
            sentences_per_s: figure(sentences.len()) * 1e6 / f64::max(all_us, 1.0),
        })
    }

    fn count(
        &self,
        row: &mut Row,
        sentence: &Sentence,
        (spans, class, kind): (&[Span], Class, &str),
    ) {
        let text = &sentence.full_text;
        let known: Vec<(usize, usize)> = sentence
            .spans
            .iter()
            .filter(|gold| gold.entity_type == kind)
            .map(|gold| gold.bytes(text))
            .collect();
        for (start, end) in &known {
            let masked = (*start..*end)
                .filter(|byte| text.is_char_boundary(*byte))
                .all(|byte| {
                    spans
                        .iter()
                        .any(|span| (span.start..span.end).contains(&byte))
                });
            row.known += 1;
            row.masked += usize::from(masked);
            self.tell(!masked, ("missed", row.class), text.get(*start..*end));
        }
        for span in spans.iter().filter(|span| span.class == class) {
            let mut overlaps = known
                .iter()
                .map(|(start, end)| span.start < *end && *start < span.end);
            let right = overlaps.any(|overlaps| overlaps);
            row.found += 1;
            row.right += usize::from(right);
            self.tell(!right, ("taken", row.class), text.get(span.start..span.end));
        }
    }

    fn tell(&self, wrong: bool, (what, class): (&str, &str), text: Option<&str>) {
        if wrong && self.show {
            say(&format!("{what} {class}: {}", text.unwrap_or_default()));
        }
    }
}

impl Gold {
    /// Its place in bytes.
    fn bytes(&self, text: &str) -> (usize, usize) {
        let byte = |position| {
            let place = text.char_indices().nth(position);
            place.map_or(text.len(), |(byte, _letter)| byte)
        };
        (byte(self.start_position), byte(self.end_position))
    }
}

impl Row {
    fn new((class, _kind, gated): &(Class, &str, bool)) -> Self {
        Self {
            class: class.label(),
            known: 0,
            masked: 0,
            found: 0,
            right: 0,
            f2: 0.0,
            gated: *gated,
        }
    }

    /// F2 of precision and recall: a miss weighs four times as much as a false mask.
    fn close(&mut self) {
        let recall = figure(self.masked) / figure(self.known.max(1));
        let precision = figure(self.right) / figure(self.found.max(1));
        let weighed = 4.0 * precision + recall;
        self.f2 = if weighed > 0.0 {
            5.0 * precision * recall / weighed
        } else {
            0.0
        };
    }
}

impl Figures {
    fn reached(&self) -> bool {
        self.classes.iter().all(|row| !row.gated || row.f2 >= GATE)
    }

    fn rows(&self) -> Vec<page::Row> {
        let of = |row: &Row| {
            let counts = [row.known, row.masked, row.found, row.right];
            let mut cells: Vec<String> = counts.iter().map(usize::to_string).collect();
            cells.push(format!("{:.3}", row.f2));
            cells.push(if row.gated {
                GATE.to_string()
            } else {
                "none".to_owned()
            });
            (row.class.to_owned(), cells)
        };
        self.classes.iter().map(of).collect()
    }

    fn print(&self) {
        say("class       known  masked  found  right     F2");
        for row in &self.classes {
            let gate = match (row.gated, row.f2 >= GATE) {
                (false, _) => "",
                (true, true) => "  reached",
                (true, false) => "  BELOW 0.98",
            };
            say(&format!(
                "{:10}  {:5}  {:6}  {:5}  {:5}  {:.3}{gate}",
                row.class, row.known, row.masked, row.found, row.right, row.f2
            ));
        }
        say(&format!(
            "{} sentences, {:.0} a second on one core",
            self.sentences, self.sentences_per_s
        ));
    }
}
