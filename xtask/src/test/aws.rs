//! Stage `aws`: the adapters for AWS, and a server that keeps everything there, at programs that stand
//! for its services on this machine.

use std::{collections::BTreeMap, process::Command};

use anyhow::{Context as _, ensure};

use crate::{
    peers::Peers,
    process::{Counts, count, say},
    running,
    venv::{self, MOTO},
};

/// What the SDK is told: the one account that every peer knows.
const ACCOUNT: [(&str, &str); 3] = [
    ("AWS_ACCESS_KEY_ID", "test"),
    ("AWS_SECRET_ACCESS_KEY", "test"),
    ("AWS_REGION", "us-east-1"),
];

/// Makes a key, for what is sealed in the tables, and prints its id.
const MAKE_KEY: &str = "import boto3, sys; \
    print(boto3.client('kms', endpoint_url=sys.argv[1]).create_key()['KeyMetadata']['KeyId'])";

/// Starts the peers, runs the tests that need them, and a replay on tables.
pub(super) fn stage() -> anyhow::Result<Counts> {
    let mut peers = Peers::start("peers-tested")?;
    let mut tests = venv::tool("cargo-nextest")?;
    tests
        // Of the whole workspace, so that it is built with the features that stage `core` builds.
        .args(["nextest", "run", "--workspace", "--test", "peers"])
        // The verbs for a deployment are in no executable without it.
        .args(["--features", "innerworld/aws"])
        .args(["--no-fail-fast", "--color", "never"])
        .args(["--status-level", "slow", "--final-status-level", "fail"])
        .env("INSTA_UPDATE", "no")
        .envs(peers.variables());
    let mut counts = count(&mut tests)?;
    match replay(&peers.variables().into_iter().collect()) {
        Ok(()) => counts.passed += 1,
        Err(error) => {
            say(&format!("the replay on tables failed: {error:#}"));
            counts.failed += 1;
        }
    }
    if let Some(ended) = peers.ended() {
        say(&ended);
        counts.failed += 1;
    }
    Ok(counts)
}

/// Conversations through a server that keeps everything in tables, is cut off, and killed twice.
fn replay(peers: &BTreeMap<&'static str, String>) -> anyhow::Result<()> {
    let at = |name| {
        peers
            .get(name)
            .with_context(|| format!("no peer for {name}"))
    };
    let (tables, keys) = (at("INNERWORLD_TEST_DYNAMODB")?, at("INNERWORLD_TEST_KMS")?);
    let mut python: Command = MOTO.program("python")?;
    let made = python
        .args(["-c", MAKE_KEY, keys.as_str()])
        .envs(ACCOUNT)
        .env("AWS_DEFAULT_REGION", "us-east-1")
        .output()
        .context("the peer of KMS could not be asked for a key")?;
    ensure!(made.status.success(), "the peer of KMS made no key");
    let key = String::from_utf8(made.stdout).context("the id of the key is no text")?;
    let mut environment: Vec<(&str, &str)> = ACCOUNT.to_vec();
    environment.extend([
        ("AWS_ENDPOINT_URL_DYNAMODB", tables.as_str()),
        ("AWS_ENDPOINT_URL_KMS", keys.as_str()),
    ]);
    running::rehearse_on_tables(key.trim(), &environment)
}
