//! Apple's public keys, and how seldom they are read: a flood of unknown key ids costs one read a
//! minute.

use std::{collections::HashMap, time::Duration};

use jsonwebtoken::DecodingKey;
use serde::Deserialize;

use super::{Untrusted, jws};
use crate::{
    clock::Timestamp,
    error::{ErrorKind, PortError},
};

/// Largest key set that is read. Apple's has about 2,000 bytes.
pub const MAX_BYTES: usize = 64 * 1_024;
const MAX_KEYS: usize = 32;
/// A key set is not read again for this long while it has the key that is asked for.
const FRESH: Duration = Duration::from_secs(3_600);
/// A key is still believed for this long when the set cannot be read.
const KEPT: Duration = Duration::from_secs(24 * 3_600);
/// Between two reads.
const PAUSE: Duration = Duration::from_secs(60);

#[derive(Deserialize)]
struct Document {
    keys: Vec<Jwk>,
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    #[serde(default)]
    kid: String,
    #[serde(default)]
    n: String,
    #[serde(default)]
    e: String,
}

/// The RSA keys of a key set, by id.
#[derive(Clone, Default)]
pub struct KeySet(HashMap<String, DecodingKey>);

impl std::fmt::Debug for KeySet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("KeySet").field(&self.0.len()).finish()
    }
}

impl KeySet {
    /// Reads a JSON Web Key Set (RFC 7517); keys of other kinds are left out.
    pub fn parse(document: &[u8]) -> Result<Self, PortError> {
        let corrupt = || PortError::new(ErrorKind::Corrupt, "read Apple's key set");
        if document.len() > MAX_BYTES {
            return Err(corrupt());
        }
        let document: Document =
            serde_json::from_slice(document).map_err(|_says_much| corrupt())?;
        let keys = document.keys.into_iter().take(MAX_KEYS);
        let keys = keys.filter(|key| key.kty == "RSA" && !key.kid.is_empty());
        let keys = keys.filter_map(|key| {
            let read = DecodingKey::from_rsa_components(&key.n, &key.e).ok()?;
            Some((key.kid, read))
        });
        Ok(Self(keys.collect()))
    }
}

/// Whose key signed `token`. Nothing is verified yet.
pub fn key_id(token: &str) -> Result<String, Untrusted> {
    jws::kid(token)
}

/// What to do about a key id.
#[derive(Clone, Debug)]
pub enum Lookup {
    /// This is the key.
    Key(Box<DecodingKey>),
    /// The key set must be read first: call [`KeyCache::begin`], read, call [`KeyCache::learn`].
    Read,
    /// There is no such key, as far as may be known now.
    Unknown,
}

/// The key set as it was read last.
#[derive(Clone, Debug, Default)]
pub struct KeyCache {
    keys: KeySet,
    read_at: Option<Timestamp>,
    tried_at: Option<Timestamp>,
}

impl KeyCache {
    /// The key called `kid`, or what must happen before it is known.
    pub fn look_up(&self, kid: &str, now: Timestamp) -> Lookup {
        let fresh = self.read_at.is_some_and(|at| now.since(at) < FRESH);
        let known = self.keys.0.contains_key(kid);
        if known && fresh {
            return self.known(kid, now);
        }
        // A clock that was set back must not keep us from reading until it has caught up.
        let rested = |at: Timestamp| now < at || now.since(at) >= PAUSE;
        if self.tried_at.is_none_or(rested) {
            return Lookup::Read;
        }
        self.known(kid, now)
    }

    /// The key called `kid` by what was read last.
    pub fn known(&self, kid: &str, now: Timestamp) -> Lookup {
        let kept = self.read_at.is_some_and(|at| now.since(at) < KEPT);
        let key = self.keys.0.get(kid).filter(|_| kept);
        key.map_or(Lookup::Unknown, |key| Lookup::Key(Box::new(key.clone())))
    }

    /// Whether the last read succeeded: what is unknown then is known to be nobody's.
    pub fn is_current(&self) -> bool {
        self.read_at.is_some() && self.read_at == self.tried_at
    }

    /// A read begins.
    pub fn begin(&mut self, now: Timestamp) {
        self.tried_at = Some(now);
    }

    /// A read succeeded.
    pub fn learn(&mut self, keys: KeySet, now: Timestamp) {
        self.keys = keys;
        self.read_at = Some(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMED: &str = r#"{"keys":[{"kty":"RSA","kid":"one","n":"AQAB","e":"AQAB"},
        {"kty":"EC","kid":"two"},{"kty":"RSA","n":"AQAB","e":"AQAB"}]}"#;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(1_700_000_000_000 + seconds * 1_000)
    }

    fn reads(cache: &KeyCache, kid: &str, now: Timestamp) -> bool {
        matches!(cache.look_up(kid, now), Lookup::Read)
    }

    fn finds(cache: &KeyCache, kid: &str, now: Timestamp) -> bool {
        matches!(cache.look_up(kid, now), Lookup::Key(_))
    }

    #[test]
    fn unknown_keys_cost_one_read_a_minute() {
        let mut cache = KeyCache::default();
        let mut read = 0;
        for second in 0..600 {
            for flood in 0..5 {
                if reads(&cache, &format!("made-up-{second}-{flood}"), at(second)) {
                    read += 1;
                    cache.begin(at(second));
                    cache.learn(KeySet::parse(NAMED.as_bytes()).unwrap(), at(second));
                }
            }
            assert!(
                finds(&cache, "one", at(second)),
                "the known key still works"
            );
        }
        assert_eq!(read, 10);
    }

    #[test]
    fn a_known_key_outlives_an_outage_of_a_day_and_no_longer() {
        let mut cache = KeyCache::default();
        cache.begin(at(0));
        cache.learn(KeySet::parse(NAMED.as_bytes()).unwrap(), at(0));
        assert!(finds(&cache, "one", at(3_599)));
        assert!(!finds(&cache, "two", at(30)), "not an RSA key");
        assert!(reads(&cache, "one", at(3_600)), "read again after an hour");
        cache.begin(at(3_600));
        assert!(
            finds(&cache, "one", at(3_601)),
            "it failed: the old key stands"
        );
        cache.begin(at(86_400));
        assert!(!finds(&cache, "one", at(86_401)));
        // A clock that was set back does not keep us from reading until it has caught up.
        assert!(reads(&cache, "two", at(40)));
    }

    #[test]
    fn what_is_no_key_set_is_refused() {
        for wrong in ["", "[]", "{}", "{\"keys\":1}"] {
            assert!(KeySet::parse(wrong.as_bytes()).is_err(), "{wrong}");
        }
        let large = format!("{{\"keys\":[],\"x\":\"{}\"}}", "a".repeat(MAX_BYTES));
        assert!(KeySet::parse(large.as_bytes()).is_err());
    }
}
