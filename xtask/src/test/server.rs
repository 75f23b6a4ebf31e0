//! Stage `server`: starts the server as a person would and lets unmodified clients of other
//! languages, from `PyPI` and npm, work against it.

use std::{fs, path::Path, process::Command};

use anyhow::Context;

use crate::{
    node,
    process::{Counts, cargo, count, run, say},
    serving::Serving,
    venv,
    workspace::{root, target},
};

/// Builds and starts the server, runs `tests/python` and `tests/javascript` against it, and stops
/// it. That it stops with exit code 0 after SIGTERM is one more test.
pub(super) fn stage() -> anyhow::Result<Counts> {
    // First what a machine may lack: a build of minutes must not precede that message.
    let mut pytest = venv::tool("pytest")?;
    pytest
        .args(["--color=no", "-p", "no:cacheprovider", "tests/python"])
        .env("PYTHONDONTWRITEBYTECODE", "1");
    let mut node = node::test_runner()?;
    run(cargo().args(["build", "--package", "innerworld"]))?;
    let program = target()?.join("debug/innerworld");
    let folder = target()?.join("test-server");
    if folder.exists() {
        fs::remove_dir_all(&folder).context("could not empty the folder of an earlier run")?;
    }
    fs::create_dir_all(&folder).context("could not make a folder for the server")?;

    let server = Serving::start(&program, &folder)?;
    let mut counts = count(told(&mut pytest, &program, &server))?;
    counts.add(count(told(&mut node, &program, &server))?);
    let log = server.log().to_owned();
    match server.stop() {
        Ok(()) => counts.passed += 1,
        Err(error) => {
            say(&format!("{error:#}"));
            counts.failed += 1;
        }
    }
    if counts.failed > 0 {
        say(&format!("the server's log is in {}", log.display()));
    }
    Ok(counts)
}

/// Tells a test runner where the server and everything else is.
fn told<'a>(runner: &'a mut Command, program: &Path, server: &Serving) -> &'a mut Command {
    runner
        // Not `INNERWORLD_…`: the programs that tests start refuse what is no setting of theirs.
        .env("TEST_SERVER_PROGRAM", program)
        .env("TEST_SERVER_READY", server.ready())
        .env("TEST_VECTORS", root().join("tests/vectors"))
}
