//! Ports whose calls fail, or in which the process "dies", as a test decides.
//!
//! A call in which a process dies never comes back, before or after it did its work, and neither does
//! any later call by that process: whoever waits for it waits until the test drops it and starts
//! another one over the same stores.

mod conversations;

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicBool, AtomicU64, Ordering},
};
use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use innerworld_core::{
    clock::Timestamp,
    error::{ErrorKind, PortError},
    ids::TeenId,
    safety::{SafetyCommit, SafetyCount, SafetyNotice, SafetyRecord, SafetySpool, SafetyStore},
};
use tokio::sync::Notify;

/// What becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Nothing is done, and the caller hears of it.
    Fails,
    /// It is done, and the caller hears that it failed.
    FailsLate,
    /// The process dies before it is done.
    Dies,
    /// It is done, and the process dies before anybody hears of it.
    DiesLate,
}

/// The calls of one process, counted, and what becomes of them.
#[derive(Debug, Default)]
pub struct Fates {
    calls: AtomicU64,
    planned: Mutex<BTreeMap<u64, Fate>>,
    away: AtomicBool,
    dead: AtomicBool,
    died: Notify,
}

impl Fates {
    /// Plans the fate of the `ahead`-th call from now on (0 is the next).
    pub fn plan(&self, ahead: u64, fate: Fate) {
        let call = self.calls.load(Ordering::SeqCst) + ahead;
        self.planned().insert(call, fate);
    }

    /// Forgets what was planned.
    pub fn clear(&self) {
        self.planned().clear();
    }

    /// While `true`, every call fails at once.
    pub fn set_away(&self, away: bool) {
        self.away.store(away, Ordering::SeqCst);
    }

    /// Returns when the process has died.
    pub async fn death(&self) {
        while !self.dead.load(Ordering::SeqCst) {
            self.died.notified().await;
        }
    }

    fn planned(&self) -> std::sync::MutexGuard<'_, BTreeMap<u64, Fate>> {
        self.planned.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn call<T>(
        &self,
        work: impl Future<Output = Result<T, PortError>>,
    ) -> Result<T, PortError> {
        if self.dead.load(Ordering::SeqCst) {
            return std::future::pending().await;
        }
        let call = self.calls.fetch_add(1, Ordering::SeqCst);
        let fate = self.planned().remove(&call);
        let away = || PortError::new(ErrorKind::Unavailable, "reach what a test took away");
        match fate {
            None if self.away.load(Ordering::SeqCst) => Err(away()),
            None => work.await,
            Some(Fate::Fails) => Err(away()),
            Some(Fate::FailsLate) => {
                work.await?;
                Err(away())
            }
            Some(fate) => {
                if fate == Fate::DiesLate {
                    // Whether it succeeded, nobody will ever hear.
                    drop(work.await);
                }
                self.dead.store(true, Ordering::SeqCst);
                self.died.notify_one();
                std::future::pending().await
            }
        }
    }
}

/// A port under [`Fates`].
pub struct Fated<P: ?Sized> {
    inner: Arc<P>,
    fates: Arc<Fates>,
}

impl<P: ?Sized> Fated<P> {
    /// `inner`, whose calls share these fates.
    pub fn new(inner: Arc<P>, fates: Arc<Fates>) -> Self {
        Self { inner, fates }
    }
}

impl<P: ?Sized> std::fmt::Debug for Fated<P> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fated").finish_non_exhaustive()
    }
}

#[async_trait]
impl SafetyStore for Fated<dyn SafetyStore> {
    async fn load(&self, teen: TeenId) -> Result<Option<SafetyRecord>, PortError> {
        self.fates.call(self.inner.load(teen)).await
    }

    async fn commit(&self, commit: &SafetyCommit, now: Timestamp) -> Result<(), PortError> {
        self.fates.call(self.inner.commit(commit, now)).await
    }

    async fn count(&self, teen: TeenId, notice: &SafetyNotice) -> Result<(), PortError> {
        self.fates.call(self.inner.count(teen, notice)).await
    }

    async fn counts(&self, from: &str, to: &str) -> Result<Vec<(SafetyCount, u64)>, PortError> {
        self.fates.call(self.inner.counts(from, to)).await
    }
}

#[async_trait]
impl SafetySpool for Fated<dyn SafetySpool> {
    async fn append(&self, commit: &SafetyCommit) -> Result<(), PortError> {
        self.fates.call(self.inner.append(commit)).await
    }

    async fn pending(&self) -> Result<Vec<(u64, SafetyCommit)>, PortError> {
        self.fates.call(self.inner.pending()).await
    }

    async fn remove(&self, handle: u64) -> Result<(), PortError> {
        self.fates.call(self.inner.remove(handle)).await
    }

    async fn depth(&self) -> Result<usize, PortError> {
        self.fates.call(self.inner.depth()).await
    }
}
