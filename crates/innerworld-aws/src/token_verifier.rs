//! Access tokens of a Cognito user pool.
//!
//! Ours are told from all others by what Cognito's page "Verifying JSON web tokens" names: RS256 by
//! a key of the pool, its issuer, the app client, `token_use = access`. Id tokens have an audience
//! and no `client_id`; they are refused.

mod keys;
mod pool;
mod rules;

use std::sync::Arc;

use async_trait::async_trait;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use innerworld_core::{
    clock::Timestamp,
    error::{ErrorKind, PortError},
    identity::{
        apple::{Untrusted, keys::key_id},
        token::{Claims, TokenError, TokenVerifier},
    },
};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Map, Value};

use self::{keys::PublishedKeys, rules::Said};
pub use self::{
    pool::{InvalidPool, UserPool},
    rules::BrokenRule,
};
use crate::deny_list::DenyList;

/// Longest token looked at; Cognito's access tokens have about 1,100 bytes.
const MAX_TOKEN_BYTES: usize = 4_096;

/// Verifies tokens of one app client of one user pool.
pub struct CognitoTokenVerifier {
    pool: UserPool,
    keys: PublishedKeys,
    denied: Arc<dyn DenyList>,
}

impl std::fmt::Debug for CognitoTokenVerifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CognitoTokenVerifier")
            .field("pool", &self.pool)
            .finish_non_exhaustive()
    }
}

impl CognitoTokenVerifier {
    /// A verifier that reads the pool's keys when it first needs one. `Invalid` if no HTTPS client
    /// can be made on this machine.
    pub fn new(pool: UserPool, denied: Arc<dyn DenyList>) -> Result<Self, PortError> {
        let keys = PublishedKeys::new(&pool)?;
        Ok(Self { pool, keys, denied })
    }

    /// What the token says, or every rule that it breaks, for whoever runs the deployment: the
    /// teen's program is told much less. The first is why it was refused; those behind it are read
    /// from a token that may be anybody's.
    pub async fn explain(&self, token: &str, now: Timestamp) -> Result<Claims, Vec<BrokenRule>> {
        let refused = match self.examine(token, now).await {
            Ok(claims) => return Ok(claims),
            Err(refused) => refused,
        };
        let mut broken = vec![refused];
        if let Some(said) = unverified(token) {
            let of_claims = said.broken(&self.pool, now).into_iter();
            broken.extend(of_claims.filter(|rule| *rule != refused));
        }
        Err(broken)
    }

    async fn examine(&self, token: &str, now: Timestamp) -> Result<Claims, BrokenRule> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(BrokenRule::Length);
        }
        // Refuses every algorithm but RS256 before a key is looked for.
        let kid = key_id(token).map_err(|untrusted| match untrusted {
            Untrusted::Algorithm => BrokenRule::Algorithm,
            _ => BrokenRule::Form,
        })?;
        let key = self.keys.find(&kid, now).await;
        let key = key.map_err(|error| unavailable(&error, BrokenRule::KeysUnread))?;
        let key = key.ok_or(BrokenRule::Key)?;
        let said = signed(token, &key)?;
        if let Some(first) = said.broken(&self.pool, now).first() {
            return Err(*first);
        }
        let claims = said.claims()?;
        let denied = self.denied.denies(claims.teen, claims.issued_at).await;
        if denied.map_err(|error| unavailable(&error, BrokenRule::DenyListUnread))? {
            return Err(BrokenRule::Revoked);
        }
        Ok(claims)
    }
}

#[async_trait]
impl TokenVerifier for CognitoTokenVerifier {
    async fn verify(&self, token: &str, now: Timestamp) -> Result<Claims, TokenError> {
        self.examine(token, now).await.map_err(TokenError::from)
    }
}

/// The claims under a signature that fits; which claims they are is not looked at yet.
fn signed(token: &str, key: &DecodingKey) -> Result<Said, BrokenRule> {
    let mut validation = Validation::new(Algorithm::RS256);
    // Claims are compared by the rules, with the clock we were given.
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    let read = jsonwebtoken::decode::<Map<String, Value>>(token, key, &validation);
    let read = read.map_err(|cause| {
        use jsonwebtoken::errors::ErrorKind;
        match cause.kind() {
            ErrorKind::InvalidSignature => BrokenRule::Signature,
            ErrorKind::InvalidAlgorithm => BrokenRule::Algorithm,
            _ => BrokenRule::Form,
        }
    })?;
    Ok(Said(read.claims))
}

/// What a token says, whoever wrote it.
fn unverified(token: &str) -> Option<Said> {
    let mut parts = token.get(..MAX_TOKEN_BYTES.min(token.len()))?.split('.');
    let claims = URL_SAFE_NO_PAD.decode(parts.nth(1)?).ok()?;
    serde_json::from_slice(&claims).map(Said).ok()
}

/// Somebody must act: until then nobody gets in.
fn unavailable(error: &PortError, rule: BrokenRule) -> BrokenRule {
    tracing::error!(
        error.kind = kind(error.kind()),
        operation = error.operation(),
        "tokens cannot be checked"
    );
    rule
}

fn kind(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Throttled => "throttled",
        ErrorKind::Corrupt => "corrupt",
        _ => "unavailable",
    }
}
