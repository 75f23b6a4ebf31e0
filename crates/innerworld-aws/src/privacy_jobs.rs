//! Messages of the queue `privacy-jobs`: a wake-up, and whom it is about. What is to be done stands in
//! the tables; a message that comes twice, late or never changes nothing of it.

use innerworld_core::{
    clock::Timestamp,
    error::PortError,
    ids::{ExportId, TeenId},
};
use serde::{Deserialize, Serialize};

use crate::queues::Queue;

/// Version of the form of messages.
const VERSION: u32 = 1;
/// Group of messages about grants at other providers, which name nobody.
const REVOCATIONS: &str = "_revocations";

/// A wake-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PrivacyJob {
    /// For what.
    pub task: PrivacyTask,
    /// How often the work was handed on before: 0 from whoever asks for it.
    pub step: u32,
}

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrivacyTask {
    /// Erase a teen, if a job of the outbox says so.
    Erase {
        /// Whom.
        teen: TeenId,
    },
    /// Make an export, if it is still the one that the teen waits for.
    Export {
        /// Whose.
        teen: TeenId,
        /// Which one.
        export: ExportId,
    },
    /// Take back grants at other providers that are due.
    Revoke,
}

/// A message that is none of ours, or of another version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a message of the queue privacy-jobs")]
pub struct InvalidPrivacyJob;

#[derive(Serialize, Deserialize)]
struct Body {
    v: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user_id: Option<String>,
    kind: Kind,
    #[serde(default, rename = "ref", skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    step: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Erase,
    Export,
    Revoke,
}

impl PrivacyJob {
    /// The first step of a task.
    pub const fn first(task: PrivacyTask) -> Self {
        Self { task, step: 0 }
    }

    /// The next step of the same task.
    #[must_use]
    pub const fn next(self) -> Self {
        Self {
            step: self.step.saturating_add(1),
            ..self
        }
    }

    /// The message.
    pub fn to_body(&self) -> String {
        let (kind, teen, reference) = match self.task {
            PrivacyTask::Erase { teen } => (Kind::Erase, Some(teen), None),
            PrivacyTask::Export { teen, export } => (Kind::Export, Some(teen), Some(export)),
            PrivacyTask::Revoke => (Kind::Revoke, None, None),
        };
        let body = Body {
            v: VERSION,
            user_id: teen.map(|teen| teen.to_string()),
            kind,
            reference: reference.map(|export| export.to_string()),
            step: self.step,
        };
        serde_json::json!(body).to_string()
    }

    /// Reads a message.
    pub fn parse(body: &str) -> Result<Self, InvalidPrivacyJob> {
        let body: Body = serde_json::from_str(body).map_err(|_quotes| InvalidPrivacyJob)?;
        if body.v != VERSION {
            return Err(InvalidPrivacyJob);
        }
        let teen = || {
            let subject = body.user_id.as_deref().ok_or(InvalidPrivacyJob)?;
            TeenId::from_verified_subject(subject).map_err(|_quotes| InvalidPrivacyJob)
        };
        let task = match body.kind {
            Kind::Erase => PrivacyTask::Erase { teen: teen()? },
            Kind::Export => {
                let export = body.reference.as_deref().ok_or(InvalidPrivacyJob)?;
                PrivacyTask::Export {
                    teen: teen()?,
                    export: export.parse().map_err(|_form| InvalidPrivacyJob)?,
                }
            }
            Kind::Revoke => PrivacyTask::Revoke,
        };
        Ok(Self {
            task,
            step: body.step,
        })
    }
}

/// The queue `privacy-jobs`: a teen's messages are one group.
#[derive(Clone, Debug)]
pub struct PrivacyQueue {
    queue: Queue,
}

impl PrivacyQueue {
    /// Over this queue.
    pub fn new(queue: Queue) -> Self {
        Self { queue }
    }

    /// Sends a wake-up. The same step of the same task within five minutes is sent once; a look at
    /// the grants is sent every time, since another grant may wait by `now`.
    pub async fn send(&self, job: &PrivacyJob, now: Timestamp) -> Result<(), PortError> {
        let step = job.step;
        let (group, dedup) = match job.task {
            PrivacyTask::Erase { teen } => (teen.to_string(), format!("{teen}#erase#{step}")),
            PrivacyTask::Export { teen, export } => (teen.to_string(), format!("{export}#{step}")),
            PrivacyTask::Revoke => (
                REVOCATIONS.to_owned(),
                format!("{REVOCATIONS}#{}#{step}", now.as_millis()),
            ),
        };
        self.queue.send(&group, &dedup, &job.to_body()).await
    }

    /// Sends the wake-up of a teen's erase whose message may have been lost, for the so-manieth time.
    pub async fn erase_again(&self, teen: TeenId, attempt: u64) -> Result<(), PortError> {
        let group = teen.to_string();
        let dedup = format!("{teen}#erase#again#{attempt}");
        let job = PrivacyJob::first(PrivacyTask::Erase { teen });
        self.queue.send(&group, &dedup, &job.to_body()).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEEN: TeenId = TeenId::from_subject_bits(7);

    #[test]
    fn a_message_is_read_as_it_was_written_and_is_short() {
        let export = ExportId::from_bits(9);
        for task in [
            PrivacyTask::Erase { teen: TEEN },
            PrivacyTask::Export { teen: TEEN, export },
            PrivacyTask::Revoke,
        ] {
            let job = PrivacyJob::first(task).next();
            let body = job.to_body();
            assert!(body.len() < 200, "{body}");
            assert_eq!(PrivacyJob::parse(&body), Ok(job));
        }
    }

    #[test]
    fn what_is_none_of_ours_is_refused() {
        let teen = TEEN.to_string();
        let good = serde_json::json!({"v": 1, "user_id": teen, "kind": "erase", "step": 0});
        let erase = PrivacyJob::first(PrivacyTask::Erase { teen: TEEN });
        assert_eq!(PrivacyJob::parse(&good.to_string()), Ok(erase));
        for (field, value) in [
            ("v", serde_json::json!(2)),
            ("user_id", serde_json::json!("nobody")),
            ("user_id", serde_json::json!(null)),
            ("kind", serde_json::json!("drop")),
            ("kind", serde_json::json!("export")),
            ("step", serde_json::json!(-1)),
        ] {
            let mut bad = good.clone();
            bad[field] = value;
            let read = PrivacyJob::parse(&bad.to_string());
            assert_eq!(read, Err(InvalidPrivacyJob), "{bad}");
        }
        assert_eq!(PrivacyJob::parse(""), Err(InvalidPrivacyJob));
    }
}
