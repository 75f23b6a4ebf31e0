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

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use innerworld_core::error::ErrorKind;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_key_is_read_again_after_its_lifetime_or_a_refusal_and_survives_a_bad_source() {
        let reads = Arc::new(AtomicUsize::new(0));
        let seen = Arc::clone(&reads);
        let key = ReloadingKey::new(Box::new(move || {
            match seen.fetch_add(1, Ordering::SeqCst) {
                2 => Err(PortError::new(ErrorKind::Invalid, "read the key")),
                read => Ok(Secret::new(format!("key-{read}"))),
            }
        }))
        .unwrap();
        let reveal = |key: Arc<Secret>| key.reveal().to_owned();
        assert_eq!(reveal(key.key().await.unwrap()), "key-0");
        tokio::time::advance(KEY_LIFETIME).await;
        assert_eq!(reveal(key.key().await.unwrap()), "key-1");
        assert_eq!(reveal(key.key().await.unwrap()), "key-1");
        assert_eq!(
            reveal(key.reread().await.unwrap()),
            "key-1",
            "the source was bad"
        );
        assert_eq!(reveal(key.reread().await.unwrap()), "key-3");
        assert!(!format!("{key:?}").contains("key-"));
    }
}
