//! What the server knows of a teen while they are connected: profile and consents.

use std::sync::Arc;

use innerworld_core::{
    error::PortError,
    identity::{
        consent::{self, ConsentRecord, MemoryMode, Purpose},
        profile::Profile,
    },
    ids::TeenId,
    persona::PersonaId,
};
use innerworld_protocol::ErrorCode;

use crate::app::App;

/// Profile and consents, read at the handshake and at each `hello`.
#[derive(Clone, Debug)]
pub struct TeenContext {
    pub(crate) profile: Arc<Profile>,
    pub(crate) consents: Arc<[ConsentRecord]>,
}

/// Why a teen may not open a socket.
#[derive(Debug)]
pub enum Refusal {
    /// A rule says no.
    Code(ErrorCode),
    /// It could not be found out.
    Store(PortError),
}

impl TeenContext {
    /// Reads it; refuses an incomplete profile and missing terms.
    pub async fn load(app: &App, teen: TeenId) -> Result<Self, Refusal> {
        let profile = app
            .services
            .profiles
            .load(teen)
            .await
            .map_err(Refusal::Store)?;
        let profile = profile.ok_or(Refusal::Code(ErrorCode::ProfileIncomplete))?;
        let consents = app
            .services
            .consents
            .list(teen)
            .await
            .map_err(Refusal::Store)?;
        let version = app.services.catalogue.version(Purpose::Terms);
        if consent::granted(&consents, Purpose::Terms, "", version).is_none() {
            return Err(Refusal::Code(ErrorCode::ConsentRequired));
        }
        Ok(Self {
            profile: Arc::new(profile),
            consents: consents.into(),
        })
    }

    /// How much is remembered with this persona.
    pub(crate) fn memory_mode(&self, app: &App, persona: Option<&PersonaId>) -> MemoryMode {
        app.settings.memory_mode(&self.consents, persona)
    }

    /// Label of the rules that apply: country, and region where there is one.
    pub(crate) fn jurisdiction(&self) -> String {
        match &self.profile.region {
            Some(region) => format!("{}-{region}", self.profile.country),
            None => self.profile.country.clone(),
        }
    }

    /// Takes over a record that was just stored.
    pub(crate) fn add_consent(&mut self, record: ConsentRecord) {
        self.consents = self
            .consents
            .iter()
            .cloned()
            .chain(std::iter::once(record))
            .collect();
    }

    /// Whether this version of the disclosure was accepted.
    pub(crate) fn accepted_disclosure(&self, version: &str) -> bool {
        consent::granted(&self.consents, Purpose::Disclosure, "", version).is_some()
    }
}
