//! How often one address may ask for anything over HTTP.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use axum::{
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use innerworld_core::clock::Clock;
use innerworld_protocol::ErrorCode;

use super::error::ApiError;
use crate::{
    cognito::too_many_requests,
    rates::{Buckets, network},
};
use innerworld_engine::app::App;

/// The one thing that is never refused: where help is. It is answered from memory.
const HELP: &str = "/v1/safety/";
/// What a supervisor asks; it touches nothing.
const ALIVE: &str = "/healthz";
/// What Apple signs comes from few addresses, many at a time perhaps; forgeries have a limit of their own.
const WEBHOOKS: &str = "/v1/webhooks/";
/// The header by which a call to the user-pool API is known.
const OPERATION: &str = "x-amz-target";

/// Visits by network address.
#[derive(Clone)]
pub(crate) struct Visits {
    buckets: Arc<Buckets<IpAddr>>,
    clock: Arc<dyn Clock>,
}

impl Visits {
    pub(crate) fn new(app: &App) -> Self {
        let per_minute = app.settings.limits.requests_per_address_min;
        Self {
            buckets: Arc::new(Buckets::new(per_minute)),
            clock: Arc::clone(&app.services.clock),
        }
    }
}

/// Middleware: 429 and when to come again, for an address that asks too often.
pub(crate) async fn limited(
    State(visits): State<Visits>,
    request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path();
    if path.starts_with(HELP) || path.starts_with(WEBHOOKS) || path == ALIVE {
        return next.run(request).await;
    }
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let taken = peer.map_or(Ok(()), |ConnectInfo(peer)| {
        let caller = network(peer.ip());
        visits.buckets.take(caller, visits.clock.now())
    });
    match taken {
        Ok(()) => next.run(request).await,
        Err(wait) => {
            let seconds = wait.as_secs().saturating_add(1).to_string();
            ([(header::RETRY_AFTER, seconds)], refusal(request.headers())).into_response()
        }
    }
}

/// In the form that the caller's library reads.
fn refusal(headers: &HeaderMap) -> Response {
    if headers.contains_key(OPERATION) {
        return too_many_requests();
    }
    let code = ErrorCode::RateLimited;
    ApiError::new(StatusCode::TOO_MANY_REQUESTS, code, code.message()).into_response()
}
