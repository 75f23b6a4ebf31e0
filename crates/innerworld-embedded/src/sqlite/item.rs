//! One piece of work for a storage thread, and the promise of its answer.

use std::panic::{AssertUnwindSafe, catch_unwind};

use innerworld_core::{
    error::{ErrorKind, PortError},
    ids::TeenId,
};
use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::{
    fault::{BatchFault, Failure, is_fatal},
    fences::Fences,
};

/// How an item stands to the transaction around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// At most one writing statement, and nothing that can fail after it: SQLite undoes a failed
    /// statement by itself.
    Single,
    /// Several statements: a savepoint undoes them together.
    Guarded,
    /// Outside of any transaction (checkpoints, limits).
    Alone,
}

/// How an item ended inside the transaction.
#[derive(Debug)]
pub(crate) enum Step {
    /// It did its work; the answer waits for the commit.
    Done,
    /// It failed by its own rule; only its own changes must go.
    Undo,
    /// File or disk are in trouble, or it died half-way: the whole transaction must go.
    Abort(BatchFault),
}

/// Work whose type the queue need not know.
pub(crate) trait Item: Send {
    fn mode(&self) -> Mode;
    fn run(&mut self, connection: &Connection, fences: &Fences) -> Step;
    /// Tells the waiter, if it still waits.
    fn answer(self: Box<Self>, fault: Option<&BatchFault>);
}

/// A closure, its outcome, and who waits for it.
pub(crate) struct Work<F, T> {
    pub(crate) operation: &'static str,
    pub(crate) mode: Mode,
    /// The teen whose fence refuses this; `None` for what fences do not touch.
    pub(crate) teen: Option<TeenId>,
    pub(crate) job: Option<F>,
    pub(crate) outcome: Option<Result<T, PortError>>,
    pub(crate) waiter: oneshot::Sender<Result<T, PortError>>,
}

impl<F, T> Item for Work<F, T>
where
    F: FnOnce(&Connection) -> Result<T, Failure> + Send,
    T: Send,
{
    fn mode(&self) -> Mode {
        self.mode
    }

    fn run(&mut self, connection: &Connection, fences: &Fences) -> Step {
        let Some(job) = self.job.take() else {
            return Step::Undo;
        };
        if self.teen.is_some_and(|teen| fences.of(teen).is_some()) {
            self.outcome = Some(Err(PortError::new(ErrorKind::Denied, self.operation)));
            return Step::Undo;
        }
        match catch_unwind(AssertUnwindSafe(|| job(connection))) {
            Ok(Ok(value)) => {
                self.outcome = Some(Ok(value));
                Step::Done
            }
            Ok(Err(failure)) => {
                let fatal = match &failure {
                    Failure::Sqlite(error) if is_fatal(error) => Some(BatchFault::from(error)),
                    _ => None,
                };
                self.outcome = Some(Err(failure.into_port(self.operation)));
                fatal.map_or(Step::Undo, Step::Abort)
            }
            Err(_panic) => {
                let fault = BatchFault::new("a storage operation panicked");
                self.outcome = Some(Err(fault.clone().into_port(self.operation)));
                match self.mode {
                    Mode::Single => Step::Abort(fault),
                    Mode::Guarded | Mode::Alone => Step::Undo,
                }
            }
        }
    }

    fn answer(self: Box<Self>, fault: Option<&BatchFault>) {
        let outcome = match (self.outcome, fault) {
            (Some(Err(own)), _) => Err(own),
            (Some(Ok(_)) | None, Some(fault)) => Err(fault.clone().into_port(self.operation)),
            (Some(outcome), None) => outcome,
            (None, None) => Err(PortError::new(ErrorKind::Unavailable, self.operation)),
        };
        // A waiter that left (its request was dropped) needs no answer.
        drop(self.waiter.send(outcome));
    }
}
