//! The adapters, as the ports that use cases ask.

mod person;

use std::sync::Arc;

use innerworld_core::identity::{account::TicketStore, profile::ProfileStore};

use crate::{open::Aws, profile_store::DynamoProfileStore, ticket_store::DynamoTicketStore};

impl Aws {
    /// Profiles.
    pub fn profiles(&self) -> Arc<dyn ProfileStore> {
        Arc::new(DynamoProfileStore::new(Arc::clone(&self.shared)))
    }

    /// Socket tickets.
    pub fn tickets(&self) -> Arc<dyn TicketStore> {
        Arc::new(DynamoTicketStore::new(Arc::clone(&self.shared)))
    }
}
