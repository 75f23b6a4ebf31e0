//! The function `privacy-worker`: erases teens and makes exports, a teen's jobs one after the other.
//!
//! A message is a wake-up. An erasure is done while its job stands in the outbox, an export while its
//! teen waits for it; both can be cut anywhere and go on from there. What fails is put back in the
//! outbox, not in the queue: there it would hold up its group until the queue shows it again.

mod erase;
mod export;
mod keepers;

use std::{sync::Arc, time::Duration};

use innerworld_aws::{
    ExportBucket, GraphWriteQueue, PrivacyJob, PrivacyQueue, PrivacyTask, SdkConfig, SessionQueue,
    configuration,
};
use innerworld_core::error::PortError;
use innerworld_engine::revoke::Revoker;
use serde_json::Value;

use self::{erase::Erases, export::MakesExports};
use crate::{
    apple::AppleBySecret,
    environment::{self, GraphBackend},
    queue::{Delivery, Message},
    remembering::{self, Remembering},
    run::{Failure, Handler},
    start,
};

/// Longest call that moves a document.
const DOCUMENT_CALL: Duration = Duration::from_secs(20);
/// A look at the grants that came so often starts anew as the next step, or the queue would give it up
/// long before the seven days that a grant is tried.
const DELIVERIES: u32 = 15;

/// The function `privacy-worker`.
#[derive(Debug)]
pub struct Privacy {
    erases: Erases,
    exports: MakesExports,
    revoker: Arc<Revoker>,
    queue: PrivacyQueue,
}

impl Privacy {
    /// `false` if it is to come again.
    async fn is_done(&self, message: &Message) -> bool {
        let Ok(job) = PrivacyJob::parse(&message.body) else {
            // After some tries it lies in the dead-letter queue, where an operator finds it.
            tracing::error!("a message is none of the queue privacy-jobs");
            return false;
        };
        let ended = match job.task {
            PrivacyTask::Erase { teen } => self.erases.run(&job, teen).await.map(|()| true),
            PrivacyTask::Export { teen, export } => {
                self.exports.run(teen, export).await.map(|()| true)
            }
            PrivacyTask::Revoke => self.revoke(&job, message).await,
        };
        ended.unwrap_or_else(|error| {
            tracing::error!(
                operation = error.operation(),
                error.kind = ?error.kind(),
                "a privacy job could not be done nor put back; its message comes again"
            );
            false
        })
    }

    /// What waits comes again with the queue's own pause.
    async fn revoke(&self, job: &PrivacyJob, message: &Message) -> Result<bool, PortError> {
        if self.revoker.round().await?.waiting == 0 {
            return Ok(true);
        }
        if message.deliveries() < DELIVERIES {
            return Ok(false);
        }
        self.queue.send(&job.next(), start::clock().now()).await?;
        Ok(true)
    }
}

impl Handler for Privacy {
    type Environment = environment::Privacy;

    async fn open(environment: Self::Environment) -> anyhow::Result<Self> {
        let config = configuration().await;
        let keys = environment.kms_key.clone();
        let aws = start::stores(&config, environment.tables.clone(), keys);
        let queues = Queues::of(&config, &environment);
        let apple = AppleBySecret::new(&config, &environment.identity)?;
        let revocations = aws.revocations();
        let revoker = Revoker::new(revocations, Some(Arc::new(apple)), start::clock());
        let revoker = Arc::new(revoker);
        let queue = queues.privacy.clone();
        let place = (
            environment.export_bucket.clone(),
            environment.kms_key.clone(),
        );
        let bucket = ExportBucket::new(&config, place, DOCUMENT_CALL);
        let remembering = Remembering {
            graph: remembering::database(&config, &environment.graph),
            graph_days: environment.graph_days,
            ..Remembering::default()
        };
        Ok(Self {
            exports: MakesExports::new(&aws, bucket.clone(), &remembering),
            erases: Erases::new((&aws, &config), (&environment, bucket), queues, &revoker)?,
            revoker,
            queue,
        })
    }

    async fn handle(&self, event: Value) -> Result<Value, Failure> {
        let delivery = Delivery::read(event)?;
        let handled = delivery.in_order(|message| Box::pin(self.is_done(message)));
        Ok(handled.await)
    }
}

/// Queues that the function sends to.
struct Queues {
    privacy: PrivacyQueue,
    sessions: SessionQueue,
    graph: Option<GraphWriteQueue>,
}

impl Queues {
    fn of(config: &SdkConfig, environment: &environment::Privacy) -> Self {
        let queue = |url: &str| start::queue(config, url.to_owned());
        let graph = match &environment.graph {
            GraphBackend::Tables => None,
            GraphBackend::Database(graph) => graph.queue.as_deref(),
        };
        Self {
            privacy: PrivacyQueue::new(queue(&environment.privacy_queue)),
            sessions: SessionQueue::new(queue(&environment.session_queue)),
            graph: graph.map(|url| GraphWriteQueue::new(queue(url))),
        }
    }
}
