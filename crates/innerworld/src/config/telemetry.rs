//! `[telemetry]`: logs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Form of log lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LogFormat {
    /// Lines for a person.
    #[default]
    Plain,
    /// One JSON object a line, for a collector.
    Json,
}

/// Logs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct TelemetryConfig {
    /// `plain` or `json`.
    pub(crate) format: LogFormat,
    /// What is logged: `warn`, `info`, `debug`, or rules such as `info,innerworld_server=debug`.
    pub(crate) filter: String,
    /// Whether colours are left out; the variable `NO_COLOR` does the same.
    pub(crate) no_color: bool,
}

impl Default for TelemetryConfig {
    fn default() -> Self {
        Self {
            format: LogFormat::Plain,
            filter: "info".to_owned(),
            no_color: false,
        }
    }
}
