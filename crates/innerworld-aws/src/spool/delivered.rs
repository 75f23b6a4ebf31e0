//! One message of the queue, in the hands of a process that the queue is delivered to.

use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use innerworld_core::{
    error::{ErrorKind, PortError},
    safety::{SafetyCommit, store::SafetySpool},
};

/// The only handle that there is.
const HANDLE: u64 = 1;

/// [`SafetySpool`] that holds what one message holds. To remove it is to let go of it here: whoever was
/// handed the message deletes it from the queue.
pub struct DeliveredSpool(Mutex<Option<SafetyCommit>>);

impl std::fmt::Debug for DeliveredSpool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DeliveredSpool")
    }
}

impl DeliveredSpool {
    pub(crate) const fn new(commit: SafetyCommit) -> Self {
        Self(Mutex::new(Some(commit)))
    }

    fn held(&self) -> MutexGuard<'_, Option<SafetyCommit>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl SafetySpool for DeliveredSpool {
    /// Takes nothing: the message stays what it is.
    async fn append(&self, _commit: &SafetyCommit) -> Result<(), PortError> {
        const OPERATION: &str = "add a safety change to a message";
        Err(PortError::new(ErrorKind::Unavailable, OPERATION))
    }

    async fn pending(&self) -> Result<Vec<(u64, SafetyCommit)>, PortError> {
        let held = self.held().clone();
        Ok(held.into_iter().map(|commit| (HANDLE, commit)).collect())
    }

    async fn remove(&self, handle: u64) -> Result<(), PortError> {
        self.held().take_if(|_commit| handle == HANDLE);
        Ok(())
    }

    async fn depth(&self) -> Result<usize, PortError> {
        Ok(usize::from(self.held().is_some()))
    }
}
