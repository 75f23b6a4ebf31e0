//! Lambda's own API, as far as functions call it: `Invoke` (API version 2015-03-31).

use std::sync::Arc;

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, State},
    http::{HeaderMap, HeaderValue, StatusCode},
    response::{IntoResponse as _, Response},
    routing::post,
};
use serde_json::{Value, json};

use super::Inner;
use crate::{
    lambda::{Outcome, api::ARN},
    tasks::Tasks,
};

/// Longest event that a caller waits for.
const MAX_SYNCHRONOUS: usize = 6 * 1_024 * 1_024;
/// Longest event that nobody waits for (page "Lambda quotas").
const MAX_ASYNCHRONOUS: usize = 1_024 * 1_024;

#[derive(Clone)]
struct Service {
    inner: Arc<Inner>,
    tasks: Tasks,
}

/// The routes of the API.
pub(super) fn routes(inner: Arc<Inner>, tasks: Tasks) -> Router {
    Router::new()
        .route("/2015-03-31/functions/{name}/invocations", post(invoke))
        .layer(DefaultBodyLimit::max(2 * MAX_SYNCHRONOUS))
        .with_state(Service { inner, tasks })
}

async fn invoke(
    State(service): State<Service>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let name = function_of(&name);
    let Some(pool) = service.inner.function(name) else {
        let said = format!("Function not found: {ARN}{name}");
        return refused(StatusCode::NOT_FOUND, "ResourceNotFoundException", &said);
    };
    let waits = match headers
        .get("x-amz-invocation-type")
        .map(HeaderValue::as_bytes)
    {
        None | Some(b"RequestResponse") => true,
        Some(b"Event") => false,
        Some(b"DryRun") => return StatusCode::NO_CONTENT.into_response(),
        Some(_) => return invalid("InvalidParameterValueException"),
    };
    let event = if body.is_empty() {
        b"{}".to_vec()
    } else {
        body.to_vec()
    };
    if event.len()
        > if waits {
            MAX_SYNCHRONOUS
        } else {
            MAX_ASYNCHRONOUS
        }
    {
        let said = format!("{} byte payload is too large for this call", event.len());
        return refused(
            StatusCode::PAYLOAD_TOO_LARGE,
            "RequestTooLargeException",
            &said,
        );
    }
    if serde_json::from_slice::<Value>(&event).is_err() {
        return invalid("InvalidRequestContentException");
    }
    if waits {
        let (id, outcome) = service.inner.invoke(&service.tasks, pool, event).await;
        answered(&id, outcome)
    } else {
        let id = service.inner.send(&service.tasks, &pool, &event);
        let accepted = StatusCode::ACCEPTED.into_response();
        with(accepted, &[("x-amzn-requestid", &id)])
    }
}

/// The name of a function out of one, one with a version, or a full one.
fn function_of(name: &str) -> &str {
    let name = name.strip_prefix(ARN).unwrap_or(name);
    name.split(':').next().unwrap_or(name)
}

fn answered(id: &str, outcome: Outcome) -> Response {
    let error = |kind: &str, message: String| {
        json!({"errorType": kind, "errorMessage": message}).to_string()
    };
    let (body, is_error) = match outcome {
        Outcome::Answered(body) => (body, false),
        Outcome::Failed(body) | Outcome::InitFailed(body) => (body, true),
        Outcome::TimedOut => {
            let message = format!("RequestId: {id} Error: Task timed out");
            (error("Sandbox.Timedout", message), true)
        }
        Outcome::Ended(code) => {
            let how = code.map_or("signal: killed".to_owned(), |code| {
                format!("exit status {code}")
            });
            let message = format!("RequestId: {id} Error: Runtime exited with error: {how}");
            (error("Runtime.ExitError", message), true)
        }
        Outcome::TooLarge => {
            let message =
                "Response payload size exceeded maximum allowed payload size (6291556 bytes).";
            (
                error("Function.ResponseSizeTooLarge", message.to_owned()),
                true,
            )
        }
        Outcome::Unknown => return invalid("ServiceException"),
    };
    let response = body.into_response();
    let always = [
        ("content-type", "application/json"),
        ("x-amzn-requestid", id),
        ("x-amz-executed-version", "$LATEST"),
    ];
    let response = with(response, &always);
    if is_error {
        with(response, &[("x-amz-function-error", "Unhandled")])
    } else {
        response
    }
}

fn invalid(kind: &str) -> Response {
    refused(StatusCode::BAD_REQUEST, kind, "the request cannot be used")
}

fn refused(status: StatusCode, kind: &str, message: &str) -> Response {
    let body = json!({"Type": "User", "Message": message});
    let response = (status, body.to_string()).into_response();
    let headers = [
        ("content-type", "application/json"),
        ("x-amzn-errortype", kind),
    ];
    with(response, &headers)
}

fn with(mut response: Response, headers: &[(&'static str, &str)]) -> Response {
    for (name, value) in headers {
        let value = HeaderValue::from_str(value).unwrap();
        response.headers_mut().insert(*name, value);
    }
    response
}
