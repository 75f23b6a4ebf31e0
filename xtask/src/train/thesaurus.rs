//! `cargo xtask train thesaurus`.

use std::{collections::BTreeMap, fs, path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use clap::Args;
use innerworld_core::hex;
use innerworld_language::{asset::Source, train::make_thesaurus};

use super::{data, embeddings};
use crate::workspace::root;

/// Irregular verbs and nouns, of our own.
const FORMS: &str = "xtask/training/lists/irregular.txt";
/// Where the asset is in the repository.
pub(crate) const ASSET: &str = "crates/innerworld-language/assets/thesaurus.iwa";

/// Make the list of words that mean about the same, from the table of word pieces in the repository
#[derive(Debug, Args)]
pub(crate) struct Thesaurus {
    /// Where the asset goes
    #[arg(long, default_value_os_t = root().join(ASSET))]
    out: PathBuf,
}

impl Thesaurus {
    pub(super) fn run(&self) -> anyhow::Result<ExitCode> {
        data::write(&self.out, &make()?)
    }
}

/// The asset as it is made from what is in the repository.
pub(crate) fn make() -> anyhow::Result<Vec<u8>> {
    let read = |name| {
        let path = root().join(name);
        fs::read(&path).with_context(|| format!("could not read {}", path.display()))
    };
    let (table, forms) = (read(embeddings::ASSET)?, read(FORMS)?);
    let sources = vec![
        embeddings::source(),
        Source {
            name: "a list of our own: irregular words".to_owned(),
            authors: "the InnerWorld maintainers".to_owned(),
            licence: "Apache-2.0".to_owned(),
            link: FORMS.to_owned(),
            sha256: BTreeMap::from([("irregular.txt".to_owned(), hex::sha256(&forms))]),
        },
    ];
    let forms = String::from_utf8(forms).context("the list of irregular words is no text")?;
    Ok(make_thesaurus(&table, &forms, sources)?)
}
