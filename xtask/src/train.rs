//! `cargo xtask train`: makes the assets of trained weights from data sets that are not in this
//! repository.

mod data;
pub(crate) mod embeddings;
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
    Embeddings(embeddings::Embeddings),
    Emotion(emotion::Emotion),
}

impl Train {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        match self.what {
            What::Embeddings(embeddings) => embeddings.run(),
            What::Emotion(emotion) => emotion.run(),
        }
    }
}
