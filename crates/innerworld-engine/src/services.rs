//! What the server is made of: ports and settings, put together by the executable.

use std::{sync::Arc, time::Duration};

use innerworld_core::{
    clock::Clock,
    cluster::Cluster,
    conversation::{limits::Limits, store::ConversationStore},
    identity::{
        account::{AccountStore, TicketStore},
        consent::{self, ConsentRecord, ConsentStore, MemoryMode},
        consents::Catalogue,
        profile::{ProfileStore, TeenClockStore},
        token::TokenVerifier,
    },
    ids::IdSource,
    memory::{Memory, job::JobStore, model_tier::reader::SessionReader},
    model::{call::Scrubber, chat_model::ChatModel},
    persona::{PersonaId, directory::PersonaDirectory},
    safety::{
        content::AgeLimits,
        look::SafetyModel,
        store::{JournalStore, SafetySpool, SafetyStore},
    },
    usage::UsageLedger,
};

use crate::{app::HealthSource, erase::Eraser, safeguards::CurrentSafeguards};

/// Every port the server uses. Each is an `Arc<dyn …>`: the runtime is chosen by configuration.
#[derive(Clone)]
pub struct Services {
    /// Wall clock.
    pub clock: Arc<dyn Clock>,
    /// Identifiers and randomness.
    pub ids: Arc<dyn IdSource>,
    /// Sessions and turns.
    pub conversations: Arc<dyn ConversationStore>,
    /// Durable jobs.
    pub jobs: Arc<dyn JobStore>,
    /// Safety records and counters.
    pub safety: Arc<dyn SafetyStore>,
    /// Safety changes that could not be stored.
    pub spool: Arc<dyn SafetySpool>,
    /// Journal entries.
    pub journal: Arc<dyn JournalStore>,
    /// Socket tickets.
    pub tickets: Arc<dyn TicketStore>,
    /// Accounts.
    pub accounts: Arc<dyn AccountStore>,
    /// The ledger of model calls.
    pub usage: Arc<dyn UsageLedger>,
    /// Profiles.
    pub profiles: Arc<dyn ProfileStore>,
    /// Consents.
    pub consents: Arc<dyn ConsentStore>,
    /// Daily budgets and notice clocks.
    pub clocks: Arc<dyn TeenClockStore>,
    /// Access tokens.
    pub verifier: Arc<dyn TokenVerifier>,
    /// The chain of models that answers.
    pub model: Arc<dyn ChatModel>,
    /// Memory of all teens.
    pub memory: Arc<Memory>,
    /// Reads ended sessions a second time, by a model; `None` leaves them to the local tier.
    pub reader: Option<Arc<dyn SessionReader>>,
    /// Takes a second look at messages that may tell of danger; `None` leaves them to the local tier.
    pub safety_model: Option<Arc<dyn SafetyModel>>,
    /// Personas.
    pub personas: Arc<PersonaDirectory>,
    /// The local safety tier and the filter over answers.
    pub safeguards: Arc<CurrentSafeguards>,
    /// Replaces contact data.
    pub scrubber: Arc<dyn Scrubber>,
    /// Consent texts in force.
    pub catalogue: Arc<Catalogue>,
    /// Erases teens; `None` where another process does.
    pub eraser: Option<Arc<Eraser>>,
    /// The other servers on these stores; `None` if there are none.
    pub cluster: Option<Arc<dyn Cluster>>,
    /// Touches dependencies.
    pub health: Arc<dyn HealthSource>,
}

impl std::fmt::Debug for Services {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Services")
    }
}

/// What a process does of a session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Part {
    /// All of it: no other process holds it at the same time.
    #[default]
    Whole,
    /// It takes frames, and tells which answer another process is to begin.
    Frames,
    /// It makes answers, or does what follows a session's end.
    Answers,
}

impl Part {
    /// Whether other processes hold the same sessions at the same time.
    pub const fn is_shared(self) -> bool {
        !matches!(self, Self::Whole)
    }

    /// Whether this process makes answers.
    pub const fn answers(self) -> bool {
        !matches!(self, Self::Frames)
    }
}

/// Settings of the server that are not ports.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Limits of connections and sessions.
    pub limits: Limits,
    /// Origins that a browser may come from.
    pub allowed_origins: Vec<String>,
    /// Whether browsers reach the server by https only.
    pub https: bool,
    /// Whether any provider is configured: then a turn may cost money and is never run twice.
    pub remote_models: bool,
    /// Whether accepted messages are answered. Without it they are screened and stored only.
    pub answers: bool,
    /// What this process does of a session.
    pub part: Part,
    /// The operator's ceiling of what is remembered; each teen chooses below it.
    pub memory_mode_max: MemoryMode,
    /// How long evidence text is kept.
    pub evidence_days: u32,
    /// How long the graph is kept after it was last seen.
    pub graph_days: u32,
    /// Tokens that freshly recalled memory may take in a prompt.
    pub recall_tokens: usize,
    /// Most tokens of an answer.
    pub max_tokens: u32,
    /// 0 (same answer each time) to 1 (free).
    pub temperature: f32,
    /// Second looks that a teen's messages get in a day (UTC).
    pub looks_a_day: u32,
    /// How long a drain waits for running turns.
    pub drain: Duration,
    /// Ages of the list of helpers at which somebody is told.
    pub resource_ages: AgeLimits,
}

impl Settings {
    /// How much is remembered with `persona`: as these consents say, and no more than the ceiling.
    pub fn memory_mode(
        &self,
        consents: &[ConsentRecord],
        persona: Option<&PersonaId>,
    ) -> MemoryMode {
        consent::memory_mode(consents, persona).min(self.memory_mode_max)
    }
}
