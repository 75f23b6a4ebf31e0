//! What a dependency's check found.

use serde::Serialize;

/// State of one dependency, as `/health` and `innerworld doctor` show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HealthState {
    /// It was touched and works.
    Ok,
    /// It works, but something should be looked at.
    Degraded,
    /// It was touched and does not work.
    Down,
}

/// One line of a health report. `detail` never holds content or secrets.
#[derive(Clone, Debug, Serialize)]
pub struct HealthCheck {
    /// Stable name of the dependency: `live_store`, `memory_store`, `keys`, `model`, ….
    pub name: &'static str,
    /// What the check found.
    pub state: HealthState,
    /// A sentence for the operator.
    pub detail: String,
}
