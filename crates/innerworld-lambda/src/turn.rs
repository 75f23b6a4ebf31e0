//! The making of one answer: called for a message, posts to whoever listens.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use anyhow::Context as _;
use async_trait::async_trait;
use innerworld_aws::{Aws, Claim, Invoker, Lease, Posting, TurnDesk, configuration};
use innerworld_core::{
    clock::Timestamp,
    conversation::limits::Limits,
    error::{ErrorKind, PortError},
    ids::{IdSource as _, MessageId, SessionId, TeenId},
};
use innerworld_engine::{
    app::App,
    stateless::{self, Order, Seen, Stop, Watch},
};
use innerworld_language::MessageReader;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    conversation::turn_event,
    environment::{self, Environment as _},
    metrics::Metrics,
    models::ModelSource,
    posts::Posts,
    process::{Equipped, Opening, Process, Role},
    remembering::{self, Remembering},
    run::{Failure, Handler, read},
    start, stop,
    system::RandomIds,
};

/// How long a turn is held from each write on.
const LEASE: Duration = Duration::from_secs(15);
/// A turn that nothing is written of is held on this often.
const RENEW_EVERY: Duration = Duration::from_secs(5);
/// Longest post to a connection.
const POST: Duration = Duration::from_secs(10);

/// The message whose answer is asked for.
#[derive(Debug, Deserialize)]
struct Request {
    #[serde(rename = "user_id")]
    user: String,
    #[serde(rename = "session_id")]
    session: String,
    #[serde(rename = "message_id")]
    message: String,
}

/// The function `turn-worker`.
pub struct Turn {
    opening: Opening,
    aws: Aws,
    desk: TurnDesk,
    posting: Posting,
    invoker: Invoker,
    itself: String,
    calls: AtomicU64,
    metrics: Metrics,
}

impl std::fmt::Debug for Turn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Turn")
    }
}

impl Handler for Turn {
    type Environment = environment::Turn;

    async fn open(environment: Self::Environment) -> anyhow::Result<Self> {
        let config = configuration().await;
        let deployment = environment.deployment;
        let aws = start::deployment(&config, &deployment);
        let role = Role {
            reads: |encoder| Ok(Arc::new(MessageReader::new(encoder)?)),
            models: ModelSource::told(&config, environment.models),
            limits: Limits {
                rollup: environment.delta_flush,
                checkpoint_every: environment.checkpoint,
                ..Limits::default()
            },
            remembering: Remembering {
                graph: remembering::database_soon(&config, &environment.graph),
                graph_days: environment.graph_days,
                mode_max: environment.memory_mode_max,
                ..Remembering::default()
            },
        };
        let posting = Posting::new(&config, &deployment.endpoint, POST, start::clock());
        Ok(Self {
            opening: Opening::begin(&aws, role).await,
            desk: aws.turn_desk(),
            posting: posting.context("the gateway cannot be posted to")?,
            invoker: Invoker::new(&config, start::CALL_TIMEOUT),
            itself: deployment.turn_worker,
            calls: AtomicU64::new(0),
            metrics: Metrics::on_stdout(&environment.common.environment),
            aws,
        })
    }

    async fn handle(&self, event: Value) -> Result<Value, Failure> {
        let handled = Box::pin(self.handle_event(event)).await;
        if handled.is_err() {
            let function = <Self as Handler>::Environment::FUNCTION;
            let now = start::clock().now();
            self.metrics.count("turn_failed", function, now);
        }
        handled
    }
}

impl Turn {
    async fn handle_event(&self, event: Value) -> Result<Value, Failure> {
        const EXPECTED: &str = "not a message: user_id, session_id and message_id are needed";
        let request: Request = read(event, EXPECTED)?;
        let mut order = order(&request).ok_or_else(|| Failure::event(EXPECTED))?;
        let process = self.opening.for_event().await?;
        let lease = Lease {
            owner: self.owner(),
            life: LEASE,
        };
        let asked = (order.teen, order.session);
        let claim = self.desk.approach(asked, order.message, &lease);
        // Nobody waits for one after the other.
        let (claim, notes) = tokio::join!(claim, self.desk.read(order.session));
        let notes = notes.map_err(|error| failed(&error))?;
        order.memory_changed_at = notes.memory_changed_at;
        match claim.map_err(|error| failed(&error))? {
            Claim::Free => {}
            Claim::Taken { again } => order.again = again,
            Claim::Held => return Ok(json!({"turn": "held"})),
            Claim::Over => {
                self.show_end(process, order, notes.connection).await?;
                return Ok(json!({"turn": "over"}));
            }
        }
        self.make(process, order, lease).await?;
        Ok(json!({"turn": "made"}))
    }

    /// A name for this call that no other has.
    fn owner(&self) -> String {
        let call = self.calls.fetch_add(1, Ordering::Relaxed);
        let drawn = RandomIds.ulid(start::clock().now());
        format!("{drawn:032x}-{call}")
    }

    async fn make(&self, process: &Process, order: Order, lease: Lease) -> Result<(), Failure> {
        let equipped = process.equipped().await;
        let mut services = equipped.services;
        services.conversations = self.aws.conversations_under(lease.clone());
        let app = App::new(services, equipped.settings);
        let board = Board {
            desk: &self.desk,
            order,
            lease,
            renewed_at: Mutex::new(app.now()),
            now: &|| app.now(),
        };
        let mut posts = Posts::to(&self.posting, None);
        let next = Box::pin(stateless::answer(&app, order, (&mut posts, &board))).await;
        Equipped::settle(&equipped.ledger).await;
        self.go_on(order, next).await
    }

    /// Shows an end that whoever made it may not have shown, and goes on from there.
    async fn show_end(
        &self,
        process: &Process,
        order: Order,
        connection: Option<String>,
    ) -> Result<(), Failure> {
        let app = App::new(process.services.clone(), process.settings.clone());
        let mut posts = Posts::to(&self.posting, connection);
        let next = stateless::ended(&app, order, &mut posts).await;
        self.go_on(order, next).await
    }

    /// Has the answer made that comes next.
    async fn go_on(
        &self,
        order: Order,
        next: Result<Option<MessageId>, stateless::Refusal>,
    ) -> Result<(), Failure> {
        match next {
            Ok(Some(message)) => {
                let event = turn_event((order.teen, order.session), message);
                let handed = self.invoker.hand_over(&self.itself, event).await;
                handed.map_err(|error| failed(&error))
            }
            Ok(None) => Ok(()),
            Err(stateless::Refusal::Code(code)) => {
                tracing::warn!(code = code.as_str(), "an answer is not made for this teen");
                Ok(())
            }
            // Another call makes it, and shows it.
            Err(stateless::Refusal::Store(error)) if error.kind() == ErrorKind::Superseded => {
                Ok(())
            }
            Err(stateless::Refusal::Store(error)) => Err(failed(&error)),
        }
    }
}

fn failed(error: &PortError) -> Failure {
    tracing::error!(
        operation = error.operation(),
        error.kind = ?error.kind(),
        "an answer was not made"
    );
    Failure::unavailable("the answer was not made")
}

fn order(request: &Request) -> Option<Order> {
    Some(Order {
        teen: TeenId::from_verified_subject(&request.user).ok()?,
        session: request.session.parse::<SessionId>().ok()?,
        message: request.message.parse::<MessageId>().ok()?,
        again: false,
        memory_changed_at: None,
    })
}

/// The session's notes, and the hold on the turn.
struct Board<'a> {
    desk: &'a TurnDesk,
    order: Order,
    lease: Lease,
    renewed_at: Mutex<Timestamp>,
    now: &'a (dyn Fn() -> Timestamp + Send + Sync),
}

impl Board<'_> {
    /// Holds the turn on; `false` if another process has it.
    async fn holds(&self) -> Result<bool, PortError> {
        let now = (self.now)();
        let renewed_at = *self
            .renewed_at
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if now.since(renewed_at) < RENEW_EVERY {
            return Ok(true);
        }
        self.hold().await
    }
}

#[async_trait]
impl Watch for Board<'_> {
    async fn hold(&self) -> Result<bool, PortError> {
        let order = self.order;
        let asked = (order.teen, order.session);
        let now = (self.now)();
        let held = self.desk.renew(asked, order.message, &self.lease).await?;
        *self
            .renewed_at
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = now;
        Ok(held)
    }

    async fn look(&self) -> Result<Seen, PortError> {
        let notes = self.desk.read(self.order.session).await?;
        let held = self.holds().await?;
        let stop = notes.stop.map(|(turn, why)| Stop {
            turn,
            why: stop::reason(&why),
        });
        Ok(Seen {
            connection: notes.connection,
            stop,
            lost: !held || notes.fenced,
        })
    }
}
