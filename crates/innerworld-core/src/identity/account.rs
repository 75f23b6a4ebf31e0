//! Port: accounts of the one-machine identity provider. (On AWS this is Cognito.)

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::{
    clock::Timestamp,
    error::PortError,
    ids::TeenId,
    secret::{Redacted, Text},
};

/// Where an account stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountState {
    /// Signed up, the e-mail address is not confirmed.
    Unconfirmed,
    /// Confirmed; may sign in.
    Confirmed,
    /// Consent was revoked by the platform.
    Suspended,
    /// Being erased; nothing works any more.
    Erasing,
}

/// An account, without its credential.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The subject.
    pub teen: TeenId,
    /// Normalised e-mail address; empty for an account of another identity provider.
    pub email: Text,
    /// Where it stands.
    pub state: AccountState,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub modified_at: Timestamp,
    /// For an account of another identity provider its name: `SignInWithApple_<sub>`. It has no
    /// password and no address, and is never joined with an account of an address.
    #[serde(default)]
    pub federated: Option<Text>,
}

impl Account {
    /// What the account is found by: its address, or its name.
    pub fn handle(&self) -> &str {
        self.federated.as_ref().unwrap_or(&self.email).reveal()
    }

    /// The name of the user in tokens, as Cognito writes it.
    pub fn username(&self) -> Text {
        let subject = || Text::new(self.teen.to_string());
        self.federated.clone().unwrap_or_else(subject)
    }
}

/// What a password is checked against; never the password.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credential {
    /// argon2id in PHC form.
    pub argon2id: Redacted<String>,
    /// SRP salt, big-endian.
    pub srp_salt: Redacted<Vec<u8>>,
    /// SRP verifier, big-endian; adapters seal it under the server's key.
    pub srp_verifier: Redacted<Vec<u8>>,
}

impl std::fmt::Debug for Credential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Credential([redacted])")
    }
}

/// What a code is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodeKind {
    /// Confirms a sign-up.
    SignUp,
    /// Sets a new password.
    ForgotPassword,
}

/// An issued code, hashed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuedCode {
    /// What for.
    pub kind: CodeKind,
    /// Keyed hash of the code.
    pub hash: [u8; 32],
    /// Guesses so far.
    pub tries: u32,
    /// It does not exist at or after this instant.
    pub expires_at: Timestamp,
}

/// A refresh token's row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefreshGrant {
    /// SHA-256 of the token.
    pub hash: [u8; 32],
    /// Whose.
    pub teen: TeenId,
    /// When the teen signed in with a credential.
    pub auth_time: Timestamp,
    /// It does not exist at or after this instant.
    pub expires_at: Timestamp,
}

/// Accounts, credentials, codes, refresh grants and the deny list.
///
/// # Contract
/// * Addresses and names are found by a keyed hash; `create` is `Conflict` for a taken address.
/// * Codes and grants do not exist at or after their `expires_at`.
/// * `guess_code` is one step: of guesses made at once, each counts.
/// * After `delete` nothing of the account is found.
#[async_trait]
pub trait AccountStore: Send + Sync {
    /// Makes an account with its credential.
    async fn create(&self, account: &Account, credential: &Credential) -> Result<(), PortError>;

    /// The account of this address, or of this name at another identity provider.
    async fn by_email(&self, email: &str) -> Result<Option<Account>, PortError>;

    /// The account of this subject.
    async fn by_id(&self, teen: TeenId) -> Result<Option<Account>, PortError>;

    /// Replaces the account's row; `NotFound` if it is gone.
    async fn update(&self, account: &Account) -> Result<(), PortError>;

    /// The credential.
    async fn credential(&self, teen: TeenId) -> Result<Option<Credential>, PortError>;

    /// Replaces the credential.
    async fn put_credential(&self, teen: TeenId, credential: &Credential) -> Result<(), PortError>;

    /// Stores a code, replacing one of the same kind.
    async fn put_code(&self, teen: TeenId, code: &IssuedCode) -> Result<(), PortError>;

    /// The live code of this kind.
    async fn code(
        &self,
        teen: TeenId,
        kind: CodeKind,
        now: Timestamp,
    ) -> Result<Option<IssuedCode>, PortError>;

    /// Counts a guess at the live code of this kind and returns the code with this guess in
    /// `tries`; `None` if there is none, or if `most` guesses were counted before.
    async fn guess_code(
        &self,
        teen: TeenId,
        kind: CodeKind,
        most: u32,
        now: Timestamp,
    ) -> Result<Option<IssuedCode>, PortError>;

    /// Removes a code.
    async fn remove_code(&self, teen: TeenId, kind: CodeKind) -> Result<(), PortError>;

    /// Stores a refresh grant.
    async fn put_grant(&self, grant: &RefreshGrant) -> Result<(), PortError>;

    /// The live grant with this hash.
    async fn grant(
        &self,
        hash: [u8; 32],
        now: Timestamp,
    ) -> Result<Option<RefreshGrant>, PortError>;

    /// Removes one grant.
    async fn remove_grant(&self, hash: [u8; 32]) -> Result<(), PortError>;

    /// Refuses every token issued before `not_before` and removes all grants.
    async fn deny_before(&self, teen: TeenId, not_before: Timestamp) -> Result<(), PortError>;

    /// The deny mark; `None` if there is none.
    async fn denied_before(&self, teen: TeenId) -> Result<Option<Timestamp>, PortError>;

    /// Keyed hash of an address or name that was refused for age, kept 30 days against a second try.
    async fn put_refusal(&self, handle: &str, until: Timestamp) -> Result<(), PortError>;

    /// Whether the address or name was refused.
    async fn is_refused(&self, handle: &str, now: Timestamp) -> Result<bool, PortError>;
}

/// A one-use socket ticket, stored hashed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// SHA-256 of the ticket.
    pub hash: [u8; 32],
    /// Whose.
    pub teen: TeenId,
    /// The origin it is bound to; empty for none.
    pub origin: String,
    /// Expiry of the access token it stands for.
    pub token_expires_at: Timestamp,
    /// When that token was issued.
    pub token_issued_at: Timestamp,
    /// It does not exist at or after this instant (30 s).
    pub expires_at: Timestamp,
}

/// Socket tickets.
///
/// # Contract
/// * `take` gives a ticket once: the second call, and every call at or after `expires_at`, is `None`.
#[async_trait]
pub trait TicketStore: Send + Sync {
    /// Stores a ticket.
    async fn put(&self, ticket: &Ticket) -> Result<(), PortError>;

    /// Removes and returns it.
    async fn take(&self, hash: [u8; 32], now: Timestamp) -> Result<Option<Ticket>, PortError>;
}

/// An e-mail to send.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    /// To whom.
    pub to: Text,
    /// What for: `sign_up`, `forgot_password`.
    pub kind: String,
    /// Subject line.
    pub subject: String,
    /// Plain text.
    pub body: Text,
    /// The code in it.
    pub code: Text,
    /// When it was made.
    pub at: Timestamp,
}

/// Port: sends e-mail (SMTP, or the local outbox of development).
#[async_trait]
pub trait Mailer: Send + Sync {
    /// Sends it, or takes it into the outbox.
    async fn send(&self, mail: &Mail) -> Result<(), PortError>;
}

/// The keys that sign tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigningKey {
    /// Key id in token headers and in the key set.
    pub kid: String,
    /// Whether new tokens are signed with it; older keys stay in the key set until their tokens
    /// ended.
    pub active: bool,
    /// PKCS#8 of an RSA-2048 key.
    pub pkcs8: Redacted<Vec<u8>>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Signing keys and service keys, wrapped by the master key.
///
/// # Contract
/// * `service_key` of one name gives the same bytes for ever, also after a restart.
#[async_trait]
pub trait KeyStore: Send + Sync {
    /// All signing keys, newest first.
    async fn signing_keys(&self) -> Result<Vec<SigningKey>, PortError>;

    /// Stores a signing key; if it is active the others become inactive.
    async fn put_signing_key(&self, key: &SigningKey) -> Result<(), PortError>;

    /// Removes one.
    async fn remove_signing_key(&self, kid: &str) -> Result<(), PortError>;

    /// A 32-byte key of this name (`ledger`, `pseudonym`, `tombstone`, `srp`, `codes`, `emails`,
    /// `challenges`, `oauth`, `revocations`), made at first use.
    async fn service_key(&self, name: &'static str) -> Result<[u8; 32], PortError>;

    /// A stored setting that is made once (`issuer`, `user_pool_id`, `client_id`).
    async fn setting(&self, name: &'static str) -> Result<Option<String>, PortError>;

    /// Stores a setting if there is none; returns the one that is stored.
    async fn put_setting_once(&self, name: &'static str, value: &str) -> Result<String, PortError>;
}

/// Erasing a teen, in repeatable steps.
///
/// # Contract
/// * After `fence` every write for the teen is `Denied`, in every store of this runtime.
/// * After `destroy_key` every read of a sealed record is `NotFound`; an account is `None`, so that
///   signing in meets an unknown account.
/// * `delete_rows` is repeated until it says 0.
#[async_trait]
pub trait ErasureStore: Send + Sync {
    /// Step 1: raises the teen's epoch.
    async fn fence(&self, teen: TeenId, now: Timestamp) -> Result<(), PortError>;

    /// Whether the teen is fenced or gone.
    async fn is_fenced(&self, teen: TeenId) -> Result<bool, PortError>;

    /// Step 2: destroys the wrapped key and forgets it in RAM.
    async fn destroy_key(&self, teen: TeenId) -> Result<(), PortError>;

    /// Step 3: deletes up to `limit` rows of all stores; returns how many went.
    async fn delete_rows(&self, teen: TeenId, limit: usize) -> Result<usize, PortError>;

    /// Step 4: truncates the logs, so that no page keeps what was deleted.
    async fn truncate_logs(&self) -> Result<(), PortError>;

    /// Step 5: the tombstone, kept for 42 days.
    async fn bury(&self, teen: TeenId, until: Timestamp) -> Result<(), PortError>;
}
