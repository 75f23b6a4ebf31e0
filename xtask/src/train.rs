//! `cargo xtask train`: makes the assets of trained weights from data sets that are not in this
//! repository.

mod data;
pub(crate) mod emotion;

use std::process::ExitCode;

use clap::{Args, Subcommand};

/// Train an asset from data in a folder
#[derive(Debug, Args)]
pub(crate) struct Train {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    Emotion(emotion::Emotion),
}

impl Train {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        match self.what {
            What::Emotion(emotion) => emotion.run(),
        }
    }
}
