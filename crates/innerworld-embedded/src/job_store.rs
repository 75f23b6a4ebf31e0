//! The outbox of jobs, in `live.db`.

use std::sync::Arc;

use async_trait::async_trait;
use innerworld_core::{
    clock::Timestamp,
    error::{ErrorKind, PortError},
    ids::{SessionId, TeenId},
    memory::job::{JobKind, JobStore, MemoryJob},
};
use rusqlite::{Connection, OptionalExtension, Row};

use crate::{fault::Failure, rows, shared::Shared};

/// Number of [`JobKind::Erase`] in the column `kind`.
pub(crate) const ERASE: i64 = 1;

/// [`JobStore`] on `live.db`.
#[derive(Debug)]
pub(crate) struct SqliteJobStore {
    shared: Arc<Shared>,
}

impl SqliteJobStore {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }
}

#[async_trait]
impl JobStore for SqliteJobStore {
    async fn enqueue(&self, job: &MemoryJob) -> Result<(), PortError> {
        const OPERATION: &str = "queue a job";
        // The one job that a fence must let through is the erase itself.
        let teen = (job.kind != JobKind::Erase).then_some(job.teen);
        if let Some(teen) = teen
            && self.shared.teen_keys.is_fenced(teen).await?
        {
            return Err(PortError::new(ErrorKind::Denied, OPERATION));
        }
        let job = job.clone();
        self.shared
            .live
            .write_single(OPERATION, teen, move |connection| insert(connection, &job))
            .await
    }

    async fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<MemoryJob>, PortError> {
        self.shared
            .live
            .read("read the jobs that are due", move |connection| {
                let mut statement = connection.prepare_cached(
                    "SELECT user_id, kind, ref, attempts, not_before FROM job
                     WHERE not_before <= ?1 ORDER BY not_before, id LIMIT ?2",
                )?;
                let mut found = statement.query((now.as_millis(), rows::limit(limit)))?;
                let mut jobs = Vec::new();
                while let Some(row) = found.next()? {
                    jobs.push(read(row)?);
                }
                Ok(jobs)
            })
            .await
    }

    async fn defer(&self, job: &MemoryJob, not_before: Timestamp) -> Result<(), PortError> {
        let job = job.clone();
        self.shared
            .live
            .write_single("put a job back", None, move |connection| {
                let (kind, reference) = columns(job.kind);
                let changed = connection
                    .prepare_cached(
                        "UPDATE job SET attempts = ?4, not_before = ?5
                         WHERE user_id = ?1 AND kind = ?2 AND ref = ?3",
                    )?
                    .execute((
                        job.teen.to_bytes(),
                        kind,
                        reference,
                        job.attempts.saturating_add(1),
                        not_before.as_millis(),
                    ))?;
                if changed == 0 {
                    return Err(PortError::new(ErrorKind::NotFound, "put a job back").into());
                }
                Ok(())
            })
            .await
    }

    async fn remove(&self, job: &MemoryJob) -> Result<(), PortError> {
        let (teen, kind) = (job.teen, job.kind);
        self.shared
            .live
            .write_single("remove a job", None, move |connection| {
                delete(connection, teen, kind)
            })
            .await
    }

    async fn backlog(&self, now: Timestamp) -> Result<(usize, Option<Timestamp>), PortError> {
        self.shared
            .live
            .read("count the jobs", move |connection| {
                let count: i64 = connection
                    .prepare_cached("SELECT count(*) FROM job")?
                    .query_row([], |row| row.get(0))?;
                let oldest: Option<i64> = connection
                    .prepare_cached(
                        "SELECT not_before FROM job WHERE not_before <= ?1
                         ORDER BY not_before LIMIT 1",
                    )?
                    .query_row([now.as_millis()], |row| row.get(0))
                    .optional()?;
                let count = usize::try_from(count).unwrap_or(0);
                Ok((count, oldest.map(Timestamp::from_millis)))
            })
            .await
    }
}

/// Queues a job unless it is queued already.
pub(crate) fn insert(connection: &Connection, job: &MemoryJob) -> Result<(), Failure> {
    let (kind, reference) = columns(job.kind);
    connection
        .prepare_cached(
            "INSERT INTO job (user_id, kind, ref, attempts, not_before)
             VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
        )?
        .execute((
            job.teen.to_bytes(),
            kind,
            reference,
            job.attempts,
            job.not_before.as_millis(),
        ))?;
    Ok(())
}

/// Removes a job; removing what is not there succeeds.
pub(crate) fn delete(connection: &Connection, teen: TeenId, kind: JobKind) -> Result<(), Failure> {
    let (kind, reference) = columns(kind);
    connection
        .prepare_cached("DELETE FROM job WHERE user_id = ?1 AND kind = ?2 AND ref = ?3")?
        .execute((teen.to_bytes(), kind, reference))?;
    Ok(())
}

/// A job's kind and what it refers to; `Erase` refers to nothing.
fn columns(kind: JobKind) -> (i64, [u8; 16]) {
    match kind {
        JobKind::Remember { session } => (0, session.to_bytes()),
        JobKind::Erase => (ERASE, [0; 16]),
    }
}

fn read(row: &Row<'_>) -> Result<MemoryJob, Failure> {
    let reference: [u8; 16] = row.get(2)?;
    let kind = match row.get(1)? {
        0 => JobKind::Remember {
            session: SessionId::from_bytes(reference),
        },
        ERASE => JobKind::Erase,
        _ => return Err(PortError::new(ErrorKind::Corrupt, "read a job").into()),
    };
    Ok(MemoryJob {
        teen: TeenId::from_bytes(row.get(0)?),
        kind,
        attempts: row.get(3)?,
        not_before: Timestamp::from_millis(row.get(4)?),
    })
}
