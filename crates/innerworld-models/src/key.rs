//! Where an API key comes from.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use innerworld_core::{error::PortError, secret::Secret};
use tokio::time::Instant;

/// How long a key is used before its source is read again.
pub const KEY_LIFETIME: Duration = Duration::from_secs(300);

/// Port: gives the API key of one provider.
#[async_trait]
pub trait KeySource: Send + Sync + fmt::Debug {
    /// The key to send.
    async fn key(&self) -> Result<Arc<Secret>, PortError>;

    /// The key after the provider refused the present one: read anew from where it is kept.
    async fn reread(&self) -> Result<Arc<Secret>, PortError>;
}

/// A key that never changes while the process runs (it came from the environment).
#[derive(Debug)]
pub struct FixedKey(Arc<Secret>);

impl FixedKey {
    /// Keeps `key`.
    pub fn new(key: Secret) -> Self {
        Self(Arc::new(key))
    }
}

#[async_trait]
impl KeySource for FixedKey {
    async fn key(&self) -> Result<Arc<Secret>, PortError> {
        Ok(Arc::clone(&self.0))
    }

    async fn reread(&self) -> Result<Arc<Secret>, PortError> {
        Ok(Arc::clone(&self.0))
    }
}

/// Reads a key from where it is kept; may block for as long as reading a small file takes.
pub type LoadKey = Box<dyn Fn() -> Result<Secret, PortError> + Send + Sync>;

/// A key that is read again every five minutes and when the provider refuses it, so that a rotated
/// secret takes effect without a restart. A source that cannot be read, or holds no key, leaves the
/// last good key in use.
pub struct ReloadingKey {
    load: LoadKey,
    state: Mutex<(Arc<Secret>, Instant)>,
}

impl ReloadingKey {
    /// Reads the key for the first time.
    pub fn new(load: LoadKey) -> Result<Self, PortError> {
        let first = Arc::new(load()?);
        Ok(Self {
            load,
            state: Mutex::new((first, Instant::now())),
        })
    }

    fn read(&self, only_if_older: Duration) -> Arc<Secret> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.1.elapsed() >= only_if_older {
            match (self.load)() {
                Ok(key) => *state = (Arc::new(key), Instant::now()),
                Err(error) => {
                    state.1 = Instant::now();
                    tracing::error!(
                        error.kind = ?error.kind(),
                        "the model key could not be read again; the last good one stays in use"
                    );
                }
            }
        }
        Arc::clone(&state.0)
    }
}

impl fmt::Debug for ReloadingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReloadingKey([redacted])")
    }
}

#[async_trait]
impl KeySource for ReloadingKey {
    async fn key(&self) -> Result<Arc<Secret>, PortError> {
        Ok(self.read(KEY_LIFETIME))
    }

    async fn reread(&self) -> Result<Arc<Secret>, PortError> {
        Ok(self.read(Duration::ZERO))
    }
}
