//! The keys that Apple signs with, and what they signed.

use std::sync::{Arc, Mutex, PoisonError};

use innerworld_core::{
    clock::Timestamp,
    error::{ErrorKind, PortError},
    identity::apple::{
        AppleService, Untrusted,
        event::{self, AppleEvents},
        keys::{self, KeyCache, Lookup},
    },
};
use jsonwebtoken::DecodingKey;

/// Why something from Apple is not taken.
#[derive(Debug)]
pub enum Doubt {
    /// It is not believed.
    Untrusted(Untrusted),
    /// It cannot be checked now.
    Unknown(PortError),
}

impl From<Untrusted> for Doubt {
    fn from(cause: Untrusted) -> Self {
        Self::Untrusted(cause)
    }
}

/// Apple's key set, read when a signature asks for it.
pub struct AppleKeys {
    service: Arc<dyn AppleService>,
    keys: Mutex<KeyCache>,
    /// Held by whoever reads the key set.
    reading: tokio::sync::Mutex<()>,
}

impl std::fmt::Debug for AppleKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AppleKeys")
    }
}

impl AppleKeys {
    /// The keys of this service. Nothing is read yet.
    pub fn of(service: Arc<dyn AppleService>) -> Self {
        Self {
            service,
            keys: Mutex::default(),
            reading: tokio::sync::Mutex::default(),
        }
    }

    /// What a notification of Sign in with Apple says, from this issuer to one of these audiences.
    pub async fn events(
        &self,
        token: &str,
        (issuer, audiences): (&str, &[&str]),
        now: Timestamp,
    ) -> Result<AppleEvents, Doubt> {
        let key = self.key(token, now).await?;
        Ok(event::check(token, &key, issuer, audiences)?)
    }

    /// The key that signed, by its id. A flood of unknown ids costs one read a minute.
    pub(crate) async fn key(&self, token: &str, now: Timestamp) -> Result<Box<DecodingKey>, Doubt> {
        let kid = keys::key_id(token)?;
        match self.found(|keys| keys.look_up(&kid, now)) {
            // It may be on its way: whoever reads the set holds the lock.
            Some(Err(Doubt::Unknown(_))) | None => {}
            Some(found) => return found,
        }
        let _reading = self.reading.lock().await;
        // Somebody else may have read it meanwhile.
        if let Some(found) = self.found(|keys| keys.look_up(&kid, now)) {
            return found;
        }
        self.cache(|keys| keys.begin(now));
        match self.service.keys().await {
            Ok(read) => self.cache(|keys| keys.learn(read, now)),
            Err(error) => {
                tracing::warn!(error.kind = ?error.kind(), "Apple's key set could not be read");
            }
        }
        let found = self.found(|keys| keys.known(&kid, now));
        found.unwrap_or_else(|| Err(Untrusted::Signature.into()))
    }

    /// A lookup that needs no read; `None` if it does.
    fn found(
        &self,
        look: impl FnOnce(&KeyCache) -> Lookup,
    ) -> Option<Result<Box<DecodingKey>, Doubt>> {
        self.cache(|keys| match look(keys) {
            Lookup::Key(key) => Some(Ok(key)),
            Lookup::Read => None,
            Lookup::Unknown if keys.is_current() => Some(Err(Untrusted::Signature.into())),
            Lookup::Unknown => Some(Err(Doubt::Unknown(PortError::new(
                ErrorKind::Unavailable,
                "read Apple's key set",
            )))),
        })
    }

    fn cache<T>(&self, act: impl FnOnce(&mut KeyCache) -> T) -> T {
        act(&mut self.keys.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
