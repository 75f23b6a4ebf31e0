//! `{"error":{"code","message","request_id"}}`, and who is calling.

use std::sync::Arc;

use axum::{
    Json,
    extract::{FromRef, FromRequestParts, State},
    http::{StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use innerworld_core::{
    clock::Clock,
    error::{ErrorKind, PortError},
    identity::token::{Claims, TokenError, TokenVerifier},
    ids::{IdSource, RequestId},
};
use innerworld_protocol::codes::ErrorCode;
use serde_json::json;

/// An answer that refuses: the status, the stable code and a sentence for people.
#[derive(Clone, Debug)]
pub struct ApiError {
    /// HTTP status.
    pub status: StatusCode,
    /// Stable code.
    pub code: ErrorCode,
    /// What to do about it; never a cause, never what somebody typed.
    pub message: String,
}

impl ApiError {
    /// An error with this sentence.
    pub fn new(status: StatusCode, code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
        }
    }

    /// 400: a field is wrong.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, ErrorCode::Invalid, message)
    }

    /// 404.
    pub fn not_found() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            ErrorCode::NotFound,
            "there is no such thing",
        )
    }
}

impl IntoResponse for ApiError {
    /// The body is written by [`finish`], which knows the request id.
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<PortError> for ApiError {
    fn from(cause: PortError) -> Self {
        let (status, code, message) = match cause.kind() {
            ErrorKind::NotFound => return Self::not_found(),
            ErrorKind::Denied => (
                StatusCode::FORBIDDEN,
                ErrorCode::Forbidden,
                "this account is closed",
            ),
            ErrorKind::Conflict | ErrorKind::Superseded => (
                StatusCode::CONFLICT,
                ErrorCode::Conflict,
                "this changed meanwhile; read it again",
            ),
            ErrorKind::Throttled => (
                StatusCode::TOO_MANY_REQUESTS,
                ErrorCode::RateLimited,
                "too fast; wait a little",
            ),
            ErrorKind::Unavailable | ErrorKind::Invalid | ErrorKind::Corrupt => {
                tracing::error!(
                    error.kind = ?cause.kind(),
                    operation = cause.operation(),
                    "a request failed"
                );
                let code = ErrorCode::StorageUnavailable;
                (
                    StatusCode::SERVICE_UNAVAILABLE,
                    code,
                    "storage is not available; try again",
                )
            }
        };
        Self::new(status, code, message)
    }
}

impl From<TokenError> for ApiError {
    fn from(cause: TokenError) -> Self {
        let (status, code, message) = match cause {
            TokenError::Expired => (
                StatusCode::UNAUTHORIZED,
                ErrorCode::TokenExpired,
                "the token has expired",
            ),
            TokenError::Invalid | TokenError::Revoked => (
                StatusCode::UNAUTHORIZED,
                ErrorCode::TokenInvalid,
                "sign in again",
            ),
            TokenError::Unavailable => (
                StatusCode::SERVICE_UNAVAILABLE,
                ErrorCode::StorageUnavailable,
                "tokens cannot be checked now; try again",
            ),
        };
        Self::new(status, code, message)
    }
}

/// What [`finish`] makes request ids from.
#[derive(Clone)]
#[expect(
    missing_debug_implementations,
    reason = "two ports have nothing to show"
)]
pub struct RequestIds {
    /// Randomness.
    pub ids: Arc<dyn IdSource>,
    /// Time.
    pub clock: Arc<dyn Clock>,
}

/// Middleware (`map_response_with_state`): writes the body of an [`ApiError`].
pub async fn finish(State(source): State<RequestIds>, mut response: Response) -> Response {
    let Some(error) = response.extensions_mut().remove::<ApiError>() else {
        return response;
    };
    let id = RequestId::from_bits(source.ids.ulid(source.clock.now()));
    let body = json!({"error": {
        "code": error.code, "message": error.message, "request_id": id.to_string(),
    }});
    let mut written = (error.status, Json(body)).into_response();
    if let Some(wait) = response.headers_mut().remove(header::RETRY_AFTER) {
        written.headers_mut().insert(header::RETRY_AFTER, wait);
    }
    written
}

/// The verified claims of the caller's bearer token.
#[derive(Clone, Debug)]
pub struct SignedIn(pub Claims);

impl<S> FromRequestParts<S> for SignedIn
where
    S: Send + Sync,
    Arc<dyn TokenVerifier>: FromRef<S>,
    Arc<dyn Clock>: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let token = parts
            .headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.strip_prefix("Bearer "))
            .ok_or(TokenError::Invalid)?;
        let now = <Arc<dyn Clock>>::from_ref(state).now();
        let verifier = <Arc<dyn TokenVerifier>>::from_ref(state);
        Ok(Self(verifier.verify(token.trim(), now).await?))
    }
}
