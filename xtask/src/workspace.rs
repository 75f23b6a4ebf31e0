//! Where things lie.

use std::path::{Path, PathBuf};

use anyhow::Context;

/// Root of the repository.
pub(crate) fn root() -> &'static Path {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest)
}

/// Cargo's target folder: this program lies in a profile's folder below it, its tests one deeper.
pub(crate) fn target() -> anyhow::Result<PathBuf> {
    let own = std::env::current_exe().context("could not find this program's own file")?;
    let folder = own.parent().filter(|folder| folder.ends_with("deps"));
    let target = folder.unwrap_or(&own).ancestors().nth(2);
    let target = target.context("this program does not lie in a target folder")?;
    Ok(target.to_owned())
}
