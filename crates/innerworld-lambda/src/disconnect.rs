//! A socket closed: the route `$disconnect`.
//!
//! The gateway may never tell. So this only marks: the row goes, and the session remembers that
//! nobody listens. No session ends by it.

use innerworld_aws::{ConnectionStore, configuration};
use innerworld_core::error::PortError;
use serde::Deserialize;
use serde_json::Value;

use crate::{
    environment,
    gateway::{RequestContext, answer},
    run::{Failure, Handler, read},
    start,
};

/// An event of `$disconnect`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    request_context: RequestContext,
}

/// The function `disconnect-handler`.
#[derive(Debug)]
pub struct Disconnect {
    connections: ConnectionStore,
}

impl Disconnect {
    async fn mark(&self, connection: &str) -> Result<(), PortError> {
        let row = self.connections.delete(connection).await?;
        if let Some(session) = row.and_then(|row| row.session) {
            self.connections.leave(session, connection).await?;
        }
        Ok(())
    }
}

impl Handler for Disconnect {
    type Environment = environment::Disconnect;

    async fn open(environment: Self::Environment) -> anyhow::Result<Self> {
        let config = configuration().await;
        let aws = start::stores(&config, environment.tables, String::new());
        Ok(Self {
            connections: aws.connections(),
        })
    }

    async fn handle(&self, event: Value) -> Result<Value, Failure> {
        let request: Request = read(event, "not an event of $disconnect with a connectionId")?;
        let connection = &request.request_context.connection_id;
        self.mark(connection).await.map_err(|error| {
            tracing::warn!(
                operation = error.operation(),
                error.kind = ?error.kind(),
                "a closed connection could not be marked; its row ends by time"
            );
            Failure::unavailable("the closed connection could not be marked")
        })?;
        Ok(answer(200))
    }
}
