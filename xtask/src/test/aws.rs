//! Stage `aws`: the adapters for AWS, and a server that keeps everything there, at programs that stand
//! for its services on this machine.

use crate::{
    peers::{ACCOUNT, Peers},
    process::{Counts, count, say},
    running,
};

/// Starts the peers, runs the tests that need them, and a replay on tables.
pub(super) fn stage() -> anyhow::Result<Counts> {
    let mut peers = Peers::start("peers-tested")?;
    let mut tests = super::tests()?;
    tests.args(["--test", "peers"]).envs(peers.variables());
    let mut counts = count(&mut tests)?;
    match replay(&peers) {
        Ok(()) => counts.passed += 1,
        Err(error) => {
            say(&format!("the replay on tables failed: {error:#}"));
            counts.failed += 1;
        }
    }
    match running::rehearse_on_functions(&peers) {
        Ok(()) => counts.passed += 1,
        Err(error) => {
            say(&format!("the replay through functions failed: {error:#}"));
            counts.failed += 1;
        }
    }
    if let Some(ended) = peers.ended() {
        say(&ended);
        counts.failed += 1;
    }
    Ok(counts)
}

/// Conversations through a server that keeps everything in tables, is cut off, and killed twice; then
/// through two servers that share them, which are killed in turns.
fn replay(peers: &Peers) -> anyhow::Result<()> {
    let (tables, keys) = (
        peers.address("INNERWORLD_TEST_DYNAMODB")?,
        peers.address("INNERWORLD_TEST_KMS")?,
    );
    let key = peers.make_key()?;
    let mut environment: Vec<(&str, &str)> = ACCOUNT.to_vec();
    environment.extend([
        ("AWS_ENDPOINT_URL_DYNAMODB", tables.as_str()),
        ("AWS_ENDPOINT_URL_KMS", keys.as_str()),
    ]);
    for servers_and_kills in [(1, 2), (2, 6)] {
        running::rehearse_on_tables(servers_and_kills, &key, &environment)?;
    }
    Ok(())
}
