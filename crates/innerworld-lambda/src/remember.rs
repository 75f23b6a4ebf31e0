//! The function `session-processor`: what was said in a session that ended becomes memory.
//!
//! A message of the queue `session-ended` wakes it; what is to be done is a job in the tables. It may be
//! woken twice, and cut anywhere.

use std::{sync::Arc, time::Duration};

use anyhow::Context as _;
use innerworld_aws::{
    Aws, ConnectionStore, Posting, SessionJob, SessionTask, TurnDesk, configuration,
};
use innerworld_core::{
    conversation::limits::Limits,
    error::PortError,
    ids::{SessionId, TeenId},
};
use innerworld_engine::{app::App, stateless};
use innerworld_language::LocalExtractor;
use serde_json::Value;

use crate::{
    environment,
    models::ModelSource,
    posts::Posts,
    process::{Equipped, Opening, Process, Role},
    queue::{Delivery, Message},
    remembering::{self, Remembering},
    run::{Failure, Handler},
    start,
};

/// Longest post to a connection.
const POST: Duration = Duration::from_secs(2);

/// The function `session-processor`.
pub struct Remember {
    opening: Opening,
    aws: Aws,
    connections: ConnectionStore,
    desk: TurnDesk,
    posting: Posting,
}

impl std::fmt::Debug for Remember {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Remember")
    }
}

impl Handler for Remember {
    type Environment = environment::SessionProcessor;

    async fn open(environment: Self::Environment) -> anyhow::Result<Self> {
        let config = configuration().await;
        let aws = start::stores(&config, environment.tables, environment.kms_key);
        let role = Role {
            reads: |encoder| Ok(Arc::new(LocalExtractor::new(encoder)?)),
            models: ModelSource::told(&config, environment.models),
            limits: Limits::default(),
            remembering: Remembering {
                graph: remembering::database(&config, &environment.graph),
                graph_days: environment.graph_days,
                evidence_days: environment.evidence_days,
                mode_max: environment.memory_mode_max,
            },
        };
        let posting = Posting::new(&config, &environment.endpoint, POST, start::clock());
        Ok(Self {
            opening: Opening::later(&aws, role),
            connections: aws.connections(),
            desk: aws.turn_desk(),
            posting: posting.context("the gateway cannot be posted to")?,
            aws,
        })
    }

    async fn handle(&self, event: Value) -> Result<Value, Failure> {
        let delivery = Delivery::read(event)?;
        let process = self.opening.for_event().await?;
        let handled = delivery.in_order(|message| Box::pin(self.is_done(process, message)));
        Ok(handled.await)
    }
}

impl Remember {
    /// `false` if it is to come again.
    async fn is_done(&self, process: &Process, message: &Message) -> bool {
        let Ok(job) = SessionJob::parse(&message.body) else {
            // After some tries it lies in the dead-letter queue, where an operator finds it.
            tracing::error!("a message is none of the queue session-ended");
            return false;
        };
        match &job.task {
            SessionTask::Remember(session) => {
                let done = self.remember(process, (job.teen, *session)).await;
                if let Err(error) = &done {
                    failed(
                        error,
                        "a session was not remembered; the outbox keeps its job",
                    );
                }
                // The queue would hold up whatever waits behind it for half an hour, an erase too.
                true
            }
            SessionTask::Marker { job: privacy } => {
                let passed = self.aws.pass_session_marker(job.teen, privacy).await;
                if let Err(error) = &passed {
                    failed(error, "a marker was not passed; its message comes again");
                }
                passed.is_ok()
            }
        }
    }

    async fn remember(
        &self,
        process: &Process,
        (teen, session): (TeenId, SessionId),
    ) -> Result<(), PortError> {
        let Some(job) = self.aws.job_of(teen, session).await? else {
            // Somebody was quicker, or this one was told before.
            return Ok(());
        };
        let equipped = process.equipped().await;
        let app = App::new(equipped.services, equipped.settings);
        let mut posts = self.listener(&app, (teen, session)).await;
        let ended = Box::pin(stateless::remember(&app, &job, posts.as_mut())).await;
        Equipped::settle(&equipped.ledger).await;
        ended.map(drop)
    }

    /// Whoever still listens to the session. Where that cannot be found out they read it later.
    async fn listener(&self, app: &App, of: (TeenId, SessionId)) -> Option<Posts<'_>> {
        match self.listening(app, of).await {
            Ok(connection) => {
                connection.map(|connection| Posts::to(&self.posting, Some(connection)))
            }
            Err(error) => {
                tracing::warn!(
                    operation = error.operation(),
                    error.kind = ?error.kind(),
                    "it could not be seen who listens to a session that ended"
                );
                None
            }
        }
    }

    async fn listening(
        &self,
        app: &App,
        (teen, session): (TeenId, SessionId),
    ) -> Result<Option<String>, PortError> {
        let Some(connection) = self.desk.read(session).await?.connection else {
            return Ok(None);
        };
        let row = self.connections.find(&connection, app.now()).await?;
        // It may have gone on to a newer session.
        let row = row.filter(|row| row.teen == teen && row.session == Some(session));
        Ok(row.map(|row| row.connection))
    }
}

fn failed(error: &PortError, what: &'static str) {
    tracing::error!(operation = error.operation(), error.kind = ?error.kind(), "{what}");
}
