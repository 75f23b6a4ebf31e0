//! A socket opens: the route `$connect`.
//!
//! It writes one row and answers the sub-protocol. It never posts: the connection is not up before
//! this function has returned. The session is joined or opened by `hello`.

use std::sync::Arc;

use innerworld_aws::{CONNECTION_LIFE, ConnectionRow, ConnectionStore, configuration};
use innerworld_core::{
    clock::{Clock, Timestamp},
    ids::TeenId,
};
use innerworld_protocol::SUBPROTOCOL;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    environment,
    gateway::{Authorized, Handshake, RequestContext, answer},
    run::{Failure, Handler, read},
    start,
};

const UNAUTHORIZED: u16 = 401;
const FORBIDDEN: u16 = 403;
const UPGRADE_REQUIRED: u16 = 426;
const UNAVAILABLE: u16 = 503;

/// An event of `$connect`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    request_context: RequestContext,
    #[serde(flatten)]
    handshake: Handshake,
}

/// Decides about a handshake that the authoriser has let in; what it refuses is a status.
pub fn admit(
    handshake: &Handshake,
    context: &RequestContext,
    allowed_origins: &[String],
    now: Timestamp,
) -> Result<ConnectionRow, u16> {
    let foreign = |origin: &str| !allowed_origins.iter().any(|allowed| allowed == origin);
    if handshake.origin().is_some_and(foreign) {
        return Err(FORBIDDEN);
    }
    if !handshake.sub_protocols().any(|name| name == SUBPROTOCOL) {
        return Err(UPGRADE_REQUIRED);
    }
    let (teen, token_expires_at) = context
        .authorizer
        .as_ref()
        .and_then(identity)
        .ok_or(UNAUTHORIZED)?;
    if token_expires_at <= now {
        return Err(UNAUTHORIZED);
    }
    Ok(ConnectionRow {
        connection: context.connection_id.clone(),
        teen,
        session: None,
        connected_at: now,
        token_expires_at,
        last_seen_at: now,
        protocol: SUBPROTOCOL.to_owned(),
        expires_at: now.plus(CONNECTION_LIFE),
    })
}

/// The authoriser's word is a verified token's.
fn identity(found: &Authorized) -> Option<(TeenId, Timestamp)> {
    let teen = TeenId::from_verified_subject(&found.user_id).ok()?;
    Some((teen, Timestamp::from_millis(found.token_expires_at)))
}

/// The function `connect-handler`.
pub struct Connect {
    connections: ConnectionStore,
    allowed_origins: Vec<String>,
    clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for Connect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connect")
            .field("allowed_origins", &self.allowed_origins)
            .finish_non_exhaustive()
    }
}

impl Handler for Connect {
    type Environment = environment::Connect;

    async fn open(environment: Self::Environment) -> anyhow::Result<Self> {
        let config = configuration().await;
        let aws = start::stores(&config, environment.tables, String::new());
        Ok(Self {
            connections: aws.connections(),
            allowed_origins: environment.allowed_origins,
            clock: start::clock(),
        })
    }

    async fn handle(&self, event: Value) -> Result<Value, Failure> {
        let request: Request = read(event, "not an event of $connect with a connectionId")?;
        let context = &request.request_context;
        if context.authorizer.is_none() {
            tracing::error!("the route $connect has no authoriser: nobody can be let in");
        }
        let now = self.clock.now();
        let row = match admit(&request.handshake, context, &self.allowed_origins, now) {
            Ok(row) => row,
            Err(status) => return Ok(answer(status)),
        };
        if let Err(error) = self.connections.put(&row).await {
            tracing::error!(
                operation = error.operation(),
                error.kind = ?error.kind(),
                "a connection could not be stored"
            );
            return Ok(answer(UNAVAILABLE));
        }
        // Browsers close a socket whose offer of sub-protocols was not answered by one of them.
        Ok(json!({
            "statusCode": 200,
            "headers": {"Sec-WebSocket-Protocol": SUBPROTOCOL},
        }))
    }
}
