//! The adapters, as the ports that use cases ask.

use std::sync::Arc;

use innerworld_core::{
    conversation::store::ConversationStore,
    error::PortError,
    identity::{
        account::{AccountStore, ErasureStore, KeyStore, Mailer, TicketStore},
        consent::ConsentStore,
        federation::{EventLog, FederationStore, RevocationStore},
        oauth::AuthorizationStore,
        profile::{ProfileStore, TeenClockStore},
    },
    memory::{
        job::JobStore,
        store::{GraphStore, NamerSource},
    },
    safety::store::{JournalStore, SafetySpool, SafetyStore},
    usage::UsageLedger,
};

use crate::{
    account_store::SqliteAccountStore, authorization_store::SqliteAuthorizationStore,
    consent_store::SqliteConsentStore, conversation_store::SqliteConversationStore,
    erasure_store::SqliteErasureStore, federation_store::SqliteFederationStore,
    graph_store::SqliteGraphStore, job_store::SqliteJobStore, journal_store::SqliteJournalStore,
    key_store::SqliteKeyStore, open::Embedded, outbox::SqliteOutbox,
    profile_store::SqliteProfileStore, revocation_store::SqliteRevocationStore,
    safety_store::SqliteSafetyStore, spool::SharedSpool, teen_clock_store::SqliteTeenClockStore,
    ticket_store::SqliteTicketStore, usage_ledger::SqliteUsageLedger,
};

impl Embedded {
    /// Signing keys, service keys and settings.
    pub fn keys(&self) -> Arc<dyn KeyStore> {
        Arc::new(SqliteKeyStore::new(Arc::clone(&self.shared)))
    }

    /// What makes the ids of a teen's records.
    pub fn namers(&self) -> Arc<dyn NamerSource> {
        Arc::new(SqliteKeyStore::new(Arc::clone(&self.shared)))
    }

    /// Safety records and referral counters.
    pub fn safety(&self) -> Arc<dyn SafetyStore> {
        Arc::new(SqliteSafetyStore::new(Arc::clone(&self.shared)))
    }

    /// Talk that is going on.
    pub fn conversations(&self) -> Arc<dyn ConversationStore> {
        Arc::new(SqliteConversationStore::new(Arc::clone(&self.shared)))
    }

    /// Where safety changes wait while the store cannot take them.
    pub fn spool(&self) -> Arc<dyn SafetySpool> {
        Arc::new(SharedSpool::new(Arc::clone(&self.shared)))
    }

    /// The outbox of jobs.
    pub fn jobs(&self) -> Arc<dyn JobStore> {
        Arc::new(SqliteJobStore::new(Arc::clone(&self.shared)))
    }

    /// Socket tickets.
    pub fn tickets(&self) -> Arc<dyn TicketStore> {
        Arc::new(SqliteTicketStore::new(Arc::clone(&self.shared)))
    }

    /// The steps of an erase, over everything stored here.
    pub fn erasure(&self) -> Arc<dyn ErasureStore> {
        Arc::new(SqliteErasureStore::new(Arc::clone(&self.shared)))
    }

    /// Accounts, credentials, codes, grants, the deny list.
    pub fn accounts(&self) -> Arc<dyn AccountStore> {
        Arc::new(SqliteAccountStore::new(Arc::clone(&self.shared)))
    }

    /// Sign-ins through a browser, on their way.
    pub fn authorizations(&self) -> Arc<dyn AuthorizationStore> {
        Arc::new(SqliteAuthorizationStore::new(Arc::clone(&self.shared)))
    }

    /// Accounts of other identity providers.
    pub fn federation(&self) -> Arc<dyn FederationStore> {
        Arc::new(SqliteFederationStore::new(Arc::clone(&self.shared)))
    }

    /// Messages of other identity providers that were acted upon.
    pub fn events(&self) -> Arc<dyn EventLog> {
        Arc::new(SqliteFederationStore::new(Arc::clone(&self.shared)))
    }

    /// Grants at other identity providers that are to be taken back.
    pub fn revocations(&self) -> Arc<dyn RevocationStore> {
        Arc::new(SqliteRevocationStore::new(Arc::clone(&self.shared)))
    }

    /// Profiles.
    pub fn profiles(&self) -> Arc<dyn ProfileStore> {
        Arc::new(SqliteProfileStore::new(Arc::clone(&self.shared)))
    }

    /// Consent records.
    pub fn consents(&self) -> Arc<dyn ConsentStore> {
        Arc::new(SqliteConsentStore::new(Arc::clone(&self.shared)))
    }

    /// The daily budget and the notice clock.
    pub fn clocks(&self) -> Arc<dyn TeenClockStore> {
        Arc::new(SqliteTeenClockStore::new(Arc::clone(&self.shared)))
    }

    /// Journal entries that were kept.
    pub fn journal(&self) -> Arc<dyn JournalStore> {
        Arc::new(SqliteJournalStore::new(Arc::clone(&self.shared)))
    }

    /// Memory: graph, evidence, mention lists, digest.
    pub fn graph(&self) -> Arc<dyn GraphStore> {
        Arc::new(SqliteGraphStore::new(Arc::clone(&self.shared)))
    }

    /// The ledger of model calls.
    pub fn usage(&self) -> Arc<dyn UsageLedger> {
        Arc::new(SqliteUsageLedger::new(Arc::clone(&self.shared)))
    }

    /// The local outbox of a development server.
    pub fn outbox(&self) -> Arc<dyn Mailer> {
        Arc::new(SqliteOutbox::new(Arc::clone(&self.shared)))
    }

    /// The code of the newest mail in the outbox to this address.
    pub async fn newest_code(&self, email: &str) -> Result<Option<String>, PortError> {
        SqliteOutbox::new(Arc::clone(&self.shared))
            .newest_code(email)
            .await
    }
}
