//! Suspending an account whose consent was taken back outside: nothing leaves, nobody gets in.

use std::time::Duration;

use innerworld_core::{
    error::{ErrorKind, PortError},
    identity::{
        account::AccountState,
        consent::{self, Purpose},
    },
    ids::TeenId,
};

use super::Cognito;
use innerworld_engine::erase::{Closing, Forgets as _};

/// Who says so, in the consent records that this makes.
const EVIDENCE: &str = "apple";

impl Cognito {
    /// Suspends the account; doing it again changes nothing. What is kept stays, until its owner or
    /// an operator erases it.
    pub async fn suspend(&self, teen: TeenId) -> Result<(), PortError> {
        match self.try_suspend(teen).await {
            // It is being erased: that is more.
            Err(error) if matches!(error.kind(), ErrorKind::Denied | ErrorKind::NotFound) => Ok(()),
            other => other,
        }
    }

    async fn try_suspend(&self, teen: TeenId) -> Result<(), PortError> {
        let ports = &self.ports;
        let Some(mut account) = ports.accounts.by_id(teen).await? else {
            return Ok(());
        };
        let now = ports.clock.now();
        if account.state != AccountState::Suspended {
            account.state = AccountState::Suspended;
            account.modified_at = now;
            ports.accounts.update(&account).await?;
        }
        // Whatever runs later reads the consents: a session that ended may wait for a model.
        let records = ports.consents.list(teen).await?;
        let taken_back = consent::withdrawals(&records, Purpose::sends_data, (EVIDENCE, now));
        if !taken_back.is_empty() {
            ports.consents.append(teen, &taken_back).await?;
        }
        let mark = now.plus(Duration::from_millis(1));
        ports.accounts.deny_before(teen, mark).await?;
        self.verifier.forget(teen);
        ports.sockets.close(teen, Closing::Suspended);
        tracing::info!(teen.id = %teen, "suspended an account");
        Ok(())
    }
}
