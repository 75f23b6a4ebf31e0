//! JavaScript clients from npm, at the versions of a committed lock file, below the target folder.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, bail};

use crate::{
    process::{output, run, say},
    workspace::{root, target},
};

/// The oldest version of Node whose test runner and whose packages are what the tests ask for.
const OLDEST: u32 = 20;
/// What decides which packages are there.
const LOCK: &str = "package-lock.json";

/// Node's test runner over a copy of `tests/javascript`, beside the packages that it names.
pub(crate) fn test_runner() -> anyhow::Result<Command> {
    check_node()?;
    let (from, to) = (
        root().join("tests/javascript"),
        target()?.join("javascript"),
    );
    let wanted = fs::read_to_string(from.join(LOCK)).context("no package-lock.json")?;
    let mark = to.join("installed.json");
    let there = fs::read_to_string(&mark).is_ok_and(|installed| installed == wanted);
    let tests = copy(&from, &to)?;
    if !there {
        say("installing what tests/javascript/package-lock.json names");
        run(Command::new("npm")
            .args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"])
            .current_dir(&to))
        .context(
            "npm could not install the JavaScript clients; it comes with Node, or by `apt-get \
             install npm`, and needs the npm registry",
        )?;
        fs::write(mark, wanted)?;
    }
    let mut command = Command::new("node");
    command
        .args(["--test", "--test-reporter=tap"])
        .args(tests)
        .current_dir(to);
    Ok(command)
}

fn check_node() -> anyhow::Result<()> {
    let version = output(Command::new("node").arg("--version")).unwrap_or_default();
    let major = version.trim().trim_start_matches('v').split('.').next();
    let found = major.and_then(|major| major.parse::<u32>().ok());
    if found.is_none_or(|major| major < OLDEST) {
        bail!(
            "missing prerequisite: node ({OLDEST} or newer), with npm; get it with `apt-get \
             install nodejs npm`, `dnf install nodejs`, `brew install node` or from nodejs.org"
        );
    }
    Ok(())
}

/// Copies the files, since Node looks for packages beside them; the names of those that are tests.
fn copy(from: &Path, to: &Path) -> anyhow::Result<Vec<PathBuf>> {
    fs::create_dir_all(to).context("could not make a folder for the JavaScript clients")?;
    let mut tests = Vec::new();
    for entry in fs::read_dir(from).context("no tests/javascript")? {
        let name = PathBuf::from(entry?.file_name());
        fs::copy(from.join(&name), to.join(&name))?;
        if name.to_string_lossy().ends_with(".test.mjs") {
            tests.push(name);
        }
    }
    tests.sort();
    Ok(tests)
}
