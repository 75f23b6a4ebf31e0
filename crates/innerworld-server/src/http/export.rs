//! Everything that is kept about a teen, as one JSON document.
//!
//! `POST /v1/me/export` gives an id, `GET /v1/me/exports/{id}` the document. It is made when it is
//! fetched: nothing is written anywhere, so nothing of it can be left behind. An id is forgotten
//! after a day, and by a restart.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use axum::{
    Json, Router,
    extract::{Path, State},
    http::StatusCode,
    routing::{get, post},
};
use innerworld_core::{
    clock::Timestamp,
    error::PortError,
    ids::{ExportId, TeenId},
};
use innerworld_protocol::ErrorCode;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::{
    context::{Api, PAGE, id},
    error::{ApiError, SignedIn},
    talk::TurnBody,
};
use crate::openapi::{Operation, body, operation};
use innerworld_engine::app::App;

/// An id may be used this long.
const LIFE: Duration = Duration::from_secs(24 * 3_600);
/// The token that fetches it was issued at most this long ago.
const FRESH: Duration = Duration::from_secs(3_600);
/// Most ids at a time; the oldest goes first.
const MAX_IDS: usize = 10_000;

/// Ids that were given out.
#[derive(Debug, Default)]
pub(crate) struct Exports(Mutex<HashMap<ExportId, (TeenId, Timestamp)>>);

impl Exports {
    fn add(&self, export: ExportId, teen: TeenId, now: Timestamp) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, (_, at)| now.since(*at) < LIFE);
        if known.len() >= MAX_IDS
            && let Some(oldest) = known
                .iter()
                .min_by_key(|(_, (_, at))| *at)
                .map(|(id, _)| *id)
        {
            known.remove(&oldest);
        }
        known.insert(export, (teen, now));
    }

    fn belongs(&self, export: ExportId, teen: TeenId, now: Timestamp) -> bool {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known
            .get(&export)
            .is_some_and(|(owner, at)| *owner == teen && now.since(*at) < LIFE)
    }
}

/// The routes.
pub fn router() -> Router<Api> {
    Router::new()
        .route("/v1/me/export", post(begin))
        .route("/v1/me/exports/{id}", get(fetch))
}

/// Where the export will be.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Begun {
    /// Its id.
    #[schemars(with = "String")]
    pub id: ExportId,
}

async fn begin(State(api): State<Api>, SignedIn(claims): SignedIn) -> (StatusCode, Json<Begun>) {
    let now = api.app.now();
    let export = ExportId::from_bits(api.app.services.ids.ulid(now));
    api.own.exports.add(export, claims.teen, now);
    (StatusCode::ACCEPTED, Json(Begun { id: export }))
}

async fn fetch(
    State(api): State<Api>,
    SignedIn(claims): SignedIn,
    Path(export): Path<String>,
) -> Result<Json<Value>, ApiError> {
    let now = api.app.now();
    if !api.own.exports.belongs(id(&export)?, claims.teen, now) {
        return Err(ApiError::not_found());
    }
    if now.since(claims.issued_at) > FRESH {
        let status = StatusCode::UNAUTHORIZED;
        return Err(ApiError::new(
            status,
            ErrorCode::TokenExpired,
            "refresh your token first",
        ));
    }
    Ok(Json(Box::pin(document(&api.app, claims.teen)).await?))
}

/// The whole document.
async fn document(app: &App, teen: TeenId) -> Result<Value, PortError> {
    let services = &app.services;
    let account = services.accounts.by_id(teen).await?;
    Ok(json!({
        "format": "innerworld-export/1",
        "exported_at": app.now().to_rfc3339(),
        "account": account.map(|account| json!({
            "sub": teen,
            "email": account.email,
            "federated": account.federated,
            "created_at": account.created_at.to_rfc3339(),
        })),
        "profile": services.profiles.load(teen).await?,
        "consents": services.consents.list(teen).await?,
        "sessions": sessions(app, teen).await?,
        "journal": journal(app, teen).await?,
        "memory": services.memory.export(teen, app.now()).await?,
        "safety": services.safety.load(teen).await?,
        "usage": services.usage.list(teen).await?,
        "notices": services.clocks.notices(teen).await?,
    }))
}

/// Sessions that are still kept, with their turns.
async fn sessions(app: &App, teen: TeenId) -> Result<Vec<Value>, PortError> {
    let store = &app.services.conversations;
    let mut out = Vec::new();
    let mut before = None;
    loop {
        let page = store.sessions(teen, before, PAGE, app.now()).await?;
        for session in &page {
            let log = store.session(teen, session.id, app.now()).await?;
            let turns = log.map(|log| log.turns).unwrap_or_default();
            let turns: Vec<TurnBody> = turns.iter().map(TurnBody::from).collect();
            out.push(json!({"session": session, "turns": turns}));
        }
        before = page.last().map(|session| session.id);
        if page.len() < PAGE {
            return Ok(out);
        }
    }
}

async fn journal(app: &App, teen: TeenId) -> Result<Vec<Value>, PortError> {
    let mut out = Vec::new();
    let mut before = None;
    loop {
        let page = app
            .services
            .journal
            .list(teen, before, PAGE, app.now())
            .await?;
        out.extend(page.iter().map(|entry| json!(entry)));
        before = page.last().map(|entry| entry.id);
        if page.len() < PAGE {
            return Ok(out);
        }
    }
}

/// The operations.
pub fn operations() -> Vec<Operation> {
    vec![
        Operation {
            response: (202, body::<Begun>()),
            ..operation("post", "/v1/me/export", "Asks for everything that is kept.")
        },
        Operation {
            response: (200, body::<Value>()),
            codes: &[ErrorCode::NotFound, ErrorCode::TokenExpired],
            ..operation(
                "get",
                "/v1/me/exports/{id}",
                "The document, with a fresh token.",
            )
        },
    ]
}
