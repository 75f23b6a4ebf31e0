//! A frame of a client: the route `$default`.
//!
//! It does what needs no model, posts what that brings, and hands the making of an answer over. Called
//! without a connection, as an operator does from the command line, it says how its tables are.

use std::{sync::Arc, time::Duration};

use anyhow::Context as _;
use innerworld_aws::{
    Aws, CONNECTION_LIFE, CognitoTokenVerifier, ConnectionRow, ConnectionStore, DenyList, Invoker,
    Posting, SessionJob, SessionQueue, SessionTask, TurnDesk, configuration,
};
use innerworld_core::{
    calendar::day_in,
    conversation::limits::Limits,
    error::PortError,
    ids::{IdSource as _, MessageId, RequestId, SessionId, TeenId},
    secret::Redacted,
};
use innerworld_engine::{
    app::App,
    connection::{Bearer, Sends as _},
    erase::Closing,
    safeguards::Safeguards,
    services::Part,
    stateless::{self, Arrival, Between, Departure},
};
use innerworld_protocol::{CloseCode, ErrorCode};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::OnceCell;

use crate::{
    environment,
    gateway::{RequestContext, answer},
    health::Around,
    metrics::Metrics,
    posts::{Posts, close_connection, farewell, help_failed},
    process::settings,
    remembering::Remembering,
    run::{Failure, Handler, read},
    safeguards, start, stop,
    system::RandomIds,
    without_texts,
};

/// The environment in which teens are.
const PRODUCTION: &str = "prod";
/// Why nobody can talk there.
const UNREVIEWED: &str = "no clinician has reviewed this safety protocol: ACCEPT_UNREVIEWED_PROTOCOL=true \
                          takes the responsibility, and GET /v1/safety/protocol says so";
/// A connection that was heard of is noted this often.
const NOTED_EVERY: Duration = Duration::from_secs(5 * 60);
/// Longest post to a connection.
const POST: Duration = Duration::from_secs(2);

/// An event of `$default`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    request_context: RequestContext,
    #[serde(default)]
    body: Redacted<String>,
}

/// The function `conversation-handler`.
pub struct Conversation {
    verifier: Arc<CognitoTokenVerifier>,
    remembering: Remembering,
    app: OnceCell<Arc<App>>,
    without_tables: WithoutTables,
    aws: Aws,
    connections: ConnectionStore,
    denied: Arc<dyn DenyList>,
    desk: TurnDesk,
    posting: Posting,
    invoker: Invoker,
    turn_worker: String,
    ended: SessionQueue,
    metrics: Metrics,
    around: Around,
}

impl std::fmt::Debug for Conversation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Conversation")
    }
}

impl Handler for Conversation {
    type Environment = environment::Conversation;

    async fn open(environment: Self::Environment) -> anyhow::Result<Self> {
        let must_be_reviewed =
            environment.common.environment == PRODUCTION && !environment.accept_unreviewed_protocol;
        anyhow::ensure!(!must_be_reviewed || safeguards::is_reviewed()?, UNREVIEWED);
        let config = configuration().await;
        let deployment = environment.deployment;
        let aws = start::deployment(&config, &deployment);
        let verifier = CognitoTokenVerifier::new(environment.pool, aws.deny_list())?;
        // It opens no memory; it tells whether there will be one.
        let remembering = Remembering {
            mode_max: environment.memory_mode_max,
            ..Remembering::default()
        };
        let posting = Posting::new(&config, &deployment.endpoint, POST, start::clock());
        let conversation = Self {
            verifier: Arc::new(verifier),
            remembering,
            app: OnceCell::new(),
            without_tables: WithoutTables::default(),
            connections: aws.connections(),
            denied: aws.deny_list(),
            desk: aws.turn_desk(),
            posting: posting.context("the gateway cannot be posted to")?,
            invoker: Invoker::new(&config, start::CALL_TIMEOUT),
            turn_worker: deployment.turn_worker,
            ended: SessionQueue::new(start::queue(&config, environment.session_queue)),
            metrics: Metrics::on_stdout(&environment.common.environment),
            around: Around::new(&config, environment.around),
            aws,
        };
        // An instance must not end because the tables are away: the first event tries again.
        conversation.app().await.ok();
        Ok(conversation)
    }

    async fn handle(&self, event: Value) -> Result<Value, Failure> {
        if event.pointer("/requestContext/connectionId").is_none() {
            return Ok(self.report().await);
        }
        let request: Request = read(event, "not an event of $default with a connectionId")?;
        let handled = Box::pin(self.frame(&request)).await;
        if handled.is_err() {
            // Whatever is away: who needs help is not met with silence.
            Box::pin(self.help(&request)).await;
        }
        handled.map(|()| answer(200))
    }
}

impl Conversation {
    async fn frame(&self, request: &Request) -> Result<(), Failure> {
        let call = Call {
            function: self,
            app: self.app().await?,
        };
        let connection = &request.request_context.connection_id;
        call.frame(request, connection).await.map_err(|error| {
            tracing::error!(
                operation = error.operation(),
                error.kind = ?error.kind(),
                "a frame was not handled"
            );
            Failure::unavailable("the frame was not handled")
        })
    }

    /// Answers a frame that could not be handled. Whose it is, the gateway says.
    async fn help(&self, request: &Request) {
        let context = &request.request_context;
        let teen = context.authorizer.as_ref();
        let teen = teen.and_then(|found| TeenId::from_verified_subject(&found.user_id).ok());
        let Some(teen) = teen else { return };
        let safeguards = match self.app.get() {
            Some(app) => Ok(app.safeguards()),
            None => self.without_tables.get().await,
        };
        let now = start::clock().now();
        let Ok(safeguards) = safeguards else {
            help_failed(&self.metrics);
            return;
        };
        let id = RequestId::from_bits(RandomIds.ulid(now));
        let posts = Posts::to(&self.posting, Some(context.connection_id.clone()));
        let mut posts = posts.counting(&self.metrics);
        let text = request.body.reveal();
        stateless::help(&safeguards, (teen, text), (now, id), &mut posts).await;
    }

    /// The engine, one for all events of the instance.
    async fn app(&self) -> Result<&Arc<App>, Failure> {
        let open = || async {
            self.aws.prepare().await?;
            let verifier = Arc::clone(&self.verifier) as _;
            let services = without_texts::judging(&self.aws, verifier, &self.remembering).await?;
            let settings = settings(Limits::default(), Part::Frames, &self.remembering);
            anyhow::Ok(App::new(services, settings))
        };
        self.app.get_or_try_init(open).await.map_err(|error| {
            tracing::error!(error = format!("{error:#}"), "the tables cannot be read");
            Failure::unavailable("the tables cannot be read")
        })
    }

    /// What an operator is told: the tables and keys, touched. No content.
    async fn report(&self) -> Value {
        let (mut checks, around) = tokio::join!(self.aws.health(), self.around.lines());
        checks.extend(around);
        json!({"version": env!("CARGO_PKG_VERSION"), "checks": checks})
    }
}

/// The safety rules of an instance that has never seen its tables. The ledger's key lies there: until then an
/// event has another id than it will have.
#[derive(Default)]
struct WithoutTables(OnceCell<Arc<Safeguards>>);

impl WithoutTables {
    async fn get(&self) -> anyhow::Result<Arc<Safeguards>> {
        let open = || async {
            let mut no_ledger = [0_u8; 32];
            RandomIds.fill(&mut no_ledger);
            let today = day_in("UTC", start::clock().now());
            anyhow::Ok(Arc::new(safeguards::judging(&no_ledger, today)?))
        };
        self.0
            .get_or_try_init(open)
            .await
            .cloned()
            .inspect_err(|error| {
                tracing::error!(
                    error = format!("{error:#}"),
                    "the safety rules could not be opened"
                );
            })
    }
}

/// One event of a connection.
struct Call<'a> {
    function: &'a Conversation,
    app: &'a Arc<App>,
}

impl Call<'_> {
    async fn frame(&self, request: &Request, connection: &str) -> Result<(), PortError> {
        let now = self.app.now();
        let Some(row) = self.function.connections.find(connection, now).await? else {
            // Its time is over, or it was never let in.
            self.close(connection).await;
            return Ok(());
        };
        let found = request.request_context.authorizer.as_ref();
        if found.is_some_and(|found| found.user_id != row.teen.to_string()) {
            self.close(connection).await;
            return Ok(());
        }
        if now.since(row.last_seen_at) >= NOTED_EVERY {
            let until = now.plus(CONNECTION_LIFE);
            self.function
                .connections
                .touch(connection, now, until)
                .await?;
        }
        let between = self.between(&row).await?;
        if between
            .as_ref()
            .is_some_and(|left| left.connection != connection)
        {
            // Another connection has the session; this one was told when that one came.
            self.close(connection).await;
            return Ok(());
        }
        let posts = Posts::to(&self.function.posting, Some(connection.to_owned()));
        let mut posts = posts.counting(&self.function.metrics);
        // The next frame, which an answer may bring, finds what this one left.
        posts.hold();
        if row.session.is_none() {
            // Whoever signs a teen out closes the connections that it finds; this may be one that an
            // index did not show yet.
            let (teen, came) = (row.teen, row.connected_at);
            if self.function.denied.denies(teen, came).await? {
                let why = if self.function.aws.erasure().is_fenced(teen).await? {
                    Closing::Erased
                } else {
                    Closing::SignedOut
                };
                self.end(connection, why.told()).await;
                return Ok(());
            }
        }
        let arrival = Arrival {
            connection: connection.to_owned(),
            bearer: Bearer::verified(row.teen, row.connected_at, row.token_expires_at),
            session: row.session,
            between,
            text: request.body.clone(),
        };
        match stateless::frame(self.app, arrival, &mut posts).await {
            Ok(departure) => {
                let ended = departure.ended;
                let carried_out = self.after(&row, departure, posts).await;
                if let Some(session) = ended {
                    self.tell_ended(row.teen, session).await;
                }
                carried_out
            }
            Err(stateless::Refusal::Store(error)) => Err(error),
            Err(refusal @ stateless::Refusal::Code(_)) => {
                let (frame, close) = stateless::refused(self.app, &refusal);
                posts.send(&frame).await.ok();
                posts.release().await.ok();
                if close.is_some() {
                    self.close(connection).await;
                }
                Ok(())
            }
        }
    }

    async fn between(&self, row: &ConnectionRow) -> Result<Option<Between>, PortError> {
        match row.session {
            Some(session) => {
                self.function
                    .desk
                    .left((row.teen, session), self.app.now())
                    .await
            }
            None => Ok(None),
        }
    }

    /// Carries out what a frame brought. What was held goes out once it is noted what the frame leaves.
    async fn after(
        &self,
        row: &ConnectionRow,
        departure: Departure,
        mut posts: Posts<'_>,
    ) -> Result<(), PortError> {
        let connection = row.connection.as_str();
        let noted = self.note(row, &departure).await;
        // Who is told of a session that the connection does not stand in would talk to nobody.
        if noted.is_ok() || departure.joined.is_none() {
            // A client that cannot be reached comes back, and is sent what it lacks.
            posts.release().await.ok();
        }
        if departure.opened {
            self.function.around.session_begins(row.teen).await;
        }
        if let Some(older) = noted? {
            let told = (ErrorCode::Replaced, CloseCode::Replaced);
            self.end(&older, told).await;
        }
        let session = departure.between.as_ref().map(|(session, _)| *session);
        if let (Some(session), Some((turn, why))) = (session, departure.stop) {
            self.function
                .desk
                .stop(session, turn, stop::word(why))
                .await?;
        }
        if let (Some(session), Some(message)) = (session, departure.begin) {
            self.begin((row.teen, session), message).await?;
        }
        if departure.close.is_some() {
            self.close(connection).await;
        }
        Ok(())
    }

    /// Keeps what the frame leaves. Gives the connection that had this one's place in the session.
    async fn note(
        &self,
        row: &ConnectionRow,
        departure: &Departure,
    ) -> Result<Option<String>, PortError> {
        let now = self.app.now();
        let connection = row.connection.as_str();
        let renewed = departure.token_expires_at != row.token_expires_at;
        if departure.joined.is_some() || renewed {
            let change = (departure.joined, departure.token_expires_at);
            self.function
                .connections
                .change(connection, change, now)
                .await?;
        }
        if let Some((session, between)) = &departure.between {
            let ends = now.plus(self.app.settings.limits.session_life);
            self.function
                .desk
                .leave(
                    (row.teen, *session),
                    (connection, between, departure.joined.is_some()),
                    ends,
                )
                .await?;
        }
        match departure.joined {
            Some(session) => self.function.desk.listen(session, connection).await,
            None => Ok(None),
        }
    }

    /// Hands the making of an answer over.
    async fn begin(
        &self,
        (teen, session): (TeenId, SessionId),
        message: MessageId,
    ) -> Result<(), PortError> {
        let event = turn_event((teen, session), message);
        self.function
            .invoker
            .hand_over(&self.function.turn_worker, event)
            .await
    }

    /// Wakes whoever remembers sessions. The job is stored: without this it is run a little later.
    async fn tell_ended(&self, teen: TeenId, session: SessionId) {
        let task = SessionTask::Remember(session);
        if let Err(error) = self.function.ended.send(&SessionJob { teen, task }).await {
            tracing::warn!(
                operation = error.operation(),
                error.kind = ?error.kind(),
                "nobody was told that a session ended; the sweeper does"
            );
        }
    }

    /// Closes a connection, and says before why.
    async fn end(&self, connection: &str, told: (ErrorCode, CloseCode)) {
        let request = self.app.request_id();
        farewell(&self.function.posting, connection, told, request).await;
    }

    /// Closes a connection that was told why, or that nobody is to be told anything of.
    async fn close(&self, connection: &str) {
        close_connection(&self.function.posting, connection).await;
    }
}

/// The event that asks for an answer. Ids only.
pub(crate) fn turn_event((teen, session): (TeenId, SessionId), message: MessageId) -> Vec<u8> {
    json!({
        "user_id": teen.to_string(),
        "session_id": session.to_string(),
        "message_id": message.to_string(),
    })
    .to_string()
    .into_bytes()
}
