//! `[safety]`: the files of the safety side, help resources.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The files of the safety side, help resources.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct SafetyConfig {
    /// Folder with files of the safety side that replace those of the program (protocol.toml, jurisdictions.toml,
    /// resources.json, disclosures/, texts/, phrases.en.toml, output.en.toml, ..., and the scorer as safety.iwa).
    /// They are used as a whole or not at all.
    pub(crate) dir: Option<PathBuf>,
    /// Days after which a help resource that nobody verified again is warned about.
    pub(crate) resources_warn_days: u32,
    /// Days after which the server refuses to start with it. A running server never drops one.
    pub(crate) resources_refuse_days: u32,
}

impl Default for SafetyConfig {
    fn default() -> Self {
        Self {
            dir: None,
            resources_warn_days: 180,
            resources_refuse_days: 400,
        }
    }
}
