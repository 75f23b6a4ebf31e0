//! Rows of jobs: items of their teen, found through the index of what is due.
//!
//! Jobs have partitions of that index to themselves, so that what else is swept never stands between
//! a question for jobs and its limit.

use innerworld_core::{
    clock::Timestamp,
    error::{ErrorKind, PortError},
    ids::TeenId,
    memory::job::{JobKind, MemoryJob},
};

use crate::dynamo::{Change, Item, Key, Table, Write};

/// What the sort keys of jobs that remember begin with; the session's id follows.
const REMEMBER: &str = "job#remember#";
/// Sort key of the job that erases.
pub(crate) const ERASE: &str = "job#erase";
/// Partitions of the index that jobs are spread over.
pub(crate) const SHARDS: u8 = 8;
/// When a job is to be looked for; the sort key of the index.
pub(crate) const DUE: &str = "sweep_at";
/// From when on a job may run: a message that tells of it changes nothing of that.
pub(crate) const NOT_BEFORE: &str = "not_before";
/// How often whoever runs it was told of it again.
pub(crate) const TOLD: &str = "told";
/// Failed attempts so far.
pub(crate) const ATTEMPTS: &str = "attempts";
/// When it was queued first.
pub(crate) const MADE: &str = "made_at";

/// Rows of jobs.
pub(crate) struct JobRows;

impl JobRows {
    /// Queues a job in any commit. It has no condition and changes nothing of a job that is queued
    /// already, so it never stops the commit that carries it.
    pub(crate) fn put(job: &MemoryJob, now: Timestamp) -> Write {
        let change = Change::new()
            .set_once(ATTEMPTS, job.attempts)
            .set_once(MADE, now.as_millis())
            .set_once("sweep_shard", shard_of(job.teen))
            .set_once(NOT_BEFORE, job.not_before.as_millis())
            .set_once(DUE, job.not_before.as_millis());
        Write::Update(Self::key(job.teen, job.kind), change, None)
    }

    /// Where a job lies.
    pub(crate) fn key(teen: TeenId, kind: JobKind) -> Key {
        let item = match kind {
            JobKind::Remember { session } => format!("{REMEMBER}{session}"),
            JobKind::Erase => ERASE.to_owned(),
        };
        Key::teen(Table::Teens, teen, item)
    }

    /// Where the job lies that an entry of the index names.
    pub(crate) fn named(entry: &Item) -> Result<Key, PortError> {
        Ok(Key::of(
            Table::Teens,
            entry.text("user_id")?,
            entry.text("item")?,
        ))
    }

    /// Reads a job.
    pub(crate) fn read(item: &Item) -> Result<MemoryJob, PortError> {
        let corrupt = |cause| PortError::with_source(ErrorKind::Corrupt, "read a job", cause);
        let kind = match item.text("item")?.strip_prefix(REMEMBER) {
            Some(session) => JobKind::Remember {
                session: session.parse().map_err(corrupt)?,
            },
            None => JobKind::Erase,
        };
        Ok(MemoryJob {
            teen: TeenId::from_verified_subject(item.text("user_id")?).map_err(corrupt)?,
            kind,
            not_before: Timestamp::from_millis(item.number(NOT_BEFORE)?),
            attempts: item.number(ATTEMPTS)?,
        })
    }
}

/// The partition of the index with this number.
pub(crate) fn shard(number: u8) -> String {
    format!("job#{number}")
}

fn shard_of(teen: TeenId) -> String {
    // The end of a subject's UUID is random.
    shard(teen.to_bytes().last().map_or(0, |byte| byte % SHARDS))
}

#[cfg(test)]
mod tests {
    use innerworld_core::ids::SessionId;

    use super::*;

    #[test]
    fn a_job_is_told_from_its_row() {
        let teen = TeenId::from_subject_bits(0x1234_5678);
        let session = SessionId::from_bits(77);
        for kind in [JobKind::Remember { session }, JobKind::Erase] {
            let key = JobRows::key(teen, kind);
            let item = key
                .attributes()
                .fold(Item::new(), |item, (name, value)| item.with(name, value))
                .with(ATTEMPTS, 3_u32)
                .with(NOT_BEFORE, 5_i64);
            let job = JobRows::read(&item).unwrap();
            assert_eq!((job.teen, job.kind, job.attempts), (teen, kind, 3));
            assert_eq!(job.not_before, Timestamp::from_millis(5));
        }
        assert_eq!(shard_of(teen), "job#0");
    }
}
