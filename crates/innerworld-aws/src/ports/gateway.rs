//! What stands at the gateway: sockets, and who may open one.

use std::sync::Arc;

use innerworld_core::{error::PortError, ids::TeenId};

use crate::{
    connection_store::ConnectionStore,
    conversation_store::SweepDesk,
    deny_list::{DenyList, DynamoDenyList},
    open::Aws,
    turn_desk::TurnDesk,
};

impl Aws {
    /// Open sockets at the gateway.
    pub fn connections(&self) -> ConnectionStore {
        ConnectionStore::new(Arc::clone(&self.shared))
    }

    /// What processes that share a session tell each other.
    pub fn turn_desk(&self) -> TurnDesk {
        TurnDesk::new(Arc::clone(&self.shared))
    }

    /// Sessions that are due to be looked at.
    pub fn sweep_desk(&self) -> SweepDesk {
        SweepDesk::new(Arc::clone(&self.shared))
    }

    /// What ends tokens before their time.
    pub fn deny_list(&self) -> Arc<dyn DenyList> {
        Arc::new(DynamoDenyList::new(Arc::clone(&self.shared)))
    }

    /// Makes the teen's key if there is none. `Denied` for a fenced teen.
    pub async fn ensure_key(&self, teen: TeenId) -> Result<(), PortError> {
        let made = Box::pin(self.shared.teen_keys.for_writing(teen)).await;
        made.map(|_seals| ())
    }
}
