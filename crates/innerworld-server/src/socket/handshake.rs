//! The upgrade: who may open a socket, and with which credential.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use aws_lc_rs::digest;
use axum::{
    Router,
    extract::{ConnectInfo, FromRequestParts, Query, Request, State, WebSocketUpgrade},
    http::{HeaderMap, StatusCode, header},
    middleware,
    response::{IntoResponse, Response},
    routing::get,
};
use hyper::upgrade::OnUpgrade;
use innerworld_core::{
    clock::Timestamp,
    identity::{
        account::Ticket,
        token::{Claims, TokenError},
    },
    ids::TeenId,
};
use innerworld_protocol::{ErrorCode, FRAME_BYTES, SUBPROTOCOL};
use serde::Deserialize;

use super::carrier::Socket;
use crate::{
    http::error::{ApiError, RequestIds, finish},
    rates::{Buckets, network},
    relay,
};
use innerworld_engine::{
    Refusal, TeenContext,
    app::App,
    connection::{self, Authenticated},
    metrics::Kind,
};

/// tungstenite reserves its whole read buffer per connection at once; its default of 128 KiB would
/// cost twenty times the memory of everything else about a connection. Nearly all frames of a teen
/// fit into this; a larger one is read in several steps.
const READ_BUFFER_BYTES: usize = 2_048;

/// State of the socket route.
#[derive(Clone, Debug)]
pub(super) struct SocketState {
    app: Arc<App>,
    rates: Arc<Rates>,
}

/// Handshakes by teen and by address.
#[derive(Debug)]
struct Rates {
    teens: Buckets<TeenId>,
    addresses: Buckets<IpAddr>,
}

/// The route `/v1/ws`.
pub(crate) fn router(app: Arc<App>) -> Router {
    let request_ids = RequestIds {
        ids: Arc::clone(&app.services.ids),
        clock: Arc::clone(&app.services.clock),
    };
    let limits = &app.settings.limits;
    let rates = Arc::new(Rates {
        teens: Buckets::new(limits.handshakes_per_teen_min),
        addresses: Buckets::new(limits.handshakes_per_ip_min),
    });
    Router::new()
        .route(relay::SOCKET, get(upgrade))
        .layer(middleware::map_response_with_state(request_ids, finish))
        .with_state(SocketState { app, rates })
}

#[derive(Deserialize)]
struct Credentials {
    ticket: Option<String>,
}

async fn upgrade(
    State(state): State<SocketState>,
    Query(query): Query<Credentials>,
    request: Request,
) -> Response {
    match Box::pin(admit(&state, query, request)).await {
        Ok(response) => response,
        Err(refused) => {
            let kind = refused.code.as_str();
            state
                .app
                .metrics
                .handshakes_refused
                .get_or_create(&Kind { kind })
                .inc();
            // Nothing else gets better by waiting.
            let seconds = match refused.status {
                StatusCode::SERVICE_UNAVAILABLE => "2",
                StatusCode::TOO_MANY_REQUESTS => "6",
                _ => return refused.into_response(),
            };
            ([(header::RETRY_AFTER, seconds)], refused).into_response()
        }
    }
}

/// Refusals in the order of their cost; nothing is read from a store before the credential holds.
async fn admit(
    state: &SocketState,
    query: Credentials,
    request: Request,
) -> Result<Response, ApiError> {
    let app = &state.app;
    let now = app.now();
    let (mut parts, body) = request.into_parts();
    capacity(app)?;
    let peer = parts
        .extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map(|info| info.0.ip());
    if let Some(ip) = peer {
        rate(&state.rates.addresses, network(ip), now)?;
    }
    let origin = origin(app, &parts.headers)?;
    // Whoever upgrades takes it out; a request that is passed on needs it again.
    let handle = parts.extensions.get::<OnUpgrade>().cloned();
    let upgrade = WebSocketUpgrade::from_request_parts(&mut parts, &())
        .await
        .map_err(|_not_an_upgrade| status(StatusCode::UPGRADE_REQUIRED, ErrorCode::Version))?;
    let offered = sub_protocols(&parts.headers);
    if !offered.iter().any(|name| name == SUBPROTOCOL) {
        return Err(status(StatusCode::UPGRADE_REQUIRED, ErrorCode::Version));
    }
    let (claims, ticket) = if let Some(token) = token(&parts.headers, &offered) {
        (app.services.verifier.verify(token, now).await?, None)
    } else {
        let ticket = query.ticket.ok_or(TokenError::Invalid)?;
        let ticket = redeem(app, &ticket, &origin, now).await?;
        (claims_of(&ticket), Some(ticket))
    };
    rate(&state.rates.teens, claims.teen, now)?;
    if let Some(address) = relay::elsewhere(app, claims.teen, &parts.headers).await? {
        if let Some(ticket) = &ticket {
            // It is for the other server to take.
            app.services.tickets.put(ticket).await?;
        }
        if let Some(handle) = handle {
            parts.extensions.insert(handle);
        }
        let request = Request::from_parts(parts, body);
        return relay::pass_on(app, &address, request).await;
    }
    let context = TeenContext::load(app, claims.teen)
        .await
        .map_err(|refusal| match refusal {
            Refusal::Code(code) => status(StatusCode::FORBIDDEN, code),
            Refusal::Store(error) => error.into(),
        })?;
    let bearer = claims.into();
    let authenticated = Authenticated { bearer, context };
    let app = Arc::clone(app);
    let limit = FRAME_BYTES - 1;
    Ok(upgrade
        .protocols([SUBPROTOCOL])
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(0)
        .max_write_buffer_size(4 * FRAME_BYTES)
        .max_message_size(limit)
        .max_frame_size(limit)
        .on_upgrade(move |socket| {
            let write_timeout = app.settings.limits.write_timeout;
            let carrier = Socket {
                socket,
                write_timeout,
            };
            connection::serve(app, carrier, authenticated)
        }))
}

fn status(status: StatusCode, code: ErrorCode) -> ApiError {
    ApiError::new(status, code, code.message())
}

fn capacity(app: &App) -> Result<(), ApiError> {
    let full =
        app.connections() >= usize::try_from(app.settings.limits.connections).unwrap_or(usize::MAX);
    if app.is_draining() || full {
        return Err(status(StatusCode::SERVICE_UNAVAILABLE, ErrorCode::Draining));
    }
    Ok(())
}

/// The origin of a browser; none for a native app. Never "equals Host": a name that an attacker
/// points at this address would pass that.
fn origin(app: &App, headers: &HeaderMap) -> Result<String, ApiError> {
    let Some(origin) = headers.get(header::ORIGIN) else {
        return Ok(String::new());
    };
    let origin = origin.to_str().unwrap_or("null");
    if app
        .settings
        .allowed_origins
        .iter()
        .any(|allowed| allowed == origin)
    {
        Ok(origin.to_owned())
    } else {
        Err(status(StatusCode::FORBIDDEN, ErrorCode::Forbidden))
    }
}

fn sub_protocols(headers: &HeaderMap) -> Vec<String> {
    headers
        .get_all(header::SEC_WEBSOCKET_PROTOCOL)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|name| name.trim().to_owned())
        .collect()
}

/// The token of the header, else of the sub-protocols. Never of the URL: that lands in logs.
fn token<'a>(headers: &'a HeaderMap, offered: &'a [String]) -> Option<&'a str> {
    let header = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "));
    let offered = || offered.iter().find_map(|name| name.strip_prefix("bearer."));
    header.or_else(offered).map(str::trim)
}

/// A ticket stands for the token it was bought with, once, from the same origin.
async fn redeem(app: &App, ticket: &str, origin: &str, now: Timestamp) -> Result<Ticket, ApiError> {
    let mut hash = [0; 32];
    let sum = digest::digest(&digest::SHA256, ticket.as_bytes());
    for (to, from) in hash.iter_mut().zip(sum.as_ref()) {
        *to = *from;
    }
    let found = app.services.tickets.take(hash, now).await?;
    let ticket = found
        .filter(|ticket| ticket.origin == origin)
        .ok_or(TokenError::Invalid)?;
    if now >= ticket.token_expires_at {
        return Err(TokenError::Expired.into());
    }
    let mark = app.services.accounts.denied_before(ticket.teen).await?;
    if mark.is_some_and(|mark| ticket.token_issued_at < mark) {
        return Err(TokenError::Revoked.into());
    }
    Ok(ticket)
}

/// What is known of the token that a ticket was bought with.
const fn claims_of(ticket: &Ticket) -> Claims {
    Claims {
        teen: ticket.teen,
        issued_at: ticket.token_issued_at,
        expires_at: ticket.token_expires_at,
        jti: String::new(),
        auth_time: ticket.token_issued_at,
        scopes: Vec::new(),
    }
}

fn rate<K: std::hash::Hash + Eq>(
    buckets: &Buckets<K>,
    key: K,
    now: Timestamp,
) -> Result<(), ApiError> {
    buckets
        .take(key, now)
        .map_err(|_wait| status(StatusCode::TOO_MANY_REQUESTS, ErrorCode::RateLimited))
}
