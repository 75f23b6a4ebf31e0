//! The ledger of model calls: metered, never text.

use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::{
    clock::Timestamp,
    error::PortError,
    ids::{CallId, SessionId, TeenId, TurnId},
    model::{call::CallPurpose, chat_model::TokenUsage},
    persona::PersonaId,
};

/// Where a ledger record stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UsageState {
    /// Written before the request left.
    Started,
    /// Completed.
    Done,
    /// The process died in between: never written, but told of a start that nothing followed.
    Unknown,
}

/// No call lasts as long as this.
const LONGEST_CALL: Duration = Duration::from_secs(5 * 60);

/// One hop of one call (models.md 7).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UsageRecord {
    /// Its id.
    pub call: CallId,
    /// Where it stands.
    pub state: UsageState,
    /// When the request was about to leave.
    pub started_at: Timestamp,
    /// Keyed hash of the teen.
    pub pseudonym: String,
    /// The session.
    pub session: SessionId,
    /// The turn.
    pub turn: TurnId,
    /// What for.
    pub purpose: CallPurpose,
    /// The persona.
    pub persona: PersonaId,
    /// Version of prompts and persona.
    pub prompt_version: String,
    /// Configured name of the provider.
    pub provider: String,
    /// Its host.
    pub base_host: String,
    /// The model asked for.
    pub model_asked: String,
    /// The model that answered.
    pub model_answered: Option<String>,
    /// The provider's id of the generation.
    pub generation: Option<String>,
    /// Tokens and the provider's cost.
    pub tokens: TokenUsage,
    /// Milliseconds to the first token.
    pub first_token_ms: Option<u32>,
    /// Milliseconds in all.
    pub duration_ms: Option<u32>,
    /// Retries inside this hop.
    pub retries: u8,
    /// HTTP status.
    pub http_status: Option<u16>,
    /// How it ended: a finish or an error kind.
    pub finish: Option<String>,
    /// We dropped it.
    pub cancelled: bool,
    /// The model that was given up before this hop.
    pub fallback_from: Option<String>,
    /// Privacy flags that were sent.
    pub flags: String,
    /// Version of the consent text that allowed it.
    pub consent_version: String,
}

impl UsageRecord {
    /// As it stands at `now`. A start that nothing followed for longer than any call lasts is of a process
    /// that died. Nothing looks for such records to write that down: most calls end, and finding the others
    /// would cost a write for each of them.
    #[must_use]
    pub fn as_of(self, now: Timestamp) -> Self {
        let is_lost =
            self.state == UsageState::Started && now.since(self.started_at) > LONGEST_CALL;
        Self {
            state: if is_lost {
                UsageState::Unknown
            } else {
                self.state
            },
            ..self
        }
    }
}

/// The ledger.
///
/// # Contract
/// * `started` is durable when it returns, before a request leaves.
/// * `finished` replaces the record of the same call and provider hop.
#[async_trait]
pub trait UsageLedger: Send + Sync {
    /// Records that a request is about to leave.
    async fn started(&self, teen: TeenId, record: &UsageRecord) -> Result<(), PortError>;

    /// Records how it ended.
    async fn finished(&self, teen: TeenId, record: &UsageRecord) -> Result<(), PortError>;

    /// All records of a teen, oldest first (for export).
    async fn list(&self, teen: TeenId) -> Result<Vec<UsageRecord>, PortError>;

    /// How many calls for `purpose` began for a teen at `since` or later; the hops of a call are one.
    async fn calls(
        &self,
        teen: TeenId,
        purpose: CallPurpose,
        since: Timestamp,
    ) -> Result<u32, PortError>;
}
