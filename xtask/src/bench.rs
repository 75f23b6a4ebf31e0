//! `cargo xtask bench`: figures of this repository, each by one command.

mod recall;

use std::process::ExitCode;

use clap::{Args, Subcommand};

/// Measure, and print the figures
#[derive(Debug, Args)]
pub(crate) struct Bench {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    Recall(recall::Recall),
}

impl Bench {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        match self.what {
            What::Recall(recall) => recall.run(),
        }
    }
}
