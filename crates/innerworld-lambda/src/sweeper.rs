//! The function `session-sweeper`: every minute it looks after what no frame and no message comes for.
//! Turns that nobody makes, sessions that nobody is in, frames whose time came, jobs whose message was
//! lost, rows whose time is over; and, when the queue `safety-spool` is delivered to it, safety changes
//! that the tables could not take before.
//!
//! Every step may be repeated, and two rounds may run at once. A round has an end of its own, before the
//! function's, and what it does not reach comes with the next one: what waits longest comes first.

mod jobs;
mod retention;
mod sessions;
mod spooled;

use std::{sync::Arc, time::Duration};

use anyhow::Context as _;
use innerworld_aws::{
    Aws, ConnectionStore, Invoker, Posting, PrivacyQueue, SessionJob, SessionQueue, SessionTask,
    SweepDesk, TurnDesk, configuration,
};
use innerworld_core::{
    conversation::limits::Limits,
    error::PortError,
    ids::{SessionId, TeenId},
    memory::store::GraphStore,
};
use innerworld_engine::{app::App, services::Part};
use serde_json::{Value, json};
use tokio::{sync::OnceCell, time::Instant};

use crate::{
    environment,
    process::{NobodySignsIn, settings},
    queue::Delivery,
    remembering::{self, Remembering},
    run::{Failure, Handler},
    start, without_texts,
};

/// Longest post to a connection.
const POST: Duration = Duration::from_secs(3);
/// When each step of a round ends at the latest, counted from its beginning: a step that has much to do
/// leaves time for the others. The last looks at sessions may take ten seconds more. The function has 55 s.
const SESSIONS_END: Duration = Duration::from_secs(20);
const JOBS_END: Duration = Duration::from_secs(33);
const RETENTION_END: Duration = Duration::from_secs(42);

/// The function `session-sweeper`.
pub struct Sweep {
    app: OnceCell<Arc<App>>,
    aws: Aws,
    desk: SweepDesk,
    turns: TurnDesk,
    connections: ConnectionStore,
    posting: Posting,
    invoker: Invoker,
    turn_worker: String,
    ended: SessionQueue,
    privacy: PrivacyQueue,
    graph: Arc<dyn GraphStore>,
    remembering: Remembering,
}

impl std::fmt::Debug for Sweep {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sweep")
    }
}

impl Handler for Sweep {
    type Environment = environment::Sweeper;

    async fn open(environment: Self::Environment) -> anyhow::Result<Self> {
        let config = configuration().await;
        let deployment = environment.deployment;
        let aws = start::deployment(&config, &deployment);
        let remembering = Remembering {
            graph: remembering::database(&config, &environment.graph),
            graph_days: environment.graph_days,
            ..Remembering::default()
        };
        let posting = Posting::new(&config, &deployment.endpoint, POST, start::clock());
        let sweep = Self {
            app: OnceCell::new(),
            desk: aws.sweep_desk(),
            turns: aws.turn_desk(),
            connections: aws.connections(),
            posting: posting.context("the gateway cannot be posted to")?,
            invoker: Invoker::new(&config, start::CALL_TIMEOUT),
            turn_worker: deployment.turn_worker,
            ended: SessionQueue::new(start::queue(&config, environment.session_queue)),
            privacy: PrivacyQueue::new(start::queue(&config, environment.privacy_queue)),
            graph: remembering.store(&aws),
            remembering,
            aws,
        };
        // An instance must not end because the tables are away: the first event tries again.
        sweep.app().await.ok();
        Ok(sweep)
    }

    async fn handle(&self, event: Value) -> Result<Value, Failure> {
        if event.get("Records").is_some() {
            let delivery = Delivery::read(event)?;
            return Ok(Box::pin(self.spooled(&delivery)).await);
        }
        if event.get("detail-type").and_then(Value::as_str) != Some("Scheduled Event") {
            return Err(Failure::event(
                "neither a scheduled event nor messages of a queue",
            ));
        }
        Box::pin(self.round()).await
    }
}

impl Sweep {
    /// The engine, one for all events of the instance.
    async fn app(&self) -> Result<&Arc<App>, Failure> {
        let open = || async {
            Box::pin(self.opened()).await.map_err(|error| {
                tracing::warn!(error = format!("{error:#}"), "the tables cannot be read");
                Failure::unavailable("the tables cannot be read")
            })
        };
        self.app.get_or_try_init(open).await
    }

    async fn opened(&self) -> anyhow::Result<Arc<App>> {
        self.aws.prepare().await?;
        let ledger = self.aws.keys().service_key("ledger").await?;
        let read_by = (Arc::new(NobodySignsIn) as _, &ledger);
        let services = without_texts::services(
            &self.aws,
            read_by,
            without_texts::memory(&self.aws, &self.remembering),
        )?;
        let settings = settings(Limits::default(), Part::Frames, &self.remembering);
        Ok(App::new(services, settings))
    }

    /// All steps, one after the other; one that fails does not keep the next ones from their work.
    async fn round(&self) -> Result<Value, Failure> {
        let app = self.app().await?;
        let began = Instant::now();
        let sessions = Box::pin(self.sessions(app, began + SESSIONS_END)).await;
        let jobs = self.jobs(app.now(), began + JOBS_END).await;
        let expired = self.retention(app.now(), began + RETENTION_END).await;
        let done = (told(sessions), told(jobs), told(expired));
        let (Some(sessions), Some(jobs), Some(expired)) = done else {
            return Err(Failure::unavailable("a step of the round was not done"));
        };
        Ok(json!({"sessions": sessions, "jobs": jobs, "expired": expired}))
    }

    /// Has a session remembered that just ended. Its job waits in the outbox all the same.
    async fn wake(&self, teen: TeenId, session: SessionId) {
        let task = SessionTask::Remember(session);
        if let Err(error) = self.ended.send(&SessionJob { teen, task }).await {
            log("a session is remembered later", &error);
        }
    }
}

/// How much a step did, if it was done.
fn told(step: Result<usize, PortError>) -> Option<usize> {
    step.inspect_err(|error| {
        tracing::error!(
            operation = error.operation(),
            error.kind = ?error.kind(),
            "a step of the round was not done"
        );
    })
    .ok()
}

/// Logs what comes again by itself.
fn log(what: &'static str, error: &PortError) {
    tracing::warn!(operation = error.operation(), error.kind = ?error.kind(), "{what}");
}
