//! The programs of one function: as many as there are events at once.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

use tokio::sync::{Semaphore, watch};

use super::{Function, LambdaDouble, Outcome, book::Book};

/// Programs of one function at once; further events wait, where AWS would throttle.
const PROGRAMS: usize = 16;

/// A function with its programs.
pub(super) struct Pool {
    function: Arc<Function>,
    book: Arc<Book>,
    idle: Mutex<Vec<LambdaDouble>>,
    room: Semaphore,
    busy: AtomicUsize,
    /// How often whatever runs was killed.
    kills: watch::Sender<usize>,
}

impl Pool {
    pub(super) fn new(function: Function) -> Self {
        Self {
            function: Arc::new(function),
            book: Arc::default(),
            idle: Mutex::default(),
            room: Semaphore::new(PROGRAMS),
            busy: AtomicUsize::new(0),
            kills: watch::Sender::new(0),
        }
    }

    /// The function's name.
    pub(super) fn name(&self) -> &str {
        &self.function.name
    }

    /// What is written down of it.
    pub(super) fn book(&self) -> &Book {
        &self.book
    }

    /// How many programs work on an event now.
    pub(super) fn busy(&self) -> usize {
        self.busy.load(Ordering::SeqCst)
    }

    /// Gives an event to a program that has none, or to a new one.
    pub(super) async fn invoke(&self, id: &str, event: Vec<u8>) -> Outcome {
        let _room = self.room.acquire().await.unwrap();
        let mut killed = self.kills.subscribe();
        let free = self.idle().pop();
        let mut double = free
            .unwrap_or_else(|| LambdaDouble::with(Arc::clone(&self.function), self.book.clone()));
        self.book.given();
        let _busy = Busy::new(&self.busy);
        let outcome = tokio::select! {
            outcome = double.invoke_as(id, event) => outcome,
            _killed = killed.changed() => {
                double.stop();
                Outcome::Ended(None)
            }
        };
        self.idle().push(double);
        outcome
    }

    /// Kills every program that works on an event now; how many there were.
    pub(super) fn kill(&self) -> usize {
        let busy = self.busy();
        self.kills.send_modify(|kills| *kills += 1);
        busy
    }

    /// Numbers of the processes that work on nothing.
    pub(super) fn processes(&self) -> Vec<u32> {
        self.idle()
            .iter()
            .filter_map(LambdaDouble::process)
            .collect()
    }

    /// Ends the programs that work on nothing, so that all they wrote is in the book.
    pub(super) fn stop_idle(&self) {
        for mut double in self.idle().drain(..) {
            double.stop();
        }
    }

    fn idle(&self) -> MutexGuard<'_, Vec<LambdaDouble>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Counts a program as long as it lives.
struct Busy<'a>(&'a AtomicUsize);

impl<'a> Busy<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(count)
    }
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}
