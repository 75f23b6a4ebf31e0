//! Consents: what is asked, what was agreed to, giving and withdrawing.

use axum::{
    Json,
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    http::StatusCode,
};
use innerworld_core::identity::{
    consent::{ConsentRecord, MemoryMode, Purpose},
    consents::{Circumstances, ConsentRequest},
};
use innerworld_core::ids::TeenId;
use innerworld_protocol::codes::ErrorCode;

use super::{
    AccountApi,
    bodies::{CatalogueBody, CatalogueEntry, ConsentPut, Consents, ConsentsPut, MemorySettings},
    read,
};
use crate::http::error::{ApiError, SignedIn};

pub(super) async fn catalogue(State(api): State<AccountApi>) -> Json<CatalogueBody> {
    let entry = |text: &innerworld_core::identity::consents::ConsentText| CatalogueEntry {
        purpose: text.purpose,
        title: text.title.clone(),
        text: text.text.clone(),
        text_version: text.version.clone(),
        text_hash: text.hash.clone(),
        required: text.purpose == Purpose::Terms,
        recipients: api
            .catalogue
            .recipients_of(text.purpose)
            .map(str::to_owned)
            .collect(),
    };
    Json(CatalogueBody {
        consents: api.catalogue.texts.iter().map(entry).collect(),
    })
}

pub(super) async fn list(
    State(api): State<AccountApi>,
    SignedIn(claims): SignedIn,
) -> Result<Json<Consents>, ApiError> {
    let records = api.consents.list(claims.teen).await?;
    Ok(Json(latest(records)))
}

pub(super) async fn put(
    State(api): State<AccountApi>,
    SignedIn(claims): SignedIn,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Consents>, ApiError> {
    let put: ConsentsPut = read(body)?;
    let requests: Vec<ConsentRequest> = put.consents.into_iter().map(request).collect();
    append(&api, claims.teen, &requests).await?;
    list(State(api), SignedIn(claims)).await
}

/// The memory mode alone: the same record as a consent to memory.
pub(super) async fn settings(
    State(api): State<AccountApi>,
    SignedIn(claims): SignedIn,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Consents>, ApiError> {
    let put: MemorySettings = read(body)?;
    let request = ConsentRequest {
        purpose: Purpose::Memory,
        recipient: String::new(),
        text_version: api.catalogue.version(Purpose::Memory).to_owned(),
        granted: put.mode != MemoryMode::Off,
        mode: Some(put.mode),
        persona: put.persona,
    };
    append(&api, claims.teen, &[request]).await?;
    list(State(api), SignedIn(claims)).await
}

/// Stores the records, all or none, and brings memory down to the mode they choose.
async fn append(
    api: &AccountApi,
    teen: TeenId,
    requests: &[ConsentRequest],
) -> Result<(), ApiError> {
    // The record names the band and the country: both come with the profile.
    let profile = api.profiles.load(teen).await?.ok_or_else(|| {
        let message = "complete the profile first";
        ApiError::new(StatusCode::FORBIDDEN, ErrorCode::ProfileIncomplete, message)
    })?;
    let now = api.clock.now();
    let jurisdiction = match &profile.region {
        Some(region) => format!("{}-{region}", profile.country),
        None => profile.country.clone(),
    };
    let circumstances = Circumstances {
        jurisdiction,
        band: profile.band_at(now),
        evidence: "api".to_owned(),
        now,
    };
    let records = api
        .catalogue
        .record(requests, &circumstances)
        .map_err(|cause| ApiError::invalid(cause.to_string()))?;
    api.consents.append(teen, &records).await?;
    if requests
        .iter()
        .any(|request| request.purpose == Purpose::Memory)
    {
        let mode = api.memory_mode(&api.consents.list(teen).await?);
        api.memory.switch_to(teen, mode, now).await?;
        api.sessions.refresh_memory(teen);
    }
    Ok(())
}

fn request(put: ConsentPut) -> ConsentRequest {
    ConsentRequest {
        purpose: put.purpose,
        recipient: put.recipient,
        text_version: put.text_version,
        granted: put.granted,
        mode: put.mode,
        persona: put.persona,
    }
}

fn latest(records: Vec<ConsentRecord>) -> Consents {
    let mut consents: Vec<ConsentRecord> = Vec::new();
    for record in records.into_iter().rev() {
        let same = |known: &ConsentRecord| {
            known.purpose == record.purpose
                && known.recipient == record.recipient
                && known.persona == record.persona
        };
        if !consents.iter().any(same) {
            consents.push(record);
        }
    }
    consents.reverse();
    Consents { consents }
}
