//! The bounded queue in front of a storage thread.

use std::{
    collections::VecDeque,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
};

/// Why an item was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// As many as fit are waiting.
    Full,
    /// The thread has ended.
    Closed,
}

/// A queue that never blocks its producers: full means refused, at once.
#[derive(Debug)]
pub(crate) struct Queue<T> {
    inner: Mutex<Inner<T>>,
    ready: Condvar,
    capacity: usize,
}

#[derive(Debug)]
struct Inner<T> {
    items: VecDeque<T>,
    /// Consumers that sleep; without one a producer saves the system call that wakes.
    sleeping: usize,
    closed: bool,
}

impl<T> Queue<T> {
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            inner: Mutex::new(Inner {
                items: VecDeque::new(),
                sleeping: 0,
                closed: false,
            }),
            ready: Condvar::new(),
            capacity,
        }
    }

    pub(crate) fn push(&self, item: T) -> Result<(), Refused> {
        let mut inner = self.locked();
        if inner.closed {
            return Err(Refused::Closed);
        }
        if inner.items.len() >= self.capacity {
            return Err(Refused::Full);
        }
        inner.items.push_back(item);
        let wake = inner.sleeping > 0;
        drop(inner);
        if wake {
            self.ready.notify_one();
        }
        Ok(())
    }

    /// Waits until there is an item; `false` once the queue is closed and empty.
    pub(crate) fn wait(&self) -> bool {
        let mut inner = self.locked();
        while inner.items.is_empty() {
            if inner.closed {
                return false;
            }
            inner.sleeping += 1;
            inner = self
                .ready
                .wait(inner)
                .unwrap_or_else(PoisonError::into_inner);
            inner.sleeping -= 1;
        }
        true
    }

    /// Moves at most `most` of the items that are there now into `into`. Another consumer may have
    /// been faster.
    pub(crate) fn take(&self, most: usize, into: &mut Vec<T>) {
        let mut inner = self.locked();
        let count = inner.items.len().min(most);
        into.extend(inner.items.drain(..count));
    }

    /// Refuses new items; consumers finish what waits.
    pub(crate) fn close(&self) {
        self.locked().closed = true;
        self.ready.notify_all();
    }

    pub(crate) fn len(&self) -> usize {
        self.locked().items.len()
    }

    fn locked(&self) -> MutexGuard<'_, Inner<T>> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
