//! Durable jobs of a teen: what must happen after a session, whatever dies in between.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::{
    clock::Timestamp,
    error::PortError,
    ids::{SessionId, TeenId},
};

/// What a job does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum JobKind {
    /// Turn an ended session into memory, then delete its live rows.
    Remember {
        /// The session.
        session: SessionId,
    },
    /// Erase the teen.
    Erase,
}

/// A job as queued.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemoryJob {
    /// Whose.
    pub teen: TeenId,
    /// What.
    pub kind: JobKind,
    /// Not before this instant.
    pub not_before: Timestamp,
    /// Failed attempts so far.
    pub attempts: u32,
}

/// The outbox of jobs. A job lives until its last step removes it; running it again from any
/// point gives the same result.
///
/// # Contract
/// * A teen has at most one job per kind and reference: enqueueing again changes nothing.
/// * `due` returns the oldest first and removes nothing.
#[async_trait]
pub trait JobStore: Send + Sync {
    /// Queues a job.
    async fn enqueue(&self, job: &MemoryJob) -> Result<(), PortError>;

    /// Jobs that may run now.
    async fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<MemoryJob>, PortError>;

    /// Puts a failed job back, with one attempt more.
    async fn defer(&self, job: &MemoryJob, not_before: Timestamp) -> Result<(), PortError>;

    /// Removes a finished job; removing what is not there succeeds.
    async fn remove(&self, job: &MemoryJob) -> Result<(), PortError>;

    /// How many wait, and since when the oldest could have run.
    async fn backlog(&self, now: Timestamp) -> Result<(usize, Option<Timestamp>), PortError>;
}
