//! Port: checks access tokens.

use async_trait::async_trait;

use crate::{clock::Timestamp, ids::TeenId};

/// What a verified access token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// Whose token.
    pub teen: TeenId,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// Its id.
    pub jti: String,
    /// When the teen last signed in with a credential (for actions that need a fresh sign-in).
    pub auth_time: Timestamp,
    /// Scopes, such as `aws.cognito.signin.user.admin` or `developer`.
    pub scopes: Vec<String>,
}

/// Why a token was refused. Clients see `token_expired` or `token_invalid`, never more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It ended.
    #[error("the token has expired")]
    Expired,
    /// Signature, issuer, client, use or form is wrong.
    #[error("the token is not valid")]
    Invalid,
    /// It was issued before the teen signed out everywhere, or the account is gone.
    #[error("the token was revoked")]
    Revoked,
    /// The keys or the deny list could not be read; nobody gets in.
    #[error("tokens cannot be checked now")]
    Unavailable,
}

/// Checks signature (RS256 only), issuer, client, `token_use = access`, times, and the deny list.
#[async_trait]
pub trait TokenVerifier: Send + Sync {
    /// Verifies `token` at `now`.
    async fn verify(&self, token: &str, now: Timestamp) -> Result<Claims, TokenError>;
}
