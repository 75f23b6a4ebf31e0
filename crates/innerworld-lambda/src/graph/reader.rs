//! The function `graph-reader`: pages of sealed records for those outside of the graph's network, and
//! what a session starts with.

use innerworld_aws::{GraphCall, GraphReader, configuration};
use innerworld_core::error::{ErrorKind, PortError};
use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    environment,
    run::{Failure, Handler, read},
};

/// The function `graph-reader`.
#[derive(Debug)]
pub struct ReadGraph {
    reader: GraphReader,
}

impl Handler for ReadGraph {
    type Environment = environment::GraphReader;

    async fn open(environment: Self::Environment) -> anyhow::Result<Self> {
        let config = configuration().await;
        let (aws, graph) = super::open(&config, environment.tables, &environment.cluster)?;
        Ok(Self {
            reader: aws.graph_reader(graph),
        })
    }

    async fn handle(&self, event: Value) -> Result<Value, Failure> {
        let call = read(event, "not a call of the graph reader")?;
        match call {
            GraphCall::Ping => {
                self.reader.ping().await.map_err(|error| failure(&error))?;
                Ok(json!({"ok": true}))
            }
            GraphCall::Page { user_id, from } => {
                let page = self
                    .reader
                    .page(user_id, from)
                    .await
                    .map_err(|error| failure(&error))?;
                written(&page)
            }
            GraphCall::SessionStart { user_id } => {
                let started = self.reader.start_session(user_id);
                let laid_down = started.await.map_err(|error| failure(&error))?;
                Ok(json!({"laid_down": laid_down}))
            }
        }
    }
}

fn written(answer: &impl Serialize) -> Result<Value, Failure> {
    serde_json::to_value(answer)
        .map_err(|_never_fails| Failure::unavailable("the answer could not be written"))
}

fn failure(error: &PortError) -> Failure {
    if error.kind() == ErrorKind::Denied {
        return Failure::refused("the teen is being erased");
    }
    tracing::warn!(
        operation = error.operation(),
        error.kind = ?error.kind(),
        "the graph could not be read"
    );
    Failure::unavailable("the graph could not be read")
}
