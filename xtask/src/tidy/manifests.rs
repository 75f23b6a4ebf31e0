//! Which crate may depend on which.

use std::fs;

use anyhow::Context;
use toml::Table;

use crate::workspace::root;

/// A crate and the workspace crates that it may use.
const ALLOWED: &[(&str, &[&str])] = &[
    ("innerworld-core", &[]),
    ("innerworld-protocol", &["innerworld-core"]),
    ("innerworld-language", &["innerworld-core"]),
    ("innerworld-models", &["innerworld-core"]),
    ("innerworld-embedded", &["innerworld-core"]),
    ("innerworld-aws", &["innerworld-core"]),
    (
        "innerworld-lambda",
        &[
            "innerworld-core",
            "innerworld-protocol",
            "innerworld-aws",
            "innerworld-models",
            "innerworld-language",
            "innerworld-engine",
            // Its routes: one function serves them as they are. No other program of the crate links it.
            "innerworld-server",
        ],
    ),
    ("innerworld-testkit", &["innerworld-core"]),
    (
        "innerworld-engine",
        &["innerworld-core", "innerworld-protocol"],
    ),
    (
        "innerworld-server",
        &[
            "innerworld-core",
            "innerworld-protocol",
            "innerworld-engine",
        ],
    ),
    (
        "innerworld",
        &[
            "innerworld-core",
            "innerworld-protocol",
            "innerworld-language",
            "innerworld-models",
            "innerworld-embedded",
            "innerworld-aws",
            "innerworld-engine",
            "innerworld-server",
        ],
    ),
];

/// Packages that only `innerworld-embedded` may name.
const DATABASES: &[&str] = &[
    "rusqlite",
    "libsqlite3-sys",
    "redb",
    "heed",
    "fjall",
    "sled",
];

/// The crates that may name the AWS SDK: whoever works on the others never compiles it.
const OF_AWS: &[&str] = &["innerworld-aws", "innerworld-lambda"];

/// Findings in all manifests under `crates/`.
pub(super) fn check() -> anyhow::Result<Vec<String>> {
    let mut findings = Vec::new();
    for entry in fs::read_dir(root().join("crates")).context("could not list crates/")? {
        let folder = entry?.path();
        let name = folder
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let path = folder.join("Cargo.toml");
        let text = fs::read_to_string(&path)
            .with_context(|| format!("could not read {}", path.display()))?;
        findings.extend(one(&name, &text.parse()?));
    }
    Ok(findings)
}

fn one(folder: &str, manifest: &Table) -> Vec<String> {
    let package = manifest
        .get("package")
        .and_then(|package| package.get("name"));
    if package.and_then(toml::Value::as_str) != Some(folder) {
        return vec![format!(
            "crates/{folder}: the folder must be named as its crate"
        )];
    }
    let Some((_, allowed)) = ALLOWED.iter().find(|(name, _)| *name == folder) else {
        return vec![format!(
            "crates/{folder}: say in xtask/src/tidy/manifests.rs what it may use"
        )];
    };
    let dependencies = manifest.get("dependencies").and_then(toml::Value::as_table);
    let names = dependencies.into_iter().flat_map(Table::keys);
    names
        .filter_map(|name| {
            let name = name.as_str();
            if name.starts_with("innerworld") && !allowed.contains(&name) {
                Some(format!("crates/{folder}: must not depend on {name}"))
            } else if DATABASES.contains(&name) && folder != "innerworld-embedded" {
                Some(format!(
                    "crates/{folder}: only innerworld-embedded names a database ({name})"
                ))
            } else if name.starts_with("aws-") && name != "aws-lc-rs" && !OF_AWS.contains(&folder) {
                Some(format!("crates/{folder}: must not name {name}"))
            } else {
                None
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_direction_and_a_stray_database_are_found() {
        let manifest = "[package]\nname = \"innerworld-core\"\n[dependencies]\n\
                        innerworld-server = \"1\"\nrusqlite = \"1\"\naws-lc-rs = \"1\"\n";
        assert_eq!(one("innerworld-core", &manifest.parse().unwrap()).len(), 2);
    }
}
