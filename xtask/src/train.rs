//! `cargo xtask train`: makes the assets of trained weights from data sets that are not in this
//! repository.

pub(crate) mod clusters;
mod data;
pub(crate) mod embeddings;
pub(crate) mod emotion;
pub(crate) mod names;
pub(crate) mod safety;
pub(crate) mod sentences;
pub(crate) mod tagger;
pub(crate) mod thesaurus;

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
    Clusters(clusters::Clusters),
    Embeddings(embeddings::Embeddings),
    Emotion(emotion::Emotion),
    Names(names::Names),
    Safety(safety::Safety),
    Tagger(tagger::Tagger),
    Thesaurus(thesaurus::Thesaurus),
}

impl Train {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        match self.what {
            What::Embeddings(embeddings) => embeddings.run(),
            What::Clusters(clusters) => clusters.run(),
            What::Emotion(emotion) => emotion.run(),
            What::Names(names) => names.run(),
            What::Safety(safety) => safety.run(),
            What::Tagger(tagger) => tagger.run(),
            What::Thesaurus(thesaurus) => thesaurus.run(),
        }
    }
}
