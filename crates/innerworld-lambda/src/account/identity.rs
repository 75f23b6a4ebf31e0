//! Signing out everywhere: at the user pool, at the door, and at the sockets.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use innerworld_aws::PoolAccounts;
use innerworld_core::{
    clock::Clock, error::PortError, identity::account::AccountStore, ids::TeenId,
};
use innerworld_engine::erase::Closing;
use innerworld_server::http::account::IdentityProvider;

use super::sockets::GatewaySockets;

/// Ends sign-ins of a user pool.
pub(super) struct PoolSignIns {
    pub(super) pool: PoolAccounts,
    pub(super) accounts: Arc<dyn AccountStore>,
    pub(super) sockets: Arc<GatewaySockets>,
    pub(super) clock: Arc<dyn Clock>,
}

#[async_trait]
impl IdentityProvider for PoolSignIns {
    /// The mark comes last of what can fail, since behind it the same request is refused: until then it
    /// can be sent again. What was opened while sockets were closed is closed afterwards.
    async fn end_sessions(&self, teen: TeenId) -> Result<(), PortError> {
        // An account that the pool does not have has no tokens there.
        self.pool.sign_out(teen).await?;
        self.sockets.close(teen, Closing::SignedOut).await?;
        let mark = self.clock.now().plus(Duration::from_millis(1));
        self.accounts.deny_before(teen, mark).await?;
        self.sockets.close(teen, Closing::SignedOut).await
    }
}
