//! `[storage]`: files on this machine.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Files on this machine.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct StorageConfig {
    /// File of the 32-byte master key, mode 0600. Unset, it is made in the data folder, which is
    /// for development: in production it lies outside that folder and is backed up apart.
    pub(crate) master_key_file: Option<PathBuf>,
}
