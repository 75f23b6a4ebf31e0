//! The management API: `@connections`.

use std::sync::Arc;

use axum::{
    body::{Body, to_bytes},
    http::{HeaderValue, Method, Request, StatusCode},
    response::{IntoResponse as _, Response},
};
use innerworld_core::clock::Timestamp;
use serde_json::json;

use super::{
    Inner,
    connection::{Connection, NORMAL},
    locked,
};
use crate::signature;

/// Longest body of any call.
const MAX_BODY: usize = 10 * 1_024 * 1_024;

/// Answers a call about the connection `id`.
pub(super) async fn answer(inner: &Arc<Inner>, id: &str, request: Request<Body>) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY).await else {
        return refused(413);
    };
    // The day and the time in the signature are taken as they are: whoever posts may live by
    // another clock than the test.
    let signed = signature::check((&inner.caller, "execute-api"), None, &parts, &body);
    if let Err(wrong) = signed {
        locked(&inner.refused).push(wrong);
        return refused(403);
    }
    let Some(connection) = inner.connection(id) else {
        return refused(410);
    };
    match parts.method {
        Method::POST => match String::from_utf8(body.to_vec()) {
            Ok(frame) => post(inner, &connection, frame),
            Err(_no_text) => refused(400),
        },
        Method::GET if connection.is_up() => describe(&connection),
        Method::DELETE if connection.is_up() => {
            connection.close(NORMAL);
            StatusCode::NO_CONTENT.into_response()
        }
        Method::GET | Method::DELETE => refused(410),
        _ => refused(403),
    }
}

fn post(inner: &Inner, connection: &Connection, frame: String) -> Response {
    let settings = &inner.settings;
    match connection.post(frame, settings.buffer_bytes, settings.clock.now()) {
        Ok(()) => StatusCode::OK.into_response(),
        Err(status) => refused(status),
    }
}

fn describe(connection: &Connection) -> Response {
    let written = |at: Timestamp| {
        let at = jiff::Timestamp::from_millisecond(at.as_millis()).unwrap_or_default();
        at.to_string()
    };
    let told = json!({
        "connectedAt": written(connection.opened_at),
        "identity": {"sourceIp": "127.0.0.1", "userAgent": connection.user_agent},
        "lastActiveAt": written(connection.last_active()),
    });
    axum::Json(told).into_response()
}

/// A refusal, without a body as the gateway's are.
fn refused(status: u16) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let kind = match status {
        StatusCode::GONE => "GoneException",
        StatusCode::FORBIDDEN => "ForbiddenException",
        StatusCode::TOO_MANY_REQUESTS => "LimitExceededException",
        StatusCode::PAYLOAD_TOO_LARGE => "PayloadTooLargeException",
        StatusCode::BAD_REQUEST => "BadRequestException",
        _ => "InternalServerErrorException",
    };
    let mut response = status.into_response();
    let kind = HeaderValue::from_static(kind);
    response.headers_mut().insert("x-amzn-errortype", kind);
    response
}

/// A segment of a path as it was before it was percent-encoded.
pub(super) fn decoded(segment: &str) -> String {
    let mut bytes = segment.bytes();
    let mut plain = Vec::new();
    while let Some(byte) = bytes.next() {
        let mut digit = || char::from(bytes.next()?).to_digit(16);
        let escaped = (byte == b'%').then(|| Some(digit()? * 16 + digit()?));
        let byte = match escaped {
            None => byte,
            Some(byte) => byte
                .and_then(|byte| u8::try_from(byte).ok())
                .unwrap_or(b'?'),
        };
        plain.push(byte);
    }
    String::from_utf8_lossy(&plain).into_owned()
}
