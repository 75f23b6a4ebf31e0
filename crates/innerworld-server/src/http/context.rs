//! State of the routes that stand on the running server, and what they share.

use std::sync::Arc;

use axum::{body::Bytes, extract::FromRef, extract::rejection::BytesRejection};
use innerworld_core::{clock::Clock, identity::token::TokenVerifier};
use serde::de::DeserializeOwned;

use super::error::ApiError;
use crate::app::App;

/// The running server, as route state.
#[derive(Clone, Debug)]
pub struct Api(pub Arc<App>);

impl FromRef<Api> for Arc<dyn TokenVerifier> {
    fn from_ref(api: &Api) -> Self {
        Arc::clone(&api.0.services.verifier)
    }
}

impl FromRef<Api> for Arc<dyn Clock> {
    fn from_ref(api: &Api) -> Self {
        Arc::clone(&api.0.services.clock)
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
