//! Checks access tokens of this installation.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use innerworld_core::{
    clock::Timestamp,
    error::PortError,
    hash::sha256,
    identity::{
        account::{AccountState, AccountStore, ErasureStore},
        token::{Claims, TokenError, TokenVerifier},
    },
    ids::TeenId,
};
use innerworld_engine::erase::Forgets;
use jsonwebtoken::{Algorithm, Validation};
use serde::Deserialize;

use super::{Pool, keys::KeyRing};

/// A checked token is believed this long before the deny list is read again. Sign-out and erase
/// in this process count at once ([`LocalTokenVerifier::forget`]).
const BELIEVED: Duration = Duration::from_secs(5);
/// Most tokens remembered.
const MAX_REMEMBERED: usize = 20_000;
/// Longest token looked at; ours have about 1,000 bytes.
const MAX_TOKEN_BYTES: usize = 4_096;
/// How far a token's issue may lie in the future, for a clock that was set back.
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
    /// Hash of the refresh grant that this token descends from, hexadecimal.
    origin_jti: String,
    /// `iat` in milliseconds: a sign-in right after a sign-out must not fall under its mark.
    iat_ms: i64,
}

struct Remembered {
    claims: Claims,
    origin: [u8; 32],
    checked_at: Timestamp,
}

/// Verifies tokens against the key ring, the accounts and the deny list.
pub struct LocalTokenVerifier {
    pool: Pool,
    keys: Arc<KeyRing>,
    accounts: Arc<dyn AccountStore>,
    erasure: Arc<dyn ErasureStore>,
    remembered: Mutex<HashMap<[u8; 32], Remembered>>,
}

impl std::fmt::Debug for LocalTokenVerifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LocalTokenVerifier")
    }
}

impl LocalTokenVerifier {
    /// A verifier for tokens of `pool`.
    pub fn new(
        pool: Pool,
        keys: Arc<KeyRing>,
        accounts: Arc<dyn AccountStore>,
        erasure: Arc<dyn ErasureStore>,
    ) -> Self {
        Self {
            pool,
            keys,
            accounts,
            erasure,
            remembered: Mutex::default(),
        }
    }

    fn table<T>(&self, act: impl FnOnce(&mut HashMap<[u8; 32], Remembered>) -> T) -> T {
        act(&mut self
            .remembered
            .lock()
            .unwrap_or_else(PoisonError::into_inner))
    }

    /// Signature and claims, without times that move.
    async fn read(&self, token: &str, now: Timestamp) -> Result<(Claims, [u8; 32]), TokenError> {
        let invalid = |_cause| TokenError::Invalid;
        let header = jsonwebtoken::decode_header(token).map_err(invalid)?;
        let kid = header
            .kid
            .filter(|_| header.alg == Algorithm::RS256)
            .ok_or(TokenError::Invalid)?;
        let key = self.keys.decoding(&kid, now).await;
        let key = key.ok_or(TokenError::Invalid)?;
        let mut validation = Validation::new(Algorithm::RS256);
        // Times are compared with our clock port below; access tokens have no audience.
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        validation.set_issuer(&[&self.pool.issuer]);
        let read: AccessClaims = jsonwebtoken::decode(token, &key, &validation)
            .map_err(invalid)?
            .claims;
        let ours = read.iss == self.pool.issuer
            && read.client_id == self.pool.client_id
            && read.token_use == "access"
            && read.iat_ms.div_euclid(1_000) == read.iat;
        let began = read.nbf.unwrap_or(read.iat).max(read.iat);
        if !ours || seconds(began) > now.plus(SLACK) {
            return Err(TokenError::Invalid);
        }
        let claims = Claims {
            teen: TeenId::from_verified_subject(&read.sub).map_err(|_form| TokenError::Invalid)?,
            issued_at: Timestamp::from_millis(read.iat_ms),
            expires_at: seconds(read.exp),
            jti: read.jti,
            auth_time: seconds(read.auth_time),
            scopes: read.scope.split(' ').map(str::to_owned).collect(),
        };
        Ok((
            claims,
            super::tokens::unhex(&read.origin_jti).ok_or(TokenError::Invalid)?,
        ))
    }

    async fn is_revoked(
        &self,
        claims: &Claims,
        origin: [u8; 32],
        now: Timestamp,
    ) -> Result<bool, PortError> {
        let teen = claims.teen;
        if self.erasure.is_fenced(teen).await? {
            return Ok(true);
        }
        let account = self.accounts.by_id(teen).await?;
        if account.is_none_or(|account| account.state == AccountState::Suspended) {
            return Ok(true);
        }
        let denied = self.accounts.denied_before(teen).await?;
        if denied.is_some_and(|mark| claims.issued_at < mark) {
            return Ok(true);
        }
        // A revoked refresh token takes its access tokens with it, as on Cognito.
        Ok(self.accounts.grant(origin, now).await?.is_none())
    }
}

impl Forgets for LocalTokenVerifier {
    /// What was checked: the next frame reads the deny list.
    fn forget(&self, teen: TeenId) {
        self.table(|table| table.retain(|_, known| known.claims.teen != teen));
    }
}

#[async_trait]
impl TokenVerifier for LocalTokenVerifier {
    async fn verify(&self, token: &str, now: Timestamp) -> Result<Claims, TokenError> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(TokenError::Invalid);
        }
        let key = sha256(token.as_bytes());
        let known = self.table(|table| {
            table
                .get(&key)
                .map(|known| (known.claims.clone(), known.origin, known.checked_at))
        });
        let fresh = known
            .as_ref()
            .is_some_and(|(_, _, at)| *at <= now && now.since(*at) < BELIEVED);
        let (claims, origin) = match known {
            Some((claims, origin, _)) => (claims, origin),
            None => self.read(token, now).await?,
        };
        if claims.expires_at <= now {
            self.table(|table| table.remove(&key));
            return Err(TokenError::Expired);
        }
        if fresh {
            return Ok(claims);
        }
        match self.is_revoked(&claims, origin, now).await {
            Err(_cause) => return Err(TokenError::Unavailable),
            Ok(true) => {
                self.table(|table| table.remove(&key));
                return Err(TokenError::Revoked);
            }
            Ok(false) => {}
        }
        let checked = Remembered {
            claims: claims.clone(),
            origin,
            checked_at: now,
        };
        self.table(|table| {
            if table.len() >= MAX_REMEMBERED {
                table.clear();
            }
            table.insert(key, checked);
        });
        Ok(claims)
    }
}

fn seconds(seconds: i64) -> Timestamp {
    Timestamp::from_millis(seconds.saturating_mul(1_000))
}
