//! Stage `server`: starts the server as a person would and lets unmodified clients of other
//! languages, from `PyPI`, work against it.

use std::fs;

use anyhow::Context;

use crate::{
    process::{Counts, cargo, count, run, say},
    serving::Serving,
    venv,
    workspace::{root, target},
};

/// Builds and starts the server, runs `tests/python` against it, and stops it. That it stops with
/// exit code 0 after SIGTERM is one more test.
pub(super) fn stage() -> anyhow::Result<Counts> {
    // First what a machine may lack: a build of minutes must not precede that message.
    let mut pytest = venv::tool("pytest")?;
    run(cargo().args(["build", "--package", "innerworld"]))?;
    let program = target()?.join("debug/innerworld");
    let folder = target()?.join("test-server");
    if folder.exists() {
        fs::remove_dir_all(&folder).context("could not empty the folder of an earlier run")?;
    }
    fs::create_dir_all(&folder).context("could not make a folder for the server")?;

    let server = Serving::start(&program, &folder)?;
    let mut counts = count(
        pytest
            .args(["--color=no", "-p", "no:cacheprovider", "tests/python"])
            .env("PYTHONDONTWRITEBYTECODE", "1")
            // Not `INNERWORLD_…`: the programs that tests start refuse what is no setting of theirs.
            .env("TEST_SERVER_PROGRAM", &program)
            .env("TEST_SERVER_READY", server.ready())
            .env("TEST_VECTORS", root().join("tests/vectors")),
    )?;
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
