//! The admin listener: metrics, drain, a new signing key, erasing for somebody. Loopback only; everything but `/metrics` needs the token
//! that lies in the data folder.

use std::sync::Arc;

use aws_lc_rs::constant_time;
use axum::{
    Router,
    body::Bytes,
    extract::{Request, State},
    http::{StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use innerworld_core::{ids::TeenId, secret::Secret};
use serde::Deserialize;

use innerworld_engine::app::App;

use crate::{cognito::Cognito, router::secure};

/// State of the admin routes.
#[derive(Clone, Debug)]
pub struct Admin {
    /// The running server.
    pub app: Arc<App>,
    /// The identity provider, whose signing key an operator may replace.
    pub cognito: Arc<Cognito>,
    /// Bearer token of the operator.
    pub token: Arc<Secret>,
    /// Whether `/metrics` may be read without the token.
    pub open_metrics: bool,
    /// Begins the drain of the process.
    pub drain: Arc<tokio::sync::Notify>,
}

impl Admin {
    /// The routes.
    pub fn router(self) -> Router {
        Router::new()
            .route("/metrics", get(metrics))
            .route("/admin/v1/drain", post(drain))
            .route("/admin/v1/keys/rotate", post(rotate))
            .route("/admin/v1/erase", post(erase))
            .layer(middleware::from_fn_with_state(self.clone(), guard))
            .with_state(self)
            .layer(middleware::map_response_with_state(false, secure))
    }
}

/// Any web page can reach loopback, under any name that points there: the `Host` must be loopback
/// itself, and the token must be right.
async fn guard(State(admin): State<Admin>, request: Request, next: Next) -> Response {
    if !loopback_host(&request) {
        return (
            StatusCode::FORBIDDEN,
            "this listener answers to loopback names only\n",
        )
            .into_response();
    }
    let open = admin.open_metrics && request.uri().path() == "/metrics";
    if open || has_token(&admin, &request) {
        return next.run(request).await;
    }
    (
        StatusCode::UNAUTHORIZED,
        "send `Authorization: Bearer <token>` with the token from admin.token in the data folder\n",
    )
        .into_response()
}

fn loopback_host(request: &Request) -> bool {
    let host = request
        .headers()
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let Some(host) = host.or_else(|| request.uri().host()) else {
        return false;
    };
    let name = match host.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    matches!(name, "localhost" | "127.0.0.1" | "::1")
}

fn has_token(admin: &Admin, request: &Request) -> bool {
    request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "))
        .is_some_and(|given| {
            let expected = admin.token.reveal().as_bytes();
            constant_time::verify_slices_are_equal(given.as_bytes(), expected).is_ok()
        })
}

async fn metrics(State(admin): State<Admin>) -> impl IntoResponse {
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], admin.app.metrics.render())
}

async fn drain(State(admin): State<Admin>) -> (StatusCode, &'static str) {
    admin.drain.notify_one();
    (StatusCode::ACCEPTED, "draining\n")
}

/// For an operator who fears for the key; without being asked it is replaced every 90 days, after an hour's notice in the key set.
async fn rotate(State(admin): State<Admin>) -> (StatusCode, &'static str) {
    match admin.cognito.rotate_keys().await {
        Ok(()) => (
            StatusCode::OK,
            "a new key signs from now on; tokens of the old one hold until they end\n",
        ),
        Err(cause) => {
            tracing::error!(error.kind = ?cause.kind(), "the signing key could not be replaced");
            (
                StatusCode::SERVICE_UNAVAILABLE,
                "the key is still the old one; try again\n",
            )
        }
    }
}

#[derive(Deserialize)]
struct Whom {
    sub: String,
}

/// For somebody who cannot sign in any more, such as a teen whose account was suspended, and asks
/// for the erase in another way. The subject travels in the body: addresses are written down.
async fn erase(State(admin): State<Admin>, body: Bytes) -> (StatusCode, &'static str) {
    let whom = serde_json::from_slice::<Whom>(&body).ok();
    let teen = whom.and_then(|whom| TeenId::from_verified_subject(&whom.sub).ok());
    let Some(teen) = teen else {
        return (StatusCode::BAD_REQUEST, "send {\"sub\": \"<subject>\"}\n");
    };
    match admin.cognito.eraser().request(teen).await {
        Ok(()) => (StatusCode::ACCEPTED, "the account is erased\n"),
        Err(cause) => {
            tracing::error!(error.kind = ?cause.kind(), "an account could not be erased");
            (
                StatusCode::SERVICE_UNAVAILABLE,
                "the account may not be erased yet; try again\n",
            )
        }
    }
}
