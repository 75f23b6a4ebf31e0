//! Access tokens of a Cognito user pool.
//!
//! Ours are told from all others by what Cognito's page "Verifying JSON web tokens" names: RS256 by
//! a key of the pool, its issuer, the app client, `token_use = access`. Id tokens have an audience
//! and no `client_id`; they are refused.

mod keys;
mod pool;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use innerworld_core::{
    clock::Timestamp,
    error::{ErrorKind, PortError},
    identity::{
        apple::keys::key_id,
        token::{Claims, TokenError, TokenVerifier},
    },
    ids::TeenId,
};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;

use self::keys::PublishedKeys;
pub use self::pool::{InvalidPool, UserPool};
use crate::deny_list::DenyList;

/// Longest token looked at; Cognito's access tokens have about 1,100 bytes.
const MAX_TOKEN_BYTES: usize = 4_096;
/// How far a token's issue may lie in the future: clocks differ.
const SLACK: Duration = Duration::from_secs(60);

#[derive(Deserialize)]
struct AccessClaims {
    sub: String,
    iss: String,
    client_id: String,
    token_use: String,
    #[serde(default)]
    scope: String,
    auth_time: i64,
    iat: i64,
    exp: i64,
    #[serde(default)]
    nbf: Option<i64>,
    jti: String,
}

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

    /// Signature and claims, without times that move.
    fn read(&self, token: &str, key: &DecodingKey, now: Timestamp) -> Result<Claims, TokenError> {
        let mut validation = Validation::new(Algorithm::RS256);
        // Times are compared with the clock we were given; access tokens have no audience.
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        validation.set_issuer(&[self.pool.issuer()]);
        let read: AccessClaims = jsonwebtoken::decode(token, key, &validation)
            .map_err(|_cause| TokenError::Invalid)?
            .claims;
        let ours = read.iss == self.pool.issuer()
            && read.client_id == self.pool.client_id()
            && read.token_use == "access";
        let began = read.nbf.unwrap_or(read.iat).max(read.iat);
        if !ours || seconds(began) > now.plus(SLACK) {
            return Err(TokenError::Invalid);
        }
        Ok(Claims {
            teen: TeenId::from_verified_subject(&read.sub).map_err(|_form| TokenError::Invalid)?,
            issued_at: seconds(read.iat),
            expires_at: seconds(read.exp),
            jti: read.jti,
            auth_time: seconds(read.auth_time),
            scopes: read.scope.split(' ').map(str::to_owned).collect(),
        })
    }
}

#[async_trait]
impl TokenVerifier for CognitoTokenVerifier {
    async fn verify(&self, token: &str, now: Timestamp) -> Result<Claims, TokenError> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(TokenError::Invalid);
        }
        // Refuses every algorithm but RS256 before a key is looked for.
        let kid = key_id(token).map_err(|_cause| TokenError::Invalid)?;
        let key = self.keys.find(&kid, now).await;
        let key = key.map_err(|error| unavailable(&error))?;
        let key = key.ok_or(TokenError::Invalid)?;
        let claims = self.read(token, &key, now)?;
        if claims.expires_at <= now {
            return Err(TokenError::Expired);
        }
        let denied = self.denied.denies(claims.teen, claims.issued_at).await;
        if denied.map_err(|error| unavailable(&error))? {
            return Err(TokenError::Revoked);
        }
        Ok(claims)
    }
}

/// Somebody must act: until then nobody gets in.
fn unavailable(error: &PortError) -> TokenError {
    tracing::error!(
        error.kind = kind(error.kind()),
        operation = error.operation(),
        "tokens cannot be checked"
    );
    TokenError::Unavailable
}

fn kind(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Throttled => "throttled",
        ErrorKind::Corrupt => "corrupt",
        _ => "unavailable",
    }
}

fn seconds(seconds: i64) -> Timestamp {
    Timestamp::from_millis(seconds.saturating_mul(1_000))
}
