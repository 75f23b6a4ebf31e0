//! The keys that sign tokens, and the public key set.

mod key;

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use aws_lc_rs::{rand::SystemRandom, signature::RSA_PKCS1_SHA256};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use innerworld_core::{
    clock::Timestamp,
    error::{ErrorKind, PortError},
    identity::account::{KeyStore, SigningKey},
    ids::IdSource,
    secret::Redacted,
};
use jsonwebtoken::DecodingKey;
use serde_json::{Value, json};
use tokio::sync::Mutex;

use self::key::{Key, MAKE, generate, read};

/// A key signs this long; then its successor is published.
const ACTIVE_LIFE: Duration = Duration::from_secs(90 * 24 * 3_600);
/// So long a successor is published before it signs: whoever checks tokens keeps a copy of the key
/// set for some minutes, and may not look again at once.
const ANNOUNCED: Duration = Duration::from_secs(3_600);
/// A retired key stays in the set until the tokens it signed ended. Counted from the birth of its
/// successor: the time before that signs, a token's life, and some slack.
const RETIRED_LIFE: Duration = Duration::from_secs(4 * 3_600);

/// So long the keys in RAM are believed to be those of the store.
const BELIEVED: Duration = Duration::from_secs(60);
/// The same where a token names one that is not among them: anybody can write such a token.
const UNKNOWN: Duration = Duration::from_secs(5);

/// The signing keys in RAM; the store holds them wrapped.
pub struct KeyRing {
    store: Arc<dyn KeyStore>,
    ids: Arc<dyn IdSource>,
    keys: RwLock<Vec<Arc<Key>>>,
    /// Held by whoever makes or removes keys.
    changing: Mutex<()>,
    /// When the keys were last read because another server may have changed them.
    read_at: Mutex<Timestamp>,
}

impl std::fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KeyRing([redacted])")
    }
}

impl KeyRing {
    /// Reads the keys; makes the first one.
    pub async fn open(
        store: Arc<dyn KeyStore>,
        ids: Arc<dyn IdSource>,
        now: Timestamp,
    ) -> Result<Self, PortError> {
        let ring = Self {
            store,
            ids,
            keys: RwLock::default(),
            changing: Mutex::default(),
            read_at: Mutex::new(now),
        };
        ring.reload().await?;
        if ring.active().is_none() {
            ring.rotate(now).await?;
        }
        Ok(ring)
    }

    /// Makes a new key that signs at once. Older ones stay in the set until their tokens ended.
    pub async fn rotate(&self, now: Timestamp) -> Result<(), PortError> {
        let _changing = self.changing.lock().await;
        self.make(now, true).await?;
        self.prune(now).await
    }

    /// Replaces a key that grew old and removes those whose tokens ended. Called before a token
    /// is signed; if it fails the present key signs on.
    pub(super) async fn look_after(&self, now: Timestamp) {
        self.read_again(BELIEVED, now).await;
        if self.due(now).is_none() {
            return;
        }
        let _changing = self.changing.lock().await;
        // Somebody else may have done it meanwhile.
        let done = match self.due(now) {
            Some(Due::Successor) => self.make(now, false).await,
            Some(Due::Change) => self.activate().await,
            Some(Due::Removal) => self.prune(now).await,
            None => Ok(()),
        };
        if let Err(cause) = done {
            tracing::error!(error.kind = ?cause.kind(), "the signing keys could not be renewed");
        }
    }

    /// Reads the keys as another server may have changed them, unless they are younger than `life`.
    async fn read_again(&self, life: Duration, now: Timestamp) {
        let mut read_at = self.read_at.lock().await;
        if now.since(*read_at) < life {
            return;
        }
        // However it goes: a store that is away is not asked by everybody.
        *read_at = now;
        if let Err(error) = self.reload().await {
            tracing::warn!(error.kind = ?error.kind(), "the signing keys could not be read anew");
        }
    }

    /// The key of a token; one that another server made just now is looked for.
    pub(super) async fn decoding(&self, kid: &str, now: Timestamp) -> Option<DecodingKey> {
        if let Some(key) = self.known(kid) {
            return Some(key);
        }
        self.read_again(UNKNOWN, now).await;
        self.known(kid)
    }

    fn due(&self, now: Timestamp) -> Option<Due> {
        let keys = self.all();
        let newest = keys.first()?;
        let age = now.since(newest.created_at);
        if newest.active && age >= ACTIVE_LIFE {
            Some(Due::Successor)
        } else if !newest.active && age >= ANNOUNCED {
            Some(Due::Change)
        } else {
            (!retired(&keys, now).is_empty()).then_some(Due::Removal)
        }
    }

    /// Lets the newest key sign.
    async fn activate(&self) -> Result<(), PortError> {
        if let Some(newest) = self.store.signing_keys().await?.into_iter().next() {
            let key = SigningKey {
                active: true,
                ..newest
            };
            self.store.put_signing_key(&key).await?;
        }
        self.reload().await
    }

    async fn make(&self, now: Timestamp, active: bool) -> Result<(), PortError> {
        // Keys are told apart by their age, also those of one millisecond or of a clock set back.
        let last = self.all().first().map(|key| key.created_at);
        let after = last.map_or(now, |last| last.plus(Duration::from_millis(1)));
        let pkcs8 = tokio::task::spawn_blocking(generate)
            .await
            .map_err(|cause| PortError::with_source(ErrorKind::Unavailable, MAKE, cause))??;
        let mut random = [0_u8; 16];
        self.ids.fill(&mut random);
        let key = SigningKey {
            kid: BASE64.encode(random),
            active,
            pkcs8: Redacted::new(pkcs8),
            created_at: now.max(after),
        };
        self.store.put_signing_key(&key).await?;
        self.reload().await
    }

    /// The public keys, as `jwks.json`.
    pub fn jwks(&self) -> Value {
        let keys: Vec<Value> = self
            .all()
            .iter()
            .map(|key| {
                json!({"alg": "RS256", "e": "AQAB", "kid": key.kid, "kty": "RSA",
                       "n": key.modulus, "use": "sig"})
            })
            .collect();
        json!({ "keys": keys })
    }

    /// A signed token with these claims.
    pub fn sign(&self, claims: &Value) -> Result<String, PortError> {
        let fault = || PortError::new(ErrorKind::Unavailable, "sign a token");
        let key = self.active().ok_or_else(fault)?;
        let header = json!({"kid": key.kid, "alg": "RS256", "typ": "JWT"});
        let mut token = BASE64.encode(header.to_string());
        token.push('.');
        token.push_str(&BASE64.encode(claims.to_string()));
        let mut signature = vec![0_u8; key.pair.public_modulus_len()];
        key.pair
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                token.as_bytes(),
                &mut signature,
            )
            .map_err(|_unspecified| fault())?;
        token.push('.');
        token.push_str(&BASE64.encode(signature));
        Ok(token)
    }

    fn known(&self, kid: &str) -> Option<DecodingKey> {
        self.all()
            .iter()
            .find(|key| key.kid == kid)
            .map(|key| key.decoding.clone())
    }

    async fn reload(&self) -> Result<(), PortError> {
        let stored = self.store.signing_keys().await?;
        let keys = stored.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys;
        Ok(())
    }

    async fn prune(&self, now: Timestamp) -> Result<(), PortError> {
        for kid in retired(&self.all(), now) {
            self.store.remove_signing_key(&kid).await?;
        }
        self.reload().await
    }

    fn all(&self) -> Vec<Arc<Key>> {
        self.keys
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn active(&self) -> Option<Arc<Key>> {
        self.all().into_iter().find(|key| key.active)
    }
}

/// What the keys need.
enum Due {
    /// The key that signs is old, and nobody will follow it.
    Successor,
    /// The successor was published long enough.
    Change,
    /// A retired key has no tokens any more.
    Removal,
}

/// Keys whose tokens all ended. Newest first: a key was retired when its successor, the one before
/// it, was made.
fn retired(keys: &[Arc<Key>], now: Timestamp) -> Vec<String> {
    keys.iter()
        .zip(keys.iter().skip(1))
        .filter(|(newer, older)| !older.active && now.since(newer.created_at) > RETIRED_LIFE)
        .map(|(_, older)| older.kid.clone())
        .collect()
}
