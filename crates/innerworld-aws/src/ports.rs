//! The adapters, as the ports that use cases ask.

use std::sync::Arc;

use innerworld_core::{
    identity::{account::TicketStore, profile::ProfileStore},
    safety::store::SafetyStore,
};

use crate::{
    open::Aws, profile_store::DynamoProfileStore, safety_store::DynamoSafetyStore,
    ticket_store::DynamoTicketStore,
};

impl Aws {
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
