//! What anybody may read: personas, the protocol, the disclosure, the safety protocol, resources.

use axum::{
    Json, Router,
    extract::{Query, State},
    http::header,
    response::IntoResponse,
    routing::get,
};
use innerworld_protocol::{FRAME_BYTES, MESSAGE_BYTES, SUBPROTOCOL, VERSION};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{context::Api, error::ApiError};
use crate::openapi::{Operation, body, operation};

/// The routes.
pub fn router() -> Router<Api> {
    Router::new()
        .route("/v1/protocol", get(protocol))
        .route("/v1/personas", get(personas))
        .route("/v1/disclosure", get(disclosure))
        .route("/v1/safety/protocol", get(safety_protocol))
        .route("/v1/safety/resources", get(resources))
        .route("/v1/safety/tools", get(tools))
}

/// The protocol that is spoken here.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ProtocolBody {
    /// Version.
    pub protocol: u32,
    /// Sub-protocol to offer.
    pub subprotocol: &'static str,
    /// Frames are shorter than this.
    pub frame_bytes: usize,
    /// A message's text is at most this.
    pub message_bytes: usize,
    /// JSON schema of all frames.
    pub schema: serde_json::Value,
}

/// Personas.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Personas {
    /// Cards, in the order of the operator's files.
    #[schemars(with = "Vec<serde_json::Value>")]
    pub personas: Vec<innerworld_core::persona::card::PersonaCard>,
}

/// The disclosure.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DisclosureBody {
    /// Version of the text.
    pub version: String,
    /// Its language.
    pub locale: String,
    /// The text.
    pub text: String,
    /// Whether it must be accepted.
    pub ack_required: bool,
    /// The notice that companions may be unsuitable for some minors.
    pub unsuitable_notice: String,
}

#[derive(Debug, Deserialize)]
struct Where {
    locale: Option<String>,
    country: Option<String>,
    region: Option<String>,
}

async fn protocol(State(api): State<Api>) -> Json<ProtocolBody> {
    Json(ProtocolBody {
        protocol: VERSION,
        subprotocol: SUBPROTOCOL,
        frame_bytes: FRAME_BYTES,
        message_bytes: MESSAGE_BYTES,
        schema: api.own.schema.clone(),
    })
}

async fn personas(State(api): State<Api>) -> Json<Personas> {
    Json(Personas {
        personas: api.app.services.personas.cards(),
    })
}

async fn disclosure(State(api): State<Api>, Query(at): Query<Where>) -> Json<DisclosureBody> {
    let locale = at.locale.unwrap_or_else(|| "en".to_owned());
    let country = at.country.unwrap_or_default();
    let shown = api
        .app
        .safeguards()
        .desk
        .disclosure(&locale, &country, at.region.as_deref());
    Json(DisclosureBody {
        version: shown.version,
        locale: shown.locale,
        text: shown.text,
        ack_required: shown.ack_required,
        unsuitable_notice: shown.unsuitable_notice,
    })
}

async fn safety_protocol(State(api): State<Api>) -> Json<serde_json::Value> {
    let protocol = api.app.safeguards().desk.protocol(api.app.now());
    Json(serde_json::to_value(protocol).unwrap_or_default())
}

/// Cached by clients so that help is there without a network.
async fn resources(State(api): State<Api>, Query(at): Query<Where>) -> impl IntoResponse {
    let country = at.country.unwrap_or_default();
    let locale = at.locale.unwrap_or_else(|| "en".to_owned());
    let list =
        api.app
            .safeguards()
            .desk
            .resources(&country, at.region.as_deref(), &locale, api.app.now());
    (
        [(header::CACHE_CONTROL, "public, max-age=3600")],
        Json(list),
    )
}

/// Grounding, the trusted-adult script and the journal's offer: what the choices of a safety frame
/// open.
async fn tools(
    State(api): State<Api>,
    Query(at): Query<Where>,
) -> Result<Json<serde_json::Value>, ApiError> {
    let locale = at.locale.unwrap_or_else(|| "en".to_owned());
    let tools = api
        .app
        .safeguards()
        .desk
        .tools(&locale)
        .ok_or_else(ApiError::not_found)?;
    Ok(Json(serde_json::to_value(tools).unwrap_or_default()))
}

/// The operations.
pub fn operations() -> Vec<Operation> {
    let open = |path, summary| Operation {
        secured: false,
        codes: &[],
        ..operation("get", path, summary)
    };
    vec![
        Operation {
            response: (200, body::<ProtocolBody>()),
            ..open("/v1/protocol", "The socket protocol: limits and schema.")
        },
        Operation {
            response: (200, body::<Personas>()),
            ..open("/v1/personas", "Who can be talked to.")
        },
        Operation {
            query: &["locale", "country", "region"],
            response: (200, body::<DisclosureBody>()),
            ..open(
                "/v1/disclosure",
                "What is said at the start of every session.",
            )
        },
        Operation {
            response: (200, body::<serde_json::Value>()),
            ..open(
                "/v1/safety/protocol",
                "The safety protocol in force, with its hash.",
            )
        },
        Operation {
            query: &["country", "region", "locale"],
            response: (200, body::<serde_json::Value>()),
            ..open("/v1/safety/resources", "Who can help, by country.")
        },
        Operation {
            query: &["locale"],
            response: (200, body::<serde_json::Value>()),
            ..open(
                "/v1/safety/tools",
                "Grounding, how to tell an adult, the journal's offer.",
            )
        },
    ]
}
