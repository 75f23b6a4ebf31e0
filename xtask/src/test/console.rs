//! Stage `console`: the JavaScript client, alone and at a running server, and as a package.

use std::fs;

use anyhow::Context;

use crate::{
    client, node,
    process::{Counts, cargo, count, run, say},
    serving::Serving,
    workspace::{root, target},
};

/// Packs the client, builds and starts the server, runs `client/test` against it, and stops it. That
/// it stops with exit code 0 after SIGTERM is one more test.
pub(super) fn stage() -> anyhow::Result<Counts> {
    // First what a machine may lack: a build of minutes must not precede that message.
    let mut tests = node::tests(&root().join("client"))?;
    client::check()?;
    let package = client::pack()?;
    run(cargo().args(["build", "--package", "innerworld"]))?;
    let program = target()?.join("debug/innerworld");
    let folder = target()?.join("test-console");
    if folder.exists() {
        fs::remove_dir_all(&folder).context("could not empty the folder of an earlier run")?;
    }
    fs::create_dir_all(&folder).context("could not make a folder for the server")?;

    let server = Serving::start(&program, &folder)?;
    // Not `INNERWORLD_…`: the programs that tests start refuse what is no setting of theirs.
    tests
        .env("TEST_SERVER_PROGRAM", &program)
        .env("TEST_SERVER_READY", server.ready())
        .env("TEST_VECTORS", root().join("tests/vectors"))
        .env("TEST_CLIENT_PACKAGE", package)
        .env("TEST_TSC", client::program("tsc")?);
    let mut counts = count(&mut tests)?;
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
