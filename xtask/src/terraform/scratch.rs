//! A copy of infrastructure/ that Terraform may write into.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use clap::ValueEnum as _;

use super::{FOLDER, map};
use crate::{
    package_lambda::Architecture,
    workspace::{root, target},
};

/// The copy, below the target folder; made anew each time.
#[derive(Debug)]
pub(super) struct Scratch {
    /// Its infrastructure/.
    pub(super) folder: PathBuf,
}

impl Scratch {
    /// Copies the tree, and lays packages beside it.
    pub(super) fn copy() -> anyhow::Result<Self> {
        let scratch = target()?.join("tf/scratch");
        if scratch.exists() {
            fs::remove_dir_all(&scratch).context("could not empty the scratch folder")?;
        }
        let folder = scratch.join(FOLDER);
        copy(&root().join(FOLDER), &folder)?;
        // Where the example files look for what `package-lambda` writes, and where tests of modules do.
        for place in [scratch.join("target/lambda"), folder.join("tests/packages")] {
            packages(&place)?;
        }
        Ok(Self { folder })
    }
}

/// A package of one byte for each function of each processor.
fn packages(place: &Path) -> anyhow::Result<()> {
    for function in map::functions()? {
        for architecture in Architecture::value_variants() {
            let folder = place.join(architecture.name());
            fs::create_dir_all(&folder)?;
            fs::write(folder.join(format!("{}.zip", function.name)), "z")?;
        }
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(to)?;
    let entries =
        fs::read_dir(from).with_context(|| format!("could not list {}", from.display()))?;
    for entry in entries {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default();
        // What a Terraform of somebody's own left there.
        let leftover = name.to_string_lossy().starts_with(".terraform");
        if leftover {
            continue;
        }
        if path.is_dir() {
            copy(&path, &to.join(name))?;
        } else {
            fs::copy(&path, to.join(name))?;
        }
    }
    Ok(())
}
