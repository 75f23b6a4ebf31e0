//! `Idempotency-Key`: a change that is sent again, because its answer got lost, happens once and
//! gets the first answer.
//!
//! Answers are kept in RAM for an hour, per teen, within bounds. A restart forgets them; what must
//! survive one has ids of its own (messages, journal entries) or is set, not added to.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use innerworld_core::{clock::Timestamp, hash::sha256, ids::TeenId};
use innerworld_protocol::ErrorCode;

use super::{context::Api, error::ApiError};

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Tells a client that this answer was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
/// An answer is given again for this long.
const LIFE: Duration = Duration::from_secs(3_600);
const MAX_KEY_BYTES: usize = 128;
/// More than any route of ours takes.
const MAX_BODY_BYTES: usize = 256 * 1024;
/// A larger answer is not kept: the change would then happen again.
const MAX_ANSWER_BYTES: usize = 64 * 1024;
/// Most answers at a time, and with the bound above at most 64 MiB; the oldest goes first.
const MAX_ANSWERS: usize = 1_024;

type Hash = [u8; 32];

/// Answers that were given.
#[derive(Default)]
pub(crate) struct Answers(Mutex<HashMap<Hash, Slot>>);

#[derive(Clone)]
struct Slot {
    teen: TeenId,
    at: Timestamp,
    /// Held while the change runs, so that a repeat waits for it.
    answer: Arc<tokio::sync::Mutex<Option<Kept>>>,
}

#[derive(Clone)]
struct Kept {
    request: Hash,
    status: StatusCode,
    content_type: Option<HeaderValue>,
    body: Bytes,
}

impl std::fmt::Debug for Answers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Answers").finish_non_exhaustive()
    }
}

impl Answers {
    /// Drops what is held of a teen.
    pub(crate) fn forget(&self, teen: TeenId) {
        self.slots().retain(|_key, slot| slot.teen != teen);
    }

    fn slot(&self, key: Hash, teen: TeenId, now: Timestamp) -> Slot {
        let mut slots = self.slots();
        slots.retain(|_key, slot| now.since(slot.at) < LIFE);
        if slots.len() >= MAX_ANSWERS
            && let Some(oldest) = slots.iter().min_by_key(|(_key, slot)| slot.at)
        {
            let oldest = *oldest.0;
            slots.remove(&oldest);
        }
        let fresh = || Slot {
            teen,
            at: now,
            answer: Arc::default(),
        };
        slots.entry(key).or_insert_with(fresh).clone()
    }

    fn slots(&self) -> MutexGuard<'_, HashMap<Hash, Slot>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Middleware over all routes: once per key.
pub(crate) async fn once(State(api): State<Api>, request: Request, next: Next) -> Response {
    let named = match named(&request) {
        Ok(Some(named)) => named,
        Ok(None) => return next.run(request).await,
        Err(error) => return error.into_response(),
    };
    let token = bearer(request.headers());
    let Some(teen) = caller(&api, token.as_deref()).await else {
        // Its route refuses what is nobody's.
        return next.run(request).await;
    };
    let key = sha256(format!("{teen} {named}").as_bytes());
    let done = Change { key, teen }.run(&api, request, next).await;
    done.unwrap_or_else(IntoResponse::into_response)
}

/// A change that carries a key.
struct Change {
    key: Hash,
    teen: TeenId,
}

/// Method, path and key of a change; `None` for what changes nothing or carries no key.
fn named(request: &Request) -> Result<Option<String>, ApiError> {
    let (method, path) = (request.method(), request.uri().path());
    let changes = matches!(
        *method,
        Method::POST | Method::PUT | Method::PATCH | Method::DELETE
    );
    let Some(key) = request.headers().get(KEY) else {
        return Ok(None);
    };
    if !changes || !path.starts_with("/v1/") {
        return Ok(None);
    }
    let key = key.to_str().ok();
    let key = key.filter(|key| (1..=MAX_KEY_BYTES).contains(&key.len()));
    let form = || ApiError::invalid("an Idempotency-Key is 1 to 128 visible ASCII characters");
    Ok(Some(format!("{method} {path} {}", key.ok_or_else(form)?)))
}

fn bearer(headers: &HeaderMap) -> Option<String> {
    let token = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    Some(token.strip_prefix("Bearer ")?.trim().to_owned())
}

async fn caller(api: &Api, token: Option<&str>) -> Option<TeenId> {
    let claims = api
        .app
        .services
        .verifier
        .verify(token?, api.app.now())
        .await;
    claims.ok().map(|claims| claims.teen)
}

impl Change {
    async fn run(self, api: &Api, request: Request, next: Next) -> Result<Response, ApiError> {
        let (parts, body) = request.into_parts();
        let too_large = |_cause| ApiError::invalid("the body is too large");
        let body = to_bytes(body, MAX_BODY_BYTES).await.map_err(too_large)?;
        let asked = sha256(&body);
        let answers = &api.own.answers;
        let slot = answers.slot(self.key, self.teen, api.app.now());
        let mut kept = slot.answer.lock().await;
        if let Some(kept) = kept.as_ref() {
            return kept.again(asked);
        }
        let response = next.run(Request::from_parts(parts, Body::from(body))).await;
        if !response.status().is_success() {
            // Nothing happened: the same request may be tried again.
            return Ok(response);
        }
        let (head, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.map_err(|_cause| {
            let message = "the answer broke off; send the request again";
            ApiError::new(
                StatusCode::SERVICE_UNAVAILABLE,
                ErrorCode::StorageUnavailable,
                message,
            )
        })?;
        if body.len() <= MAX_ANSWER_BYTES {
            *kept = Some(Kept {
                request: asked,
                status: head.status,
                content_type: head.headers.get(header::CONTENT_TYPE).cloned(),
                body: body.clone(),
            });
        }
        Ok(Response::from_parts(head, Body::from(body)))
    }
}

impl Kept {
    fn again(&self, asked: Hash) -> Result<Response, ApiError> {
        if self.request != asked {
            return Err(ApiError::new(
                StatusCode::CONFLICT,
                ErrorCode::Conflict,
                "this Idempotency-Key was used for another request",
            ));
        }
        let mut response = (self.status, self.body.clone()).into_response();
        let headers = response.headers_mut();
        headers.remove(header::CONTENT_TYPE);
        if let Some(content_type) = &self.content_type {
            headers.insert(header::CONTENT_TYPE, content_type.clone());
        }
        headers.insert(REPLAYED, HeaderValue::from_static("true"));
        Ok(response)
    }
}
