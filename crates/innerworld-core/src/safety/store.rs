//! Ports: safety records, counters, the spool, and the journal.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::record::{SafetyCommit, SafetyCount, SafetyRecord};
use crate::{
    clock::Timestamp,
    error::PortError,
    ids::{JournalId, TeenId},
    secret::Text,
};

/// Safety records and referral counters, in the store that also holds messages so that both can
/// commit together.
///
/// # Contract
/// * `commit` is `Conflict` if the stored `rev` is not `expected_rev`; nothing changes then, also
///   not the count.
/// * A notice id counts once, however often it is committed while its row lives.
#[async_trait]
pub trait SafetyStore: Send + Sync {
    /// The teen's record; `None` if nothing is stored.
    async fn load(&self, teen: TeenId) -> Result<Option<SafetyRecord>, PortError>;

    /// Stores a change, its notice and its count at once.
    async fn commit(&self, commit: &SafetyCommit, now: Timestamp) -> Result<(), PortError>;

    /// Adds one to a counter without touching a record (`soft`, `output_block`).
    async fn count(
        &self,
        teen: TeenId,
        notice: &super::record::SafetyNotice,
    ) -> Result<(), PortError>;

    /// All counters of the days `from` to `to`, both included (`2026-01-01`).
    async fn counts(&self, from: &str, to: &str) -> Result<Vec<(SafetyCount, u64)>, PortError>;
}

/// Safety changes that could not be stored: kept outside the database until they can.
///
/// # Contract
/// * A line appended before a crash is pending after it.
/// * `remove` of one line leaves the others.
#[async_trait]
pub trait SafetySpool: Send + Sync {
    /// Appends a change durably.
    async fn append(&self, commit: &SafetyCommit) -> Result<(), PortError>;

    /// Pending changes, oldest first, with the handle that removes each.
    async fn pending(&self) -> Result<Vec<(u64, SafetyCommit)>, PortError>;

    /// Removes a change that was committed.
    async fn remove(&self, handle: u64) -> Result<(), PortError>;

    /// How many are pending; must be 0 in normal times.
    async fn depth(&self) -> Result<usize, PortError>;
}

/// A journal entry that the teen chose to keep.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalEntry {
    /// Made by the client.
    pub id: JournalId,
    /// The teen's words.
    pub text: Text,
    /// When it was written.
    pub written_at: Timestamp,
    /// The row does not exist at or after this instant.
    pub expires_at: Timestamp,
}

/// Journal entries; never sent to a model, never in memory.
///
/// # Contract
/// * Nothing is returned at or after its `expires_at`.
/// * `put` of a known id replaces nothing: the first text stays, the call succeeds.
#[async_trait]
pub trait JournalStore: Send + Sync {
    /// Keeps an entry.
    async fn put(&self, teen: TeenId, entry: &JournalEntry) -> Result<(), PortError>;

    /// Entries, newest first, older than `before` if given.
    async fn list(
        &self,
        teen: TeenId,
        before: Option<JournalId>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<JournalEntry>, PortError>;

    /// Deletes one; deleting what is not there succeeds.
    async fn delete(&self, teen: TeenId, id: JournalId) -> Result<(), PortError>;
}
