//! The spool of a process that only sends.

use async_trait::async_trait;
use innerworld_core::{
    error::{ErrorKind, PortError},
    safety::{SafetyCommit, store::SafetySpool},
};

use super::SharedSpool;

/// [`SafetySpool`] of a process that may send and not receive: another one stores what lies in the
/// queue. To this process it looks empty.
#[derive(Debug)]
pub(crate) struct SpoolSender(SharedSpool);

impl SpoolSender {
    pub(crate) fn new(spool: SharedSpool) -> Self {
        Self(spool)
    }
}

#[async_trait]
impl SafetySpool for SpoolSender {
    async fn append(&self, commit: &SafetyCommit) -> Result<(), PortError> {
        let queue = self.0.shared.spool.queue.as_ref();
        let queue = queue.ok_or_else(|| {
            PortError::new(ErrorKind::Unavailable, "spool a safety change: no queue")
        })?;
        self.0.send(queue, commit).await.map(|_name| ())
    }

    async fn pending(&self) -> Result<Vec<(u64, SafetyCommit)>, PortError> {
        Ok(Vec::new())
    }

    async fn remove(&self, _handle: u64) -> Result<(), PortError> {
        Ok(())
    }

    async fn depth(&self) -> Result<usize, PortError> {
        Ok(0)
    }
}
