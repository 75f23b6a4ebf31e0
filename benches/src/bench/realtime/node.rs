//! The Node peer: `ws` at a pinned version, installed below the target folder.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, bail};

use crate::report;

const FILES: [(&str, &str); 4] = [
    ("package.json", include_str!("../../../node/package.json")),
    (
        "package-lock.json",
        include_str!("../../../node/package-lock.json"),
    ),
    (".npmrc", include_str!("../../../node/.npmrc")),
    ("echo.mjs", include_str!("../../../node/echo.mjs")),
];

/// Installs it unless it is there; the path of its script. Without Node the whole bench fails: a
/// comparison that lacks a peer would look like a pass.
pub(super) fn install(folder: &Path) -> anyhow::Result<PathBuf> {
    if Command::new("node").arg("--version").output().is_err() {
        bail!(
            "missing prerequisite: node. One of the servers compared is Node's `ws`; get it with \
             `apt-get install nodejs npm`, `dnf install nodejs` or from https://nodejs.org"
        );
    }
    fs::create_dir_all(folder)?;
    let script = folder.join("echo.mjs");
    let same = |(name, text): &(&str, &str)| {
        fs::read_to_string(folder.join(name)).is_ok_and(|found| found == *text)
    };
    if FILES.iter().all(same) && folder.join("node_modules/ws/package.json").is_file() {
        return Ok(script);
    }
    report::progress("installing ws for Node");
    for (name, text) in FILES {
        fs::write(folder.join(name), text)?;
    }
    let installed = Command::new("npm")
        .args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"])
        .current_dir(folder)
        .output()
        .context("missing prerequisite: npm; get it with `apt-get install npm`")?;
    if !installed.status.success() {
        bail!(
            "npm could not install ws; is the registry reachable? {}",
            String::from_utf8_lossy(&installed.stderr).trim()
        );
    }
    Ok(script)
}

/// The version of Node that runs.
pub(super) fn version() -> String {
    let output = Command::new("node").arg("--version").output();
    output.map_or_else(
        |_missing| "unknown".to_owned(),
        |output| String::from_utf8_lossy(&output.stdout).trim().to_owned(),
    )
}
