//! The catalogue of consents (`data/consents.toml`) and the check of what a client sends.

use serde::Deserialize;

use super::consent::{ConsentRecord, MemoryMode, Purpose};
use super::profile::AgeBand;
use crate::{clock::Timestamp, persona::PersonaId};

const DATA: &str = include_str!("../../data/consents.toml");
/// Most entries of one `PUT`.
pub const MAX_ENTRIES: usize = 32;

/// One purpose as it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsentText {
    /// What for.
    pub purpose: Purpose,
    /// Short heading.
    pub title: String,
    /// Version of the text.
    pub version: String,
    /// Whether a company must be named.
    pub needs_recipient: bool,
    /// The text that is agreed to.
    pub text: String,
    /// SHA-256 of the text, hexadecimal; computed when the catalogue is read.
    #[serde(skip)]
    pub hash: String,
}

/// All purposes, and the companies that this installation can send to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Catalogue {
    /// The purposes, in the order they are asked.
    pub texts: Vec<ConsentText>,
    /// Who would receive data, for each purpose that names a company.
    pub recipients: Vec<(Purpose, String)>,
}

/// The shipped catalogue cannot be read, or lacks a purpose: a fault of the build.
#[derive(Debug, thiserror::Error)]
#[error("the catalogue of consents is not valid")]
pub struct InvalidCatalogue(#[source] Option<toml::de::Error>);

/// What a client wants to record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsentRequest {
    /// What for.
    pub purpose: Purpose,
    /// The company; empty for purposes that stay here.
    pub recipient: String,
    /// Version of the text that was shown.
    pub text_version: String,
    /// Given or withdrawn.
    pub granted: bool,
    /// The mode, for `Memory`.
    pub mode: Option<MemoryMode>,
    /// The persona, for `Memory`.
    pub persona: Option<PersonaId>,
}

/// Why a consent cannot be recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConsentError {
    /// Empty, or more than [`MAX_ENTRIES`].
    #[error("send 1 to 32 consents")]
    Count,
    /// The version is not the one that is shown now.
    #[error("text_version is not the present version of this text; read /v1/consents again")]
    Version,
    /// A company is missing, unknown, or named where none receives anything.
    #[error("recipient must be one of those listed for this purpose in /v1/consents")]
    Recipient,
    /// Mode or persona where they do not belong, or a granted memory consent without a mode.
    #[error("mode and persona belong to the purpose memory, which needs a mode when granted")]
    Mode,
}

/// The circumstances that are recorded with a consent.
#[derive(Clone, Debug)]
pub struct Circumstances {
    /// Country and region of the account.
    pub jurisdiction: String,
    /// Band at the time.
    pub band: AgeBand,
    /// `ui` or `api`.
    pub evidence: String,
    /// When.
    pub now: Timestamp,
}

impl Catalogue {
    /// Reads the shipped texts; `recipients` are the companies of this installation.
    pub fn shipped(recipients: Vec<(Purpose, String)>) -> Result<Self, InvalidCatalogue> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct File {
            purpose: Vec<ConsentText>,
        }
        let file: File = toml::from_str(DATA).map_err(|cause| InvalidCatalogue(Some(cause)))?;
        let mut texts = file.purpose;
        for entry in &mut texts {
            entry.text = entry.text.trim().to_owned();
            entry.hash = crate::hex::sha256(entry.text.as_bytes());
        }
        let all = [
            Purpose::Terms,
            Purpose::ChatModel,
            Purpose::SafetyModel,
            Purpose::ExtractionModel,
            Purpose::Embedding,
            Purpose::Memory,
            Purpose::Mood,
        ];
        let complete = all
            .iter()
            .all(|wanted| texts.iter().filter(|text| text.purpose == *wanted).count() == 1);
        if complete {
            Ok(Self { texts, recipients })
        } else {
            Err(InvalidCatalogue(None))
        }
    }

    /// The text of a purpose.
    pub fn text(&self, purpose: Purpose) -> Option<&ConsentText> {
        self.texts.iter().find(|text| text.purpose == purpose)
    }

    /// The present version of a purpose's text.
    pub fn version(&self, purpose: Purpose) -> &str {
        self.text(purpose).map_or("", |text| text.version.as_str())
    }

    /// The companies that receive data for a purpose.
    pub fn recipients_of(&self, purpose: Purpose) -> impl Iterator<Item = &str> {
        self.recipients
            .iter()
            .filter(move |(of, _)| *of == purpose)
            .map(|(_, recipient)| recipient.as_str())
    }

    /// Checks what a client sent and makes one record of each entry, all or none.
    pub fn record(
        &self,
        requests: &[ConsentRequest],
        circumstances: &Circumstances,
    ) -> Result<Vec<ConsentRecord>, ConsentError> {
        if requests.is_empty() || requests.len() > MAX_ENTRIES {
            return Err(ConsentError::Count);
        }
        requests
            .iter()
            .map(|request| self.record_one(request, circumstances))
            .collect()
    }

    fn record_one(
        &self,
        request: &ConsentRequest,
        circumstances: &Circumstances,
    ) -> Result<ConsentRecord, ConsentError> {
        let text = self.text(request.purpose).ok_or(ConsentError::Version)?;
        if request.granted && request.text_version != text.version {
            return Err(ConsentError::Version);
        }
        // A withdrawal always passes: also from a company that is no longer configured.
        let known = self
            .recipients_of(request.purpose)
            .any(|recipient| recipient == request.recipient);
        let fits = if text.needs_recipient {
            !request.recipient.is_empty() && (known || !request.granted)
        } else {
            request.recipient.is_empty()
        };
        if !fits || request.recipient.len() > 200 || request.text_version.len() > 32 {
            return Err(ConsentError::Recipient);
        }
        let memory = request.purpose == Purpose::Memory;
        let stray = !memory && (request.mode.is_some() || request.persona.is_some());
        if stray || (memory && request.granted && request.mode.is_none()) {
            return Err(ConsentError::Mode);
        }
        Ok(ConsentRecord {
            purpose: request.purpose,
            recipient: request.recipient.clone(),
            text_version: request.text_version.clone(),
            text_hash: text.hash.clone(),
            jurisdiction: circumstances.jurisdiction.clone(),
            band: circumstances.band,
            granted: request.granted,
            recorded_at: circumstances.now,
            evidence: circumstances.evidence.clone(),
            mode: request.mode,
            persona: request.persona.clone(),
        })
    }
}

#[cfg(test)]
mod tests;
