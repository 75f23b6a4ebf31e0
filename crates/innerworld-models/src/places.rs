//! A limit on the calls that run at the same time to one base URL.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::config::Concurrency;

/// Places for running calls, and a bounded queue in front of them.
///
/// The queue is first come, first served; since a teen has one running turn, that is fair between
/// teens.
#[derive(Debug)]
pub(crate) struct Places {
    running: Arc<Semaphore>,
    waiting: AtomicUsize,
    most_waiting: usize,
}

/// Everything is taken and the queue is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Full;

impl Places {
    pub(crate) fn new(limits: Concurrency) -> Self {
        Self {
            running: Arc::new(Semaphore::new(limits.running.max(1))),
            waiting: AtomicUsize::new(0),
            most_waiting: limits.waiting,
        }
    }

    /// A place, held until the permit is dropped.
    pub(crate) async fn take(&self) -> Result<OwnedSemaphorePermit, Full> {
        if let Ok(place) = Arc::clone(&self.running).try_acquire_owned() {
            return Ok(place);
        }
        let _waiting = Waiting::enter(&self.waiting, self.most_waiting).ok_or(Full)?;
        let place = Arc::clone(&self.running).acquire_owned().await;
        // The semaphore is never closed.
        place.map_err(|_closed| Full)
    }
}

/// One in the queue; leaves it also when the caller gives up.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn enter(waiting: &'a AtomicUsize, most: usize) -> Option<Self> {
        let before = waiting.fetch_add(1, Ordering::Relaxed);
        let this = Self(waiting);
        (before < most).then_some(this)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_full_queue_refuses_at_once_and_a_freed_place_is_used() {
        let places = Arc::new(Places::new(Concurrency {
            running: 1,
            waiting: 1,
        }));
        let first = places.take().await.unwrap();
        let second = {
            let places = Arc::clone(&places);
            async move { places.take().await }
        };
        tokio::pin!(second);
        assert!(futures_util::poll!(second.as_mut()).is_pending());
        assert_eq!(places.take().await.unwrap_err(), Full);
        drop(first);
        assert!(second.await.is_ok());
        assert!(places.take().await.is_ok());
    }
}
