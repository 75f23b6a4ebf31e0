//! Everything that is kept about a teen, as one JSON document.
//!
//! `POST /v1/me/export` gives an id, `GET /v1/me/exports/{id}` the document. One machine makes it when
//! it is fetched; where another process makes it, the answer is 202 until it is there, and an address
//! to follow where it is too large for an answer.

use axum::{
    Json, Router,
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use innerworld_core::ids::ExportId;
use innerworld_engine::export::{Ask, Fetched};
use innerworld_protocol::ErrorCode;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::{
    context::{Api, id},
    error::{ApiError, SignedIn},
};
use crate::openapi::{Operation, body, operation};

/// Seconds after which it is worth asking again for a document that is being made.
const ASK_AGAIN_S: &str = "5";

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

async fn begin(
    State(api): State<Api>,
    SignedIn(claims): SignedIn,
) -> Result<(StatusCode, Json<Begun>), ApiError> {
    let id = api.own.exports.begin(claims.teen, api.app.now()).await?;
    Ok((StatusCode::ACCEPTED, Json(Begun { id })))
}

async fn fetch(
    State(api): State<Api>,
    SignedIn(claims): SignedIn,
    Path(export): Path<String>,
) -> Result<Response, ApiError> {
    let ask = Ask {
        teen: claims.teen,
        issued_at: claims.issued_at,
        now: api.app.now(),
    };
    let id = id(&export)?;
    match api.own.exports.fetch(id, &ask).await? {
        Fetched::NotThere => Err(ApiError::not_found()),
        Fetched::TokenTooOld => Err(ApiError::new(
            StatusCode::UNAUTHORIZED,
            ErrorCode::TokenExpired,
            "refresh your token first",
        )),
        Fetched::Running => {
            let again = [(header::RETRY_AFTER, ASK_AGAIN_S)];
            Ok((StatusCode::ACCEPTED, again, Json(Begun { id })).into_response())
        }
        Fetched::Document(document) => Ok(Json(document).into_response()),
        Fetched::Address(address) => {
            let to = [(header::LOCATION, address.reveal().as_str())];
            Ok((StatusCode::SEE_OTHER, to).into_response())
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
