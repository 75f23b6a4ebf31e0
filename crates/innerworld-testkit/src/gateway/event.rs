//! Events as functions get them (pages "Control access to WebSocket APIs with Lambda REQUEST
//! authorizers" and "Set up Lambda proxy integrations for WebSocket APIs").
#![expect(
    clippy::indexing_slicing,
    reason = "an event is an object, which grows by what is put in"
)]

use axum::http::HeaderMap;
use innerworld_core::clock::Timestamp;
use serde_json::{Map, Value, json};

use super::{Inner, connection::Connection};

/// Which event of a connection it is.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Connect,
    Message,
    /// With the close code.
    Disconnect(u16),
}

/// What the policy of an authoriser must name.
pub(super) fn method_arn(inner: &Inner) -> String {
    let settings = &inner.settings;
    format!(
        "arn:aws:execute-api:us-east-1:123456789012:{}/{}/$connect",
        settings.api_id, settings.stage
    )
}

/// The event of the authoriser.
pub(super) fn authorizing(
    inner: &Inner,
    connection: &Connection,
    handshake: &Map<String, Value>,
) -> Value {
    let mut event = connecting(inner, connection, handshake);
    event["type"] = json!("REQUEST");
    event["methodArn"] = json!(method_arn(inner));
    event["stageVariables"] = json!({});
    event
}

/// The event of `$connect`.
pub(super) fn connecting(
    inner: &Inner,
    connection: &Connection,
    handshake: &Map<String, Value>,
) -> Value {
    let mut event = Value::Object(handshake.clone());
    event["requestContext"] = context(inner, connection, Kind::Connect);
    event["isBase64Encoded"] = json!(false);
    event
}

/// The event of a frame.
pub(super) fn message(inner: &Inner, connection: &Connection, body: &str) -> Value {
    json!({
        "requestContext": context(inner, connection, Kind::Message),
        "body": body,
        "isBase64Encoded": false,
    })
}

/// The event of the end.
pub(super) fn disconnecting(inner: &Inner, connection: &Connection, code: u16) -> Value {
    let host = host(inner);
    json!({
        "headers": {"Host": host, "x-api-key": "", "X-Forwarded-For": "", "x-restapi": ""},
        "multiValueHeaders": {
            "Host": [host], "x-api-key": [""], "X-Forwarded-For": [""], "x-restapi": [""],
        },
        "requestContext": context(inner, connection, Kind::Disconnect(code)),
        "isBase64Encoded": false,
    })
}

/// Headers and query of a handshake. Names are written as browsers write them: a client's own
/// capitals are lost on the way here.
pub(super) fn handshake(headers: &HeaderMap, query: Option<&str>) -> Map<String, Value> {
    let mut many = Map::new();
    for (name, value) in headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        push(&mut many, &capitals(name.as_str()), &value);
    }
    let mut event = Map::new();
    event.insert("headers".to_owned(), last_of(&many));
    event.insert("multiValueHeaders".to_owned(), Value::Object(many));
    if let Some(query) = query.filter(|query| !query.is_empty()) {
        let mut many = Map::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            push(&mut many, &name, &value);
        }
        event.insert("queryStringParameters".to_owned(), last_of(&many));
        let many = Value::Object(many);
        event.insert("multiValueQueryStringParameters".to_owned(), many);
    }
    event
}

fn push(many: &mut Map<String, Value>, name: &str, value: &str) {
    let entry = many.entry(name.to_owned()).or_insert_with(|| json!([]));
    if let Value::Array(values) = entry {
        values.push(json!(value));
    }
}

/// Of a name that came twice, the last value.
fn last_of(many: &Map<String, Value>) -> Value {
    let one = many.iter().map(|(name, values)| {
        let last = values.as_array().and_then(|values| values.last());
        (name.clone(), last.cloned().unwrap_or_default())
    });
    Value::Object(one.collect())
}

fn capitals(name: &str) -> String {
    let words = name.split('-').map(|word| match word {
        "websocket" => "WebSocket".to_owned(),
        word => {
            let (first, rest) = word.split_at(word.len().min(1));
            format!("{}{rest}", first.to_ascii_uppercase())
        }
    });
    words.collect::<Vec<_>>().join("-")
}

fn host(inner: &Inner) -> String {
    format!(
        "{}.execute-api.us-east-1.amazonaws.com",
        inner.settings.api_id
    )
}

fn context(inner: &Inner, connection: &Connection, kind: Kind) -> Value {
    let now = inner.settings.clock.now();
    let request = inner.request_id();
    let (route, event) = match kind {
        Kind::Connect => ("$connect", "CONNECT"),
        Kind::Message => ("$default", "MESSAGE"),
        Kind::Disconnect(_) => ("$disconnect", "DISCONNECT"),
    };
    let mut context = json!({
        "routeKey": route,
        "eventType": event,
        "extendedRequestId": request,
        "requestTime": written(now),
        "messageDirection": "IN",
        "stage": inner.settings.stage,
        "connectedAt": connection.opened_at.as_millis(),
        "requestTimeEpoch": now.as_millis(),
        "identity": {"sourceIp": "127.0.0.1", "userAgent": connection.user_agent},
        "requestId": request,
        "domainName": host(inner),
        "connectionId": connection.id,
        "apiId": inner.settings.api_id,
    });
    if let Some(found) = connection.authorizer() {
        context["authorizer"] = Value::Object(found);
    }
    match kind {
        Kind::Connect => {}
        Kind::Message => context["messageId"] = json!(request),
        Kind::Disconnect(code) => {
            context["disconnectStatusCode"] = json!(code);
            context["disconnectReason"] = json!("");
        }
    }
    context
}

/// As in `19/Jan/2023:21:13:26 +0000`.
fn written(at: Timestamp) -> String {
    let at = jiff::Timestamp::from_millisecond(at.as_millis()).unwrap_or_default();
    at.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string()
}
