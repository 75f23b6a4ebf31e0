//! Sessions, their turns, and the time left today.

use axum::{
    Json, Router,
    extract::{Path, Query, State},
    routing::get,
};
use innerworld_core::{
    conversation::{
        budget::DayBudget,
        record::{EndReason, SessionRecord, SessionState},
    },
    identity::zone::AccountDay,
    ids::{SessionId, TurnId},
    persona::PersonaId,
};
use innerworld_protocol::{ErrorCode, TurnBody, server::WireSessionState};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    context::{Api, PAGE, id},
    error::{ApiError, SignedIn},
};
use crate::openapi::{Operation, body, operation};

/// The routes.
pub fn router() -> Router<Api> {
    Router::new()
        .route("/v1/me/time", get(time))
        .route("/v1/sessions", get(sessions))
        .route("/v1/sessions/{id}", get(session))
        .route("/v1/sessions/{id}/turns", get(turns))
}

/// Time left today.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Time {
    /// Seconds left.
    pub remaining_s: u32,
    /// When the day begins anew.
    pub resets_at: String,
}

/// A session.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SessionBody {
    /// Its id.
    #[schemars(with = "String")]
    pub id: SessionId,
    /// Where it stands.
    pub state: WireSessionState,
    /// Who was talked to.
    #[schemars(with = "Option<String>")]
    pub persona: Option<PersonaId>,
    /// When it began.
    pub started_at: String,
    /// When it ended.
    pub ended_at: Option<String>,
    /// Why.
    #[schemars(with = "Option<String>")]
    pub reason: Option<EndReason>,
}

impl From<&SessionRecord> for SessionBody {
    fn from(session: &SessionRecord) -> Self {
        Self {
            id: session.id,
            state: session.state.into(),
            persona: session.persona.clone(),
            started_at: session.started_at.to_rfc3339(),
            ended_at: session.ended.map(|(at, _)| at.to_rfc3339()),
            reason: session.ended.map(|(_, reason)| reason),
        }
    }
}

/// A page.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Page<T> {
    /// At most 100.
    pub items: Vec<T>,
    /// Give it as `cursor` (or `after`) for the next page.
    pub next: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Cursor {
    cursor: Option<String>,
    after: Option<String>,
}

async fn time(State(api): State<Api>, SignedIn(claims): SignedIn) -> Result<Json<Time>, ApiError> {
    let app = &api.app;
    let profile = app.services.profiles.load(claims.teen).await?;
    let now = app.now();
    let day = profile.map_or_else(
        || AccountDay::in_zone("UTC", now),
        |profile| profile.day_at(now),
    );
    let used = app
        .services
        .clocks
        .day(claims.teen, &day.date.to_string())
        .await?;
    let budget = DayBudget::new(&day, used, app.settings.limits.daily);
    Ok(Json(Time {
        remaining_s: budget.remaining_s(),
        resets_at: budget.resets_at.to_rfc3339(),
    }))
}

async fn sessions(
    State(api): State<Api>,
    SignedIn(claims): SignedIn,
    Query(page): Query<Cursor>,
) -> Result<Json<Page<SessionBody>>, ApiError> {
    let before = page.cursor.as_deref().map(id::<SessionId>).transpose()?;
    let store = &api.app.services.conversations;
    let found = store
        .sessions(claims.teen, before, PAGE, api.app.now())
        .await?;
    let next = (found.len() == PAGE)
        .then(|| found.last().map(|session| session.id.to_string()))
        .flatten();
    let mut items = Vec::with_capacity(found.len());
    for session in &found {
        items.push(told(&api, session).await?);
    }
    Ok(Json(Page { items, next }))
}

async fn session(
    State(api): State<Api>,
    SignedIn(claims): SignedIn,
    Path(session): Path<String>,
) -> Result<Json<SessionBody>, ApiError> {
    let store = &api.app.services.conversations;
    let found = store
        .session(claims.teen, id(&session)?, api.app.now())
        .await?;
    let log = found.ok_or_else(ApiError::not_found)?;
    Ok(Json(told(&api, &log.session).await?))
}

/// A session as it stands. One that waits for a model to read it is remembered already if this
/// machine's reading is in memory.
async fn told(api: &Api, session: &SessionRecord) -> Result<SessionBody, ApiError> {
    let mut body = SessionBody::from(session);
    let memory = &api.app.services.memory;
    if session.state == SessionState::Queued && memory.holds(session.teen, session.id).await? {
        body.state = SessionState::Processed.into();
    }
    Ok(body)
}

async fn turns(
    State(api): State<Api>,
    SignedIn(claims): SignedIn,
    Path(session): Path<String>,
    Query(page): Query<Cursor>,
) -> Result<Json<Page<TurnBody>>, ApiError> {
    let after = page.after.as_deref().map(id::<TurnId>).transpose()?;
    let store = &api.app.services.conversations;
    let found = store
        .session(claims.teen, id(&session)?, api.app.now())
        .await?;
    let log = found.ok_or_else(ApiError::not_found)?;
    let mut items: Vec<TurnBody> = log
        .turns
        .iter()
        .filter(|turn| after.is_none_or(|after| turn.id > after))
        .take(PAGE + 1)
        .map(TurnBody::from)
        .collect();
    let more = items.len() > PAGE;
    items.truncate(PAGE);
    let next = more
        .then(|| items.last().map(|turn| turn.id.to_string()))
        .flatten();
    Ok(Json(Page { items, next }))
}

/// The operations.
pub fn operations() -> Vec<Operation> {
    vec![
        Operation {
            response: (200, body::<Time>()),
            ..operation("get", "/v1/me/time", "Seconds left today.")
        },
        Operation {
            query: &["cursor"],
            response: (200, body::<Page<SessionBody>>()),
            ..operation(
                "get",
                "/v1/sessions",
                "Sessions that are still kept, newest first.",
            )
        },
        Operation {
            response: (200, body::<SessionBody>()),
            codes: &[ErrorCode::NotFound],
            ..operation("get", "/v1/sessions/{id}", "One session.")
        },
        Operation {
            query: &["after"],
            response: (200, body::<Page<TurnBody>>()),
            codes: &[ErrorCode::NotFound],
            ..operation(
                "get",
                "/v1/sessions/{id}/turns",
                "Its turns, as far as they are kept.",
            )
        },
    ]
}
