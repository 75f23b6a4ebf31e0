//! The journal: entries that a teen chose to keep. Never sent to a model, never in memory.

use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, Query, State, rejection::BytesRejection},
    http::StatusCode,
    routing::{delete, get},
};
use innerworld_core::{
    ids::JournalId,
    safety::{journal, store::JournalEntry},
    secret::Text,
};
use innerworld_protocol::{ErrorCode, text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    context::{Api, PAGE, id, read},
    error::{ApiError, SignedIn},
    talk::Page,
};
use crate::openapi::{Operation, body, operation};

/// A text of the greatest length, escaped twice over, and its id.
const BODY_BYTES: usize = 3 * journal::MAX_ENTRY_BYTES;

/// The routes.
pub fn router() -> Router<Api> {
    Router::new()
        .route("/v1/me/journal", get(list).post(keep))
        .route("/v1/me/journal/{id}", delete(remove))
        .layer(DefaultBodyLimit::max(BODY_BYTES))
}

/// An entry to keep.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct NewEntry {
    /// Made by the client; the same id again changes nothing.
    #[schemars(with = "String")]
    pub id: JournalId,
    /// 1 to 16,000 bytes.
    #[schemars(with = "String")]
    pub text: Text,
}

/// An entry.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Entry {
    /// Its id.
    #[schemars(with = "String")]
    pub id: JournalId,
    /// The words.
    #[schemars(with = "String")]
    pub text: Text,
    /// When it was written.
    pub written_at: String,
    /// When it goes.
    pub expires_at: String,
}

impl From<JournalEntry> for Entry {
    fn from(entry: JournalEntry) -> Self {
        Self {
            id: entry.id,
            text: entry.text,
            written_at: entry.written_at.to_rfc3339(),
            expires_at: entry.expires_at.to_rfc3339(),
        }
    }
}

#[derive(Debug, Deserialize)]
struct Cursor {
    cursor: Option<String>,
}

async fn keep(
    State(api): State<Api>,
    SignedIn(claims): SignedIn,
    body: Result<Bytes, BytesRejection>,
) -> Result<StatusCode, ApiError> {
    let new: NewEntry = read(body)?;
    let cleaned = text::clean(new.text.reveal());
    let entry = journal::entry(new.id, &cleaned, api.app.now(), journal::DEFAULT_DAYS)
        .map_err(|cause| ApiError::invalid(cause.to_string()))?;
    api.app.services.journal.put(claims.teen, &entry).await?;
    Ok(StatusCode::CREATED)
}

async fn list(
    State(api): State<Api>,
    SignedIn(claims): SignedIn,
    Query(page): Query<Cursor>,
) -> Result<Json<Page<Entry>>, ApiError> {
    let before = page.cursor.as_deref().map(id::<JournalId>).transpose()?;
    let found = api
        .app
        .services
        .journal
        .list(claims.teen, before, PAGE, api.app.now())
        .await?;
    let next = (found.len() == PAGE)
        .then(|| found.last().map(|entry| entry.id.to_string()))
        .flatten();
    Ok(Json(Page {
        items: found.into_iter().map(Entry::from).collect(),
        next,
    }))
}

async fn remove(
    State(api): State<Api>,
    SignedIn(claims): SignedIn,
    Path(entry): Path<String>,
) -> Result<StatusCode, ApiError> {
    api.app
        .services
        .journal
        .delete(claims.teen, id(&entry)?)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The operations.
pub fn operations() -> Vec<Operation> {
    vec![
        Operation {
            query: &["cursor"],
            response: (200, body::<Page<Entry>>()),
            ..operation(
                "get",
                "/v1/me/journal",
                "Entries that were kept, newest first.",
            )
        },
        Operation {
            request: body::<NewEntry>(),
            response: (201, None),
            codes: &[ErrorCode::Invalid],
            ..operation("post", "/v1/me/journal", "Keeps an entry.")
        },
        Operation {
            response: (204, None),
            ..operation("delete", "/v1/me/journal/{id}", "Deletes an entry.")
        },
    ]
}
