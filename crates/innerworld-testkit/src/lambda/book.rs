//! What the programs of one function have in common.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

/// What is written down of a function.
#[derive(Debug, Default)]
pub(super) struct Book {
    starts: AtomicUsize,
    events: AtomicUsize,
    written: Mutex<String>,
}

impl Book {
    /// A program was started.
    pub(super) fn started(&self) {
        self.starts.fetch_add(1, Ordering::SeqCst);
    }

    /// How often programs were started.
    pub(super) fn starts(&self) -> usize {
        self.starts.load(Ordering::SeqCst)
    }

    /// An event is given to a program; the count of them.
    pub(super) fn given(&self) -> usize {
        self.events.fetch_add(1, Ordering::SeqCst) + 1
    }

    /// How many events programs were given.
    pub(super) fn events(&self) -> usize {
        self.events.load(Ordering::SeqCst)
    }

    /// A program wrote a line.
    pub(super) fn write(&self, line: &str) {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        written.push_str(line);
        written.push('\n');
    }

    /// All that programs wrote so far.
    pub(super) fn written(&self) -> String {
        let written = self.written.lock();
        written.unwrap_or_else(PoisonError::into_inner).clone()
    }
}
