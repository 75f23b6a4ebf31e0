//! What ends tokens before their time: the items `deny` and `erase` of a teen.

use std::sync::Arc;

use async_trait::async_trait;
use innerworld_core::{
    clock::Timestamp, error::PortError, identity::account::AccountStore as _, ids::TeenId,
};

use crate::{account_store::DynamoAccountStore, shared::Shared};

/// Whether a token still counts. Cognito tells nobody that a teen signed out everywhere.
///
/// # Contract
/// * A token issued before the teen's last sign-out is denied.
/// * Every token of a teen who is being erased, or is gone, is denied.
#[async_trait]
pub trait DenyList: Send + Sync {
    /// Whether tokens of `teen` that were issued at `issued_at` count no more.
    async fn denies(&self, teen: TeenId, issued_at: Timestamp) -> Result<bool, PortError>;
}

/// [`DenyList`] on the table `teens`.
#[derive(Debug)]
pub(crate) struct DynamoDenyList {
    shared: Arc<Shared>,
    accounts: DynamoAccountStore,
}

impl DynamoDenyList {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self {
            accounts: DynamoAccountStore::new(Arc::clone(&shared)),
            shared,
        }
    }
}

#[async_trait]
impl DenyList for DynamoDenyList {
    async fn denies(&self, teen: TeenId, issued_at: Timestamp) -> Result<bool, PortError> {
        if self.shared.teen_keys.is_fenced(teen).await? {
            return Ok(true);
        }
        let mark = self.accounts.denied_before(teen).await?;
        Ok(mark.is_some_and(|mark| issued_at < mark))
    }
}
