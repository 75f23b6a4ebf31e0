//! JavaScript programs from npm, at the versions of a committed lock file, below the target folder.

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
/// The first version whose programs have a `WebSocket` without asking for it.
const WITH_WEBSOCKET: u32 = 22;
/// What decides which packages are there.
const LOCK: &str = "package-lock.json";

/// Node's test runner over a copy of `tests/javascript`, beside the packages that it names.
pub(crate) fn test_runner() -> anyhow::Result<Command> {
    let folder = installed("tests/javascript", "javascript")?;
    let mut tests = Vec::new();
    for entry in fs::read_dir(root().join("tests/javascript"))? {
        let name = entry?.file_name();
        if name.to_string_lossy().ends_with(".test.mjs") {
            tests.push(name);
        }
    }
    tests.sort();
    let mut command = Command::new("node");
    command
        .args(["--test", "--test-reporter=tap"])
        .args(tests)
        .current_dir(folder);
    Ok(command)
}

/// Node's test runner over the tests of a package, `test/*.test.js`.
pub(crate) fn tests(package: &Path) -> anyhow::Result<Command> {
    let major = check_node()?;
    let folder = package.join("test");
    let mut tests = Vec::new();
    for entry in fs::read_dir(&folder).with_context(|| format!("no {}", folder.display()))? {
        let path = entry?.path();
        if path.to_string_lossy().ends_with(".test.js") {
            tests.push(path);
        }
    }
    tests.sort();
    let mut command = Command::new("node");
    if major < WITH_WEBSOCKET {
        command.arg("--experimental-websocket");
    }
    command
        .args(["--test", "--test-reporter=tap"])
        .args(tests)
        .current_dir(package);
    Ok(command)
}

/// The folder `to` below the target folder: a copy of the files of `from`, since Node looks for
/// packages beside them, and the packages that its lock file names.
pub(crate) fn installed(from: &str, to: &str) -> anyhow::Result<PathBuf> {
    check_node()?;
    let (source, folder) = (root().join(from), target()?.join(to));
    let wanted =
        fs::read_to_string(source.join(LOCK)).with_context(|| format!("no {from}/{LOCK}"))?;
    let mark = folder.join("installed.json");
    let there = fs::read_to_string(&mark).is_ok_and(|installed| installed == wanted);
    copy(&source, &folder)?;
    if !there {
        say(&format!("installing what {from}/{LOCK} names"));
        run(Command::new("npm")
            .args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"])
            .current_dir(&folder))
        .context(
            "npm could not install the packages; it comes with Node, or by `apt-get install npm`, \
             and needs the npm registry",
        )?;
        fs::write(mark, wanted)?;
    }
    Ok(folder)
}

/// The major version of Node, if it will do; npm has to be there too.
fn check_node() -> anyhow::Result<u32> {
    let version = output(Command::new("node").arg("--version")).unwrap_or_default();
    let major = version.trim().trim_start_matches('v').split('.').next();
    let found = major.and_then(|major| major.parse::<u32>().ok());
    let found = found.filter(|major| *major >= OLDEST);
    let npm = output(Command::new("npm").arg("--version"));
    let (Some(found), Ok(_)) = (found, npm) else {
        bail!(
            "missing prerequisite: node ({OLDEST} or newer), with npm; get it with `apt-get \
             install nodejs npm`, `dnf install nodejs`, `brew install node` or from nodejs.org"
        );
    };
    Ok(found)
}

fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(to).with_context(|| format!("could not make {}", to.display()))?;
    for entry in fs::read_dir(from).with_context(|| format!("no {}", from.display()))? {
        let name = entry?.file_name();
        fs::copy(from.join(&name), to.join(&name))?;
    }
    Ok(())
}
