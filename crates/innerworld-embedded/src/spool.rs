//! Safety changes that the store could not take: an append-only file beside the databases.
//!
//! It needs neither database once it is open. Every change is sealed under a service key, for a
//! teen's own key may be out of reach when the spool is needed; the erase of a teen takes their
//! changes out of it.

mod file;
mod frame;
mod state;

use std::{
    io,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use innerworld_core::{
    error::{ErrorKind, PortError},
    ids::{IdSource, TeenId},
    safety::{SafetyCommit, store::SafetySpool},
    seal::{Sealer, encode},
};
use zeroize::Zeroizing;

use self::{
    file::SpoolFile,
    state::{State, associated},
};
use crate::shared::Shared;

/// Name of the service key that seals it.
pub(crate) const KEY: &str = "spool";
const FILE: &str = "safety.spool";

/// [`SafetySpool`] in a file; in memory where there is no data directory.
pub(crate) struct Spool {
    ids: Arc<dyn IdSource>,
    sealer: Sealer,
    state: Mutex<State>,
}

impl std::fmt::Debug for Spool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Spool")
    }
}

impl Spool {
    pub(crate) fn open(
        directory: Option<&Path>,
        sealer: Sealer,
        ids: Arc<dyn IdSource>,
    ) -> io::Result<Self> {
        let state = match directory {
            Some(directory) => State::read(SpoolFile::open(directory.join(FILE))?, &sealer)?,
            None => State::default(),
        };
        Ok(Self {
            ids,
            sealer,
            state: Mutex::new(state),
        })
    }

    /// Removes every change of this teen.
    pub(crate) async fn forget(self: &Arc<Self>, teen: TeenId) -> Result<usize, PortError> {
        self.apart("forget a teen's safety changes", move |spool, state| {
            let of_teen: Vec<u64> = spool
                .opened(state)
                .filter(|(_, commit)| commit.teen == teen)
                .map(|(handle, _)| handle)
                .collect();
            for handle in &of_teen {
                state.remove(*handle)?;
            }
            if !of_teen.is_empty() {
                state.compact()?;
            }
            Ok(of_teen.len())
        })
        .await
    }

    /// Runs `work` on a thread that may wait for the disk.
    async fn apart<T: Send + 'static>(
        self: &Arc<Self>,
        operation: &'static str,
        work: impl FnOnce(&Self, &mut State) -> io::Result<T> + Send + 'static,
    ) -> Result<T, PortError> {
        let spool = Arc::clone(self);
        let run = move || {
            let mut state = spool.state.lock().unwrap_or_else(PoisonError::into_inner);
            work(&spool, &mut state)
        };
        let away = |cause: io::Error| {
            let kind = match cause.kind() {
                io::ErrorKind::QuotaExceeded => ErrorKind::Throttled,
                _ => ErrorKind::Unavailable,
            };
            PortError::with_source(kind, operation, cause)
        };
        match tokio::task::spawn_blocking(run).await {
            Ok(done) => done.map_err(away),
            Err(stopped) => Err(away(io::Error::other(stopped))),
        }
    }

    /// The changes that can be read. One that cannot stays where it is and keeps counting, so that
    /// somebody looks.
    fn opened<'a>(&'a self, state: &'a State) -> impl Iterator<Item = (u64, SafetyCommit)> + 'a {
        state.waiting().filter_map(|(handle, sealed)| {
            let commit = state::open(&self.sealer, handle, sealed);
            if commit.is_none() {
                tracing::error!(
                    handle,
                    "a spooled safety change is damaged and stays unread"
                );
            }
            commit.map(|commit| (handle, commit))
        })
    }
}

/// [`SafetySpool`] over the one spool of a data directory.
#[derive(Debug)]
pub(crate) struct SharedSpool {
    shared: Arc<Shared>,
}

impl SharedSpool {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }
}

#[async_trait]
impl SafetySpool for SharedSpool {
    async fn append(&self, commit: &SafetyCommit) -> Result<(), PortError> {
        const OPERATION: &str = "spool a safety change";
        let plain = Zeroizing::new(encode(commit)?);
        let (shared, teen) = (Arc::clone(&self.shared), commit.teen);
        let taken = self
            .shared
            .spool
            .apart(OPERATION, move |spool, state| {
                // Asked under the lock that `forget` takes after the fence went up.
                if shared.teen_keys.has_fence(teen) {
                    return Ok(false);
                }
                let handle = state.next();
                let sealed = spool
                    .sealer
                    .seal_bytes(&*spool.ids, &associated(handle), &plain)
                    .map_err(io::Error::other)?;
                state.append(handle, sealed)?;
                Ok(true)
            })
            .await?;
        if taken {
            return Ok(());
        }
        Err(PortError::new(ErrorKind::Denied, OPERATION))
    }

    async fn pending(&self) -> Result<Vec<(u64, SafetyCommit)>, PortError> {
        self.shared
            .spool
            .apart("read the spooled safety changes", |spool, state| {
                Ok(spool.opened(state).collect())
            })
            .await
    }

    async fn remove(&self, handle: u64) -> Result<(), PortError> {
        self.shared
            .spool
            .apart("remove a spooled safety change", move |_spool, state| {
                state.remove(handle)
            })
            .await
    }

    async fn depth(&self) -> Result<usize, PortError> {
        let spool = &self.shared.spool;
        let state = spool.state.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(state.waiting().count())
    }
}
