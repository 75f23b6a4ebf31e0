//! The adapters, as the ports that use cases ask.

use std::sync::Arc;

use innerworld_core::{
    identity::account::{ErasureStore, KeyStore, TicketStore},
    memory::{job::JobStore, store::NamerSource},
    safety::store::SafetyStore,
};

use crate::{
    erasure_store::SqliteErasureStore, job_store::SqliteJobStore, key_store::SqliteKeyStore,
    open::Embedded, safety_store::SqliteSafetyStore, ticket_store::SqliteTicketStore,
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
}
