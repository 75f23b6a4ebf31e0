//! Tasks of a double, which end with it.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::task::JoinSet;

/// Tasks that run until they are done or [`Ending`] ends them. Clones speak of the same ones.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tasks(Arc<Mutex<JoinSet<()>>>);

impl Tasks {
    /// Runs a task.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // What has ended is forgotten, but not that it panicked.
        while let Some(ended) = tasks.try_join_next() {
            if let Err(error) = ended
                && error.is_panic()
            {
                std::panic::resume_unwind(error.into_panic());
            }
        }
        tasks.spawn(task);
    }
}

/// Ends the tasks when it is dropped: they may hold what holds them.
#[derive(Debug)]
pub(crate) struct Ending(pub(crate) Tasks);

impl Drop for Ending {
    fn drop(&mut self) {
        let tasks = self.0.0.lock();
        tasks.unwrap_or_else(PoisonError::into_inner).abort_all();
    }
}
