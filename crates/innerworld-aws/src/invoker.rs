//! Calls of functions.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_lambda::{
    Client,
    operation::invoke::InvokeOutput,
    primitives::Blob,
    types::{InvocationType, LogType},
};
use innerworld_core::error::PortError;
use serde::Deserialize;

use crate::{fault::failed, open::once};

/// Calls functions. A call is tried once; whoever calls decides about more.
#[derive(Clone, Debug)]
pub struct Invoker {
    client: Client,
}

/// What a function answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// This.
    Body(Vec<u8>),
    /// An error of this type; empty if it told none.
    Failed(String),
}

#[derive(Default, Deserialize)]
struct Told {
    #[serde(default, rename = "errorType")]
    kind: String,
}

impl Invoker {
    /// Calls functions of the account and region that `config` names; a call takes `timeout` at most.
    pub fn new(config: &SdkConfig, timeout: Duration) -> Self {
        Self {
            client: Client::new(&once(config, timeout)),
        }
    }

    /// Hands an event over; the service delivers it at least once. The event holds ids only.
    pub async fn hand_over(&self, function: &str, event: Vec<u8>) -> Result<(), PortError> {
        let how = InvocationType::Event;
        self.call("call a function", (function, event), how)
            .await
            .map(|_taken| ())
    }

    /// Waits for what a function answers to an event.
    pub(crate) async fn ask(
        &self,
        operation: &'static str,
        (function, event): (&str, Vec<u8>),
    ) -> Result<Answer, PortError> {
        let how = InvocationType::RequestResponse;
        let answer = self.call(operation, (function, event), how).await?;
        let body = answer.payload.map(Blob::into_inner).unwrap_or_default();
        if answer.function_error.is_none() {
            return Ok(Answer::Body(body));
        }
        let told: Told = serde_json::from_slice(&body).unwrap_or_default();
        Ok(Answer::Failed(told.kind))
    }

    async fn call(
        &self,
        operation: &'static str,
        (function, event): (&str, Vec<u8>),
        how: InvocationType,
    ) -> Result<InvokeOutput, PortError> {
        self.client
            .invoke()
            .function_name(function)
            .invocation_type(how)
            .log_type(LogType::None)
            .payload(Blob::new(event))
            .send()
            .await
            .map_err(|error| failed(operation, &error))
    }
}
