//! Stage `aws`: the adapters for AWS at programs that stand for its services on this machine.

use crate::{
    peers::Peers,
    process::{Counts, count, say},
    venv,
};

/// Starts the peers, and runs the tests that need them.
pub(super) fn stage() -> anyhow::Result<Counts> {
    let mut peers = Peers::start("peers-tested")?;
    let mut tests = venv::tool("cargo-nextest")?;
    tests
        // Of the whole workspace, so that it is built with the features that stage `core` builds.
        .args(["nextest", "run", "--workspace", "--test", "peers"])
        .args(["--no-fail-fast", "--color", "never"])
        .args(["--status-level", "slow", "--final-status-level", "fail"])
        .env("INSTA_UPDATE", "no")
        .envs(peers.variables());
    let mut counts = count(&mut tests)?;
    if let Some(ended) = peers.ended() {
        say(&ended);
        counts.failed += 1;
    }
    Ok(counts)
}
