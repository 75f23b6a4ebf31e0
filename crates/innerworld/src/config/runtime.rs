//! `[runtime]`: the process as a whole.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the process is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Mode {
    /// Trying it and building against it: listens on loopback only, codes go to the local outbox.
    #[default]
    Development,
    /// Real teens: refuses to start without what their protection needs.
    Production,
}

/// The process as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct RuntimeConfig {
    /// `development` (loopback only, unverified help resources allowed) or `production`.
    pub(crate) mode: Mode,
    /// Folder of the databases and keys. Default: `innerworld` in the user's data folder
    /// (`$XDG_DATA_HOME`, else `~/.local/share`, on macOS `~/Library/Application Support`).
    pub(crate) data_dir: Option<PathBuf>,
    /// Folder with persona files (`*.toml`, in the form of those in crates/innerworld-core/personas)
    /// beside the shipped ones; one with a known id takes that persona's place.
    pub(crate) personas_dir: Option<PathBuf>,
    /// Whether messages are answered. `false` screens, stores and acknowledges them only: for
    /// measuring how much talk a machine takes in. Not in production.
    pub(crate) answers: bool,
}

impl Default for RuntimeConfig {
    fn default() -> Self {
        Self {
            mode: Mode::default(),
            data_dir: None,
            personas_dir: None,
            answers: true,
        }
    }
}
