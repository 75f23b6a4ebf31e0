//! Messages of the queue `graph-writes`: who, what, and where it is.

use async_trait::async_trait;
use innerworld_core::{
    clock::Timestamp,
    error::{ErrorKind, PortError},
    ids::TeenId,
};
use serde::{Deserialize, Serialize};

use crate::{graph_store::GraphWrites, queues::Queue};

/// Version of the form of messages.
const VERSION: u32 = 1;
/// Characters of a privacy job's name at most.
const JOB: usize = 64;

/// What the graph writer is to do for one teen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GraphJob {
    /// Whose graph.
    pub teen: TeenId,
    /// What to do.
    pub task: GraphTask,
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GraphTask {
    /// Apply what waits, up to the write of this generation or beyond.
    Apply {
        /// The generation.
        generation: u64,
    },
    /// Retention: delete what was not seen since.
    Expire {
        /// The mark; to the second.
        before: Timestamp,
    },
    /// Delete the graph of a fenced teen.
    Erase,
    /// Say that everything that was sent before has been done.
    Marker {
        /// The privacy job that waits for it.
        job: String,
    },
}

/// A message that is none of ours, or of another version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a message of the queue graph-writes")]
pub struct InvalidJob;

#[derive(Serialize, Deserialize)]
struct Body {
    v: u32,
    user_id: String,
    kind: Kind,
    #[serde(rename = "ref")]
    reference: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Apply,
    Expire,
    Erase,
    Marker,
}

impl GraphJob {
    /// The message.
    pub fn to_body(&self) -> String {
        let (kind, reference) = match &self.task {
            GraphTask::Apply { generation } => (Kind::Apply, generation.to_string()),
            GraphTask::Expire { before } => (Kind::Expire, before.as_seconds().to_string()),
            GraphTask::Erase => (Kind::Erase, String::new()),
            GraphTask::Marker { job } => (Kind::Marker, job.clone()),
        };
        let body = Body {
            v: VERSION,
            user_id: self.teen.to_string(),
            kind,
            reference,
        };
        serde_json::json!(body).to_string()
    }

    /// Reads a message.
    pub fn parse(body: &str) -> Result<Self, InvalidJob> {
        let body: Body = serde_json::from_str(body).map_err(|_quotes| InvalidJob)?;
        if body.v != VERSION {
            return Err(InvalidJob);
        }
        let teen = TeenId::from_verified_subject(&body.user_id).map_err(|_quotes| InvalidJob)?;
        let reference = body.reference;
        let task = match body.kind {
            Kind::Apply => GraphTask::Apply {
                generation: number(&reference)?,
            },
            Kind::Expire => GraphTask::Expire {
                before: Timestamp::from_millis(number::<i64>(&reference)?.saturating_mul(1_000)),
            },
            Kind::Erase => GraphTask::Erase,
            Kind::Marker if is_name(&reference) => GraphTask::Marker { job: reference },
            Kind::Marker => return Err(InvalidJob),
        };
        Ok(Self { teen, task })
    }
}

fn number<T: std::str::FromStr>(text: &str) -> Result<T, InvalidJob> {
    text.parse().map_err(|_form| InvalidJob)
}

/// A name that can be part of a sort key.
pub(crate) fn is_name(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    !text.is_empty() && text.len() <= JOB && text.bytes().all(plain)
}

/// The queue `graph-writes`: a teen's messages are one group.
#[derive(Clone, Debug)]
pub struct GraphWriteQueue {
    queue: Queue,
}

impl GraphWriteQueue {
    /// Over this queue.
    pub fn new(queue: Queue) -> Self {
        Self { queue }
    }

    /// Sends a job. `step` tells it from the teen's other jobs: the same one within five minutes is
    /// sent once.
    pub async fn send(&self, job: &GraphJob, step: &str) -> Result<(), PortError> {
        if matches!(&job.task, GraphTask::Marker { job } if !is_name(job)) {
            return Err(PortError::new(ErrorKind::Invalid, "name a privacy job"));
        }
        let group = job.teen.to_string();
        let dedup = format!("{group}#{step}");
        self.queue.send(&group, &dedup, &job.to_body()).await
    }
}

#[async_trait]
impl GraphWrites for GraphWriteQueue {
    async fn patch_waits(&self, teen: TeenId, generation: u64) -> Result<(), PortError> {
        let task = GraphTask::Apply { generation };
        let job = GraphJob { teen, task };
        self.send(&job, &format!("{generation}#apply")).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEEN: TeenId = TeenId::from_subject_bits(7);

    #[test]
    fn a_message_is_read_as_it_was_written_and_is_short() {
        for task in [
            GraphTask::Apply { generation: 9 },
            GraphTask::Expire {
                before: Timestamp::from_millis(1_764_000_000_000),
            },
            GraphTask::Erase,
            GraphTask::Marker {
                job: "j-01".to_owned(),
            },
        ] {
            let job = GraphJob { teen: TEEN, task };
            let body = job.to_body();
            assert!(body.len() < 200, "{body}");
            assert_eq!(GraphJob::parse(&body), Ok(job));
        }
    }

    #[test]
    fn what_is_none_of_ours_is_refused() {
        let teen = TEEN.to_string();
        // As it is written down, so that the ones below are refused for what is wrong with them.
        let good = serde_json::json!({"v": 1, "user_id": teen, "kind": "apply", "ref": "1"});
        let task = GraphTask::Apply { generation: 1 };
        let job = GraphJob { teen: TEEN, task };
        assert_eq!(GraphJob::parse(&good.to_string()), Ok(job));
        for (v, user, kind, reference) in [
            (2, teen.as_str(), "apply", "1"),
            (1, "nobody", "apply", "1"),
            (1, &teen, "drop", "1"),
            (1, &teen, "apply", "-1"),
            (1, &teen, "expire", "soon"),
            (1, &teen, "marker", ""),
            (1, &teen, "marker", "a#b"),
        ] {
            let body = serde_json::json!({"v": v, "user_id": user, "kind": kind, "ref": reference});
            assert_eq!(
                GraphJob::parse(&body.to_string()),
                Err(InvalidJob),
                "{body}"
            );
        }
        assert_eq!(GraphJob::parse(""), Err(InvalidJob));
    }
}
