//! `bench`: figures of one part under load, beside what they must be.

mod crisis;
mod identity;
#[cfg(feature = "aws")]
mod lambda;
mod machine;
mod quantile;
mod realtime;
mod store;

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use clap::{Args, Subcommand};
use serde_json::Value;

use crate::report;

/// Measure one part under load
#[derive(Debug, Args)]
pub(crate) struct Bench {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    Crisis(crisis::Crisis),
    Identity(identity::Identity),
    #[cfg(feature = "aws")]
    Lambda(lambda::Lambda),
    Realtime(realtime::Realtime),
    Store(store::Store),
}

/// How a bench ends.
#[derive(Debug, Args)]
struct Output {
    /// End with the figures as one JSON object
    #[arg(long)]
    json: bool,
    /// Write the record of the run here
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
}

impl Bench {
    /// Measures; fails if a demand does not hold.
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        match self.what {
            What::Crisis(crisis) => crisis.run(),
            What::Identity(identity) => identity.run(),
            #[cfg(feature = "aws")]
            What::Lambda(lambda) => lambda.run(),
            What::Realtime(realtime) => realtime.run(),
            What::Store(store) => store.run(),
        }
    }
}

impl Output {
    /// Writes the record and the last line.
    fn close(&self, figures: &Value, failures: &[String]) -> anyhow::Result<ExitCode> {
        for failure in failures {
            report::say(&format!("FAILED: {failure}"));
        }
        if let Some(path) = &self.record {
            let text = format!("{}\n", serde_json::to_string_pretty(figures)?);
            std::fs::write(path, text)
                .with_context(|| format!("{} could not be written", path.display()))?;
        }
        if self.json {
            report::json(figures);
        }
        Ok(if failures.is_empty() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }
}
