//! `cargo xtask train clusters`.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;
use innerworld_language::{embed::StaticEncoder, train::train_clusters};

use super::{
    data, emotion,
    sentences::{self, Sentences},
};
use crate::{process::say, workspace::root};

/// Where the asset is in the repository.
pub(crate) const ASSET: &str = "crates/innerworld-language/assets/clusters.iwa";

/// Make the word clusters; takes some seconds
#[derive(Debug, Args)]
pub(crate) struct Clusters {
    /// Folder with wnut17, btc, crossner and goemotions
    data: PathBuf,
    /// Where the asset goes
    #[arg(long, default_value_os_t = root().join(ASSET))]
    out: PathBuf,
}

impl Clusters {
    pub(super) fn run(&self) -> anyhow::Result<ExitCode> {
        let bytes = train(&self.data)?;
        data::write(&self.out, &bytes)
    }
}

/// The clusters made of the data in the folder `data`.
pub(crate) fn train(data: &Path) -> anyhow::Result<Vec<u8>> {
    let words = sentences::lower_cased(data, &Sentences::read(data)?)?;
    say(&format!("{} sentences", words.len()));
    let mut sources = sentences::sources();
    sources.push(emotion::source());
    let encoder = StaticEncoder::shipped()?;
    Ok(train_clusters(&words, &encoder, sources, &mut |line| {
        say(line);
    })?)
}
