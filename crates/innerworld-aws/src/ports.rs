//! The adapters, as the ports that use cases ask.

use std::sync::Arc;

use innerworld_core::{
    conversation::store::ConversationStore,
    error::PortError,
    identity::{account::TicketStore, consent::ConsentStore, profile::ProfileStore},
    ids::TeenId,
    safety::store::SafetyStore,
};

use crate::{
    connection_store::ConnectionStore,
    consent_store::DynamoConsentStore,
    conversation_store::DynamoConversationStore,
    deny_list::{DenyList, DynamoDenyList},
    open::Aws,
    profile_store::DynamoProfileStore,
    safety_store::DynamoSafetyStore,
    ticket_store::DynamoTicketStore,
};

impl Aws {
    /// Open sockets at the gateway.
    pub fn connections(&self) -> ConnectionStore {
        ConnectionStore::new(Arc::clone(&self.shared))
    }

    /// What ends tokens before their time.
    pub fn deny_list(&self) -> Arc<dyn DenyList> {
        Arc::new(DynamoDenyList::new(Arc::clone(&self.shared)))
    }

    /// Makes the teen's key if there is none. `Denied` for a fenced teen.
    pub async fn ensure_key(&self, teen: TeenId) -> Result<(), PortError> {
        self.shared
            .teen_keys
            .for_writing(teen)
            .await
            .map(|_made| ())
    }

    /// Consent records.
    pub fn consents(&self) -> Arc<dyn ConsentStore> {
        Arc::new(DynamoConsentStore::new(Arc::clone(&self.shared)))
    }

    /// Talk that is going on.
    pub fn conversations(&self) -> Arc<dyn ConversationStore> {
        Arc::new(DynamoConversationStore::new(Arc::clone(&self.shared)))
    }

    /// Profiles.
    pub fn profiles(&self) -> Arc<dyn ProfileStore> {
        Arc::new(DynamoProfileStore::new(Arc::clone(&self.shared)))
    }

    /// Safety records and referral counters.
    pub fn safety(&self) -> Arc<dyn SafetyStore> {
        Arc::new(DynamoSafetyStore::new(Arc::clone(&self.shared)))
    }

    /// Socket tickets.
    pub fn tickets(&self) -> Arc<dyn TicketStore> {
        Arc::new(DynamoTicketStore::new(Arc::clone(&self.shared)))
    }
}
