//! What Neptune answers: rows, or a code that says what to do.

use innerworld_core::error::{ErrorKind, PortError};
use reqwest::{Response, StatusCode};
use serde::Deserialize;

use crate::{
    neptune::{engine::Row, statements::Statement},
    signed::unavailable,
};

/// Bytes of an answer: a page of 500 of the largest records stays under it.
const ANSWER_BYTES: usize = 32 * 1024 * 1024;
/// Bytes of a refusal that are looked at.
const REFUSAL_BYTES: usize = 16 * 1024;
/// Characters of a code; a longer one is none.
const CODE_CHARS: usize = 64;

/// Neptune refused a statement.
#[derive(Debug, thiserror::Error)]
#[error("{statement}: {status} {code}")]
struct Refused {
    statement: &'static str,
    status: StatusCode,
    code: String,
}

/// An answer that is too long or that is none.
#[derive(Debug, thiserror::Error)]
#[error("{statement}: {what}")]
struct Unreadable {
    statement: &'static str,
    what: &'static str,
}

#[derive(Deserialize)]
struct Results {
    results: Vec<Row>,
}

#[derive(Default, Deserialize)]
struct Refusal {
    #[serde(default)]
    code: String,
}

/// Reads the rows of an answer, or the error that it is.
pub(super) async fn read(
    statement: Statement,
    mut response: Response,
) -> Result<Vec<Row>, PortError> {
    let status = response.status();
    if status != StatusCode::OK {
        let body = body(&mut response, REFUSAL_BYTES).await?;
        // A body that is none, or a long one: the status alone decides.
        let said: Refusal = body
            .and_then(|body| serde_json::from_slice(&body).ok())
            .unwrap_or_default();
        return Err(refused(statement, status, &said.code));
    }
    let Some(body) = body(&mut response, ANSWER_BYTES).await? else {
        let what = "the answer is longer than 32 MiB";
        return Err(unreadable(statement, ErrorKind::Invalid, what));
    };
    // A statement that fails while its answer is being sent cuts the JSON short, under status 200.
    serde_json::from_slice(&body)
        .map(|answer: Results| answer.results)
        .map_err(|_quotes| {
            unreadable(
                statement,
                ErrorKind::Unavailable,
                "the answer is no whole JSON",
            )
        })
}

/// The body, or `None` if it is longer than `limit`.
async fn body(response: &mut Response, limit: usize) -> Result<Option<Vec<u8>>, PortError> {
    let mut all = Vec::new();
    while let Some(piece) = response
        .chunk()
        .await
        .map_err(|cause| unavailable("read the graph's answer", cause.without_url()))?
    {
        if all.len().saturating_add(piece.len()) > limit {
            return Ok(None);
        }
        all.extend_from_slice(&piece);
    }
    Ok(Some(all))
}

fn unreadable(statement: Statement, kind: ErrorKind, what: &'static str) -> PortError {
    let cause = Unreadable {
        statement: statement.name,
        what,
    };
    PortError::with_source(kind, "read the graph's answer", cause)
}

fn refused(statement: Statement, status: StatusCode, code: &str) -> PortError {
    let is_code = code.len() <= CODE_CHARS && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let code = if is_code { code } else { "" };
    let cause = Refused {
        statement: statement.name,
        status,
        code: code.to_owned(),
    };
    PortError::with_source(kind(status, code), "run a statement on the graph", cause)
}

/// What to do about a refusal (doc "Neptune Engine Error Messages and Codes"). Never `Denied`: that
/// the teen is being erased is not Neptune's to say.
fn kind(status: StatusCode, code: &str) -> ErrorKind {
    match code {
        "ThrottlingException" | "TooManyRequestsException" => ErrorKind::Throttled,
        // A constraint is broken only by somebody who writes at the same time (same page), and
        // a replica that takes over answers that it is read-only until it is not.
        "ConcurrentModificationException"
        | "ConstraintViolationException"
        | "ReadOnlyViolationException"
        | "TimeLimitExceededException"
        | "MemoryLimitExceededException"
        | "CancelledByUserException"
        | "AccessDeniedException" => ErrorKind::Unavailable,
        _ => by_status(status),
    }
}

fn by_status(status: StatusCode) -> ErrorKind {
    match status {
        StatusCode::TOO_MANY_REQUESTS => ErrorKind::Throttled,
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::REQUEST_TIMEOUT => {
            ErrorKind::Unavailable
        }
        status if status.is_server_error() => ErrorKind::Unavailable,
        _ => ErrorKind::Invalid,
    }
}
