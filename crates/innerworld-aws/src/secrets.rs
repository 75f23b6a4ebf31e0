//! Secrets, described and not read.

use aws_config::SdkConfig;
use aws_smithy_types::{retry::RetryConfig, timeout::TimeoutConfig};
use innerworld_core::error::PortError;
use std::time::Duration;

use crate::fault::failed;

/// The stage of the version that is read: the other one waits to be promoted.
const CURRENT: &str = "AWSCURRENT";

/// What can be told of a secret without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretState {
    /// It has a version that is read.
    Present,
    /// It is there, and has no version that is read.
    Empty,
    /// It will be deleted.
    Ending,
}

/// Secrets, described and not read.
#[derive(Clone, Debug)]
pub struct Secrets {
    client: aws_sdk_secretsmanager::Client,
}

impl Secrets {
    /// Secrets of the account and region that `config` names; a call takes `timeout` at most.
    pub fn new(config: &SdkConfig, timeout: Duration) -> Self {
        let timeouts = TimeoutConfig::builder()
            .operation_timeout(timeout)
            .connect_timeout(timeout / 2)
            .build();
        let config = aws_sdk_secretsmanager::config::Builder::from(config)
            .retry_config(RetryConfig::disabled())
            .timeout_config(timeouts)
            .build();
        Self {
            client: aws_sdk_secretsmanager::Client::from_conf(config),
        }
    }

    /// What the secret `id` is like.
    pub async fn describe(&self, id: &str) -> Result<SecretState, PortError> {
        let answer = self
            .client
            .describe_secret()
            .secret_id(id)
            .send()
            .await
            .map_err(|error| failed("describe a secret", &error))?;
        if answer.deleted_date.is_some() {
            return Ok(SecretState::Ending);
        }
        let versions = answer.version_ids_to_stages.unwrap_or_default();
        let current = versions
            .values()
            .flatten()
            .any(|stage| stage.as_str() == CURRENT);
        Ok(if current {
            SecretState::Present
        } else {
            SecretState::Empty
        })
    }
}
