//! Calls of the function `graph-reader`, which alone reaches the graph for those outside of its
//! network.

use std::time::Duration;

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_lambda::{
    Client,
    primitives::Blob,
    types::{InvocationType, LogType},
};
use aws_smithy_types::{retry::RetryConfig, timeout::TimeoutConfig};
use innerworld_core::{
    error::{ErrorKind, PortError},
    ids::{SessionId, TeenId},
    memory::graph::NodeId,
};
use serde::{Deserialize, Serialize};

use crate::{
    fault::failed,
    neptune::pages::{Cursor, GraphPages, Page, Whose},
};

/// How long a call may take: a little longer than the function itself has.
const CALL: Duration = Duration::from_secs(32);
const CONNECT: Duration = Duration::from_secs(2);

/// What the function is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum GraphCall {
    /// Whether the graph answers.
    Ping,
    /// A page of a teen's graph.
    Page {
        /// Whose.
        user_id: TeenId,
        /// Where it begins.
        from: Cursor,
    },
    /// To store what a session starts with.
    SessionStart {
        /// Whose.
        user_id: TeenId,
        /// The session.
        session_id: SessionId,
        /// The teen's own node: its id comes from the teen's key, which the function does not have.
        node: NodeId,
    },
}

/// What the function says when the teen is being erased.
pub const REFUSED: &str = "Refused";

#[derive(Default, Deserialize)]
struct Told {
    #[serde(default, rename = "errorType")]
    kind: String,
}

/// The function, as those see it who may invoke it.
#[derive(Clone, Debug)]
pub struct GraphReaderFunction {
    client: Client,
    name: String,
}

impl GraphReaderFunction {
    /// The function of this name, in the account and region of `config`. A call is tried once.
    pub fn new(config: &SdkConfig, name: String) -> Self {
        let timeouts = TimeoutConfig::builder()
            .operation_timeout(CALL)
            .connect_timeout(CONNECT)
            .build();
        let config = aws_sdk_lambda::config::Builder::from(config)
            .retry_config(RetryConfig::disabled())
            .timeout_config(timeouts)
            .build();
        Self {
            client: Client::from_conf(config),
            name,
        }
    }

    /// Whether the graph answers.
    pub async fn ping(&self) -> Result<(), PortError> {
        self.ask(&GraphCall::Ping).await.map(drop)
    }

    /// Has stored what a session starts with, without waiting for it.
    pub async fn start_session(
        &self,
        teen: TeenId,
        session: SessionId,
        node: NodeId,
    ) -> Result<(), PortError> {
        let call = GraphCall::SessionStart {
            user_id: teen,
            session_id: session,
            node,
        };
        self.invoke(&call, InvocationType::Event).await.map(drop)
    }

    /// Asks and waits for the answer.
    async fn ask(&self, call: &GraphCall) -> Result<Vec<u8>, PortError> {
        self.invoke(call, InvocationType::RequestResponse).await
    }

    async fn invoke(&self, call: &GraphCall, how: InvocationType) -> Result<Vec<u8>, PortError> {
        const OPERATION: &str = "ask the graph reader";
        let payload = serde_json::to_vec(call)
            .map_err(|cause| PortError::with_source(ErrorKind::Invalid, OPERATION, cause))?;
        let answer = self
            .client
            .invoke()
            .function_name(&self.name)
            .invocation_type(how)
            .log_type(LogType::None)
            .payload(Blob::new(payload))
            .send()
            .await
            .map_err(|error| failed(OPERATION, &error))?;
        let body = answer.payload.map(Blob::into_inner).unwrap_or_default();
        if answer.function_error.is_none() {
            return Ok(body);
        }
        let told: Told = serde_json::from_slice(&body).unwrap_or_default();
        let kind = if told.kind == REFUSED {
            ErrorKind::Denied
        } else {
            ErrorKind::Unavailable
        };
        Err(PortError::new(kind, OPERATION))
    }
}

#[async_trait]
impl GraphPages for GraphReaderFunction {
    /// The function finds the teen's number itself.
    async fn page(&self, whose: Whose, from: Cursor) -> Result<Page, PortError> {
        let user_id = whose.teen;
        let body = self.ask(&GraphCall::Page { user_id, from }).await?;
        serde_json::from_slice(&body)
            .map_err(|_quotes| PortError::new(ErrorKind::Corrupt, "read a page of a graph"))
    }
}
