//! What tests share: the environment of a function, its program, handshakes.

use std::{path::PathBuf, sync::Arc, time::Duration};

use innerworld_core::{clock::Timestamp, error::PortError, ids::TeenId};
use innerworld_lambda::{environment::Environment, gateway::Handshake, map::Function};
use innerworld_testkit::lambda::{self, LambdaDouble};
use serde_json::{Value, json};

/// An address of this machine where nobody listens.
pub(crate) const NOBODY: &str = "http://127.0.0.1:1";

/// What Terraform would set.
pub(crate) fn value_of(name: &str) -> &'static str {
    match name {
        "ALLOWED_ORIGINS" => "https://app.example.org, https://desk.example.org",
        "NEPTUNE_READER_ENDPOINT" => "127.0.0.1:2",
        other => lambda::value_of(other),
    }
}

/// The environment that the map gives a function.
pub(crate) fn environment_of(function: &Function) -> Vec<(String, String)> {
    let of = |name: &&str| ((*name).to_owned(), value_of(name).to_owned());
    function.environment.iter().map(of).collect()
}

/// Reads the environment of `E` from what the map gives it.
pub(crate) fn read_all<E: Environment>() -> E {
    let function = Function::named(E::FUNCTION).unwrap();
    innerworld_lambda::environment::read(environment_of(function)).unwrap()
}

fn program(name: &str) -> PathBuf {
    PathBuf::from(match name {
        "account-api" => env!("CARGO_BIN_EXE_account-api"),
        "authorizer" => env!("CARGO_BIN_EXE_authorizer"),
        "connect-handler" => env!("CARGO_BIN_EXE_connect-handler"),
        "conversation-handler" => env!("CARGO_BIN_EXE_conversation-handler"),
        "turn-worker" => env!("CARGO_BIN_EXE_turn-worker"),
        "session-sweeper" => env!("CARGO_BIN_EXE_session-sweeper"),
        "disconnect-handler" => env!("CARGO_BIN_EXE_disconnect-handler"),
        "session-processor" => env!("CARGO_BIN_EXE_session-processor"),
        "health-check" => env!("CARGO_BIN_EXE_health-check"),
        "graph-writer" => env!("CARGO_BIN_EXE_graph-writer"),
        "graph-reader" => env!("CARGO_BIN_EXE_graph-reader"),
        "privacy-worker" => env!("CARGO_BIN_EXE_privacy-worker"),
        "cognito-pre-sign-up" => env!("CARGO_BIN_EXE_cognito-pre-sign-up"),
        "cognito-post-confirmation" => env!("CARGO_BIN_EXE_cognito-post-confirmation"),
        "cognito-custom-message" => env!("CARGO_BIN_EXE_cognito-custom-message"),
        other => panic!("there is no program {other}"),
    })
}

/// A function's program with the environment of the map, and `also`.
pub(crate) fn deployed(function: &Function, also: &[(&str, &str)]) -> LambdaDouble {
    LambdaDouble::new(deployment(function, also))
}

/// The same, to be deployed somewhere.
pub(crate) fn deployment(function: &Function, also: &[(&str, &str)]) -> lambda::Function {
    let mut environment = environment_of(function);
    // Every service is somewhere on this machine: a test that forgets one reaches nothing.
    for service in ["DYNAMODB", "KMS", "SECRETS_MANAGER", "SQS", "S3"] {
        environment.push((format!("AWS_ENDPOINT_URL_{service}"), NOBODY.to_owned()));
    }
    for (name, value) in also {
        environment.retain(|(known, _)| known != name);
        environment.push(((*name).to_owned(), (*value).to_owned()));
    }
    lambda::Function {
        program: program(function.name),
        name: format!("innerworld-test-{}", function.name),
        environment,
        timeout: Duration::from_secs(function.timeout_s.into()),
        memory_mb: function.memory_mb,
    }
}

/// A handshake with these headers and this ticket.
pub(crate) fn handshake(headers: &[(&str, &str)], ticket: Option<&str>) -> Handshake {
    serde_json::from_value(handshake_event(headers, ticket)).unwrap()
}

/// An event of the authoriser, as the gateway makes it.
pub(crate) fn handshake_event(headers: &[(&str, &str)], ticket: Option<&str>) -> Value {
    let one: serde_json::Map<_, _> = headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), json!(value)))
        .collect();
    let many: serde_json::Map<_, _> = headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), json!([value])))
        .collect();
    json!({
        "type": "REQUEST",
        "methodArn": "arn:aws:execute-api:us-east-1:123456789012:abcdef123/prod/$connect",
        "headers": one,
        "multiValueHeaders": many,
        "queryStringParameters": ticket.map(|ticket| json!({"ticket": ticket})),
        "stageVariables": null,
        "requestContext": {
            "routeKey": "$connect", "eventType": "CONNECT", "connectionId": "L0SM9cOFvHcCIhw=",
            "connectedAt": 1_764_000_000_000_i64, "stage": "prod", "apiId": "abcdef123",
        },
        "isBase64Encoded": false,
    })
}

/// What of a deny list a test decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Denied {
    /// Nobody.
    Nobody,
    /// Whoever got a token before this instant.
    Before(Timestamp),
    /// It cannot be read.
    Unknown,
}

#[async_trait::async_trait]
impl innerworld_aws::DenyList for Denied {
    async fn denies(&self, _teen: TeenId, issued_at: Timestamp) -> Result<bool, PortError> {
        match self {
            Self::Nobody => Ok(false),
            Self::Before(mark) => Ok(issued_at < *mark),
            Self::Unknown => Err(PortError::new(
                innerworld_core::error::ErrorKind::Unavailable,
                "read a deny mark",
            )),
        }
    }
}

/// As the port that is asked.
pub(crate) fn denying(denied: Denied) -> Arc<dyn innerworld_aws::DenyList> {
    Arc::new(denied)
}
