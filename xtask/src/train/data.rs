//! Files of data sets: read by path, and only if they are the files that are meant.

use std::{fs, path::Path};

use anyhow::{Context as _, bail};

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
