//! Signing in through a browser, as Cognito's hosted domain does it: `/oauth2/authorize`,
//! `/oauth2/idpresponse`, `/oauth2/token`, `/oauth2/revoke`. Off unless a provider is set up.

mod authorize;
mod callback;
mod token;

use std::sync::Arc;

use axum::{
    Json, Router,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use innerworld_core::error::{ErrorKind, PortError};
use serde_json::json;

use super::Cognito;

/// The routes.
pub(super) fn router() -> Router<Arc<Cognito>> {
    Router::new()
        .route("/oauth2/authorize", get(authorize::begin))
        .route(
            "/oauth2/idpresponse",
            get(callback::answer).post(callback::answer),
        )
        .route("/oauth2/token", post(token::exchange))
        .route("/oauth2/revoke", post(token::revoke))
}

/// A refusal in the words of RFC 6749: a code, and a sentence that says what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Refusal(StatusCode, &'static str, &'static str);

impl Refusal {
    const OFF: Self = Self(
        StatusCode::NOT_FOUND,
        "invalid_request",
        "signing in through a browser is not set up here",
    );
    const TOO_MANY: Self = Self(
        StatusCode::TOO_MANY_REQUESTS,
        "temporarily_unavailable",
        "too many sign-ins were begun; try again later",
    );
    const LATER: Self = Self(
        StatusCode::SERVICE_UNAVAILABLE,
        "temporarily_unavailable",
        "this cannot be done now; try again",
    );
    const GRANT: Self = Self::bad(
        "invalid_grant",
        "the code or token is not valid here, or was used; sign in again",
    );
    const CLIENT: Self = Self::bad("invalid_client", "client_id is not the app client's");

    const fn bad(code: &'static str, sentence: &'static str) -> Self {
        Self(StatusCode::BAD_REQUEST, code, sentence)
    }

    const fn request(sentence: &'static str) -> Self {
        Self::bad("invalid_request", sentence)
    }

    const fn denied(sentence: &'static str) -> Self {
        Self::bad("access_denied", sentence)
    }
}

impl From<PortError> for Refusal {
    fn from(cause: PortError) -> Self {
        match cause.kind() {
            ErrorKind::Throttled => Self::TOO_MANY,
            ErrorKind::Denied | ErrorKind::NotFound => Self::GRANT,
            ErrorKind::Conflict
            | ErrorKind::Superseded
            | ErrorKind::Unavailable
            | ErrorKind::Invalid
            | ErrorKind::Corrupt => {
                tracing::error!(
                    error.kind = ?cause.kind(),
                    operation = cause.operation(),
                    "a sign-in through a browser failed"
                );
                Self::LATER
            }
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let Self(status, code, sentence) = self;
        let body = json!({"error": code, "error_description": sentence});
        (status, Json(body)).into_response()
    }
}

/// Sends the browser on.
fn go_to(url: &str) -> Response {
    match HeaderValue::from_str(url) {
        Ok(location) => (StatusCode::FOUND, [(header::LOCATION, location)]).into_response(),
        Err(_not_ascii) => Refusal::LATER.into_response(),
    }
}

/// An address of the app with what it is told. Addresses are configured, without a fragment.
fn tell(redirect_uri: &str, told: &[(&str, &str)]) -> String {
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(told)
        .finish();
    let joint = if redirect_uri.contains('?') { '&' } else { '?' };
    format!("{redirect_uri}{joint}{query}")
}

/// Tells the app that it did not work.
fn tell_refusal(redirect_uri: &str, refusal: Refusal, state: &str) -> String {
    let Refusal(_, code, sentence) = refusal;
    let told = [
        ("error", code),
        ("error_description", sentence),
        ("state", state),
    ];
    let with_state = told
        .iter()
        .filter(|(name, value)| *name != "state" || !value.is_empty());
    let told: Vec<_> = with_state.copied().collect();
    tell(redirect_uri, &told)
}
