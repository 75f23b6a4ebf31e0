//! Jobs that wait in the outbox for longer than their message should have taken: it may have been lost.

use std::time::Duration;

use innerworld_aws::{SessionJob, SessionTask, UndoneJob};
use innerworld_core::{clock::Timestamp, error::PortError, memory::job::JobKind};
use tokio::time::Instant;

use super::{Sweep, log};

/// Whoever queued a job sent its message too; this long nobody asks what became of it.
const PATIENCE: Duration = Duration::from_secs(120);
/// Jobs of one round.
const JOBS: usize = 100;
/// How long a message is given before it is sent again: what a queue hides one that was received.
const AGAIN: Duration = Duration::from_secs(1_800);
/// The longest that grows to, with each time that it was sent in vain.
const LONGEST: Duration = Duration::from_secs(24 * 3_600);

impl Sweep {
    /// Sends the messages of jobs anew; how many.
    pub(super) async fn jobs(&self, now: Timestamp, until: Instant) -> Result<usize, PortError> {
        let mut sent = 0;
        for undone in self.aws.undone_jobs(now.minus(PATIENCE), JOBS).await? {
            if Instant::now() >= until {
                break;
            }
            if let Err(error) = self.send(&undone).await {
                log("a job's message could not be sent", &error);
                continue;
            }
            sent += 1;
            let pause = AGAIN.saturating_mul(2_u32.saturating_pow(undone.told.min(8)));
            // One of which that is not noted is sent again in a minute: the queue takes it for the same.
            let noted = self.aws.told_again(&undone, now.plus(pause.min(LONGEST)));
            if let Err(error) = noted.await {
                log("it was not noted that a job was told of", &error);
            }
        }
        Ok(sent)
    }

    /// A message that was sent within the last minutes is sent again all the same, once for each time
    /// that it was told or put back.
    async fn send(&self, undone: &UndoneJob) -> Result<(), PortError> {
        let (teen, job) = (undone.job.teen, &undone.job);
        let attempt = u64::from(job.attempts) * 1_000 + u64::from(undone.told) + 1;
        match job.kind {
            JobKind::Remember { session } => {
                let task = SessionTask::Remember(session);
                self.ended
                    .send_again(&SessionJob { teen, task }, attempt)
                    .await
            }
            JobKind::Erase => self.privacy.erase_again(teen, attempt).await,
        }
    }
}
