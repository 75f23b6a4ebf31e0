//! `cargo xtask bench`: figures of this repository, each by one command.

mod crisis;
pub(crate) mod emotion;
pub(crate) mod extraction;
mod lambda;
mod memory;
pub(crate) mod page;
mod pii;
pub(crate) mod recall;
mod safety;
mod screen;
pub(crate) mod tagger;
mod tally;
mod validity;

use std::{ffi::OsString, path::PathBuf, process::ExitCode};

use clap::{Args, Subcommand};

use crate::running;

/// Measure, and print the figures
#[derive(Debug, Args)]
pub(crate) struct Bench {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    Recall(recall::Recall),
    Crisis(crisis::Crisis),
    Safety(safety::Safety),
    Screen(screen::Screen),
    Emotion(emotion::Emotion),
    Extraction(extraction::Extraction),
    Lambda(lambda::Lambda),
    Memory(memory::Memory),
    Pii(pii::Pii),
    Tagger(tagger::Tagger),
    Validity(validity::Validity),
    /// How long a refused sign-in takes, for an account and for nobody, over both flows
    Identity(Identity),
    /// Memory and CPU of connections and messages, beside bare echo servers in the same run
    Realtime(Realtime),
    /// Messages a second and their latency in the store of live talk
    Store(Figures),
}

#[derive(Debug, Args)]
struct Identity {
    /// Sign-ins of each kind [default: 1000]
    #[arg(long)]
    runs: Option<u32>,
    #[command(flatten)]
    figures: Figures,
}

#[derive(Debug, Args)]
struct Realtime {
    /// Connections that stand still [default: 5000]
    #[arg(long)]
    idle: Option<u32>,
    /// Connections that ask and wait, again and again [default: 200]
    #[arg(long)]
    busy: Option<u32>,
    /// Seconds of each measured phase [default: 5]
    #[arg(long)]
    seconds: Option<u32>,
    /// Times that every server is measured [default: 3]
    #[arg(long)]
    rounds: Option<u32>,
    #[command(flatten)]
    figures: Figures,
}

#[derive(Debug, Args)]
struct Figures {
    /// End with the figures as one JSON object
    #[arg(long)]
    json: bool,
    /// Write the record of the run here
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
}

impl Bench {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        match self.what {
            What::Recall(recall) => recall.run(),
            What::Crisis(crisis) => crisis.run(),
            What::Emotion(emotion) => emotion.run(),
            What::Identity(identity) => identity.run(),
            What::Extraction(extraction) => extraction.run(),
            What::Lambda(lambda) => lambda.run(),
            What::Memory(memory) => memory.run(),
            What::Safety(safety) => safety.run(),
            What::Screen(screen) => screen.run(),
            What::Pii(pii) => pii.run(),
            What::Tagger(tagger) => tagger.run(),
            What::Validity(validity) => validity.run(),
            What::Realtime(realtime) => realtime.run(),
            What::Store(figures) => figures.run("store"),
        }
    }
}

impl Identity {
    fn run(self) -> anyhow::Result<ExitCode> {
        let mut arguments = self.figures.arguments("identity")?;
        if let Some(runs) = self.runs {
            arguments.extend(["--runs".into(), runs.to_string().into()]);
        }
        running::measure(arguments, true)
    }
}

impl Realtime {
    fn run(self) -> anyhow::Result<ExitCode> {
        let mut arguments = self.figures.arguments("realtime")?;
        let numbers = [
            ("--idle", self.idle),
            ("--busy", self.busy),
            ("--seconds", self.seconds),
            ("--rounds", self.rounds),
        ];
        for (name, value) in numbers {
            if let Some(value) = value {
                arguments.extend([name.into(), value.to_string().into()]);
            }
        }
        running::measure(arguments, true)
    }
}

impl Figures {
    fn run(self, what: &str) -> anyhow::Result<ExitCode> {
        running::measure(self.arguments(what)?, false)
    }

    fn arguments(&self, what: &str) -> anyhow::Result<Vec<OsString>> {
        let mut arguments = vec![OsString::from("bench"), what.into()];
        arguments.extend(self.json.then(|| "--json".into()));
        if let Some(record) = &self.record {
            arguments.extend(["--record".into(), std::path::absolute(record)?.into()]);
        }
        Ok(arguments)
    }
}

/// Runs `work` and tells how many microseconds it took.
#[expect(
    clippy::disallowed_methods,
    reason = "wall time is what is measured; there is no runtime whose time could be paused"
)]
fn timed<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let started = std::time::Instant::now();
    let done = std::hint::black_box(work());
    (done, started.elapsed().as_secs_f64() * 1e6)
}

/// A count as a figure to reckon with.
#[expect(
    clippy::cast_precision_loss,
    reason = "counts of a bench are far below 2^52"
)]
fn figure(count: usize) -> f64 {
    count as f64
}
