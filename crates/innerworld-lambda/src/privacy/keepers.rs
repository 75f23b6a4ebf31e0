//! Those who keep something of a teen outside of the tables.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use innerworld_aws::{
    ConnectionStore, Drain, ExportBucket, PoolAccounts, Posting, PrivacyJob, PrivacyQueue,
    PrivacyTask,
};
use innerworld_core::{
    error::PortError,
    ids::{IdSource as _, RequestId, TeenId},
};
use innerworld_engine::{
    erase::{Closing, Forgets, Keeps, Sockets},
    revoke::Revoker,
};

use crate::{posts::farewell, start, system::RandomIds};

/// Apple may take this long of an erasure; what is left is tried by a message of its own.
const APPLE: Duration = Duration::from_secs(30);

/// A process that has no sockets, and remembers nobody between two messages.
pub(super) struct NothingHeld;

impl Forgets for NothingHeld {
    fn forget(&self, _teen: TeenId) {}
}

impl Sockets for NothingHeld {
    fn close(&self, _teen: TeenId, _why: Closing) {}
}

/// Sockets at the gateway: each is told why, and closed. One that cannot be closed ends by itself, and
/// nothing is taken from it behind the fence.
pub(super) struct ErasedSockets {
    pub(super) connections: ConnectionStore,
    pub(super) posting: Posting,
}

#[async_trait]
impl Keeps for ErasedSockets {
    async fn erase(&self, teen: TeenId) -> Result<bool, PortError> {
        let now = start::clock().now();
        for row in self.connections.of_teen(teen, now).await? {
            self.connections.delete(&row.connection).await?;
            let request = RequestId::from_bits(RandomIds.ulid(now));
            let why = Closing::Erased.told();
            farewell(&self.posting, &row.connection, why, request).await;
        }
        Ok(true)
    }
}

/// Queues on whose way something of the teen may be, and the graph behind one of them.
pub(super) struct QueuesAndGraph(pub(super) Drain);

#[async_trait]
impl Keeps for QueuesAndGraph {
    async fn erase(&self, teen: TeenId) -> Result<bool, PortError> {
        self.0.is_done(teen).await
    }
}

/// The object of the teen's export.
pub(super) struct ExportObjects(pub(super) ExportBucket);

#[async_trait]
impl Keeps for ExportObjects {
    async fn erase(&self, teen: TeenId) -> Result<bool, PortError> {
        self.0.delete(teen).await?;
        Ok(true)
    }
}

/// The account of the user pool.
pub(super) struct PoolAccount(pub(super) PoolAccounts);

#[async_trait]
impl Keeps for PoolAccount {
    async fn erase(&self, teen: TeenId) -> Result<bool, PortError> {
        self.0.delete(teen).await?;
        Ok(true)
    }
}

/// Grants at Apple. They wait where no teen is named, so nobody is held up by them.
pub(super) struct GrantsAtApple {
    pub(super) revoker: Arc<Revoker>,
    pub(super) queue: PrivacyQueue,
}

#[async_trait]
impl Keeps for GrantsAtApple {
    async fn erase(&self, _teen: TeenId) -> Result<bool, PortError> {
        let waiting = match tokio::time::timeout(APPLE, self.revoker.round()).await {
            Ok(round) => round?.waiting,
            Err(_late) => 1,
        };
        if waiting > 0 {
            let later = PrivacyJob::first(PrivacyTask::Revoke);
            self.queue.send(&later, start::clock().now()).await?;
        }
        Ok(true)
    }
}
