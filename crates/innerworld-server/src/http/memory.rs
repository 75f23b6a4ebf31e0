//! A teen's memory: see it, know why it is believed, forget, correct.

mod bodies;

use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, Query, State, rejection::BytesRejection},
    routing::{get, post},
};
use innerworld_core::{
    calendar,
    clock::Timestamp,
    error::ErrorKind,
    ids::TeenId,
    memory::{Account, Correction, Target, View, ViewQuery},
    secret::Text,
};
use serde::Deserialize;

pub use self::bodies::operations;
use self::bodies::{Corrected, CorrectionBody, ForgetBody, Forgotten, ItemBody, ThingBody};
use super::{
    context::{Api, read},
    error::{ApiError, SignedIn},
    talk::Page,
};

const BODY_BYTES: usize = 16 * 1_024;
/// Most things forgotten by one request.
const MAX_TARGETS: usize = 100;

/// The routes.
pub fn router() -> Router<Api> {
    Router::new()
        .route("/v1/me/memory", get(view))
        .route("/v1/me/memory/forget", post(forget))
        .route("/v1/me/memory/corrections", post(correct))
        .route("/v1/me/memory/{what}/{id}", get(thing).delete(forget_one))
        .layer(DefaultBodyLimit::max(BODY_BYTES))
}

/// What a list is narrowed to.
#[derive(Debug, Deserialize)]
struct Wanted {
    view: Option<String>,
    kind: Option<String>,
    q: Option<String>,
    true_on: Option<String>,
    known_on: Option<String>,
    cursor: Option<String>,
}

async fn view(
    State(api): State<Api>,
    SignedIn(claims): SignedIn,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Page<ItemBody>>, ApiError> {
    let zone = Told::of(&api, claims.teen).await?.zone;
    let day = |text: Option<String>| text.map(|text| end_of_day(&text, &zone)).transpose();
    let name = wanted.view.as_deref().unwrap_or("nodes");
    let query = ViewQuery {
        view: View::parse(name)
            .ok_or_else(|| ApiError::invalid("view is nodes, edges, timeline or moods"))?,
        kind: wanted.kind,
        q: wanted.q.map(Text::new),
        true_on: day(wanted.true_on)?,
        known_on: day(wanted.known_on)?,
        cursor: wanted.cursor,
        limit: 0,
    };
    let page = api.app.services.memory.view(claims.teen, &query).await?;
    let items = page.items.into_iter().map(ItemBody::from).collect();
    Ok(Json(Page {
        items,
        next: page.next,
    }))
}

async fn thing(
    State(api): State<Api>,
    SignedIn(claims): SignedIn,
    Path((what, id)): Path<(String, String)>,
) -> Result<Json<ThingBody>, ApiError> {
    let target = target(&what, &id)?;
    let found = api.app.services.memory.thing(claims.teen, target).await?;
    found
        .map(|thing| Json(ThingBody::from(thing)))
        .ok_or_else(ApiError::not_found)
}

async fn forget(
    State(api): State<Api>,
    SignedIn(claims): SignedIn,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Forgotten>, ApiError> {
    let wanted: ForgetBody = read(body)?;
    if wanted.targets.is_empty() || wanted.targets.len() > MAX_TARGETS {
        return Err(ApiError::invalid("name 1 to 100 targets"));
    }
    let targets = wanted
        .targets
        .iter()
        .map(|named| target(&named.what, &named.id))
        .collect::<Result<Vec<Target>, ApiError>>()?;
    let memory = &api.app.services.memory;
    let plan = if wanted.dry_run {
        memory.plan_forgetting(claims.teen, &targets).await?
    } else {
        let told = Told::of(&api, claims.teen).await?;
        let plan = wanted.plan.as_deref();
        let gone = memory
            .forget(claims.teen, &targets, plan, told.account())
            .await?;
        api.app.refresh_memory(claims.teen);
        gone
    };
    Ok(Json(Forgotten::from(plan)))
}

async fn forget_one(
    State(api): State<Api>,
    SignedIn(claims): SignedIn,
    Path((what, id)): Path<(String, String)>,
) -> Result<Json<Forgotten>, ApiError> {
    let target = target(&what, &id)?;
    let told = Told::of(&api, claims.teen).await?;
    let memory = &api.app.services.memory;
    let gone = memory
        .forget(claims.teen, &[target], None, told.account())
        .await?;
    api.app.refresh_memory(claims.teen);
    Ok(Json(Forgotten::from(gone)))
}

async fn correct(
    State(api): State<Api>,
    SignedIn(claims): SignedIn,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Corrected>, ApiError> {
    let wanted: CorrectionBody = read(body)?;
    let wrong = wanted.wrong().ok_or_else(ApiError::not_found)?;
    let told = Told::of(&api, claims.teen).await?;
    let correction = Correction {
        wrong,
        teen_name: told.name,
        zone: told.zone,
    };
    let turn = api
        .app
        .services
        .memory
        .correct(claims.teen, &correction)
        .await
        .map_err(|cause| match cause.kind() {
            ErrorKind::Invalid => ApiError::invalid("instead must be a name of something"),
            _ => cause.into(),
        })?;
    api.app.refresh_memory(claims.teen);
    Ok(Json(Corrected { turn }))
}

fn target(what: &str, id: &str) -> Result<Target, ApiError> {
    Target::parse(what, id).ok_or_else(ApiError::not_found)
}

/// The end of a calendar day in the account's zone: what was true on it, or known by its end.
fn end_of_day(day: &str, zone: &str) -> Result<Timestamp, ApiError> {
    let end = calendar::end_of(zone, day);
    end.ok_or_else(|| ApiError::invalid("a day is written like 2026-11-24"))
}

/// What memory tells by: the teen's name and whose days count.
struct Told {
    name: Option<Text>,
    zone: String,
}

impl Told {
    async fn of(api: &Api, teen: TeenId) -> Result<Self, ApiError> {
        let profile = api.app.services.profiles.load(teen).await?;
        let zone = profile
            .as_ref()
            .map(|profile| profile.zone_at(api.app.now()));
        Ok(Self {
            zone: zone.unwrap_or("UTC").to_owned(),
            name: profile.and_then(|profile| profile.name),
        })
    }

    fn account(&self) -> Account<'_> {
        Account {
            teen_name: self.name.as_ref(),
            zone: &self.zone,
        }
    }
}
