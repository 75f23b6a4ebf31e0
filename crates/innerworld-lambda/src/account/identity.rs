//! What ends sign-ins everywhere, at the user pool, at the door, and at the sockets: a teen's own wish, and
//! what Apple tells.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use innerworld_aws::PoolAccounts;
use innerworld_core::{
    clock::Clock,
    error::{ErrorKind, PortError},
    identity::{
        account::AccountStore,
        apple::AppleSubject,
        consent::{self, ConsentStore, Purpose},
    },
    ids::TeenId,
};
use innerworld_engine::erase::{Closing, Eraser};
use innerworld_server::{apple::AppleNews, http::account::IdentityProvider};

use super::sockets::GatewaySockets;

/// Ends sign-ins of a user pool.
pub(super) struct PoolSignIns {
    pub(super) pool: PoolAccounts,
    pub(super) accounts: Arc<dyn AccountStore>,
    pub(super) consents: Arc<dyn ConsentStore>,
    pub(super) sockets: Arc<GatewaySockets>,
    pub(super) clock: Arc<dyn Clock>,
}

impl PoolSignIns {
    /// The mark comes last of what can fail, since behind it the same request is refused: until then it
    /// can be sent again. What was opened while sockets were closed is closed afterwards.
    async fn end(&self, teen: TeenId, why: Closing) -> Result<(), PortError> {
        // An account that the pool does not have has no tokens there.
        self.pool.sign_out(teen).await?;
        self.sockets.close(teen, why).await?;
        let mark = self.clock.now().plus(Duration::from_millis(1));
        self.accounts.deny_before(teen, mark).await?;
        self.sockets.close(teen, why).await
    }
}

#[async_trait]
impl IdentityProvider for PoolSignIns {
    async fn end_sessions(&self, teen: TeenId) -> Result<(), PortError> {
        self.end(teen, Closing::SignedOut).await
    }
}

/// Those who signed in with Apple, as the pool knows them.
pub(super) struct PoolNews {
    pub(super) sign_ins: Arc<PoolSignIns>,
    pub(super) eraser: Arc<Eraser>,
}

#[async_trait]
impl AppleNews for PoolNews {
    async fn known(&self, subject: &AppleSubject) -> Result<Option<TeenId>, PortError> {
        self.sign_ins.pool.named(&subject.account_name()).await
    }

    /// Without the terms nobody is let in: the pool has no state of an account that would say so. Whatever
    /// runs later reads the other consents: a session that ended may wait for a model. What is kept stays,
    /// until its owner or an operator erases it; whoever signs in with Apple again is asked for the terms
    /// again.
    async fn consent_revoked(&self, teen: TeenId) -> Result<(), PortError> {
        let suspended = async {
            let records = self.sign_ins.consents.list(teen).await?;
            let meant = |purpose: Purpose| purpose.sends_data() || purpose == Purpose::Terms;
            let said = ("apple", self.sign_ins.clock.now());
            let taken_back = consent::withdrawals(&records, meant, said);
            if !taken_back.is_empty() {
                self.sign_ins.consents.append(teen, &taken_back).await?;
            }
            self.sign_ins.end(teen, Closing::Suspended).await
        };
        match suspended.await {
            // They are being erased: that is more.
            Err(error) if matches!(error.kind(), ErrorKind::Denied | ErrorKind::NotFound) => Ok(()),
            other => other,
        }
    }

    async fn account_deleted(&self, teen: TeenId) -> Result<(), PortError> {
        self.eraser.request(teen).await.map(drop)
    }
}
