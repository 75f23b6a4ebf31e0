//! `cargo xtask terraform schema`: the schema that the stub answers with.
//!
//! It is read from the npm package of the AWS provider's bindings, which holds their `TypeScript` text in
//! its source maps: every attribute with who gives it a value, every block with how often it may occur.

mod source;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, bail, ensure};
use clap::Args;
use serde::Serialize;

use self::source::Block;
use super::tree::{Kind, Tree};
use crate::{
    process::{output, run, say},
    workspace::{root, target},
};

/// The committed schema.
pub(super) const FILE: &str = "xtask/tf-stub/aws-6.25.0.json";

/// The bindings, and the provider that they were made from.
const PACKAGE: &str = "@cdktf/provider-aws@21.22.1";
const PROVIDER: &str = "6.25.0";

/// Write the schema of the types that infrastructure/ uses (npm)
#[derive(Debug, Args)]
pub(crate) struct Schema {
    /// The unpacked package, instead of one from npm
    #[arg(long, value_name = "FOLDER")]
    from: Option<PathBuf>,
    /// Write it here instead
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// A type that no file uses yet, such as `aws_eip` or `data.aws_region` (may be given several times)
    #[arg(long = "type", value_name = "TYPE")]
    also: Vec<String>,
}

/// The file, in the form that `xtask/tf-stub` reads.
#[derive(Debug, Serialize)]
struct File {
    source: String,
    licence: &'static str,
    provider: Block,
    resources: BTreeMap<String, Block>,
    data: BTreeMap<String, Block>,
}

impl Schema {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let folder = match self.from {
            Some(folder) => folder,
            None => unpacked()?,
        };
        let mut types = Tree::read(&root().join(super::FOLDER))?.types();
        types.extend(self.also.iter().map(|name| parse(name)));
        let file = extract(&folder, &types)?;
        let path = self.output.unwrap_or_else(|| root().join(FILE));
        fs::write(&path, text(&file)?)
            .with_context(|| format!("could not write {}", path.display()))?;
        say(&format!(
            "{} resource types and {} data sources in {}",
            file.resources.len(),
            file.data.len(),
            path.display()
        ));
        Ok(())
    }
}

/// As the option `--type` takes it.
pub(super) fn shown((kind, name): (Kind, String)) -> String {
    match kind {
        Kind::Resource => name,
        Kind::Data => format!("data.{name}"),
    }
}

fn parse(name: &str) -> (Kind, String) {
    match name.strip_prefix("data.") {
        Some(name) => (Kind::Data, name.to_owned()),
        None => (Kind::Resource, name.to_owned()),
    }
}

/// The package below the target folder, fetched once.
fn unpacked() -> anyhow::Result<PathBuf> {
    let folder = target()?.join("tf/bindings");
    let package = folder.join("package");
    if package.join("package.json").is_file() {
        return Ok(package);
    }
    fs::create_dir_all(&folder)?;
    let packed = output(
        Command::new("npm")
            .args(["pack", "--silent", PACKAGE, "--pack-destination"])
            .arg(&folder),
    )
    .context("npm could not fetch the bindings; with an unpacked package, use --from FOLDER")?;
    run(Command::new("tar")
        .current_dir(&folder)
        .args(["-xzf", packed.trim()]))?;
    Ok(package)
}

fn extract(package: &Path, types: &BTreeSet<(Kind, String)>) -> anyhow::Result<File> {
    let manifest = fs::read_to_string(package.join("package.json"))
        .with_context(|| format!("{} is no npm package", package.display()))?;
    ensure!(
        manifest.contains(&format!("\"version\": \"{PROVIDER}\"")),
        "the package was not made from provider {PROVIDER}"
    );
    let mut file = File {
        source: format!("npm {PACKAGE}, made from terraform-provider-aws {PROVIDER}"),
        licence: "MPL-2.0",
        provider: one(package, "provider")?,
        resources: BTreeMap::new(),
        data: BTreeMap::new(),
    };
    for (kind, name) in types {
        let Some(short) = name.strip_prefix("aws_") else {
            bail!("{name} is no type of the AWS provider");
        };
        let folder = short.replace('_', "-");
        match kind {
            Kind::Resource => {
                let block = one(package, &folder)?;
                file.resources.insert(name.clone(), block);
            }
            Kind::Data => {
                let block = one(package, &format!("data-aws-{folder}"))?;
                file.data.insert(name.clone(), block);
            }
        }
    }
    Ok(file)
}

fn one(package: &Path, folder: &str) -> anyhow::Result<Block> {
    let path = package.join("lib").join(folder).join("index.js");
    let text = fs::read_to_string(&path)
        .with_context(|| format!("the bindings have no {folder}: is the type's name right?"))?;
    source::block(&text).with_context(|| format!("could not read {}", path.display()))
}

/// One line for each type, so that a change of one is seen as one.
fn text(file: &File) -> anyhow::Result<String> {
    let mut text = format!(
        "{{\n\"source\": {},\n\"licence\": {},\n\"provider\": {}",
        serde_json::to_string(&file.source)?,
        serde_json::to_string(&file.licence)?,
        serde_json::to_string(&file.provider)?
    );
    for (name, blocks) in [("resources", &file.resources), ("data", &file.data)] {
        let lines: Vec<_> = blocks
            .iter()
            .map(|(name, block)| Ok(format!("\"{name}\": {}", serde_json::to_string(block)?)))
            .collect::<anyhow::Result<_>>()?;
        text.extend([",\n\"", name, "\": {\n", &lines.join(",\n"), "\n}"]);
    }
    text.push_str("\n}\n");
    Ok(text)
}
