//! Tickets, sign-out, erase, and what a client must know before it signs in.

use std::{net::SocketAddr, time::Duration};

use axum::{
    Json,
    extract::{ConnectInfo, Extension, Query, State},
    http::{HeaderMap, StatusCode, header},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use innerworld_core::{
    identity::account::{AccountState, Ticket},
    ids::TeenId,
    secret::Redacted,
};
use serde::Deserialize;

use super::{
    AccountApi, ServedAt,
    bodies::{ClientInfo, DevCode, TicketBody},
};
use crate::{
    cognito::tokens,
    http::error::{ApiError, SignedIn},
};

const TICKET_SECONDS: u32 = 30;
const MAX_ORIGIN_BYTES: usize = 300;

pub(super) async fn ticket(
    State(api): State<AccountApi>,
    SignedIn(claims): SignedIn,
    headers: HeaderMap,
) -> Result<Json<TicketBody>, ApiError> {
    let origin = headers
        .get(header::ORIGIN)
        .map_or(Ok(""), |value| value.to_str())
        .map_err(|_cause| ApiError::invalid("the origin is not text"))?;
    if origin.len() > MAX_ORIGIN_BYTES {
        return Err(ApiError::invalid("the origin is too long"));
    }
    let mut secret = [0_u8; 32];
    api.ids.fill(&mut secret);
    let text = BASE64.encode(secret);
    let life = Duration::from_secs(u64::from(TICKET_SECONDS));
    let ticket = Ticket {
        hash: tokens::hash(&text),
        teen: claims.teen,
        origin: origin.to_owned(),
        token_expires_at: claims.expires_at,
        token_issued_at: claims.issued_at,
        expires_at: api.clock.now().plus(life),
    };
    api.tickets.put(&ticket).await?;
    Ok(Json(TicketBody {
        ticket: Redacted::new(text),
        expires_in_s: TICKET_SECONDS,
    }))
}

pub(super) async fn sign_out(
    State(api): State<AccountApi>,
    SignedIn(claims): SignedIn,
) -> Result<StatusCode, ApiError> {
    api.identity.end_sessions(claims.teen).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn erase(
    State(api): State<AccountApi>,
    SignedIn(claims): SignedIn,
) -> Result<StatusCode, ApiError> {
    api.eraser.request(claims.teen).await?;
    Ok(StatusCode::ACCEPTED)
}

pub(super) async fn client(
    State(api): State<AccountApi>,
    served: Option<Extension<ServedAt>>,
) -> Json<ClientInfo> {
    let mut client = ClientInfo::clone(&api.client);
    if let Some(Extension(ServedAt(url))) = served {
        client.http_url = url;
    }
    Json(client)
}

#[derive(Deserialize)]
pub(super) struct Sub {
    #[serde(default)]
    sub: String,
}

/// The sign-up code of an account that is not confirmed yet; 404 for everything else.
pub(super) async fn dev_code(
    State(api): State<AccountApi>,
    peer: Option<Extension<ConnectInfo<SocketAddr>>>,
    Query(query): Query<Sub>,
) -> Result<Json<DevCode>, ApiError> {
    let loopback = peer.is_some_and(|Extension(ConnectInfo(peer))| peer.ip().is_loopback());
    let codes = api
        .dev_codes
        .as_ref()
        .filter(|_| loopback)
        .ok_or_else(ApiError::not_found)?;
    let teen = TeenId::from_verified_subject(&query.sub).map_err(|_form| ApiError::not_found())?;
    let account = api
        .accounts
        .by_id(teen)
        .await?
        .filter(|account| account.state == AccountState::Unconfirmed)
        .ok_or_else(ApiError::not_found)?;
    let code = codes
        .newest(account.email.reveal())
        .await?
        .ok_or_else(ApiError::not_found)?;
    Ok(Json(DevCode {
        code: Redacted::new(code),
    }))
}
