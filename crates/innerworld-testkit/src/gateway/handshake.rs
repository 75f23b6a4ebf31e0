//! How a connection comes up: the authoriser, the function of `$connect`, and only then the answer
//! to the client's offer.

use std::sync::Arc;

use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use hyper::upgrade::OnUpgrade;
use serde_json::{Map, Value, json};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::{
    Inner,
    connection::{ABNORMAL, Connection},
    event, locked,
    policy::{self, Refused},
    socket,
};
use crate::lambda::Outcome;

/// Answers a handshake; the connection is up once the client has the answer.
pub(super) async fn answer(inner: &Arc<Inner>, request: Request<Body>) -> Response {
    let (mut parts, _body) = request.into_parts();
    let upgrade = parts.extensions.remove::<OnUpgrade>();
    let (Some(key), Some(upgrade)) = (key(&parts.headers), upgrade) else {
        return status(400);
    };
    let agent = text(&parts.headers, &header::USER_AGENT);
    let connection = inner.add_connection(agent.map(str::to_owned));
    let seen = event::handshake(&parts.headers, parts.uri.query());
    let admitted = match authorize(inner, &connection, &seen).await {
        Ok(()) => connect(inner, &connection, &seen).await,
        Err(code) => Err(code),
    };
    match admitted {
        Ok(headers) => {
            connection.open();
            let run = socket::run(Arc::clone(inner), connection, upgrade);
            inner.tasks.spawn(run);
            accepted(&key, headers)
        }
        Err(code) => {
            connection.finish(ABNORMAL);
            status(code)
        }
    }
}

impl Inner {
    fn add_connection(&self, user_agent: Option<String>) -> Arc<Connection> {
        let mut connections = locked(&self.connections);
        let now = self.settings.clock.now();
        let number = connections.len();
        let connection = Connection::new(self.request_id(), number, now, user_agent);
        let connection = Arc::new(connection);
        connections.insert(connection.id.clone(), Arc::clone(&connection));
        connection
    }
}

/// Asks the authoriser; otherwise the status that the client gets.
async fn authorize(
    inner: &Arc<Inner>,
    connection: &Connection,
    seen: &Map<String, Value>,
) -> Result<(), u16> {
    let Some(function) = &inner.settings.routes.authorizer else {
        return Ok(());
    };
    let event = event::authorizing(inner, connection, seen);
    let answer = inner
        .call(function, event)
        .await
        .map_err(|outcome| match outcome {
            Some(Outcome::Failed(error)) if says_unauthorized(&error) => 401_u16,
            _ => 500,
        })?;
    match policy::read(&answer, &event::method_arn(inner)) {
        Ok(found) => {
            *locked(&connection.authorizer) = Some(found);
            Ok(())
        }
        Err(Refused::Denied) => Err(403),
        Err(Refused::Broken) => Err(500),
    }
}

/// An authoriser's way to say 401 (page "Use API Gateway Lambda authorizers").
fn says_unauthorized(error: &str) -> bool {
    serde_json::from_str(error)
        .is_ok_and(|error: Value| error.get("errorMessage") == Some(&json!("Unauthorized")))
}

/// Asks the function of `$connect`: headers of the answer, otherwise the status that the client
/// gets.
async fn connect(
    inner: &Arc<Inner>,
    connection: &Connection,
    seen: &Map<String, Value>,
) -> Result<HeaderMap, u16> {
    let Some(function) = &inner.settings.routes.connect else {
        return Ok(HeaderMap::new());
    };
    let event = event::connecting(inner, connection, seen);
    let answer = inner
        .call(function, event)
        .await
        .map_err(|outcome| if outcome.is_some() { 502_u16 } else { 504 })?;
    let code = answer.get("statusCode").and_then(Value::as_u64);
    let code = code
        .and_then(|code| u16::try_from(code).ok())
        .ok_or(502_u16)?;
    if !(200..300).contains(&code) {
        return Err(code);
    }
    let mut headers = HeaderMap::new();
    for (name, value) in answer
        .get("headers")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        let name: HeaderName = name.parse().map_err(|_invalid| 502_u16)?;
        let value = value.as_str().unwrap_or_default();
        let value = HeaderValue::from_str(value).map_err(|_invalid| 502_u16)?;
        headers.insert(name, value);
    }
    Ok(headers)
}

/// The key of an offer that is one.
fn key(headers: &HeaderMap) -> Option<String> {
    let is = |name: &HeaderName, wanted: &str| {
        let parts = text(headers, name)
            .into_iter()
            .flat_map(|value| value.split(','));
        parts
            .into_iter()
            .any(|part| part.trim().eq_ignore_ascii_case(wanted))
    };
    let offered = is(&header::CONNECTION, "upgrade")
        && is(&header::UPGRADE, "websocket")
        && is(&header::SEC_WEBSOCKET_VERSION, "13");
    let key = text(headers, &header::SEC_WEBSOCKET_KEY)?;
    offered.then(|| key.to_owned())
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn accepted(key: &str, headers: HeaderMap) -> Response {
    let mut response = StatusCode::SWITCHING_PROTOCOLS.into_response();
    let accept = derive_accept_key(key.as_bytes());
    let answered = response.headers_mut();
    answered.extend(headers);
    answered.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    answered.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    let accept = HeaderValue::from_str(&accept).unwrap();
    answered.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    response
}

/// A refusal with the sentence that the gateway has for it.
pub(super) fn status(code: u16) -> Response {
    let code = StatusCode::from_u16(code).unwrap_or(StatusCode::BAD_GATEWAY);
    let message = code.canonical_reason().unwrap_or_default();
    (code, axum::Json(json!({ "message": message }))).into_response()
}
