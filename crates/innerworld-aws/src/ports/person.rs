//! What belongs to a person: accounts, consents, time, journal, ledger, and the keys behind them.

use std::sync::Arc;

use innerworld_core::{
    identity::{
        account::{AccountStore, KeyStore},
        consent::ConsentStore,
        federation::{EventLog, FederationStore, RevocationStore},
        oauth::AuthorizationStore,
        profile::TeenClockStore,
    },
    memory::store::NamerSource,
    safety::store::JournalStore,
    usage::UsageLedger,
};

use crate::{
    account_store::DynamoAccountStore, authorization_store::DynamoAuthorizationStore,
    consent_store::DynamoConsentStore, federation_store::DynamoFederationStore,
    journal_store::DynamoJournalStore, key_store::DynamoKeyStore, open::Aws,
    revocation_store::DynamoRevocationStore, teen_clock_store::DynamoTeenClockStore,
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

    /// Accounts, credentials, codes, grants, the deny list.
    pub fn accounts(&self) -> Arc<dyn AccountStore> {
        Arc::new(DynamoAccountStore::new(Arc::clone(&self.shared)))
    }

    /// Sign-ins through a browser, on their way.
    pub fn authorizations(&self) -> Arc<dyn AuthorizationStore> {
        Arc::new(DynamoAuthorizationStore::new(Arc::clone(&self.shared)))
    }

    /// Accounts of other identity providers.
    pub fn federation(&self) -> Arc<dyn FederationStore> {
        Arc::new(DynamoFederationStore::new(Arc::clone(&self.shared)))
    }

    /// Messages of other identity providers that were acted upon.
    pub fn events(&self) -> Arc<dyn EventLog> {
        Arc::new(DynamoFederationStore::new(Arc::clone(&self.shared)))
    }

    /// Grants at other identity providers that are to be taken back.
    pub fn revocations(&self) -> Arc<dyn RevocationStore> {
        Arc::new(DynamoRevocationStore::new(Arc::clone(&self.shared)))
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
