//! What the program says of its deployment: read from committed files, so that `xtask` builds without the
//! libraries of AWS. Tests of the crates compare these files with the code.

use std::fs;

use anyhow::Context as _;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use crate::workspace::root;

/// The function map, as a test of innerworld-lambda holds it.
const FUNCTIONS: &str = "crates/innerworld-lambda/tests/it/snapshots/it__map__the_map_as_json.snap";

/// The tables, as another holds them.
const TABLES: &str = "crates/innerworld-lambda/tests/it/snapshots/it__map__the_tables_as_json.snap";

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

/// A table: the name after the prefix, keys with their types, and whether items expire.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Table {
    pub(super) name: String,
    pub(super) partition: String,
    pub(super) sort: Option<(String, String)>,
    pub(super) indexes: Vec<Index>,
    pub(super) expires: bool,
}

/// A secondary index, with what it holds beside the keys.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Index {
    pub(super) name: String,
    pub(super) partition: (String, String),
    pub(super) sort: (String, String),
    pub(super) also: Vec<String>,
}

/// Every table.
pub(super) fn tables() -> anyhow::Result<Vec<Table>> {
    #[derive(Deserialize)]
    struct Document {
        tables: Vec<Table>,
    }
    Ok(snapshot::<Document>(TABLES)?.tables)
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
