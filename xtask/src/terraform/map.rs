//! What the program says of its deployment: read from committed files, so that `xtask` builds without the
//! libraries of AWS. Tests of the crates compare these files with the code.

use std::fs;

use anyhow::Context as _;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use crate::workspace::root;

/// The function map, as a test of innerworld-lambda holds it.
const FUNCTIONS: &str = "crates/innerworld-lambda/tests/it/snapshots/it__map__the_map_as_json.snap";

/// One function of the map.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Function {
    pub(super) name: String,
    pub(super) trigger: Value,
    pub(super) in_vpc: bool,
    pub(super) timeout_s: u64,
    pub(super) memory_mb: u64,
    pub(super) environment: Vec<String>,
    pub(super) rights: Vec<Right>,
}

/// Actions on one resource, in the words of the map.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Right {
    pub(super) actions: Vec<String>,
    pub(super) resource: String,
}

/// Every function.
pub(super) fn functions() -> anyhow::Result<Vec<Function>> {
    #[derive(Deserialize)]
    struct Document {
        functions: Vec<Function>,
    }
    Ok(snapshot::<Document>(FUNCTIONS)?.functions)
}

/// The text of a snapshot follows its second line of dashes.
fn snapshot<T: DeserializeOwned>(path: &str) -> anyhow::Result<T> {
    let text =
        fs::read_to_string(root().join(path)).with_context(|| format!("could not read {path}"))?;
    let json = text.splitn(3, "---\n").nth(2);
    let json = json.with_context(|| format!("{path} is no snapshot"))?;
    serde_json::from_str(json).with_context(|| format!("{path} is not as expected"))
}
