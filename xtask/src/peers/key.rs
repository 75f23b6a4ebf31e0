//! A key at the peer of KMS.

use anyhow::{Context as _, ensure};

use crate::venv::MOTO;

/// What the SDK is told: the one account that every peer knows.
pub(crate) const ACCOUNT: [(&str, &str); 3] = [
    ("AWS_ACCESS_KEY_ID", "test"),
    ("AWS_SECRET_ACCESS_KEY", "test"),
    ("AWS_REGION", "us-east-1"),
];

/// Makes a key and prints its id.
const PROGRAM: &str = "import boto3, sys; \
    print(boto3.client('kms', endpoint_url=sys.argv[1]).create_key()['KeyMetadata']['KeyId'])";

/// Makes a key at the peer that is at `endpoint`; its id.
pub(super) fn make(endpoint: &str) -> anyhow::Result<String> {
    let made = MOTO
        .program("python")?
        .args(["-c", PROGRAM, endpoint])
        .envs(ACCOUNT)
        .env("AWS_DEFAULT_REGION", "us-east-1")
        .output()
        .context("the peer of KMS could not be asked for a key")?;
    ensure!(made.status.success(), "the peer of KMS made no key");
    let key = String::from_utf8(made.stdout).context("the id of the key is no text")?;
    Ok(key.trim().to_owned())
}
