//! What the adapters must be told.

use std::time::Duration;

use crate::dynamo::TableNames;

/// Where the services are and what things are called there.
#[derive(Clone, Debug)]
pub struct AwsSettings {
    /// Names of the tables.
    pub tables: TableNames,
    /// The KMS key that wraps the teens' keys: an id, an ARN, or `alias/innerworld-prod`.
    pub kms_key: String,
    /// The queue that takes safety changes while the tables fail; `None` keeps them in this process
    /// only as long as it lives.
    pub safety_spool_url: Option<String>,
    /// How long one call may take before it is given up.
    pub call_timeout: Duration,
}

impl AwsSettings {
    /// The names that Terraform gives under `prefix`, with calls of at most three seconds.
    pub fn with_prefix(prefix: &str) -> Self {
        Self {
            tables: TableNames::with_prefix(prefix),
            kms_key: format!("alias/{prefix}"),
            safety_spool_url: None,
            call_timeout: Duration::from_secs(3),
        }
    }
}
