//! Accounts that tell who has none.

use std::sync::Arc;

use async_trait::async_trait;
use innerworld_core::{
    clock::Timestamp,
    error::{ErrorKind, PortError},
    identity::account::{Account, AccountStore, CodeKind, Credential, IssuedCode, RefreshGrant},
    ids::TeenId,
};

/// Another store, which makes a fault of an address that it does not know.
pub struct TellsStrangers(pub Arc<dyn AccountStore>);

impl std::fmt::Debug for TellsStrangers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("TellsStrangers").finish_non_exhaustive()
    }
}

#[async_trait]
impl AccountStore for TellsStrangers {
    async fn create(&self, account: &Account, credential: &Credential) -> Result<(), PortError> {
        self.0.create(account, credential).await
    }

    async fn by_email(&self, email: &str) -> Result<Option<Account>, PortError> {
        let found = self.0.by_email(email).await?;
        found
            .map(Some)
            .ok_or_else(|| PortError::new(ErrorKind::Unavailable, "find the account"))
    }

    async fn by_id(&self, teen: TeenId) -> Result<Option<Account>, PortError> {
        self.0.by_id(teen).await
    }

    async fn update(&self, account: &Account) -> Result<(), PortError> {
        self.0.update(account).await
    }

    async fn credential(&self, teen: TeenId) -> Result<Option<Credential>, PortError> {
        self.0.credential(teen).await
    }

    async fn put_credential(&self, teen: TeenId, credential: &Credential) -> Result<(), PortError> {
        self.0.put_credential(teen, credential).await
    }

    async fn put_code(&self, teen: TeenId, code: &IssuedCode) -> Result<(), PortError> {
        self.0.put_code(teen, code).await
    }

    async fn code(
        &self,
        teen: TeenId,
        kind: CodeKind,
        now: Timestamp,
    ) -> Result<Option<IssuedCode>, PortError> {
        self.0.code(teen, kind, now).await
    }

    async fn guess_code(
        &self,
        teen: TeenId,
        kind: CodeKind,
        most: u32,
        now: Timestamp,
    ) -> Result<Option<IssuedCode>, PortError> {
        self.0.guess_code(teen, kind, most, now).await
    }

    async fn remove_code(&self, teen: TeenId, kind: CodeKind) -> Result<(), PortError> {
        self.0.remove_code(teen, kind).await
    }

    async fn put_grant(&self, grant: &RefreshGrant) -> Result<(), PortError> {
        self.0.put_grant(grant).await
    }

    async fn grant(
        &self,
        hash: [u8; 32],
        now: Timestamp,
    ) -> Result<Option<RefreshGrant>, PortError> {
        self.0.grant(hash, now).await
    }

    async fn remove_grant(&self, hash: [u8; 32]) -> Result<(), PortError> {
        self.0.remove_grant(hash).await
    }

    async fn deny_before(&self, teen: TeenId, not_before: Timestamp) -> Result<(), PortError> {
        self.0.deny_before(teen, not_before).await
    }

    async fn denied_before(&self, teen: TeenId) -> Result<Option<Timestamp>, PortError> {
        self.0.denied_before(teen).await
    }

    async fn put_refusal(&self, handle: &str, until: Timestamp) -> Result<(), PortError> {
        self.0.put_refusal(handle, until).await
    }

    async fn is_refused(&self, handle: &str, now: Timestamp) -> Result<bool, PortError> {
        self.0.is_refused(handle, now).await
    }
}
