//! The JavaScript client: the tools that check it, and its package as npm would deliver it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Context;

use crate::{
    node,
    process::{output, run, say},
    workspace::{root, target},
};

/// What the package is made of, beside what is made of its sources.
const AS_THEY_ARE: [&str; 3] = ["client/package.json", "client/README.md", "LICENSE"];

/// A tool of `xtask/javascript` at its pinned version.
fn tool(name: &str) -> anyhow::Result<Command> {
    let mut command = Command::new(program(name)?);
    command.current_dir(root());
    Ok(command)
}

/// Where such a tool is.
pub(crate) fn program(name: &str) -> anyhow::Result<PathBuf> {
    let folder = node::installed("xtask/javascript", "javascript-tools")?;
    Ok(folder.join("node_modules/.bin").join(name))
}

/// Format, lints and types.
pub(crate) fn check() -> anyhow::Result<()> {
    run(tool("biome")?.args(["ci", "--error-on-warnings"]))?;
    run(tool("tsc")?.args(["--project", "client", "--noEmit"]))
}

/// The package: types, and each source made small, since pages fetch them as they are; its map leads
/// a debugger to what was written.
pub(crate) fn pack() -> anyhow::Result<PathBuf> {
    let folder = target()?.join("client-package");
    if folder.exists() {
        fs::remove_dir_all(&folder).context("could not remove the package of an earlier run")?;
    }
    fs::create_dir_all(&folder).context("could not make a folder for the package")?;
    for file in AS_THEY_ARE {
        let name = Path::new(file).file_name().unwrap_or_default();
        fs::copy(root().join(file), folder.join(name)).with_context(|| format!("no {file}"))?;
    }
    run(tool("tsc")?
        .args(["--project", "client", "--outDir"])
        .arg(folder.join("types")))?;
    let mut small = tool("esbuild")?;
    small.args([
        "--minify",
        "--sourcemap",
        "--target=es2022",
        "--log-level=warning",
    ]);
    small.arg(format!("--outdir={}", folder.join("src").display()));
    // Copied, so that maps name no folder of this machine.
    let written = folder.join("written");
    fs::create_dir(&written)?;
    for source in fs::read_dir(root().join("client/src"))? {
        let source = source?;
        let copy = written.join(source.file_name());
        fs::copy(source.path(), &copy)?;
        small.arg(copy);
    }
    run(&mut small)?;
    let packed = output(
        Command::new("npm")
            .args(["pack", "--silent", "--ignore-scripts"])
            .current_dir(&folder),
    )?;
    let package = folder.join(packed.trim());
    say(&format!("packed {}", package.display()));
    Ok(package)
}
