//! `cargo xtask train emotion`.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;
use innerworld_language::{
    asset::Source,
    train::{EmotionSettings, Trained, read_labelled, train_emotion},
};

use super::data::{self, Known};
use crate::{process::say, workspace::root};

/// What it is trained on.
pub(crate) const TRAIN: Known = (
    "goemotions/ekman-train.tsv",
    "bb74d10aec0975674c665205741ba9fe644cd70f682214624997f3770fd9e53f",
);

/// Where the asset is in the repository.
pub(crate) const ASSET: &str = "crates/innerworld-language/assets/emotion.iwa";

/// Train the emotion model; takes about two minutes
#[derive(Debug, Args)]
pub(crate) struct Emotion {
    /// Folder with goemotions/ekman-train.tsv
    data: PathBuf,
    /// Where the asset goes
    #[arg(long, default_value_os_t = root().join(ASSET))]
    out: PathBuf,
}

impl Emotion {
    pub(super) fn run(&self) -> anyhow::Result<ExitCode> {
        let trained = train(&self.data)?;
        say(&format!(
            "macro F1 {:.3} by cross-validation",
            trained.cross_validated
        ));
        data::write(&self.out, &trained.bytes)
    }
}

/// The model made of the data in the folder `data`.
pub(crate) fn train(data: &Path) -> anyhow::Result<Trained> {
    let texts = read_labelled(&data::read(data, TRAIN)?)?;
    say(&format!("{} texts", texts.len()));
    let settings = EmotionSettings::default();
    let trained = train_emotion(&texts, vec![source()], settings, &mut |line| say(line))?;
    Ok(trained)
}

pub(super) fn source() -> Source {
    Source {
        name: "GoEmotions, training part, grouped by Ekman".to_owned(),
        authors: "Demszky, Movshovitz-Attias, Ko, Cowen, Nemade, Ravi (2020)".to_owned(),
        licence: "Apache-2.0".to_owned(),
        link: "https://github.com/google-research/google-research/tree/master/goemotions"
            .to_owned(),
        sha256: data::hashes(&[TRAIN]),
    }
}
