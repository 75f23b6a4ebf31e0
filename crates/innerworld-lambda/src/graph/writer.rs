//! The function `graph-writer`: jobs of the queue `graph-writes`, a teen's one after the other.
//!
//! A message points to what waits in the table, and holds nothing of it. A job may come again, after
//! it was done or was cut anywhere.

use innerworld_aws::{GraphJob, GraphWriter, configuration};
use innerworld_core::error::ErrorKind;
use serde_json::Value;

use crate::{
    environment,
    queue::{Delivery, Message},
    run::{Failure, Handler},
};

/// The function `graph-writer`.
#[derive(Debug)]
pub struct WriteGraph {
    writer: GraphWriter,
}

impl WriteGraph {
    /// `false` if it is to come again.
    async fn is_done(&self, message: &Message) -> bool {
        let Ok(job) = GraphJob::parse(&message.body) else {
            // After some tries it lies in the dead-letter queue, where an operator finds it.
            tracing::error!("a message is none of the queue graph-writes");
            return false;
        };
        let Err(error) = self.writer.run(&job).await else {
            return true;
        };
        match error.kind() {
            ErrorKind::Denied => {
                tracing::info!("a job of a teen who is being erased was dropped");
                return true;
            }
            ErrorKind::Unavailable | ErrorKind::Throttled => {
                tracing::warn!(
                    operation = error.operation(),
                    error.kind = ?error.kind(),
                    "a job comes again"
                );
            }
            ErrorKind::NotFound
            | ErrorKind::Conflict
            | ErrorKind::Superseded
            | ErrorKind::Invalid
            | ErrorKind::Corrupt => {
                tracing::error!(
                    operation = error.operation(),
                    error.kind = ?error.kind(),
                    "a job cannot be done"
                );
            }
        }
        false
    }
}

impl Handler for WriteGraph {
    type Environment = environment::GraphWriter;

    async fn open(environment: Self::Environment) -> anyhow::Result<Self> {
        let config = configuration().await;
        let (aws, graph) = super::open(&config, environment.tables, &environment.cluster)?;
        Ok(Self {
            writer: aws.graph_writer(graph),
        })
    }

    async fn handle(&self, event: Value) -> Result<Value, Failure> {
        let delivery = Delivery::read(event)?;
        Ok(delivery.in_order(|message| self.is_done(message)).await)
    }
}
