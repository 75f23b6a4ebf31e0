//! Names of environment variables.

/// The deployment: `prod`.
pub const ENVIRONMENT: &str = "ENVIRONMENT";
/// `true` logs more, never content.
pub const DEBUG: &str = "DEBUG";
/// Table of messages of live sessions.
pub const LIVE_CONVERSATIONS_TABLE: &str = "LIVE_CONVERSATIONS_TABLE";
/// Table of open sockets.
pub const WEBSOCKET_CONNECTIONS_TABLE: &str = "WEBSOCKET_CONNECTIONS_TABLE";
/// Table of what a session reads at every turn.
pub const SESSION_CONTEXT_TABLE: &str = "SESSION_CONTEXT_TABLE";
/// Table of sessions with their turns.
pub const SESSIONS_TABLE: &str = "SESSIONS_TABLE";
/// Table of what belongs to a teen as such.
pub const TEENS_TABLE: &str = "TEENS_TABLE";
/// Table of evidence, graph and journal.
pub const MEMORY_TABLE: &str = "MEMORY_TABLE";
/// Table of wrapped keys.
pub const TEEN_KEYS_TABLE: &str = "TEEN_KEYS_TABLE";
/// Table of referral counters.
pub const COUNTERS_TABLE: &str = "COUNTERS_TABLE";
/// The user pool: `us-east-1_xxxxxxxxx`.
pub const COGNITO_USER_POOL_ID: &str = "COGNITO_USER_POOL_ID";
/// Its app client.
pub const COGNITO_USER_POOL_CLIENT_ID: &str = "COGNITO_USER_POOL_CLIENT_ID";
/// The KMS key that wraps the teens' keys.
pub const TEEN_KEY_KMS_ID: &str = "TEEN_KEY_KMS_ID";
/// The secret of the model provider.
pub const MODEL_SECRET_ID: &str = "MODEL_SECRET_ID";
/// The secret of Sign in with Apple.
pub const APPLE_SECRET_ID: &str = "APPLE_SECRET_ID";
/// What the app is called at Apple, with commas between several; `none` where nobody signs in with Apple.
pub const APPLE_CLIENT_IDS: &str = "APPLE_CLIENT_IDS";
/// Origins of browsers that may open a socket, with commas between them; `none` for no browser.
pub const ALLOWED_ORIGINS: &str = "ALLOWED_ORIGINS";
/// Address of the graph that takes writes: a host name.
pub const NEPTUNE_ENDPOINT: &str = "NEPTUNE_ENDPOINT";
/// Address of the graph's readers; the same where there are none.
pub const NEPTUNE_READER_ENDPOINT: &str = "NEPTUNE_READER_ENDPOINT";
/// Port of both: 8182.
pub const NEPTUNE_PORT: &str = "NEPTUNE_PORT";
/// `true`: every request is signed.
pub const NEPTUNE_IAM_AUTH: &str = "NEPTUNE_IAM_AUTH";

/// Where the gateway's connections are posted to: https, with the stage.
pub const WEBSOCKET_ENDPOINT: &str = "WEBSOCKET_ENDPOINT";
/// Name of the function that makes answers.
pub const TURN_WORKER_FUNCTION: &str = "TURN_WORKER_FUNCTION";
/// The queue that takes safety changes while the tables fail.
pub const SAFETY_SPOOL_URL: &str = "SAFETY_SPOOL_URL";
/// `true` lets teens talk in production under a safety protocol that no clinician reviewed.
pub const ACCEPT_UNREVIEWED_PROTOCOL: &str = "ACCEPT_UNREVIEWED_PROTOCOL";
/// Milliseconds between two posts of an answer.
pub const DELTA_FLUSH_MS: &str = "DELTA_FLUSH_MS";
/// Milliseconds after which an answer that is being made is stored.
pub const CHECKPOINT_MS: &str = "CHECKPOINT_MS";

/// The queue of sessions that ended.
pub const SESSION_QUEUE_URL: &str = "SESSION_QUEUE_URL";
/// The queue of the graph's writes.
pub const GRAPH_QUEUE_URL: &str = "GRAPH_QUEUE_URL";
/// The queue of erasures and exports.
pub const PRIVACY_QUEUE_URL: &str = "PRIVACY_QUEUE_URL";
/// Name of the function that reads the graph.
pub const GRAPH_READER_FUNCTION: &str = "GRAPH_READER_FUNCTION";
/// Where graphs are kept: `dynamodb` or `neptune`.
pub const GRAPH_BACKEND: &str = "GRAPH_BACKEND";
/// Days that the graph keeps what nobody speaks of: 1 to 365.
pub const GRAPH_DAYS: &str = "GRAPH_DAYS";
/// Days that evidence is kept: 1 to 365.
pub const EVIDENCE_DAYS: &str = "EVIDENCE_DAYS";
/// Most that is remembered of anybody: `full`, `facts_only` or `off`.
pub const MEMORY_MODE_MAX: &str = "MEMORY_MODE_MAX";
/// The bucket of exports.
pub const EXPORT_BUCKET: &str = "EXPORT_BUCKET";
/// The model that answers, unless the secret names one.
pub const MODEL_PRIMARY: &str = "MODEL_PRIMARY";
/// The model that answers when the first fails, unless the secret names one.
pub const MODEL_FALLBACK: &str = "MODEL_FALLBACK";

/// Addresses of model servers that may be private, with commas between them. Of operators and tests:
/// Terraform never sets it.
pub const MODEL_ALLOWED_HOSTS: &str = "MODEL_ALLOWED_HOSTS";
/// Certificates that are believed instead of the system's. Of operators and tests: Terraform never
/// sets it.
pub const NEPTUNE_CA_FILE: &str = "NEPTUNE_CA_FILE";
/// A private endpoint of the user pool's keys. Of operators and tests: Terraform never sets it.
pub const COGNITO_ENDPOINT: &str = "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER";
/// Another identity service of Sign in with Apple. Of tests: Terraform never sets it.
pub const APPLE_ISSUER: &str = "APPLE_ISSUER";
