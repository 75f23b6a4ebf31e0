//! `[safety]`: help resources.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Help resources.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct SafetyConfig {
    /// Days after which a help resource that nobody verified again is warned about.
    pub(crate) resources_warn_days: u32,
    /// Days after which the server refuses to start with it. A running server never drops one.
    pub(crate) resources_refuse_days: u32,
}

impl Default for SafetyConfig {
    fn default() -> Self {
        Self {
            resources_warn_days: 180,
            resources_refuse_days: 400,
        }
    }
}
