//! Which peers there are, what each stands for, and how it is started.

use std::{fs, process::Command};

use anyhow::Context as _;
use serde_json::Value;

use super::{Place, dynoxide, jars, question::Question};
use crate::{node, venv::MOTO, workspace::root};

/// Headers of an operation of AWS in a version of its JSON protocol. None of the peers checks the
/// signature, but some want one, or read the service out of it.
macro_rules! aws {
    ($service:literal, $version:literal, $operation:literal) => {
        concat!(
            "Content-Type: application/x-amz-json-",
            $version,
            "\r\nX-Amz-Target: ",
            $operation,
            "\r\nX-Amz-Date: 20260101T000000Z\r\nAuthorization: AWS4-HMAC-SHA256 ",
            "Credential=local/20260101/us-east-1/",
            $service,
            "/aws4_request, SignedHeaders=host, Signature=none\r\n"
        )
    };
}

/// How a peer is started once it is installed.
#[derive(Debug)]
pub(super) struct Peer {
    pub(super) version: String,
    /// What tells tests where it is.
    pub(super) variables: &'static [&'static str],
    pub(super) question: Question,
    pub(super) command: Command,
}

/// Installs a peer where that is needed, and says how it is started in a place.
type Prepare = fn(&Place) -> anyhow::Result<Peer>;

/// Those first that need something of the machine: a build of minutes must not precede that message.
pub(super) const KNOWN: [(&str, Prepare); 5] = [
    ("moto", moto),
    ("cognito-local", cognito_local),
    ("elasticmq", elasticmq),
    ("neo4j", neo4j),
    ("dynoxide", dynoxide),
];

/// Keys, secrets and files. Never tables or queues: those it gets wrong.
fn moto(place: &Place) -> anyhow::Result<Peer> {
    let mut command = MOTO.program("moto_server")?;
    command
        .args(["-H", "127.0.0.1", "-p"])
        .arg(place.port()?.to_string())
        .env("PYTHONDONTWRITEBYTECODE", "1");
    Ok(Peer {
        version: MOTO.version("moto")?,
        variables: &[
            "INNERWORLD_TEST_KMS",
            "INNERWORLD_TEST_SECRETS",
            "INNERWORLD_TEST_S3",
        ],
        question: Question {
            path: "/",
            headers: aws!("kms", "1.1", "TrentService.ListKeys"),
            body: "{}",
            answer: "\"Keys\"",
        },
        command,
    })
}

/// A second issuer of tokens.
fn cognito_local(place: &Place) -> anyhow::Result<Peer> {
    let folder = node::installed("tests/peers/cognito", "peers/cognito")?;
    let package = folder.join("node_modules/cognito-local");
    let manifest = fs::read_to_string(package.join("package.json"))?;
    let manifest: Value = serde_json::from_str(&manifest)?;
    let version = manifest.get("version").and_then(Value::as_str);
    let mut command = Command::new("node");
    command
        .args(["--no-deprecation", "--no-warnings"])
        .arg(package.join("lib/bin/start.js"))
        .env("HOST", "127.0.0.1")
        .env("PORT", place.port()?.to_string());
    Ok(Peer {
        version: version.context("cognito-local has no version")?.to_owned(),
        variables: &["INNERWORLD_TEST_COGNITO"],
        question: Question {
            path: "/",
            headers: aws!(
                "cognito-idp",
                "1.1",
                "AWSCognitoIdentityProviderService.ListUserPools"
            ),
            body: r#"{"MaxResults":1}"#,
            answer: "\"UserPools\"",
        },
        command,
    })
}

/// Queues.
fn elasticmq(place: &Place) -> anyhow::Result<Peer> {
    let jars = jars::installed("elasticmq")?;
    let mut command = jars.java("256m");
    command
        .arg(format!(
            "-Dconfig.file={}",
            root()
                .join("tests/peers/elasticmq/elasticmq.conf")
                .display()
        ))
        .arg("org.elasticmq.server.Main")
        .env("PEER_PORT", place.port()?.to_string());
    Ok(Peer {
        version: jars.version("elasticmq-server_2.13")?,
        variables: &["INNERWORLD_TEST_SQS"],
        question: Question {
            path: "/",
            headers: aws!("sqs", "1.0", "AmazonSQS.ListQueues"),
            body: "{}",
            answer: "\"QueueUrls\"",
        },
        command,
    })
}

/// An engine of openCypher.
fn neo4j(place: &Place) -> anyhow::Result<Peer> {
    let jars = jars::installed("neo4j")?;
    let mut command = jars.java("512m");
    command
        .arg(root().join("tests/peers/neo4j/Launcher.java"))
        .arg(&place.folder)
        .arg(place.port()?.to_string());
    Ok(Peer {
        version: jars.version("neo4j-harness")?,
        variables: &["INNERWORLD_TEST_NEO4J"],
        question: Question {
            path: "/db/neo4j/tx/commit",
            headers: "Content-Type: application/json\r\n",
            body: r#"{"statements":[{"statement":"RETURN 1"}]}"#,
            answer: "\"errors\":[]",
        },
        command,
    })
}

/// Tables.
fn dynoxide(place: &Place) -> anyhow::Result<Peer> {
    let mut command = Command::new(dynoxide::installed()?);
    command
        .args(["serve", "--log", "quiet", "--port"])
        .arg(place.port()?.to_string());
    Ok(Peer {
        version: dynoxide::VERSION.to_owned(),
        variables: &["INNERWORLD_TEST_DYNAMODB"],
        question: Question {
            path: "/",
            headers: aws!("dynamodb", "1.0", "DynamoDB_20120810.ListTables"),
            body: "{}",
            answer: "\"TableNames\"",
        },
        command,
    })
}
