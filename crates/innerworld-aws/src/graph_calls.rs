//! Calls of the function `graph-reader`, which alone reaches the graph for those outside of its
//! network.

use std::time::Duration;

use async_trait::async_trait;
use aws_config::SdkConfig;
use innerworld_core::{
    error::{ErrorKind, PortError},
    ids::TeenId,
};
use serde::{Deserialize, Serialize};

use crate::{
    invoker::{Answer, Invoker},
    neptune::pages::{Cursor, GraphPages, Page, Whose},
};

/// How long a call may take: a little longer than the function itself has.
const CALL: Duration = Duration::from_secs(32);
const OPERATION: &str = "ask the graph reader";

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
    /// To lay down what a session starts with.
    SessionStart {
        /// Whose.
        user_id: TeenId,
    },
}

/// What the function says when the teen is being erased.
pub const REFUSED: &str = "Refused";

/// The function, as those see it who may invoke it.
#[derive(Clone, Debug)]
pub struct GraphReaderFunction {
    invoker: Invoker,
    name: String,
}

impl GraphReaderFunction {
    /// The function of this name, in the account and region of `config`. A call is tried once.
    pub fn new(config: &SdkConfig, name: String) -> Self {
        Self::within(config, name, CALL)
    }

    /// The same for a caller who gives a call up after `patience`: somebody waits for them.
    pub fn within(config: &SdkConfig, name: String, patience: Duration) -> Self {
        Self {
            invoker: Invoker::new(config, patience),
            name,
        }
    }

    /// Whether the graph answers.
    pub async fn ping(&self) -> Result<(), PortError> {
        self.ask(&GraphCall::Ping).await.map(drop)
    }

    /// Has laid down what a session starts with, without waiting for it.
    pub async fn start_session(&self, teen: TeenId) -> Result<(), PortError> {
        let call = GraphCall::SessionStart { user_id: teen };
        self.invoker.hand_over(&self.name, event(&call)?).await
    }

    /// Asks and waits for the answer.
    async fn ask(&self, call: &GraphCall) -> Result<Vec<u8>, PortError> {
        let event = (self.name.as_str(), event(call)?);
        let kind = match self.invoker.ask(OPERATION, event).await? {
            Answer::Body(body) => return Ok(body),
            Answer::Failed(told) if told == REFUSED => ErrorKind::Denied,
            Answer::Failed(_) => ErrorKind::Unavailable,
        };
        Err(PortError::new(kind, OPERATION))
    }
}

fn event(call: &GraphCall) -> Result<Vec<u8>, PortError> {
    serde_json::to_vec(call)
        .map_err(|cause| PortError::with_source(ErrorKind::Invalid, OPERATION, cause))
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
