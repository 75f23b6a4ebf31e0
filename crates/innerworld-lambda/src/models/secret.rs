//! The secret of the model provider: read when it is needed, kept for minutes, never lost to an
//! outage.

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use innerworld_aws::{Secrets, Stage};
use innerworld_core::{
    clock::{Clock, Timestamp},
    error::{ErrorKind, PortError},
    secret::Secret,
};
use innerworld_models::{
    key::{KEY_LIFETIME, KeySource},
    secret::ProviderSecret,
};
use tokio::sync::Mutex;

/// A provider's refusal leads to another read at most this often.
const FORCED_EVERY: Duration = Duration::from_secs(30);
/// A read that failed is tried again after this long.
const AGAIN_AFTER: Duration = Duration::from_secs(30);

/// Where the secret is kept.
#[async_trait]
pub(super) trait Keeps: Send + Sync {
    /// The version in use; `None` if there is none.
    async fn read(&self) -> Result<Option<Secret>, PortError>;
}

/// A secret of the service, by its id.
pub(super) struct Kept {
    pub(super) secrets: Secrets,
    pub(super) id: String,
}

#[async_trait]
impl Keeps for Kept {
    async fn read(&self) -> Result<Option<Secret>, PortError> {
        self.secrets.read(&self.id, Stage::Current).await
    }
}

/// The secret as it was read last.
pub(super) struct ModelSecret {
    place: Box<dyn Keeps>,
    clock: Arc<dyn Clock>,
    read: Mutex<Read>,
}

#[derive(Default)]
struct Read {
    secret: Arc<ProviderSecret>,
    due_at: Option<Timestamp>,
    forced_at: Option<Timestamp>,
    warned: bool,
}

impl fmt::Debug for ModelSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ModelSecret([redacted])")
    }
}

impl ModelSecret {
    pub(super) fn new(place: Box<dyn Keeps>, clock: Arc<dyn Clock>) -> Self {
        Self {
            place,
            clock,
            read: Mutex::default(),
        }
    }

    /// What it says now, at most minutes old. What cannot be read again stays as it was.
    pub(super) async fn now(&self) -> Arc<ProviderSecret> {
        let mut read = self.read.lock().await;
        if read.due_at.is_none_or(|due| self.clock.now() >= due) {
            self.renew(&mut read).await;
        }
        Arc::clone(&read.secret)
    }

    /// What it says once the provider refused the key. Whoever comes in the meantime waits for the one
    /// who reads.
    async fn refused(&self) -> Arc<ProviderSecret> {
        let mut read = self.read.lock().await;
        let now = self.clock.now();
        if read
            .forced_at
            .is_none_or(|at| now.since(at) >= FORCED_EVERY)
        {
            read.forced_at = Some(now);
            self.renew(&mut read).await;
        }
        Arc::clone(&read.secret)
    }

    async fn renew(&self, read: &mut Read) {
        let found = self.place.read().await.and_then(|text| match text {
            None => Ok(ProviderSecret::default()),
            Some(text) => parsed(&text, &mut read.warned),
        });
        let life = match found {
            Ok(secret) => {
                read.secret = Arc::new(secret);
                KEY_LIFETIME
            }
            Err(error) => {
                tracing::error!(operation = error.operation(), error.kind = ?error.kind(), "the secret of the model provider could not be read; what was read before stays in use");
                AGAIN_AFTER
            }
        };
        read.due_at = Some(self.clock.now().plus(life));
    }
}

fn parsed(text: &Secret, warned: &mut bool) -> Result<ProviderSecret, PortError> {
    let invalid = |_quotes_nothing| PortError::new(ErrorKind::Invalid, "read the model secret");
    let secret = ProviderSecret::parse(text.reveal()).map_err(invalid)?;
    let unknown = ProviderSecret::fields(text.reveal()).map(|fields| fields.unknown);
    if let Some(unknown) = unknown.ok().filter(|names| !names.is_empty())
        && !std::mem::replace(warned, true)
    {
        tracing::warn!(fields = ?unknown, "the secret of the model provider has fields that nobody reads");
    }
    Ok(secret)
}

#[async_trait]
impl KeySource for ModelSecret {
    async fn key(&self) -> Result<Arc<Secret>, PortError> {
        let secret = self.now().await;
        key_of(&secret)
    }

    async fn reread(&self) -> Result<Arc<Secret>, PortError> {
        let secret = self.refused().await;
        key_of(&secret)
    }
}

fn key_of(secret: &ProviderSecret) -> Result<Arc<Secret>, PortError> {
    let none = || PortError::new(ErrorKind::Invalid, "read the model key: there is none");
    secret.api_key.clone().map(Arc::new).ok_or_else(none)
}

#[cfg(test)]
mod tests;
