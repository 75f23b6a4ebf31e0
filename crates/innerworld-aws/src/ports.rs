//! The adapters, as the ports that use cases ask.

mod gateway;
mod person;

use std::sync::Arc;

use innerworld_core::{
    conversation::store::ConversationStore,
    error::PortError,
    identity::{
        account::{ErasureStore, TicketStore},
        profile::ProfileStore,
    },
    memory::{job::JobStore, store::GraphStore},
    safety::store::{SafetySpool, SafetyStore},
};

use crate::{
    conversation_store::{DynamoConversationStore, Lease},
    erasure_store::DynamoErasureStore,
    graph_store::{DynamoGraphStore, GraphDatabase, Keeping},
    job_store::DynamoJobStore,
    open::Aws,
    profile_store::DynamoProfileStore,
    safety_store::DynamoSafetyStore,
    spool::{DeliveredSpool, SharedSpool, SpoolSender},
    ticket_store::DynamoTicketStore,
};

impl Aws {
    /// Talk that is going on.
    pub fn conversations(&self) -> Arc<dyn ConversationStore> {
        Arc::new(DynamoConversationStore::new(Arc::clone(&self.shared)))
    }

    /// Talk that is going on, for a process that writes turns as long as it holds them.
    pub fn conversations_under(&self, lease: Lease) -> Arc<dyn ConversationStore> {
        let shared = Arc::clone(&self.shared);
        Arc::new(DynamoConversationStore::under(shared, lease))
    }

    /// Erasing a teen.
    pub fn erasure(&self) -> Arc<dyn ErasureStore> {
        Arc::new(DynamoErasureStore::new(Arc::clone(&self.shared)))
    }

    /// The outbox of jobs.
    pub fn jobs(&self) -> Arc<dyn JobStore> {
        Arc::new(DynamoJobStore::new(Arc::clone(&self.shared)))
    }

    /// Profiles.
    pub fn profiles(&self) -> Arc<dyn ProfileStore> {
        Arc::new(DynamoProfileStore::new(Arc::clone(&self.shared)))
    }

    /// Safety records and referral counters.
    pub fn safety(&self) -> Arc<dyn SafetyStore> {
        Arc::new(DynamoSafetyStore::new(Arc::clone(&self.shared)))
    }

    /// Safety changes that the tables could not take.
    pub fn spool(&self) -> Arc<dyn SafetySpool> {
        Arc::new(SharedSpool::new(Arc::clone(&self.shared)))
    }

    /// The same for a process that may send there and not receive.
    pub fn spool_to_send_to(&self) -> Arc<dyn SafetySpool> {
        let spool = SharedSpool::new(Arc::clone(&self.shared));
        Arc::new(SpoolSender::new(spool))
    }

    /// What one message of the queue holds, as a spool of its own; `None` if the message is damaged. Whoever
    /// asks was handed it, and gives it back to the queue as long as something is left.
    pub async fn delivered_spool(&self, body: &str) -> Result<Option<DeliveredSpool>, PortError> {
        let spool = SharedSpool::new(Arc::clone(&self.shared));
        Ok(spool.open(body).await?.map(DeliveredSpool::new))
    }

    /// Socket tickets.
    pub fn tickets(&self) -> Arc<dyn TicketStore> {
        Arc::new(DynamoTicketStore::new(Arc::clone(&self.shared)))
    }

    /// Memory, all of it in the tables.
    pub fn graph(&self) -> Arc<dyn GraphStore> {
        let shared = Arc::clone(&self.shared);
        Arc::new(DynamoGraphStore::new(shared, Keeping::Items))
    }

    /// Memory, with nodes and edges in a graph database.
    pub fn graph_in(&self, database: GraphDatabase) -> Arc<dyn GraphStore> {
        let shared = Arc::clone(&self.shared);
        Arc::new(DynamoGraphStore::new(shared, Keeping::Database(database)))
    }
}
