//! Storing safety changes: compare-and-set with re-reading, and the spool when the store is away.

use std::{collections::BTreeSet, sync::Arc};

use super::{
    machine,
    record::{SafetyCommit, SafetyNotice, SafetyRecord},
    store::{SafetySpool, SafetyStore},
};
use crate::{
    clock::Timestamp,
    error::{ErrorKind, PortError},
    ids::TeenId,
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

    /// Counts a quiet offer; while the store is away it waits in the spool.
    pub async fn count(&self, teen: TeenId, notice: SafetyNotice) -> Result<(), PortError> {
        match self.store.count(teen, &notice).await {
            Err(error) if error.kind() != ErrorKind::Denied => {
                let commit = SafetyCommit::counting(teen, notice);
                self.spool.append(&commit).await
            }
            done => done,
        }
    }

    /// The teen's record as it will be once what waits in the spool is stored: a crisis that could
    /// not be stored is one all the same.
    pub async fn load(&self, teen: TeenId) -> Result<Option<SafetyRecord>, PortError> {
        let stored = self.store.load(teen).await?;
        if matches!(self.spool.depth().await, Ok(0)) {
            return Ok(stored);
        }
        let waiting = self.spool.pending().await?;
        let waiting = waiting.into_iter().map(|(_, commit)| commit);
        let late = waiting.filter(|commit| commit.teen == teen && commit.as_count().is_none());
        let rev = stored.as_ref().map_or(0, |record| record.rev);
        let joined = late.fold(stored, |stored, commit| {
            Some(after(
                &stored.unwrap_or_default(),
                commit.expected_rev,
                &commit.record,
            ))
        });
        // The next change is compared with what is stored.
        Ok(joined.map(|record| SafetyRecord { rev, ..record }))
    }

    /// Keeps a change that was judged a while ago, joined with what was stored since, in the store or
    /// the spool.
    pub async fn keep_late(&self, commit: SafetyCommit, now: Timestamp) -> Result<(), PortError> {
        if !self.has_earlier(&commit).await {
            match self.replay_one(commit.clone(), now).await {
                Err(error) if error.kind() != ErrorKind::Denied => {}
                done => return done,
            }
        }
        self.spool.append(&commit).await
    }

    /// Puts a change that could not be stored with its message into the spool.
    async fn spool(&self, commit: SafetyCommit) -> Result<Kept, PortError> {
        self.spool.append(&commit).await?;
        Ok(Kept::Spooled(commit.record))
    }

    /// Stores what waits in the spool, oldest first: at start and every few seconds.
    pub async fn replay(&self, now: Timestamp) -> Result<Replayed, PortError> {
        let mut replayed = Replayed::default();
        // Of a teen whose change must wait, the later ones wait too: each was judged after the one before.
        let mut waits = BTreeSet::new();
        for (handle, commit) in self.spool.pending().await? {
            let teen = commit.teen;
            if waits.contains(&teen) {
                replayed.waiting += 1;
                continue;
            }
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
                    waits.insert(teen);
                    continue;
                }
            }
            self.spool.remove(handle).await?;
        }
        Ok(replayed)
    }

    /// Stores one spooled change, joined with what was stored since.
    async fn replay_one(&self, mut commit: SafetyCommit, now: Timestamp) -> Result<(), PortError> {
        if let Some(notice) = commit.as_count() {
            return self.store.count(commit.teen, notice).await;
        }
        let (late, late_rev) = (commit.record.clone(), commit.expected_rev);
        for _ in 0..TRIES {
            match self.store.commit(&commit, now).await {
                Err(error) if error.kind() == ErrorKind::Conflict => {}
                other => return other,
            }
            let stored = self.store.load(commit.teen).await?.unwrap_or_default();
            commit = SafetyCommit {
                record: after(&stored, late_rev, &late),
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
            .any(|(_, waiting)| waiting.teen == commit.teen && waiting.as_count().is_none())
    }
}

/// What a late change makes of a stored record: the change itself where nothing came in between.
fn after(stored: &SafetyRecord, expected_rev: u64, late: &SafetyRecord) -> SafetyRecord {
    let record = if stored.rev == expected_rev {
        late.clone()
    } else {
        machine::merge(stored, late)
    };
    SafetyRecord {
        rev: stored.rev + 1,
        ..record
    }
}
