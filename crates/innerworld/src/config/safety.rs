//! `[safety]`: the files of the safety side, help resources.

use std::path::PathBuf;

use innerworld_core::safety::look::LOOKS_A_DAY;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The files of the safety side, help resources.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct SafetyConfig {
    /// Folder with files of the safety side that replace those of the program (protocol.toml, jurisdictions.toml,
    /// resources.json, disclosures/, texts/, phrases.en.toml, output.en.toml, means.txt, ..., and the scorer as safety.iwa).
    /// They are used as a whole or not at all.
    pub(crate) dir: Option<PathBuf>,
    /// Days after which a help resource that nobody verified again is warned about.
    pub(crate) resources_warn_days: u32,
    /// Days after which the server refuses to start with it. A running server never drops one.
    pub(crate) resources_refuse_days: u32,
    /// The model that takes a second look at messages that may tell of danger.
    pub(crate) model: SafetyModelConfig,
}

/// The model that takes a second look at messages that may tell of danger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct SafetyModelConfig {
    /// Whether a model looks at such messages of teens who agreed to it. Needs a provider with a key;
    /// without one the rules on this machine decide alone.
    pub(crate) enabled: bool,
    /// Name of the provider to ask; unset, the first one that has a key.
    pub(crate) provider: Option<String>,
    /// Model to ask; unset, the shipped default. It should be small and quick: a teen waits for it.
    pub(crate) model: Option<String>,
    /// Model to ask in the time that is left when the first fails; unset, the shipped default.
    pub(crate) fallback: Option<String>,
    /// Milliseconds that a look may take, 200 to 1500. After that the teen is asked instead.
    pub(crate) deadline_ms: u32,
    /// Messages of one teen that are looked at in a day (UTC), 0 to 1000; beyond it the rules on this
    /// machine decide alone.
    pub(crate) looks_a_day: u32,
}

impl Default for SafetyModelConfig {
    fn default() -> Self {
        Self {
            enabled: true,
            provider: None,
            model: None,
            fallback: None,
            deadline_ms: 1_500,
            looks_a_day: LOOKS_A_DAY,
        }
    }
}

impl Default for SafetyConfig {
    fn default() -> Self {
        Self {
            dir: None,
            resources_warn_days: 180,
            resources_refuse_days: 400,
            model: SafetyModelConfig::default(),
        }
    }
}
