//! What belongs to a person: consents, time, journal, ledger, and the keys behind them.

use std::sync::Arc;

use innerworld_core::{
    identity::{account::KeyStore, consent::ConsentStore, profile::TeenClockStore},
    memory::store::NamerSource,
    safety::store::JournalStore,
    usage::UsageLedger,
};

use crate::{
    consent_store::DynamoConsentStore, journal_store::DynamoJournalStore,
    key_store::DynamoKeyStore, open::Aws, teen_clock_store::DynamoTeenClockStore,
    usage_ledger::DynamoUsageLedger,
};

impl Aws {
    /// Signing keys, service keys and settings.
    pub fn keys(&self) -> Arc<dyn KeyStore> {
        Arc::new(DynamoKeyStore::new(Arc::clone(&self.shared)))
    }

    /// What makes the ids of a teen's records.
    pub fn namers(&self) -> Arc<dyn NamerSource> {
        Arc::new(DynamoKeyStore::new(Arc::clone(&self.shared)))
    }

    /// Consent records.
    pub fn consents(&self) -> Arc<dyn ConsentStore> {
        Arc::new(DynamoConsentStore::new(Arc::clone(&self.shared)))
    }

    /// The daily budget and the notice clock.
    pub fn clocks(&self) -> Arc<dyn TeenClockStore> {
        Arc::new(DynamoTeenClockStore::new(Arc::clone(&self.shared)))
    }

    /// Journal entries that were kept.
    pub fn journal(&self) -> Arc<dyn JournalStore> {
        Arc::new(DynamoJournalStore::new(Arc::clone(&self.shared)))
    }

    /// The ledger of model calls.
    pub fn usage(&self) -> Arc<dyn UsageLedger> {
        Arc::new(DynamoUsageLedger::new(Arc::clone(&self.shared)))
    }
}
