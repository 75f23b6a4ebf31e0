//! The adapters, as the ports that use cases ask.

use std::sync::Arc;

use innerworld_core::{
    identity::{account::TicketStore, profile::ProfileStore},
    memory::store::GraphStore,
};

use crate::{
    graph_store::DynamoGraphStore, open::Aws, profile_store::DynamoProfileStore, ticket_store::DynamoTicketStore,
};

impl Aws {
    /// Profiles.
    pub fn profiles(&self) -> Arc<dyn ProfileStore> {
        Arc::new(DynamoProfileStore::new(Arc::clone(&self.shared)))
    }

    /// Socket tickets.
    pub fn tickets(&self) -> Arc<dyn TicketStore> {
        Arc::new(DynamoTicketStore::new(Arc::clone(&self.shared)))
    }

    /// Memory.
    pub fn graph(&self) -> Arc<dyn GraphStore> {
        Arc::new(DynamoGraphStore::new(Arc::clone(&self.shared)))
    }
}
