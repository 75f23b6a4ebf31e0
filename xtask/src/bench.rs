//! `cargo xtask bench`: figures of this repository, each by one command.

pub(crate) mod recall;

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
    /// Memory and CPU of connections and messages, beside bare echo servers in the same run
    Realtime(Figures),
    /// Messages a second and their latency in the store of live talk
    Store(Figures),
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
            What::Realtime(figures) => figures.run("realtime"),
            What::Store(figures) => figures.run("store"),
        }
    }
}

impl Figures {
    fn run(self, what: &str) -> anyhow::Result<ExitCode> {
        let mut arguments = vec![OsString::from("bench"), what.into()];
        arguments.extend(self.json.then(|| "--json".into()));
        if let Some(record) = self.record {
            arguments.extend(["--record".into(), std::path::absolute(record)?.into()]);
        }
        running::measure(arguments, false)
    }
}
