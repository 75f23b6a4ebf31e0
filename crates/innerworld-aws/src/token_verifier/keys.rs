//! The pool's public keys, read over HTTPS with limits and remembered by id.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use innerworld_core::{
    clock::Timestamp,
    error::{ErrorKind, PortError},
    identity::apple::keys::{KeyCache, KeySet, Lookup, MAX_BYTES},
};
use jsonwebtoken::DecodingKey;
use reqwest::{Client, Url, redirect::Policy};

use super::UserPool;

const OPERATION: &str = "read the user pool's keys";
/// The authoriser has five seconds in all.
const TIMEOUT: Duration = Duration::from_secs(3);
const CONNECT: Duration = Duration::from_millis(1_500);

/// Keys of one pool. An unknown id costs one read a minute, whoever asks and however often.
pub(super) struct PublishedKeys {
    client: Client,
    url: Url,
    cache: Mutex<KeyCache>,
    /// Held while the keys are read: others wait for what is found.
    reading: tokio::sync::Mutex<()>,
}

impl PublishedKeys {
    pub(super) fn new(pool: &UserPool) -> Result<Self, PortError> {
        let client = Client::builder()
            .redirect(Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .no_proxy()
            .timeout(TIMEOUT)
            .connect_timeout(CONNECT)
            .https_only(pool.keys().scheme() == "https")
            .user_agent(concat!("innerworld/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|cause| PortError::with_source(ErrorKind::Invalid, OPERATION, cause))?;
        Ok(Self {
            client,
            url: pool.keys().clone(),
            cache: Mutex::default(),
            reading: tokio::sync::Mutex::default(),
        })
    }

    /// The key called `kid`; `None` if the pool has none of this name. `Unavailable` if that cannot
    /// be known: the keys cannot be read, and none of this name is remembered.
    pub(super) async fn find(
        &self,
        kid: &str,
        now: Timestamp,
    ) -> Result<Option<DecodingKey>, PortError> {
        if let Lookup::Key(key) = self.cache().look_up(kid, now) {
            return Ok(Some(*key));
        }
        // What is unknown while another call reads may be known once it has: that is waited for.
        let _reading = self.reading.lock().await;
        if matches!(self.cache().look_up(kid, now), Lookup::Read) {
            self.cache().begin(now);
            match self.read().await {
                Ok(keys) => self.cache().learn(keys, now),
                // A remembered key stands; without one the caller is told.
                Err(error) => {
                    tracing::warn!(cause = error.0, "the user pool's keys could not be read");
                }
            }
        }
        self.remembered(kid, now)
    }

    fn remembered(&self, kid: &str, now: Timestamp) -> Result<Option<DecodingKey>, PortError> {
        let cache = self.cache();
        if let Lookup::Key(key) = cache.known(kid, now) {
            return Ok(Some(*key));
        }
        if cache.is_current() {
            return Ok(None);
        }
        Err(PortError::new(ErrorKind::Unavailable, OPERATION))
    }

    async fn read(&self) -> Result<KeySet, Unreadable> {
        let mut response = self
            .client
            .get(self.url.clone())
            .send()
            .await
            .map_err(|_url_is_in_it| Unreadable("no answer"))?;
        if !response.status().is_success() {
            return Err(Unreadable("an answer that is no success"));
        }
        let mut document = Vec::new();
        loop {
            let chunk = response.chunk().await;
            let chunk = chunk.map_err(|_url_is_in_it| Unreadable("an answer that broke off"))?;
            let Some(chunk) = chunk else { break };
            if document.len() + chunk.len() > MAX_BYTES {
                return Err(Unreadable("an answer that is too long"));
            }
            document.extend_from_slice(&chunk);
        }
        KeySet::parse(&document).map_err(|_says_much| Unreadable("an answer that is no key set"))
    }

    fn cache(&self) -> MutexGuard<'_, KeyCache> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why the keys could not be read.
struct Unreadable(&'static str);
