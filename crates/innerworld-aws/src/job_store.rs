//! The outbox of jobs, in the table `teens`.

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::future::try_join_all;
use innerworld_core::{
    clock::Timestamp,
    error::{ErrorKind, PortError},
    ids::{SessionId, TeenId},
    memory::job::{JobKind, JobStore, MemoryJob},
};

use crate::{
    dynamo::{Change, Condition, Index, Item, Query, Range, Table},
    job_rows::{ATTEMPTS, DUE, JobRows, MADE, NOT_BEFORE, SHARDS, TOLD, shard},
    keys::TeenKeys,
    open::Aws,
    shared::Shared,
};

/// Jobs that are read at once.
const AT_ONCE: usize = 16;
/// Jobs of one shard that are counted: a backlog this long is told as well as a longer one.
const COUNTED: usize = 10_000;

/// [`JobStore`] on the table `teens`.
///
/// What is due is asked of an index, which may lag by a moment: a job that it does not show yet comes
/// with the next question, and each one that it shows is read again as it is stored now.
#[derive(Debug)]
pub(crate) struct DynamoJobStore {
    shared: Arc<Shared>,
}

impl DynamoJobStore {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }
}

#[async_trait]
impl JobStore for DynamoJobStore {
    async fn enqueue(&self, job: &MemoryJob) -> Result<(), PortError> {
        const OPERATION: &str = "queue a job";
        let mut writes = vec![JobRows::put(job, self.shared.clock.now())];
        // The one job that a fence must let through is the erase itself.
        if job.kind != JobKind::Erase {
            writes.push(TeenKeys::unfenced(job.teen));
        }
        let committed = self.shared.dynamo.commit(OPERATION, &writes).await?;
        if committed.refused(1) {
            return Err(PortError::new(ErrorKind::Denied, OPERATION));
        }
        Ok(())
    }

    async fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<MemoryJob>, PortError> {
        let stored = self.shared.due_jobs(now, limit).await?;
        Ok(stored.into_iter().map(|stored| stored.job).collect())
    }

    async fn defer(&self, job: &MemoryJob, not_before: Timestamp) -> Result<(), PortError> {
        const OPERATION: &str = "put a job back";
        let change = Change::new()
            .set(ATTEMPTS, job.attempts.saturating_add(1))
            .set(TOLD, 0_u32)
            .set(NOT_BEFORE, not_before.as_millis())
            .set(DUE, not_before.as_millis());
        self.shared.change_job(OPERATION, job, change).await
    }

    async fn remove(&self, job: &MemoryJob) -> Result<(), PortError> {
        let key = JobRows::key(job.teen, job.kind);
        self.shared
            .dynamo
            .take("remove a job", &key, None)
            .await
            .map(|_removed| ())
    }

    async fn backlog(&self, now: Timestamp) -> Result<(usize, Option<Timestamp>), PortError> {
        let entries = self.shared.indexed_jobs(&Range::All, COUNTED).await?;
        let oldest = entries
            .first()
            .map(|(due, _entry)| Timestamp::from_millis(*due))
            .filter(|due| *due <= now);
        Ok((entries.len(), oldest))
    }
}

impl Aws {
    /// The job that remembers this session, due or not; `None` once it is done.
    pub async fn job_of(
        &self,
        teen: TeenId,
        session: SessionId,
    ) -> Result<Option<MemoryJob>, PortError> {
        let key = JobRows::key(teen, JobKind::Remember { session });
        let found = self.shared.dynamo.get("read a job", &key).await?;
        found.as_ref().map(JobRows::read).transpose()
    }

    /// The job that erases a teen, due or not; `None` if nobody asked for it, or if it is done.
    pub async fn erase_job(&self, teen: TeenId) -> Result<Option<MemoryJob>, PortError> {
        let key = JobRows::key(teen, JobKind::Erase);
        let found = self.shared.dynamo.get("read a job", &key).await?;
        found.as_ref().map(JobRows::read).transpose()
    }
}

/// A job that nobody has done, though somebody was told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UndoneJob {
    /// The job.
    pub job: MemoryJob,
    /// How often whoever runs it was told again.
    pub told: u32,
    made: i64,
    due: i64,
}

impl Aws {
    /// Jobs that were to be done before `then`, the oldest first.
    pub async fn undone_jobs(
        &self,
        then: Timestamp,
        limit: usize,
    ) -> Result<Vec<UndoneJob>, PortError> {
        self.shared.due_jobs(then, limit).await
    }

    /// Notes that whoever runs a job was told of it again; it is looked for at `next`, if it is not done
    /// by then. When it may run stays as it is.
    pub async fn told_again(&self, undone: &UndoneJob, next: Timestamp) -> Result<(), PortError> {
        let change = Change::new()
            .set(TOLD, undone.told.saturating_add(1))
            .set(DUE, next.as_millis());
        let noted = self
            .shared
            .change_job("note a message", &undone.job, change);
        match noted.await {
            // It was done meanwhile.
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            noted => noted,
        }
    }
}

impl Shared {
    /// Changes a job; `NotFound` if it is gone.
    async fn change_job(
        &self,
        operation: &'static str,
        job: &MemoryJob,
        change: Change,
    ) -> Result<(), PortError> {
        let key = JobRows::key(job.teen, job.kind);
        let there = Some(Condition::Present("user_id"));
        if self.dynamo.update(operation, (&key, change), there).await? {
            return Ok(());
        }
        Err(PortError::new(ErrorKind::NotFound, operation))
    }

    /// Jobs that are due at `now`, the oldest first.
    async fn due_jobs(&self, now: Timestamp, limit: usize) -> Result<Vec<UndoneJob>, PortError> {
        let until = Range::UpTo(now.as_millis().into());
        let mut entries = self.indexed_jobs(&until, limit).await?;
        entries.truncate(limit);
        let mut jobs = Vec::new();
        for some in entries.chunks(AT_ONCE) {
            let found = try_join_all(some.iter().map(|(_due, entry)| self.stored_job(entry)));
            jobs.extend(found.await?.into_iter().flatten());
        }
        // A job that was put back meanwhile waits.
        let is_due = |undone: &UndoneJob| undone.due <= now.as_millis();
        jobs.retain(|undone| is_due(undone) && undone.job.not_before <= now);
        jobs.sort_by_key(|undone| (undone.job.not_before, undone.made));
        Ok(jobs)
    }

    /// Entries of the index, oldest first, at most `limit` of each shard.
    async fn indexed_jobs(
        &self,
        range: &Range,
        limit: usize,
    ) -> Result<Vec<(i64, Item)>, PortError> {
        let shards = (0..SHARDS).map(|number| {
            let query = Query::of(Table::Teens, shard(number))
                .through(Index::Sweep)
                .range(range.clone())
                .limit(limit);
            self.dynamo.query("read the jobs that are due", query)
        });
        let mut entries = Vec::new();
        for entry in try_join_all(shards).await?.into_iter().flatten() {
            entries.push((entry.number(DUE)?, entry));
        }
        entries.sort_by_key(|(due, _entry)| *due);
        Ok(entries)
    }

    /// A job as it is stored now; `None` if it is gone.
    async fn stored_job(&self, entry: &Item) -> Result<Option<UndoneJob>, PortError> {
        let key = JobRows::named(entry)?;
        let found = self.dynamo.get("read a job", &key).await?;
        let read = |item: Item| {
            Ok(UndoneJob {
                job: JobRows::read(&item)?,
                told: item.maybe_number(TOLD)?.unwrap_or_default(),
                made: item.number(MADE)?,
                due: item.number(DUE)?,
            })
        };
        found.map(read).transpose()
    }
}
