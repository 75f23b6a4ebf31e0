//! Tools that need no compiling, from `PyPI`, in a virtual environment below the target folder.

use std::{fs, path::PathBuf, process::Command};

use anyhow::{Context, bail};

use crate::{
    process::{output, run, say},
    workspace::{root, target},
};

/// The program `name` of the environment, which is installed when it is missing or out of date.
pub(crate) fn tool(name: &str) -> anyhow::Result<Command> {
    let mut command = Command::new(ensure()?.join("bin").join(name));
    command.current_dir(root());
    Ok(command)
}

fn ensure() -> anyhow::Result<PathBuf> {
    let folder = target()?.join("venv");
    let wanted = fs::read_to_string(root().join("xtask/requirements.txt"))
        .context("could not read xtask/requirements.txt")?;
    let mark = folder.join("installed.txt");
    if fs::read_to_string(&mark).is_ok_and(|installed| installed == wanted) {
        return Ok(folder);
    }
    if output(Command::new("python3").arg("--version")).is_err() {
        bail!(
            "missing prerequisite: python3 (3.10 or newer); get it with `apt-get install python3 \
             python3-venv`, `dnf install python3`, `brew install python` or from python.org"
        );
    }
    say("installing the tools of xtask/requirements.txt");
    run(Command::new("python3")
        .args(["-m", "venv", "--clear"])
        .arg(&folder))
    .context(
        "python3 could not make a virtual environment; on Debian and Ubuntu it needs \
         `apt-get install python3-venv`",
    )?;
    run(Command::new(folder.join("bin/pip"))
        .args([
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--requirement",
        ])
        .arg(root().join("xtask/requirements.txt")))
    .context("the tools could not be installed from PyPI; check the network or pip's index")?;
    fs::write(mark, wanted)?;
    Ok(folder)
}
