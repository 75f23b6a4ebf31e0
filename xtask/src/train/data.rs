//! Files of data sets: read by path, and only if they are the files that are meant.

use std::{collections::BTreeMap, fs, path::Path, process::ExitCode};

use anyhow::{Context as _, bail};

use crate::process::say;

/// A file of a data set and its SHA-256 in lower-case hex.
pub(crate) type Known = (&'static str, &'static str);

/// The text of a file in the folder `data`.
pub(super) fn read(data: &Path, known: Known) -> anyhow::Result<String> {
    let bytes = bytes(data, known)?;
    let name = known.0;
    String::from_utf8(bytes).with_context(|| format!("{name} is no text"))
}

/// Whether a file in the folder `data` is the one that is meant.
pub(super) fn check(data: &Path, known: Known) -> anyhow::Result<()> {
    bytes(data, known).map(drop)
}

fn bytes(data: &Path, (name, sha256): Known) -> anyhow::Result<Vec<u8>> {
    let path = data.join(name);
    let bytes = fs::read(&path).with_context(|| {
        format!(
            "could not read {}: give the folder that holds {name}",
            path.display()
        )
    })?;
    let found = innerworld_core::hex::sha256(&bytes);
    if found != sha256 {
        bail!(
            "{} is another file than the one that is trained on (SHA-256 {found}, not {sha256})",
            path.display()
        );
    }
    Ok(bytes)
}

/// The files by name, as an asset's header lists them.
pub(super) fn hashes(files: &[Known]) -> BTreeMap<String, String> {
    let named = |(file, sha256): &Known| ((*file).to_owned(), (*sha256).to_owned());
    files.iter().map(named).collect()
}

/// Writes a trained asset and tells where it is.
pub(super) fn write(out: &Path, asset: &[u8]) -> anyhow::Result<ExitCode> {
    fs::write(out, asset).with_context(|| format!("could not write {}", out.display()))?;
    say(&format!(
        "{} KiB in {}",
        asset.len().div_ceil(1024),
        out.display()
    ));
    Ok(ExitCode::SUCCESS)
}
