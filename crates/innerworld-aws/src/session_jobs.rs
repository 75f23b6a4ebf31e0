//! Messages of the queue `session-ended`: which session of whom is to be remembered.
//!
//! A message only wakes: what is to be done stands in the outbox, and who finds nothing there is done.

use innerworld_core::{
    error::{ErrorKind, PortError},
    ids::{SessionId, TeenId},
};
use serde::{Deserialize, Serialize};

use crate::{
    dynamo::{Key, Table},
    graph_jobs::is_name,
    open::Aws,
    queues::Queue,
    shared::Shared,
};

/// Version of the form of messages.
const VERSION: u32 = 1;
/// The end of the name of what waits for a marker to pass through the queue.
pub(crate) const QUEUE: &str = "session-ended";

/// What the session processor is to do for one teen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionJob {
    /// Whose session.
    pub teen: TeenId,
    /// What to do.
    pub task: SessionTask,
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionTask {
    /// Run the job of this session, if there still is one.
    Remember(SessionId),
    /// Say that everything that was sent before has been done.
    Marker {
        /// The privacy job that waits for it.
        job: String,
    },
}

/// A message that is none of ours, or of another version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a message of the queue session-ended")]
pub struct InvalidSessionJob;

#[derive(Serialize, Deserialize)]
struct Body {
    v: u32,
    user_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    session_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    marker: Option<String>,
}

impl SessionJob {
    /// The message.
    pub fn to_body(&self) -> String {
        let (session_id, marker) = match &self.task {
            SessionTask::Remember(session) => (Some(session.to_string()), None),
            SessionTask::Marker { job } => (None, Some(job.clone())),
        };
        let body = Body {
            v: VERSION,
            user_id: self.teen.to_string(),
            session_id,
            marker,
        };
        serde_json::json!(body).to_string()
    }

    /// Reads a message.
    pub fn parse(body: &str) -> Result<Self, InvalidSessionJob> {
        let body: Body = serde_json::from_str(body).map_err(|_quotes| InvalidSessionJob)?;
        let teen = TeenId::from_verified_subject(&body.user_id);
        let teen = teen.map_err(|_quotes| InvalidSessionJob)?;
        let task = match (body.v, body.session_id, body.marker) {
            (VERSION, Some(session), None) => {
                SessionTask::Remember(session.parse().map_err(|_form| InvalidSessionJob)?)
            }
            (VERSION, None, Some(job)) if is_name(&job) => SessionTask::Marker { job },
            _ => return Err(InvalidSessionJob),
        };
        Ok(Self { teen, task })
    }
}

/// The queue `session-ended`: a teen's messages are one group.
#[derive(Clone, Debug)]
pub struct SessionQueue {
    queue: Queue,
}

impl SessionQueue {
    /// Over this queue.
    pub fn new(queue: Queue) -> Self {
        Self { queue }
    }

    /// Sends a job. The same one within five minutes is sent once.
    pub async fn send(&self, job: &SessionJob) -> Result<(), PortError> {
        self.send_again(job, 0).await
    }

    /// Sends a job whose message may have been lost, also if it was sent within five minutes; 0 is the
    /// first time.
    pub async fn send_again(&self, job: &SessionJob, attempt: u64) -> Result<(), PortError> {
        let step = match &job.task {
            SessionTask::Remember(session) => session.to_string(),
            SessionTask::Marker { job } if is_name(job) => job.clone(),
            SessionTask::Marker { .. } => {
                return Err(PortError::new(ErrorKind::Invalid, "name a privacy job"));
            }
        };
        let dedup = match attempt {
            0 => step,
            attempt => format!("{step}#{attempt}"),
        };
        let group = job.teen.to_string();
        self.queue.send(&group, &dedup, &job.to_body()).await
    }
}

impl Aws {
    /// Deletes the item that waits for a marker to pass through the queue `session-ended`.
    pub async fn pass_session_marker(&self, teen: TeenId, job: &str) -> Result<(), PortError> {
        self.shared.pass_marker(teen, (QUEUE, job)).await
    }
}

impl Shared {
    /// Deletes the item that waits for a marker: all that was sent before it has been done.
    pub(crate) async fn pass_marker(
        &self,
        teen: TeenId,
        marker: (&str, &str),
    ) -> Result<(), PortError> {
        let key = waiting_for(teen, marker);
        self.dynamo.delete("pass a marker", &key).await
    }
}

/// Where the item lies that waits for a job's marker to pass through a queue.
pub(crate) fn waiting_for(teen: TeenId, (queue, job): (&str, &str)) -> Key {
    Key::teen(Table::Memory, teen, format!("marker#{job}#{queue}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TEEN: TeenId = TeenId::from_subject_bits(7);

    #[test]
    fn a_message_is_read_as_it_was_written_and_is_short() {
        let session = SessionId::from_bits(77);
        let marker = SessionTask::Marker {
            job: "j-01".to_owned(),
        };
        for task in [SessionTask::Remember(session), marker] {
            let job = SessionJob { teen: TEEN, task };
            let body = job.to_body();
            assert!(body.len() < 200, "{body}");
            assert_eq!(SessionJob::parse(&body), Ok(job));
        }
    }

    #[test]
    fn what_is_none_of_ours_is_refused() {
        let (teen, session) = (TEEN.to_string(), SessionId::from_bits(77).to_string());
        // As it is written down, so that the ones below are refused for what is wrong with them.
        let good = json!({"v": 1, "user_id": teen, "session_id": session});
        let task = SessionTask::Remember(SessionId::from_bits(77));
        let job = SessionJob { teen: TEEN, task };
        assert_eq!(SessionJob::parse(&good.to_string()), Ok(job));
        for body in [
            json!({"v": 2, "user_id": teen, "session_id": session}),
            json!({"v": 1, "user_id": "nobody", "session_id": session}),
            json!({"v": 1, "user_id": teen, "session_id": "none"}),
            json!({"v": 1, "user_id": teen}),
            json!({"v": 1, "user_id": teen, "session_id": session, "marker": "j-01"}),
            json!({"v": 1, "user_id": teen, "marker": "a#b"}),
            json!({"v": 1, "user_id": teen, "marker": ""}),
            json!(null),
        ] {
            assert_eq!(
                SessionJob::parse(&body.to_string()),
                Err(InvalidSessionJob),
                "{body}"
            );
        }
        assert_eq!(SessionJob::parse(""), Err(InvalidSessionJob));
    }
}
