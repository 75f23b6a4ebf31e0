//! What belongs to a person: consents, time, journal and ledger.

use std::sync::Arc;

use innerworld_core::{
    identity::{consent::ConsentStore, profile::TeenClockStore},
    safety::store::JournalStore,
    usage::UsageLedger,
};

use crate::{
    consent_store::DynamoConsentStore, journal_store::DynamoJournalStore, open::Aws,
    teen_clock_store::DynamoTeenClockStore, usage_ledger::DynamoUsageLedger,
};

impl Aws {
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
