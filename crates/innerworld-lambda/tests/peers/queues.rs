//! Queues of a test.

use std::time::Duration;

use innerworld_testkit::fifo_queue::FifoQueue;

use crate::place::address;

/// For so long a message that was handed over is not seen: longer than any test.
const VISIBILITY: Duration = Duration::from_secs(1_800);

/// A queue that nobody else uses.
pub(crate) async fn queue(name: &str) -> FifoQueue {
    FifoQueue::create(&address("INNERWORLD_TEST_SQS"), name, VISIBILITY).await
}

/// A queue whose messages come again after some seconds, and where they lie after so many times.
pub(crate) async fn dead_letters(name: &str, receives: u32) -> (FifoQueue, FifoQueue) {
    // Longer than a program takes that just started.
    let soon = (Duration::from_secs(4), receives);
    FifoQueue::with_dead_letters(&address("INNERWORLD_TEST_SQS"), name, soon).await
}
