//! What an asset says about itself.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What an asset is, what it was made from, and what it scored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// Which part reads it: `emotion`, `tagger`, ...
    pub name: String,
    /// Form of the payload; a part reads one form only.
    pub format: u32,
    /// SHA-256 of the packed payload, lower-case hex.
    pub sha256: String,
    /// Length of the unpacked payload in bytes.
    pub bytes: u64,
    /// Counts changes of the trainer that change what it makes from the same data.
    pub trainer: u32,
    /// What it was made from.
    pub sources: Vec<Source>,
    /// Settings of the training, as text.
    pub settings: BTreeMap<String, String>,
    /// What it scored on development data when it was made, as text with the unit.
    pub figures: BTreeMap<String, String>,
}

impl Header {
    /// The payload's content version: the first twelve digits of its hash.
    pub fn version(&self) -> &str {
        self.sha256.get(..12).unwrap_or(&self.sha256)
    }
}

/// A data set, a list or a model that went into an asset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Its name and, where it has one, its version.
    pub name: String,
    /// Its authors.
    pub authors: String,
    /// The licence it is used under, as an SPDX name where there is one.
    pub licence: String,
    /// Where it comes from.
    pub link: String,
    /// SHA-256 of the file or files that were read, by file name.
    pub sha256: BTreeMap<String, String>,
}
