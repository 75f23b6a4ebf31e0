//! The adapters, as the ports that use cases ask.

use std::sync::Arc;

use innerworld_core::{
    conversation::store::ConversationStore,
    identity::{account::TicketStore, profile::ProfileStore},
    safety::store::SafetyStore,
};

use crate::{
    conversation_store::DynamoConversationStore, open::Aws, profile_store::DynamoProfileStore,
    safety_store::DynamoSafetyStore, ticket_store::DynamoTicketStore,
};

impl Aws {
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
