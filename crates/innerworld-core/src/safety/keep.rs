//! Storing safety changes: compare-and-set with re-reading, and the spool when the store is away.

use std::sync::Arc;

use super::{
    machine,
    record::{SafetyCommit, SafetyRecord},
    store::{SafetySpool, SafetyStore},
};
use crate::{
    clock::Timestamp,
    error::{ErrorKind, PortError},
};

/// Tries of a compare-and-set before the change goes to the spool.
const TRIES: usize = 8;
/// A spooled notice whose row would expire within this time cannot be counted exactly once any
/// more.
const STALE: std::time::Duration = std::time::Duration::from_secs(24 * 3_600);

/// Where a change went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// Stored: this is the record now.
    Stored(SafetyRecord),
    /// The store has moved on so that nothing was left to change.
    Nothing(Option<SafetyRecord>),
    /// In the spool; it will be stored later.
    Spooled(SafetyRecord),
}

/// What a replay of the spool did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Replayed {
    /// Stored and removed.
    pub stored: usize,
    /// Still waiting, because the store is away.
    pub waiting: usize,
    /// Too old to be counted exactly once, kept in the spool: somebody must look.
    pub stale: usize,
    /// Removed because the teen was erased meanwhile.
    pub erased: usize,
}

/// Stores safety changes.
#[derive(Clone)]
pub struct Keeper {
    store: Arc<dyn SafetyStore>,
    spool: Arc<dyn SafetySpool>,
}

impl std::fmt::Debug for Keeper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keeper")
    }
}

impl Keeper {
    /// A keeper over a store and a spool.
    pub fn new(store: Arc<dyn SafetyStore>, spool: Arc<dyn SafetySpool>) -> Self {
        Self { store, spool }
    }

    /// Stores a change. On a conflict the record is read again and `redo` judges the same input
    /// anew; `None` from it means that nothing is left to do. A store that is away sends the change
    /// to the spool; an error comes back only if that fails too.
    pub async fn keep(
        &self,
        commit: SafetyCommit,
        redo: &(dyn Fn(Option<&SafetyRecord>) -> Option<SafetyCommit> + Send + Sync),
        now: Timestamp,
    ) -> Result<Kept, PortError> {
        let mut commit = commit;
        if self.has_earlier(&commit).await {
            // An earlier change of this teen waits: order must hold.
            return self.spool(commit).await;
        }
        for _ in 0..TRIES {
            match self.store.commit(&commit, now).await {
                Ok(()) => return Ok(Kept::Stored(commit.record)),
                Err(error) if error.kind() == ErrorKind::Conflict => {}
                Err(error) if error.kind() == ErrorKind::Denied => return Err(error),
                Err(_away) => return self.spool(commit).await,
            }
            let Ok(stored) = self.store.load(commit.teen).await else {
                return self.spool(commit).await;
            };
            match redo(stored.as_ref()) {
                Some(again) => commit = again,
                None => return Ok(Kept::Nothing(stored)),
            }
        }
        self.spool(commit).await
    }

    /// Puts a change that could not be stored with its message into the spool.
    pub async fn spool(&self, commit: SafetyCommit) -> Result<Kept, PortError> {
        self.spool.append(&commit).await?;
        Ok(Kept::Spooled(commit.record))
    }

    /// Stores what waits in the spool, oldest first: at start and every few seconds.
    pub async fn replay(&self, now: Timestamp) -> Result<Replayed, PortError> {
        let mut replayed = Replayed::default();
        for (handle, commit) in self.spool.pending().await? {
            let stale = commit
                .notice
                .as_ref()
                .is_some_and(|notice| now.plus(STALE) >= notice.expires_at);
            if stale {
                replayed.stale += 1;
                continue;
            }
            match self.replay_one(commit, now).await {
                Ok(()) => replayed.stored += 1,
                Err(error) if error.kind() == ErrorKind::Denied => replayed.erased += 1,
                Err(error) if error.kind() == ErrorKind::NotFound => replayed.erased += 1,
                Err(_away) => {
                    replayed.waiting += 1;
                    continue;
                }
            }
            self.spool.remove(handle).await?;
        }
        Ok(replayed)
    }

    /// Stores one spooled change, joined with what was stored since.
    async fn replay_one(&self, mut commit: SafetyCommit, now: Timestamp) -> Result<(), PortError> {
        let late = commit.record.clone();
        for _ in 0..TRIES {
            match self.store.commit(&commit, now).await {
                Err(error) if error.kind() == ErrorKind::Conflict => {}
                other => return other,
            }
            let stored = self.store.load(commit.teen).await?.unwrap_or_default();
            let mut record = machine::merge(&stored, &late);
            record.rev = stored.rev + 1;
            commit = SafetyCommit {
                record,
                expected_rev: stored.rev,
                ..commit
            };
        }
        Err(PortError::new(
            ErrorKind::Conflict,
            "replay a safety change",
        ))
    }

    async fn has_earlier(&self, commit: &SafetyCommit) -> bool {
        if !matches!(self.spool.depth().await, Ok(1..)) {
            return false;
        }
        let pending = self.spool.pending().await.unwrap_or_default();
        pending
            .iter()
            .any(|(_, waiting)| waiting.teen == commit.teen)
    }
}
