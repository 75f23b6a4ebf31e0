//! State of the routes that stand on the running server, and what they share.

use std::sync::Arc;

use axum::{body::Bytes, extract::FromRef, extract::rejection::BytesRejection};
use innerworld_core::{clock::Clock, identity::token::TokenVerifier, ids::TeenId};
use serde::de::DeserializeOwned;

use super::{error::ApiError, idempotency::Answers};
use innerworld_engine::{
    app::App,
    erase::Forgets,
    export::{ExportPorts, Exports, InProcess},
};

/// The running server, as route state.
#[derive(Clone, Debug)]
pub struct Api {
    /// Sessions and services.
    pub app: Arc<App>,
    /// What the routes keep.
    pub(crate) own: Arc<Own>,
}

/// What the routes keep in RAM between requests.
#[derive(Debug)]
pub(crate) struct Own {
    pub(super) exports: Arc<dyn Exports>,
    pub(super) answers: Answers,
    /// JSON schema of all frames, made once.
    pub(super) schema: serde_json::Value,
}

impl Api {
    /// State of the routes of this server, which makes exports itself.
    pub fn new(app: Arc<App>) -> Self {
        let ports = ExportPorts::from(&app.services);
        let exports = InProcess::new(ports, Arc::clone(&app.services.ids));
        Self::with_exports(app, Arc::new(exports))
    }

    /// The same, where these hand out exports.
    pub fn with_exports(app: Arc<App>, exports: Arc<dyn Exports>) -> Self {
        let own = Arc::new(Own {
            exports,
            answers: Answers::default(),
            schema: innerworld_protocol::schema::document(),
        });
        app.tell_of_changes(&own);
        Self { app, own }
    }
}

impl Forgets for Own {
    fn forget(&self, teen: TeenId) {
        self.answers.forget(teen);
    }
}

impl FromRef<Api> for Arc<dyn TokenVerifier> {
    fn from_ref(api: &Api) -> Self {
        Arc::clone(&api.app.services.verifier)
    }
}

impl FromRef<Api> for Arc<dyn Clock> {
    fn from_ref(api: &Api) -> Self {
        Arc::clone(&api.app.services.clock)
    }
}

/// Items of one page at most.
pub(super) const PAGE: usize = 100;

/// Reads a JSON body. The cause is not passed on: it may quote what somebody typed.
pub(crate) fn read<T: DeserializeOwned>(
    body: Result<Bytes, BytesRejection>,
) -> Result<T, ApiError> {
    let bytes = body.map_err(|_cause| ApiError::invalid("the body is too large"))?;
    serde_json::from_slice(&bytes).map_err(|_cause| {
        ApiError::invalid("the body is not JSON, or a field is missing or has a wrong form")
    })
}

/// Reads an id from a path or query.
pub(super) fn id<T: std::str::FromStr>(text: &str) -> Result<T, ApiError> {
    text.parse().map_err(|_form| ApiError::not_found())
}
