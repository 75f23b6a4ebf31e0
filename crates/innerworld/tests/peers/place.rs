//! A deployment of a test: names of its own, a key, and the executable told of both.

use std::{
    io::Write as _,
    process::{Command, Output, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};

use innerworld_testkit::aws_json;
use serde_json::{Value, json};

use crate::{serving::Home, stderr, stdout};

/// Where a peer is. The stage sets it; without the stage there is nothing to test against.
#[expect(
    clippy::disallowed_methods,
    reason = "the stage tells where its peers are"
)]
pub(crate) fn address(name: &str) -> String {
    std::env::var(format!("INNERWORLD_TEST_{name}")).unwrap_or_else(|_absent| {
        panic!("INNERWORLD_TEST_{name} is not set: run `cargo xtask test --stage aws`, which starts the peers")
    })
}

/// A deployment nobody else uses, and a home whose configuration names it.
pub(crate) struct Place {
    pub(crate) home: Home,
    pub(crate) prefix: String,
}

impl Place {
    /// A prefix and a key; no table, no secret and no queue is there yet.
    pub(crate) async fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let prefix = format!("e{}-{number}", std::process::id());
        let made = call("KMS", ("kms", "TrentService.CreateKey"), json!({})).await;
        let key = made["KeyMetadata"]["KeyId"].as_str().unwrap();
        let home = Home::new(&format!(
            "[storage]\nbackend = \"aws\"\n[storage.aws]\nprefix = {prefix:?}\nkms_key = {key:?}\n"
        ));
        Self { home, prefix }
    }

    /// With its tables.
    pub(crate) async fn with_tables() -> Self {
        let place = Self::new().await;
        let made = place.run(&["tables", "create"], "");
        assert!(made.status.success(), "{}", stderr(&made));
        place
    }

    /// Tells a command where the peers are.
    pub(crate) fn reach(command: &mut Command) -> &mut Command {
        for (name, value) in [
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_REGION", "us-east-1"),
            // Nobody asks the machine who it is.
            ("AWS_EC2_METADATA_DISABLED", "true"),
        ] {
            command.env(name, value);
        }
        for (service, peer) in [
            ("DYNAMODB", "DYNAMODB"),
            ("KMS", "KMS"),
            ("SECRETS_MANAGER", "SECRETS"),
            ("SQS", "SQS"),
        ] {
            command.env(format!("AWS_ENDPOINT_URL_{service}"), address(peer));
        }
        command
    }

    /// Runs a verb with its configuration and this on standard input.
    pub(crate) fn run(&self, words: &[&str], input: &str) -> Output {
        let mut command = crate::innerworld(self.home.path());
        command.args(words).args(["--config", "innerworld.toml"]);
        let mut child = Self::reach(&mut command)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // Whoever refuses at once does not read.
        child.stdin.take().unwrap().write_all(input.as_bytes()).ok();
        child.wait_with_output().unwrap()
    }

    /// The same with `--json`: whether it succeeded, and what it said.
    pub(crate) fn json(&self, words: &[&str], input: &str) -> (bool, Value) {
        let output = self.run(&[words, &["--json"]].concat(), input);
        let said = serde_json::from_str(&stdout(&output));
        let said = said.unwrap_or_else(|_cause| panic!("{}", stderr(&output)));
        (output.status.success(), said)
    }
}

/// Calls an operation of a peer, as whoever deploys would.
pub(crate) async fn call(peer: &str, operation: (&str, &str), body: Value) -> Value {
    aws_json::call(&address(peer), operation, body).await
}
