//! `cargo xtask bench extraction`: how much of what a careful reader would keep of a session the
//! local tier finds, and how much it invents.

mod compare;
mod graph;
mod report;
mod session;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use clap::Args;
use innerworld_core::memory::{ontology::NodeKind, reading::Reading, transcript::Transcript};
use innerworld_language::{LocalExtractor, embed::StaticEncoder, pii::Scrub};

use self::{
    compare::Outcome,
    graph::Read,
    report::Report,
    session::{read_all, read_small_talk},
};
use super::{page, timed};
use crate::process::say;

/// What nodes must reach.
pub(crate) const NODE_F1: f64 = 0.55;
/// What edges must reach, `mentions` aside.
pub(crate) const EDGE_F1: f64 = 0.35;
/// Nodes that small talk may leave.
pub(crate) const JUNK_NODES: usize = 2;

/// Compare the graphs that are read out of sessions with annotated ones
#[derive(Debug, Args)]
pub(crate) struct Extraction {
    /// Annotated sessions, or folders of them
    #[arg(required_unless_present = "junk", value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// List what was missed, invented and misdated, file by file
    #[arg(long)]
    errors: bool,
    /// Count the nodes that small talk leaves: a file of lines `teen: …` and `persona: …`
    #[arg(long, value_name = "FILE")]
    junk: Option<PathBuf>,
    /// Write the figures into `benches/extraction.md`, below this heading
    #[arg(long, value_name = "HEADING")]
    write: Option<String>,
    /// End with the figures as one JSON object
    #[arg(long)]
    json: bool,
}

impl Extraction {
    pub(super) fn run(&self) -> anyhow::Result<ExitCode> {
        let report = self.measure()?;
        say(report.to_string().trim_end());
        if let Some(heading) = &self.write {
            page::write("extraction.md", heading, &report.rows())?;
        }
        if self.json {
            say(&serde_json::to_string(&report.figures())?);
        }
        let failures = report.failures();
        for failure in &failures {
            say(&format!("FAILED: {failure}"));
        }
        Ok(if failures.is_empty() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }

    fn measure(&self) -> anyhow::Result<Report> {
        let extractor = LocalExtractor::new(Arc::new(StaticEncoder::shipped()?))?;
        let mut report = Report::default();
        if !self.paths.is_empty() {
            report.compared = Some(Outcome::default());
        }
        let sessions = if self.paths.is_empty() {
            Vec::new()
        } else {
            read_all(&self.paths)?
        };
        for session in &sessions {
            let (reading, us) = timed(|| read(&session.said, &extractor));
            let outcome = Outcome::of(&session.gold, &Read::of(&reading, &session.said.zone));
            report.add(session, &outcome, us);
            if self.errors && !outcome.errors.is_empty() {
                report.errors.push((session.path.clone(), outcome.errors));
            }
        }
        if let Some(path) = &self.junk {
            report.junk = Some(junk(path, &extractor)?);
        }
        Ok(report)
    }
}

/// What was said in the annotated sessions of a folder.
pub(crate) fn annotated(folder: &Path) -> anyhow::Result<Vec<Transcript>> {
    let sessions = read_all(&[folder.to_owned()])?;
    Ok(sessions.into_iter().map(|session| session.said).collect())
}

/// A file of small talk as one session.
pub(crate) fn small_talk(path: &Path) -> anyhow::Result<Transcript> {
    read_small_talk(path)
}

fn read(said: &Transcript, extractor: &LocalExtractor) -> Reading {
    Reading::of(said, extractor, &Scrub::new())
}

/// The nodes that small talk leaves, kind and name.
fn junk(path: &Path, extractor: &LocalExtractor) -> anyhow::Result<report::Junk> {
    let said = read_small_talk(path)?;
    let reading = read(&said, extractor);
    let nodes = reading.graph.nodes.values();
    Ok(report::Junk {
        lines: said.lines.len(),
        nodes: nodes
            .filter(|node| node.kind != NodeKind::Teen)
            .map(|node| format!("{} {}", node.kind.name(), node.name.reveal()))
            .collect(),
    })
}

#[cfg(test)]
mod tests;
