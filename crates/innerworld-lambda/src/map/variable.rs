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

/// Certificates that are believed instead of the system's. Of operators and tests: Terraform never
/// sets it.
pub const NEPTUNE_CA_FILE: &str = "NEPTUNE_CA_FILE";
/// A private endpoint of the user pool's keys. Of operators and tests: Terraform never sets it.
pub const COGNITO_ENDPOINT: &str = "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER";
