//! `cargo xtask sbom`: the bill of materials of the executable, in the JSON form of `CycloneDX` 1.6.
//!
//! What is linked is what Cargo resolves for the executable alone, on one target and with its default
//! features; what only takes part in building it is listed with the scope `excluded`. Hashes are those
//! of the lock file. The same sources give the same bytes.

#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
    process::ExitCode,
};

use anyhow::{Context, bail, ensure};
use clap::Args;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    process::{cargo, output, say},
    workspace::root,
};

/// The package of the executable.
const EXECUTABLE: &str = "innerworld";

/// Print what the executable is made of, with licences and hashes (`CycloneDX` JSON)
#[derive(Debug, Args)]
pub(crate) struct Sbom {
    /// Target triple of the executable [default: this machine's]
    #[arg(long, value_name = "TRIPLE")]
    target: Option<String>,
    /// Write it here instead
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Sbom {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let bill = Bill::of(self.target)?.json()?;
        let text = format!("{}\n", serde_json::to_string_pretty(&bill)?);
        match self.output {
            Some(path) => fs::write(&path, text)
                .with_context(|| format!("could not write {}", path.display()))?,
            None => say(text.trim_end()),
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// A bill can be made: every package has a licence, and every one from elsewhere a hash.
pub(crate) fn check() -> anyhow::Result<()> {
    let bill = Bill::of(None)?;
    bill.json()?;
    let linked = bill.linked.packages.len();
    let building = bill.building().count();
    say(&format!(
        "{linked} packages linked, {building} for building"
    ));
    Ok(())
}

/// A package by name and version.
type Name = (String, String);

/// Packages with their licences, and who needs whom.
#[derive(Debug, Default)]
struct Tree {
    packages: BTreeMap<Name, String>,
    needs: BTreeMap<Name, BTreeSet<Name>>,
}

/// What a bill says.
#[derive(Debug)]
pub(crate) struct Bill {
    target: String,
    /// What is in the executable.
    linked: Tree,
    /// The same with what builds it.
    all: Tree,
    /// Hashes of the lock file.
    hashes: BTreeMap<Name, String>,
}

/// The lock file.
#[derive(Deserialize)]
struct Lock {
    package: Vec<Locked>,
}

#[derive(Deserialize)]
struct Locked {
    name: String,
    version: String,
    source: Option<String>,
    checksum: Option<String>,
}

impl Bill {
    fn of(target: Option<String>) -> anyhow::Result<Self> {
        let target = target.map_or_else(own_target, Ok)?;
        Ok(Self {
            linked: tree(&target, "normal,no-proc-macro")?,
            all: tree(&target, "normal,build")?,
            hashes: locked(&fs::read_to_string(root().join("Cargo.lock"))?)?,
            target,
        })
    }

    /// What takes part in building alone.
    fn building(&self) -> impl Iterator<Item = (&Name, &String)> {
        let packages = self.all.packages.iter();
        packages.filter(|(name, _)| !self.linked.packages.contains_key(*name))
    }

    /// The document.
    fn json(&self) -> anyhow::Result<Value> {
        let (executable, licence) = self
            .linked
            .packages
            .iter()
            .find(|((name, _), _)| name == EXECUTABLE)
            .context("the executable is not in its own tree")?;
        let others = self
            .linked
            .packages
            .iter()
            .filter(|(name, _)| *name != executable);
        let linked = others.map(|(name, licence)| self.component(name, licence, "required"));
        let building = self
            .building()
            .map(|(name, licence)| self.component(name, licence, "excluded"));
        let mut components = linked.chain(building).collect::<Result<Vec<_>, _>>()?;
        components.sort_by_key(|component| component["bom-ref"].to_string());
        let needs = self.all.packages.keys().map(|name| {
            let needed = self.all.needs.get(name).into_iter().flatten();
            json!({"ref": purl(name), "dependsOn": needed.map(purl).collect::<Vec<_>>()})
        });
        Ok(json!({
            "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
            "bomFormat": "CycloneDX",
            "specVersion": "1.6",
            "version": 1,
            "metadata": {
                "component": {
                    "type": "application", "bom-ref": purl(executable), "name": executable.0,
                    "version": executable.1, "purl": purl(executable),
                    "licenses": [{"expression": expression(licence)}],
                },
                "properties": [{"name": "innerworld:target", "value": self.target}],
            },
            "components": components,
            "dependencies": needs.collect::<Vec<_>>(),
        }))
    }

    fn component(&self, name: &Name, licence: &str, scope: &str) -> anyhow::Result<Value> {
        let (package, version) = name;
        ensure!(!licence.is_empty(), "{package} {version} names no licence");
        let hashes = match self.hashes.get(name).map(String::as_str) {
            // Of this repository.
            Some("") => json!([]),
            Some(hash) => json!([{"alg": "SHA-256", "content": hash}]),
            None => bail!("{package} {version} is not in Cargo.lock"),
        };
        Ok(json!({
            "type": "library", "bom-ref": purl(name), "name": package, "version": version,
            "scope": scope, "purl": purl(name), "hashes": hashes,
            "licenses": [{"expression": expression(licence)}],
        }))
    }
}

/// The address of a package among all of them.
fn purl((name, version): &Name) -> String {
    format!("pkg:cargo/{name}@{}", version.replace('+', "%2B"))
}

/// A licence as SPDX writes it; older packages part them by a slash.
fn expression(licence: &str) -> String {
    licence.replace(" / ", "/").replace('/', " OR ")
}

/// The target that this machine builds for.
fn own_target() -> anyhow::Result<String> {
    let version = output(std::process::Command::new("rustc").arg("-vV"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("rustc names no host")?.to_owned())
}

/// What Cargo resolves for the executable by these edges. Fails where the lock file is out of date.
fn tree(target: &str, edges: &str) -> anyhow::Result<Tree> {
    let printed = output(cargo().args([
        "tree",
        "--locked",
        "--package",
        EXECUTABLE,
        "--target",
        target,
        "--edges",
        edges,
        "--prefix",
        "depth",
        "--format",
        "{p}|{l}",
        "--charset",
        "ascii",
    ]))?;
    read_tree(&printed)
}

/// Reads lines such as `2serde v1.0.0 (proc-macro)|MIT OR Apache-2.0 (*)`: depth, package, licence.
fn read_tree(printed: &str) -> anyhow::Result<Tree> {
    let mut tree = Tree::default();
    let mut above: Vec<Name> = Vec::new();
    // Edges of another kind begin with a line such as `[build-dependencies]`, which has no package.
    for line in printed.lines().filter(|line| line.contains('|')) {
        let wrong = || format!("cargo tree printed a line that is none: {line}");
        let digits = line.bytes().take_while(u8::is_ascii_digit).count();
        let (depth, rest) = line.split_at_checked(digits).with_context(wrong)?;
        let depth: usize = depth.parse().with_context(wrong)?;
        let (package, licence) = rest.split_once('|').with_context(wrong)?;
        let mut words = package.split(' ');
        let (name, version) = (words.next(), words.next());
        let version = version.and_then(|version| version.strip_prefix('v'));
        let name = (
            name.with_context(wrong)?.to_owned(),
            version.with_context(wrong)?.to_owned(),
        );
        above.truncate(depth);
        if let Some(parent) = above.last() {
            let needs = tree.needs.entry(parent.clone()).or_default();
            needs.insert(name.clone());
        }
        let licence = licence.strip_suffix(" (*)").unwrap_or(licence);
        tree.packages.insert(name.clone(), licence.to_owned());
        above.push(name);
    }
    ensure!(!tree.packages.is_empty(), "cargo tree printed nothing");
    Ok(tree)
}

/// The hash of every package of a lock file; an empty one for those of this repository.
fn locked(text: &str) -> anyhow::Result<BTreeMap<Name, String>> {
    let lock: Lock = toml::from_str(text).context("Cargo.lock cannot be read")?;
    let hashes = lock.package.into_iter().map(|package| {
        let hash = match (package.source, package.checksum) {
            (None, _) => String::new(),
            (Some(_), Some(hash)) => hash,
            (Some(source), None) => {
                let name = &package.name;
                bail!("{name} comes from {source} and Cargo.lock has no hash of it");
            }
        };
        Ok(((package.name, package.version), hash))
    });
    hashes.collect()
}
