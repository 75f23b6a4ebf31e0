//! The data files as text: shipped in the binary, each replaceable by an operator's own.

use std::collections::BTreeMap;

use crate::hex;

/// The review names the protocol's hash and therefore cannot be part of it.
pub(super) const REVIEW: &str = "review.toml";

const SHIPPED: &[(&str, &str)] = &[
    (
        "protocol.toml",
        include_str!("../../../safety/protocol.toml"),
    ),
    (REVIEW, include_str!("../../../safety/review.toml")),
    (
        "jurisdictions.toml",
        include_str!("../../../safety/jurisdictions.toml"),
    ),
    (
        "resources.json",
        include_str!("../../../safety/resources.json"),
    ),
    (
        "disclosures/en.toml",
        include_str!("../../../safety/disclosures/en.toml"),
    ),
    (
        "disclosures/es.toml",
        include_str!("../../../safety/disclosures/es.toml"),
    ),
    (
        "texts/en.toml",
        include_str!("../../../safety/texts/en.toml"),
    ),
    (
        "texts/es.toml",
        include_str!("../../../safety/texts/es.toml"),
    ),
];

/// Data files by their path below the safety folder (`texts/en.toml`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Files(BTreeMap<String, String>);

impl Files {
    /// The files in this binary. Screens that live in another crate add theirs with
    /// [`Files::with`], so that one hash covers all.
    pub fn shipped() -> Self {
        let files = SHIPPED
            .iter()
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
        Self(files.collect())
    }

    /// Adds or replaces a file.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, text: impl Into<String>) -> Self {
        self.0.insert(name.into(), text.into());
        self
    }

    /// The names, sorted: what a folder of an operator may replace.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// A file's text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// SHA-256 over the sorted SHA-256 hashes of the files, hexadecimal.
    pub fn protocol_version(&self) -> String {
        let mut hashes: Vec<String> = self
            .0
            .iter()
            .filter(|(name, _)| name.as_str() != REVIEW)
            .map(|(_, text)| hex::sha256(text.as_bytes()))
            .collect();
        hashes.sort();
        hex::sha256(hashes.join("\n").as_bytes())
    }
}
