//! Erasing a teen across all tables, in repeatable steps.
//!
//! The table `counters` is not among them: a count names nobody, and a notice is a keyed hash.

mod rows;

use std::sync::Arc;

use async_trait::async_trait;
use innerworld_core::{
    clock::Timestamp, error::PortError, identity::account::ErasureStore, ids::TeenId,
};

use self::rows::Rows;
use crate::{
    dynamo::{Change, Condition, Key, Table},
    shared::Shared,
    spool::SharedSpool,
};

/// The item of `teens` that names the open session.
pub(crate) const OPEN: &str = "open_session";

/// [`ErasureStore`] over all tables.
#[derive(Debug)]
pub(crate) struct DynamoErasureStore {
    shared: Arc<Shared>,
}

impl DynamoErasureStore {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }
}

#[async_trait]
impl ErasureStore for DynamoErasureStore {
    /// Also marks the open session, whose messages are accepted by conditions on its own item.
    async fn fence(&self, teen: TeenId, now: Timestamp) -> Result<(), PortError> {
        const OPERATION: &str = "fence a session";
        self.shared.teen_keys.fence(teen, now).await?;
        // Behind the fence no session is opened: there is none but the one that is found now.
        let dynamo = &self.shared.dynamo;
        let open = Key::teen(Table::Teens, teen, OPEN);
        let Some(open) = dynamo.get(OPERATION, &open).await? else {
            return Ok(());
        };
        let meta = Key::of(Table::Sessions, open.text("session_id")?, "meta");
        let theirs = Condition::Is("user_id", teen.to_string().into());
        let change = Change::new().set("fenced", true);
        dynamo
            .update(OPERATION, (&meta, change), Some(theirs))
            .await
            .map(|_there| ())
    }

    async fn is_fenced(&self, teen: TeenId) -> Result<bool, PortError> {
        self.shared.teen_keys.is_fenced(teen).await
    }

    /// Another process may keep the unwrapped key for its cache's few minutes.
    async fn destroy_key(&self, teen: TeenId) -> Result<(), PortError> {
        self.shared.teen_keys.destroy(teen).await?;
        // Spooled changes are not under the teen's key, so they go with it. The key goes first: a
        // queue that is away must not keep it.
        let spool = SharedSpool::new(Arc::clone(&self.shared));
        spool.forget(teen).await
    }

    /// Tickets are not among the rows: nobody who knows the teen alone finds one. They end within
    /// half a minute, and the fence makes them worthless until then.
    async fn delete_rows(&self, teen: TeenId, limit: usize) -> Result<usize, PortError> {
        Rows::of(&self.shared, teen, limit).delete().await
    }

    /// Nothing: no table has a log that we could reach. Point-in-time recovery keeps what was deleted
    /// for its days, sealed under a key that the tables no longer hold.
    async fn truncate_logs(&self) -> Result<(), PortError> {
        Ok(())
    }

    async fn bury(&self, teen: TeenId, until: Timestamp) -> Result<(), PortError> {
        self.shared.teen_keys.bury(teen, until).await
    }
}
