//! The document: every store's records of one teen.

use std::sync::Arc;

use innerworld_core::{
    clock::Timestamp,
    conversation::store::ConversationStore,
    error::PortError,
    identity::{
        account::AccountStore,
        consent::ConsentStore,
        profile::{ProfileStore, TeenClockStore},
    },
    ids::TeenId,
    memory::Memory,
    safety::store::{JournalStore, SafetyStore},
    usage::{UsageLedger, UsageRecord},
};
use innerworld_protocol::TurnBody;
use serde_json::{Value, json};

use crate::services::Services;

/// Records that are read at once.
const PAGE: usize = 100;

/// Where a teen's records are.
#[derive(Clone)]
pub struct ExportPorts {
    /// Accounts.
    pub accounts: Arc<dyn AccountStore>,
    /// Profiles.
    pub profiles: Arc<dyn ProfileStore>,
    /// Consents.
    pub consents: Arc<dyn ConsentStore>,
    /// Sessions and turns.
    pub conversations: Arc<dyn ConversationStore>,
    /// Journal entries.
    pub journal: Arc<dyn JournalStore>,
    /// Memory.
    pub memory: Arc<Memory>,
    /// Safety records.
    pub safety: Arc<dyn SafetyStore>,
    /// The ledger of model calls.
    pub usage: Arc<dyn UsageLedger>,
    /// Notice clocks.
    pub clocks: Arc<dyn TeenClockStore>,
}

impl std::fmt::Debug for ExportPorts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ExportPorts")
    }
}

impl From<&Services> for ExportPorts {
    fn from(services: &Services) -> Self {
        Self {
            accounts: Arc::clone(&services.accounts),
            profiles: Arc::clone(&services.profiles),
            consents: Arc::clone(&services.consents),
            conversations: Arc::clone(&services.conversations),
            journal: Arc::clone(&services.journal),
            memory: Arc::clone(&services.memory),
            safety: Arc::clone(&services.safety),
            usage: Arc::clone(&services.usage),
            clocks: Arc::clone(&services.clocks),
        }
    }
}

/// The whole document, as it is at `now`.
pub async fn document(
    ports: &ExportPorts,
    teen: TeenId,
    now: Timestamp,
) -> Result<Value, PortError> {
    let account = ports.accounts.by_id(teen).await?;
    Ok(json!({
        "format": "innerworld-export/1",
        "exported_at": now.to_rfc3339(),
        "account": account.map(|account| json!({
            "sub": teen,
            "email": account.email,
            "federated": account.federated,
            "created_at": account.created_at.to_rfc3339(),
        })),
        "profile": ports.profiles.load(teen).await?,
        "consents": ports.consents.list(teen).await?,
        "sessions": sessions(ports, teen, now).await?,
        "journal": journal(ports, teen, now).await?,
        "memory": ports.memory.export(teen, now).await?,
        "safety": ports.safety.load(teen).await?,
        "usage": usage(ports, teen, now).await?,
        "notices": ports.clocks.notices(teen).await?,
    }))
}

/// Calls to models.
async fn usage(
    ports: &ExportPorts,
    teen: TeenId,
    now: Timestamp,
) -> Result<Vec<UsageRecord>, PortError> {
    let calls = ports.usage.list(teen).await?;
    Ok(calls.into_iter().map(|call| call.as_of(now)).collect())
}

/// Sessions that are still kept, with their turns.
async fn sessions(
    ports: &ExportPorts,
    teen: TeenId,
    now: Timestamp,
) -> Result<Vec<Value>, PortError> {
    let store = &ports.conversations;
    let mut out = Vec::new();
    let mut before = None;
    loop {
        let page = store.sessions(teen, before, PAGE, now).await?;
        for session in &page {
            let log = store.session(teen, session.id, now).await?;
            let turns = log.map(|log| log.turns).unwrap_or_default();
            let turns: Vec<TurnBody> = turns.iter().map(TurnBody::from).collect();
            out.push(json!({"session": session, "turns": turns}));
        }
        before = page.last().map(|session| session.id);
        if page.len() < PAGE {
            return Ok(out);
        }
    }
}

async fn journal(
    ports: &ExportPorts,
    teen: TeenId,
    now: Timestamp,
) -> Result<Vec<Value>, PortError> {
    let mut out = Vec::new();
    let mut before = None;
    loop {
        let page = ports.journal.list(teen, before, PAGE, now).await?;
        out.extend(page.iter().map(|entry| json!(entry)));
        before = page.last().map(|entry| entry.id);
        if page.len() < PAGE {
            return Ok(out);
        }
    }
}
