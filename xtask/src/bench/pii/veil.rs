//! What it costs to find the names that no provider is told, in our own annotated talk.

use std::{fs, sync::Arc};

use anyhow::Context;
use innerworld_core::model::veil::PrivateNames as _;
use innerworld_language::{LocalExtractor, embed::StaticEncoder};
use serde::{Deserialize, Serialize};

use super::super::{figure, timed};
use crate::{process::say, workspace};

/// Messages and answers of a long session.
const SESSION_LINES: usize = 74;
const ROUNDS: usize = 20;

#[derive(Deserialize)]
struct Session {
    lines: Vec<Line>,
}

#[derive(Deserialize)]
struct Line {
    text: String,
}

/// The figures of a run.
#[derive(Debug, Serialize)]
pub(super) struct Cost {
    lines: usize,
    names: usize,
    us_a_line: f64,
    /// For a prompt that holds a whole session.
    us_a_session: f64,
}

impl Cost {
    pub(super) fn measure() -> anyhow::Result<Self> {
        let lines = lines()?;
        let extractor = StaticEncoder::shipped()
            .map(Arc::new)
            .and_then(LocalExtractor::new)
            .context("the models of language could not be read")?;
        let count = |lines: &[String]| lines.iter().map(|line| extractor.find(line).len()).sum();
        let names = count(&lines);
        let session = lines.get(..SESSION_LINES).unwrap_or(&lines);
        let mean = |lines: &[String]| {
            let run = || timed(|| -> usize { count(lines) }).1;
            (0..ROUNDS).map(|_| run()).fold(f64::INFINITY, f64::min)
        };
        Ok(Self {
            us_a_line: mean(&lines) / figure(lines.len().max(1)),
            us_a_session: mean(session),
            lines: lines.len(),
            names,
        })
    }

    pub(super) fn print(&self) {
        say(&format!(
            "names kept from providers: {} in {} lines, {:.1} us a line, {:.0} us a prompt of {SESSION_LINES} lines",
            self.names, self.lines, self.us_a_line, self.us_a_session
        ));
    }
}

/// Every line of `tests/extraction`.
fn lines() -> anyhow::Result<Vec<String>> {
    let folder = workspace::root().join("tests/extraction");
    let mut files: Vec<_> = fs::read_dir(&folder)
        .with_context(|| format!("could not read {}", folder.display()))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
        .collect();
    files.sort();
    let mut lines = Vec::new();
    for file in files {
        let session: Session = serde_json::from_str(&fs::read_to_string(&file)?)
            .with_context(|| format!("{} is no session", file.display()))?;
        lines.extend(session.lines.into_iter().map(|line| line.text));
    }
    Ok(lines)
}
