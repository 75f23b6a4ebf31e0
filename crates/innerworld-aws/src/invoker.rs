//! Calls functions that nobody waits for.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_lambda::{primitives::Blob, types::InvocationType};
use aws_smithy_types::{retry::RetryConfig, timeout::TimeoutConfig};
use innerworld_core::error::{ErrorKind, PortError};

use crate::fault::failed;

/// Calls functions.
#[derive(Clone, Debug)]
pub struct Invoker {
    client: aws_sdk_lambda::Client,
}

impl Invoker {
    /// Calls functions of the account and region that `config` names; handing over an event takes
    /// `timeout` at most.
    pub fn new(config: &SdkConfig, timeout: Duration) -> Self {
        let timeouts = TimeoutConfig::builder()
            .operation_timeout(timeout)
            .connect_timeout(timeout / 2)
            .build();
        let config = aws_sdk_lambda::config::Builder::from(config)
            .retry_config(RetryConfig::disabled())
            .timeout_config(timeouts)
            .build();
        Self {
            client: aws_sdk_lambda::Client::from_conf(config),
        }
    }

    /// Hands an event over; the service delivers it at least once. The event holds ids only.
    pub async fn hand_over(&self, function: &str, event: &str) -> Result<(), PortError> {
        const OPERATION: &str = "call a function";
        let answer = self
            .client
            .invoke()
            .function_name(function)
            .invocation_type(InvocationType::Event)
            .payload(Blob::new(event.as_bytes()))
            .send()
            .await
            .map_err(|error| failed(OPERATION, &error))?;
        if answer.status_code == 202 {
            return Ok(());
        }
        Err(PortError::new(ErrorKind::Unavailable, OPERATION))
    }
}
