//! Where things lie.

use std::path::{Path, PathBuf};

use anyhow::Context;

/// Root of the repository.
pub(crate) fn root() -> &'static Path {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest)
}

/// Cargo's target folder: this program lies in a profile's folder below it.
pub(crate) fn target() -> anyhow::Result<PathBuf> {
    let own = std::env::current_exe().context("could not find this program's own file")?;
    let target = own
        .ancestors()
        .nth(2)
        .context("this program does not lie in a target folder")?;
    Ok(target.to_owned())
}
