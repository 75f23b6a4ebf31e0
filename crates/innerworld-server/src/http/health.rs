//! Liveness, readiness and the health report; each touches what it reports.

use axum::{Json, Router, extract::State, http::StatusCode, routing::get};
use innerworld_core::health::{HealthCheck, HealthState};
use serde::Serialize;

use super::context::Api;

/// The routes.
pub fn router() -> Router<Api> {
    Router::new()
        .route("/healthz", get(live))
        .route("/readyz", get(ready))
        .route("/health", get(report))
}

/// A health report.
#[derive(Debug, Serialize)]
pub struct Health {
    /// The worst of all.
    pub status: HealthState,
    /// Version of the server.
    pub version: &'static str,
    /// One line a dependency.
    pub services: Vec<HealthCheck>,
}

/// The process answers.
async fn live() -> &'static str {
    "ok\n"
}

async fn ready(State(api): State<Api>) -> (StatusCode, &'static str) {
    if api.app.is_draining() {
        return (StatusCode::SERVICE_UNAVAILABLE, "draining\n");
    }
    let down = api
        .app
        .check()
        .await
        .iter()
        .any(|check| check.state == HealthState::Down);
    if down {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready\n")
    } else {
        (StatusCode::OK, "ready\n")
    }
}

async fn report(State(api): State<Api>) -> (StatusCode, Json<Health>) {
    let services = api.app.check().await;
    let has = |state| services.iter().any(|check| check.state == state);
    let status = if has(HealthState::Down) {
        HealthState::Down
    } else if has(HealthState::Degraded) {
        HealthState::Degraded
    } else {
        HealthState::Ok
    };
    let code = if status == HealthState::Down {
        StatusCode::SERVICE_UNAVAILABLE
    } else {
        StatusCode::OK
    };
    (
        code,
        Json(Health {
            status,
            version: env!("CARGO_PKG_VERSION"),
            services,
        }),
    )
}
