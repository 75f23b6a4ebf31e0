//! `innerworld safety eval`.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use anyhow::{Context as _, ensure};
use clap::{Args, ValueEnum};
use innerworld_core::{calendar, clock::Clock as _};
use innerworld_embedded::SystemClock;
use innerworld_language::safety::{Measure, Measured, fill_means};
use serde::{Deserialize, Serialize};

use super::{each_line, report, screen};
use crate::cli::output;

/// The sets that nobody reads, in the repository.
const BLIND: &str = "tests/safety-blind";
/// What stands where a message leaves open which means is near.
const MEANS: &str = "safety/corpus/means.txt";
/// Files of the blind sets: single messages, and conversations.
const SINGLE: [&str; 2] = ["risk.jsonl", "benign.jsonl"];
/// What was found each time that they were opened.
const OPENINGS: &str = "safety/blind-openings.jsonl";
const CONVERSATIONS: &str = "conversations.jsonl";

/// Arguments of `safety eval`.
#[derive(Debug, Args)]
#[command(
    after_help = "Each line is a JSON object: `text`, `label` (\"risk\" or \"benign\"), and where known \
    `category`, `explicit`, `session`. Lines are judged alone, those of the same `session` one after \
    another.\n\
    --blind measures with messages that nobody who writes rules has read. It prints totals only; looking \
    at single ones spends the set."
)]
pub(crate) struct Eval {
    /// File to measure with, or - for standard input
    #[arg(long, value_name = "FILE", required_unless_present = "blind")]
    set: Option<PathBuf>,
    /// Measure with the messages that nobody reads, in a checkout of the source
    #[arg(long, conflicts_with = "set")]
    blind: bool,
    /// How to print it
    #[arg(long, value_enum, default_value = "md")]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// One JSON object
    Json,
    /// Markdown tables
    Md,
}

/// A line of a file.
#[derive(Deserialize)]
struct Line {
    #[serde(flatten)]
    message: Measured,
    /// Its language, for the things that it leaves open.
    #[serde(default = "english")]
    lang: String,
}

fn english() -> String {
    "en".to_owned()
}

/// The figures of the blind sets, and when they were opened.
#[derive(Serialize)]
struct Blind {
    on: String,
    commit: String,
    single: Measure,
    conversations: Measure,
}

impl Eval {
    pub(super) fn run(&self) -> anyhow::Result<ExitCode> {
        let screen = screen()?;
        if self.blind {
            let folder = Path::new(BLIND);
            ensure!(
                folder.is_dir(),
                "there is no {BLIND} here: run it in a checkout of the source"
            );
            let single = SINGLE.map(|file| folder.join(file));
            let blind = Blind {
                on: calendar::day_in("UTC", SystemClock.now()).to_string(),
                commit: commit(),
                single: totals(Measure::of(&screen, &read_open(&single)?)),
                conversations: totals(Measure::of(
                    &screen,
                    &read_open(&[folder.join(CONVERSATIONS)])?,
                )),
            };
            note(&blind)?;
            match self.format {
                Format::Json => output::json(&blind)?,
                Format::Md => {
                    output::write(&report::markdown("Blind messages", &blind.single))?;
                    output::write(&report::markdown(
                        "Blind conversations",
                        &blind.conversations,
                    ))?;
                }
            }
            return Ok(ExitCode::SUCCESS);
        }
        let set = self.set.as_deref().context("give a file with --set")?;
        let messages: Vec<Measured> = read(&[set.to_owned()])?
            .into_iter()
            .map(|line| line.message)
            .collect();
        ensure!(
            !messages.is_empty(),
            "there is no message in {}",
            set.display()
        );
        let measure = Measure::of(&screen, &messages);
        match self.format {
            Format::Json => output::json(&measure)?,
            Format::Md => output::write(&report::markdown(&set.display().to_string(), &measure))?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Keeps the opening beside the others: a set that was opened often is no longer blind.
fn note(blind: &Blind) -> anyhow::Result<()> {
    let mut file = fs::OpenOptions::new()
        .append(true)
        .create(true)
        .open(OPENINGS)
        .with_context(|| format!("could not open {OPENINGS}"))?;
    writeln!(file, "{}", serde_json::to_string(blind)?)
        .with_context(|| format!("could not write {OPENINGS}"))
}

/// What is checked out.
fn commit() -> String {
    let asked = Command::new("git")
        .args(["rev-parse", "--short", "HEAD"])
        .output();
    let known = asked.ok().filter(|output| output.status.success());
    known.map_or_else(
        || "unknown".to_owned(),
        |output| String::from_utf8_lossy(&output.stdout).trim().to_owned(),
    )
}

/// Without what would tell which messages went wrong.
fn totals(measure: Measure) -> Measure {
    Measure {
        categories: std::collections::BTreeMap::new(),
        ..measure
    }
}

fn read(files: &[PathBuf]) -> anyhow::Result<Vec<Line>> {
    let mut lines = Vec::new();
    for file in files {
        each_line(file, |_number, line| {
            lines.push(
                serde_json::from_str(line)
                    .context("a JSON object with `text` and `label` is expected")?,
            );
            Ok(())
        })?;
    }
    Ok(lines)
}

/// The same, with everyday things where messages leave open which means is near.
fn read_open(files: &[PathBuf]) -> anyhow::Result<Vec<Measured>> {
    let means = fs::read_to_string(MEANS).with_context(|| format!("could not read {MEANS}"))?;
    let mut lines = read(files)?;
    let texts = lines
        .iter_mut()
        .map(|line| (line.lang.as_str(), &mut line.message.text));
    fill_means(texts, &means);
    Ok(lines.into_iter().map(|line| line.message).collect())
}
