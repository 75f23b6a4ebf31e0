//! Packaged programs under a double of Lambda: how long they take to start, and what they answer.
//!
//! Nothing of a deployment is there, so a start is that of a program alone: `cargo xtask bench lambda`
//! measures it with tables behind.

use std::{path::Path, time::Duration};

use anyhow::{Context as _, bail, ensure};
use innerworld_testkit::lambda::{Function, LambdaDouble, Outcome};
use serde_json::{Value, json};

use super::here::Runner;
use crate::process::say;

/// Starts of each.
const STARTS: usize = 5;

/// Starts functions out of this folder; `tried` gives those an event that can answer one alone.
pub(super) fn start(
    runner: &Runner,
    folder: &Path,
    functions: &[String],
    tried: bool,
) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        for function in functions {
            one(runner, folder, function, tried)
                .await
                .with_context(|| format!("{function} as it is packaged"))?;
        }
        Ok(())
    })
}

async fn one(runner: &Runner, folder: &Path, name: &str, tried: bool) -> anyhow::Result<()> {
    let scripts = tempfile::tempdir()?;
    let program = runner.command(&folder.join(name).join("bootstrap"), scripts.path())?;
    let mut double = LambdaDouble::new(Function::told_of_nothing(name, program));
    let mut times = Vec::new();
    for _start in 0..STARTS {
        double.stop();
        match double.start().await {
            Ok(time) => times.push(time),
            Err(outcome) => bail!("it did not start: {outcome:?}\n{}", double.written()),
        }
    }
    times.sort();
    let half = times.get(times.len() / 2).copied().unwrap_or_default();
    say(&format!(
        "{name}: asks for its first event {} after its start, half of {STARTS}; {}",
        shown(half),
        runner.note()
    ));
    let trial = TRIALS.iter().find(|trial| trial.function == name);
    if let (Some(trial), true) = (trial, tried) {
        answers(&mut double, trial).await?;
    }
    double.stop();
    Ok(())
}

async fn answers(double: &mut LambdaDouble, trial: &Trial) -> anyhow::Result<()> {
    let outcome = double.invoke((trial.event)().to_string()).await;
    let Outcome::Answered(answer) = outcome else {
        double.stop();
        bail!("it did not answer: {outcome:?}\n{}", double.written());
    };
    let answer: Value = serde_json::from_str(&answer).context("it answered what is no JSON")?;
    let (pointer, expected) = (trial.expected.0, (trial.expected.1)());
    ensure!(
        answer.pointer(pointer) == Some(&expected),
        "{pointer} must be {expected} in its answer: {answer}"
    );
    say(&format!(
        "{}: {}; its answer has {pointer} = {expected}",
        trial.function, trial.what
    ));
    Ok(())
}

fn shown(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1e3)
}

/// An event that a function can answer though nothing of a deployment is there.
struct Trial {
    function: &'static str,
    what: &'static str,
    event: fn() -> Value,
    /// Where in the answer, and what.
    expected: (&'static str, fn() -> Value),
}

const TRIALS: &[Trial] = &[
    Trial {
        function: "cognito-pre-sign-up",
        what: "an adult signs up, and is not confirmed unasked",
        event: signing_up,
        expected: ("/response/autoConfirmUser", || json!(false)),
    },
    Trial {
        function: "connect-handler",
        what: "a browser of a foreign origin is refused",
        event: from_elsewhere,
        expected: ("/statusCode", || json!(403)),
    },
    Trial {
        function: "conversation-handler",
        what: "a bare call is told how its tables are",
        event: || json!({}),
        expected: ("/version", || json!(env!("CARGO_PKG_VERSION"))),
    },
];

fn signing_up() -> Value {
    json!({
        "version": "1", "triggerSource": "PreSignUp_SignUp", "region": "us-east-1",
        "userPoolId": "us-east-1_aB3dEfGhI", "userName": "robin@example.org",
        "callerContext": {"awsSdkVersion": "aws-sdk-ios-2", "clientId": "a-client"},
        "request": {
            "userAttributes": {"email": "robin@example.org"},
            "validationData": {"birthdate": "2000-01-01"},
        },
        "response": {"autoConfirmUser": true, "autoVerifyEmail": true, "autoVerifyPhone": true},
    })
}

fn from_elsewhere() -> Value {
    let origin = "https://evil.example";
    json!({
        "headers": {"Origin": origin}, "multiValueHeaders": {"Origin": [origin]},
        "requestContext": {
            "routeKey": "$connect", "eventType": "CONNECT", "connectionId": "L0SM9cOFvHcCIhw=",
            "connectedAt": 1_764_000_000_000_i64, "stage": "prod", "apiId": "abcdef123",
            "authorizer": {
                "user_id": "00000000-0000-4000-8000-000000000007",
                "token_expires_at": 4_102_444_800_000_i64,
            },
        },
        "isBase64Encoded": false,
    })
}
