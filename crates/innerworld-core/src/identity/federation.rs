//! Ports: accounts whose owner signs in at another identity provider, what must be told to it
//! after an erase, and which of its messages were taken already.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::account::Account;
use crate::{clock::Timestamp, error::PortError, ids::TeenId, secret::Text};

/// What the other provider gave at a sign-in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderGrant {
    /// Its refresh token: kept for one use, to take the grant back when the account is erased.
    pub refresh_token: Text,
    /// When it was given.
    pub given_at: Timestamp,
}

/// Accounts of another identity provider.
///
/// # Contract
/// * `create` is `Conflict` for a taken name; then nothing of it is stored.
/// * `grant` gives what was put last; after the teen's key is destroyed there is none.
/// * An app transaction may belong to several teens: a family shares a device.
#[async_trait]
pub trait FederationStore: Send + Sync {
    /// Makes an account without a password, with what its provider gave.
    async fn create(&self, account: &Account, grant: &ProviderGrant) -> Result<(), PortError>;

    /// Replaces what the provider gave.
    async fn put_grant(&self, teen: TeenId, grant: &ProviderGrant) -> Result<(), PortError>;

    /// What the provider gave last.
    async fn grant(&self, teen: TeenId) -> Result<Option<ProviderGrant>, PortError>;

    /// Notes that the teen uses the app by this transaction of the app store.
    async fn link_app(&self, teen: TeenId, app_transaction: &str) -> Result<(), PortError>;

    /// Who uses the app by this transaction.
    async fn teens_of_app(&self, app_transaction: &str) -> Result<Vec<TeenId>, PortError>;
}

/// A grant at the other provider that is to be taken back. It names nobody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revocation {
    /// SHA-256 of the token: the same token is taken back once.
    pub id: [u8; 32],
    /// The token.
    pub token: Text,
    /// Failed attempts so far.
    pub attempts: u32,
    /// Not before this instant.
    pub not_before: Timestamp,
    /// Given up from this instant on.
    pub until: Timestamp,
}

/// Grants that are to be taken back. They outlive the account and every key of its owner.
///
/// # Contract
/// * Putting one again changes nothing.
/// * `due` gives the oldest first and removes nothing; what is past its `until` is due as well.
#[async_trait]
pub trait RevocationStore: Send + Sync {
    /// Queues one.
    async fn put(&self, revocation: &Revocation) -> Result<(), PortError>;

    /// Those that may run now.
    async fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<Revocation>, PortError>;

    /// Puts one back, with one attempt more.
    async fn defer(&self, id: [u8; 32], not_before: Timestamp) -> Result<(), PortError>;

    /// Removes one; removing what is not there succeeds.
    async fn remove(&self, id: [u8; 32]) -> Result<(), PortError>;

    /// How many wait.
    async fn waiting(&self) -> Result<usize, PortError>;
}

/// Signed messages of other providers that were acted upon.
///
/// # Contract
/// * What is noted stays noted, for good: a message may be replayed at any time.
#[async_trait]
pub trait EventLog: Send + Sync {
    /// Whether the message was acted upon.
    async fn is_done(&self, event: &str) -> Result<bool, PortError>;

    /// Notes it; noting it again changes nothing.
    async fn done(&self, event: &str) -> Result<(), PortError>;
}
