//! Tables: a program of crates.io, which links another SQLite than ours and so is built by itself.

use std::{fs, path::PathBuf};

use anyhow::Context as _;

use crate::{
    process::{cargo, run, say},
    workspace::target,
};

/// Which one.
pub(super) const VERSION: &str = "3.2.0";

/// The program, below the target folder; it is built once.
pub(super) fn installed() -> anyhow::Result<PathBuf> {
    let tools = target()?.join("tools");
    let program = tools.join("bin/dynoxide");
    // Cargo's own list: the program tells another version than that of its crate.
    let list = fs::read_to_string(tools.join(".crates.toml")).unwrap_or_default();
    if list.contains(&format!("\"dynoxide-rs {VERSION} ")) && program.is_file() {
        return Ok(program);
    }
    say("building dynoxide, which takes about two minutes, once");
    let build = tools.join("build");
    run(cargo()
        .args(["install", "dynoxide-rs", "--version", VERSION, "--locked"])
        .args(["--no-default-features", "--force"])
        .args(["--features", "native-sqlite,http-server,cli", "--root"])
        .arg(&tools)
        .arg("--target-dir")
        .arg(&build))
    .context("dynoxide could not be built; it needs a C compiler and crates.io")?;
    fs::remove_dir_all(build).context("could not remove what dynoxide was built of")?;
    Ok(program)
}
