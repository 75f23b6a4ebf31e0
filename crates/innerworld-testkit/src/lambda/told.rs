//! What a function is told of a deployment of which nothing is there.

use std::{path::PathBuf, time::Duration};

use super::Function;
use crate::user_pool::{CLIENT_ID, POOL_ID};

/// An address of this machine where nobody listens.
const NOBODY: &str = "http://127.0.0.1:1";
/// The services that functions call through an SDK.
const SERVICES: [&str; 7] = [
    "COGNITO_IDENTITY_PROVIDER",
    "DYNAMODB",
    "KMS",
    "LAMBDA",
    "S3",
    "SECRETS_MANAGER",
    "SQS",
];
/// Every variable of every function, of a deployment of which nothing is there: one that a function does
/// not know is nothing to it.
const VARIABLES: &[(&str, &str)] = &[
    ("ACCEPT_UNREVIEWED_PROTOCOL", "false"),
    ("ALLOWED_ORIGINS", "https://app.example.org"),
    ("APPLE_CLIENT_IDS", "none"),
    ("APPLE_SECRET_ID", "innerworld-test/apple/signin-key"),
    ("CHECKPOINT_MS", "2000"),
    ("COGNITO_USER_POOL_CLIENT_ID", CLIENT_ID),
    ("COGNITO_USER_POOL_ID", POOL_ID),
    ("COUNTERS_TABLE", "innerworld-test-counters"),
    ("DEBUG", "false"),
    ("DELTA_FLUSH_MS", "200"),
    ("ENVIRONMENT", "test"),
    ("EVIDENCE_DAYS", "30"),
    ("EXPORT_BUCKET", "innerworld-test-exports-123456789012"),
    ("GRAPH_BACKEND", "dynamodb"),
    ("GRAPH_DAYS", "30"),
    (
        "GRAPH_QUEUE_URL",
        "http://127.0.0.1:1/queue/graph-writes.fifo",
    ),
    ("GRAPH_READER_FUNCTION", "graph-reader"),
    (
        "LIVE_CONVERSATIONS_TABLE",
        "innerworld-test-live-conversations",
    ),
    ("MEMORY_MODE_MAX", "full"),
    ("MEMORY_TABLE", "innerworld-test-memory"),
    ("MODEL_FALLBACK", "openai/gpt-4o-mini"),
    ("MODEL_PRIMARY", "anthropic/claude-sonnet-5.5"),
    ("MODEL_SECRET_ID", "innerworld-test/openai/api-key"),
    ("NEPTUNE_ENDPOINT", "127.0.0.1"),
    ("NEPTUNE_IAM_AUTH", "true"),
    ("NEPTUNE_PORT", "1"),
    ("NEPTUNE_READER_ENDPOINT", "127.0.0.1"),
    (
        "PRIVACY_QUEUE_URL",
        "http://127.0.0.1:1/queue/privacy-jobs.fifo",
    ),
    (
        "SAFETY_SPOOL_URL",
        "http://127.0.0.1:1/queue/safety-spool.fifo",
    ),
    (
        "SESSION_QUEUE_URL",
        "http://127.0.0.1:1/queue/session-ended.fifo",
    ),
    ("SESSIONS_TABLE", "innerworld-test-sessions"),
    ("SESSION_CONTEXT_TABLE", "innerworld-test-session-context"),
    ("TEENS_TABLE", "innerworld-test-teens"),
    ("TEEN_KEYS_TABLE", "innerworld-test-teen-keys"),
    ("TEEN_KEY_KMS_ID", "alias/innerworld-test"),
    ("TURN_WORKER_FUNCTION", "turn-worker"),
    (
        "WEBSOCKET_CONNECTIONS_TABLE",
        "innerworld-test-websocket-connections",
    ),
    ("WEBSOCKET_ENDPOINT", "http://127.0.0.1:1/test"),
];
/// The longest that anybody waits for a function who waits at all.
const TIMEOUT: Duration = Duration::from_secs(29);
/// What most functions have.
const MEMORY_MB: u32 = 512;

/// What functions are told by this name, of a deployment of which nothing is there.
///
/// # Panics
/// If no function is told anything by it.
pub fn value_of(name: &str) -> &'static str {
    let found = VARIABLES.iter().find(|(known, _)| *known == name);
    found.map_or_else(
        || panic!("say in the testkit what {name} is set to"),
        |(_, value)| *value,
    )
}

impl Function {
    /// A function that is told of a deployment of which nothing is there: all it may need is named,
    /// and nobody listens at any of the addresses.
    pub fn told_of_nothing(name: &str, program: PathBuf) -> Self {
        let told = VARIABLES
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let services = SERVICES.iter();
        let nobody = services.map(|name| (format!("AWS_ENDPOINT_URL_{name}"), NOBODY.to_owned()));
        Self {
            program,
            name: name.to_owned(),
            environment: told.chain(nobody).collect(),
            timeout: TIMEOUT,
            memory_mb: MEMORY_MB,
        }
    }

    /// Tells it something else.
    pub fn tell(&mut self, name: &str, value: &str) {
        self.environment.retain(|(known, _)| known != name);
        self.environment.push((name.to_owned(), value.to_owned()));
    }
}
