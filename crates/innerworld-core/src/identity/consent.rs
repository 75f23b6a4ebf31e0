//! Consent records: append-only, by purpose and recipient.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::profile::AgeBand;
use crate::{clock::Timestamp, error::PortError, ids::TeenId, persona::PersonaId};

/// What a consent is for. There is no purpose "training".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// The terms, with "not therapy" and "may be unsuitable"; required before any socket.
    Terms,
    /// Messages go to this company's model for answers.
    ChatModel,
    /// Messages that may be a crisis go to this company's model for a second look.
    SafetyModel,
    /// Ended sessions go to this company's model for extraction.
    ExtractionModel,
    /// Texts go to this company for vectors.
    Embedding,
    /// Memory is kept, in the mode given.
    Memory,
    /// Mood weights are kept.
    Mood,
    /// The disclosure at the start of a session was accepted, by its version. Comes by the
    /// socket's `disclosure.ack` only.
    Disclosure,
}

/// How much is remembered. Without a stored consent: `Off`.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum MemoryMode {
    /// Nothing is kept after the session.
    #[default]
    Off,
    /// Graph and digest, no turns.
    FactsOnly,
    /// Turns too, as sealed evidence.
    Full,
}

/// One record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentRecord {
    /// What for.
    pub purpose: Purpose,
    /// Legal name and host of who receives data; empty for purposes that stay here.
    pub recipient: String,
    /// Version of the text that was shown.
    pub text_version: String,
    /// SHA-256 of that text, hexadecimal.
    pub text_hash: String,
    /// Jurisdiction row that applied.
    pub jurisdiction: String,
    /// Age band at the time.
    pub band: AgeBand,
    /// Given or withdrawn.
    pub granted: bool,
    /// When.
    pub recorded_at: Timestamp,
    /// `ui`, `api`, or `apple` for what Apple took back.
    pub evidence: String,
    /// The mode, for `Memory`.
    pub mode: Option<MemoryMode>,
    /// The persona it is limited to, for `Memory`; `None` for all.
    pub persona: Option<PersonaId>,
}

/// Consent records.
///
/// # Contract
/// * `append` never changes or removes an earlier record; it is durable when it returns.
/// * `list` gives all, oldest first.
#[async_trait]
pub trait ConsentStore: Send + Sync {
    /// Adds records, all or none.
    async fn append(&self, teen: TeenId, records: &[ConsentRecord]) -> Result<(), PortError>;

    /// All records of this teen.
    async fn list(&self, teen: TeenId) -> Result<Vec<ConsentRecord>, PortError>;
}

/// The latest record for (purpose, recipient, persona), if it grants.
///
/// A record for another text version does not count: what was agreed to is the text.
pub fn granted<'a>(
    records: &'a [ConsentRecord],
    purpose: Purpose,
    recipient: &str,
    text_version: &str,
) -> Option<&'a ConsentRecord> {
    records
        .iter()
        .rev()
        .find(|record| record.purpose == purpose && record.recipient == recipient)
        .filter(|record| record.granted && record.text_version == text_version)
}

/// The memory mode for `persona`: its own latest record, else the latest general one, else off.
pub fn memory_mode(records: &[ConsentRecord], persona: Option<&PersonaId>) -> MemoryMode {
    let latest = |wanted: Option<&PersonaId>| {
        records
            .iter()
            .rev()
            .find(|record| record.purpose == Purpose::Memory && record.persona.as_ref() == wanted)
    };
    persona
        .and_then(|persona| latest(Some(persona)))
        .or_else(|| latest(None))
        .filter(|record| record.granted)
        .and_then(|record| record.mode)
        .unwrap_or_default()
}

impl Purpose {
    /// Whether a consent for this lets a company have data.
    pub const fn sends_data(self) -> bool {
        match self {
            Self::ChatModel | Self::SafetyModel | Self::ExtractionModel | Self::Embedding => true,
            Self::Terms | Self::Memory | Self::Mood | Self::Disclosure => false,
        }
    }
}

/// What takes back every consent for purposes that are `meant`, as `evidence` says.
pub fn withdrawals(
    records: &[ConsentRecord],
    meant: impl Fn(Purpose) -> bool,
    (evidence, now): (&str, Timestamp),
) -> Vec<ConsentRecord> {
    let mut seen: Vec<(Purpose, &str)> = Vec::new();
    let mut taken_back = Vec::new();
    for record in records.iter().rev() {
        let of = (record.purpose, record.recipient.as_str());
        if !meant(record.purpose) || seen.contains(&of) {
            continue;
        }
        seen.push(of);
        if record.granted {
            taken_back.push(ConsentRecord {
                granted: false,
                recorded_at: now,
                evidence: evidence.to_owned(),
                ..record.clone()
            });
        }
    }
    taken_back
}
