//! What a process knows of the queue: the changes that it sent or received.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use innerworld_core::{clock::Timestamp, ids::TeenId, safety::SafetyCommit};

use super::queue::{Received, Sent};

/// More changes than this are not kept: the tables have been away for very long. The queue has them
/// all the same.
const MOST: usize = 4_096;
/// How long what the queue said about its length is believed.
const FRESH: Duration = Duration::from_secs(5);
/// A message that was sent this long ago is in the count of a queue, unless it is gone.
const SETTLED: Duration = Duration::from_secs(120);

/// Changes by handle; no handle is given twice.
#[derive(Default)]
pub(super) struct View {
    last: u64,
    waiting: BTreeMap<u64, Waiting>,
    /// Messages to delete when they are received.
    done: BTreeSet<String>,
    /// What the queue holds beside these.
    others: usize,
    asked_at: Option<Timestamp>,
}

struct Waiting {
    /// The queue's name for it; without a queue there is none.
    id: Option<String>,
    sequence: u128,
    receipt: Option<String>,
    commit: SafetyCommit,
    since: Timestamp,
}

/// How a change can be removed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Nothing is known of it (any more).
    Gone,
    /// By this receipt.
    Held(String),
    /// Only after it was received.
    Queued,
}

impl View {
    /// Keeps a change in this process alone; `false` if there are too many.
    pub(super) fn keep(&mut self, commit: SafetyCommit, now: Timestamp) -> bool {
        let room = !self.is_full();
        if room {
            self.add((None, 0, None), commit, now);
        }
        room
    }

    /// Notes a change that was sent.
    pub(super) fn sent(&mut self, sent: Sent, commit: SafetyCommit, now: Timestamp) {
        if self.is_full() {
            self.others = self.others.saturating_add(1);
        } else if self.handle_of(&sent.id).is_none() {
            self.add((Some(sent.id), sent.sequence, None), commit, now);
        }
    }

    /// Notes a change that was received; `false` if it was known.
    pub(super) fn received(
        &mut self,
        message: Received,
        commit: SafetyCommit,
        now: Timestamp,
    ) -> bool {
        let known = self.handle_of(&message.id);
        let Some(waiting) = known.and_then(|handle| self.waiting.get_mut(&handle)) else {
            self.others = self.others.saturating_sub(1);
            let place = (Some(message.id), message.sequence, Some(message.receipt));
            self.add(place, commit, now);
            return true;
        };
        let first = waiting.receipt.is_none();
        waiting.receipt = Some(message.receipt);
        first
    }

    /// Oldest first: by the queue's own order where there is one.
    pub(super) fn pending(&self) -> Vec<(u64, SafetyCommit)> {
        let mut pending: Vec<_> = self.waiting.iter().collect();
        pending.sort_by_key(|(handle, waiting)| (waiting.sequence, **handle));
        pending
            .into_iter()
            .map(|(handle, waiting)| (*handle, waiting.commit.clone()))
            .collect()
    }

    /// The changes of a teen.
    pub(super) fn of(&self, teen: TeenId) -> Vec<u64> {
        let waiting = self.waiting.iter();
        waiting
            .filter(|(_, waiting)| waiting.commit.teen == teen)
            .map(|(handle, _)| *handle)
            .collect()
    }

    pub(super) fn place(&self, handle: u64) -> Place {
        match self.waiting.get(&handle) {
            None => Place::Gone,
            Some(waiting) => waiting.receipt.clone().map_or(Place::Queued, Place::Held),
        }
    }

    /// Forgets a receipt that deletes nothing any more, unless there is a newer one.
    pub(super) fn lost(&mut self, handle: u64, receipt: &str) {
        if let Some(waiting) = self.waiting.get_mut(&handle)
            && waiting.receipt.as_deref() == Some(receipt)
        {
            waiting.receipt = None;
        }
    }

    /// Forgets a change that is gone from the queue.
    pub(super) fn remove(&mut self, handle: u64) {
        self.waiting.remove(&handle);
    }

    /// Forgets a change that is to be deleted when it is received.
    pub(super) fn set_aside(&mut self, handle: u64) {
        let removed = self.waiting.remove(&handle);
        if let Some(id) = removed.and_then(|waiting| waiting.id) {
            if self.done.len() >= MOST {
                self.done.pop_first();
            }
            self.done.insert(id);
        }
    }

    /// Whether a received message is only to be deleted.
    pub(super) fn is_done(&self, id: &str) -> bool {
        self.done.contains(id)
    }

    /// Notes that such a message was deleted.
    pub(super) fn deleted(&mut self, id: &str) {
        self.done.remove(id);
    }

    pub(super) fn is_full(&self) -> bool {
        self.waiting.len() >= MOST
    }

    /// Whether the queue is to be asked for its length; whoever is told so asks.
    pub(super) fn asks(&mut self, now: Timestamp) -> bool {
        let fresh = self
            .asked_at
            .is_some_and(|asked_at| now.since(asked_at) < FRESH);
        if !fresh {
            self.asked_at = Some(now);
        }
        !fresh
    }

    /// Notes how many messages the queue holds, ours among them.
    pub(super) fn counted(&mut self, count: usize, now: Timestamp) {
        if count == 0 {
            // Another process has stored and deleted what this one sent.
            self.done.clear();
            self.waiting.retain(|_handle, waiting| {
                waiting.receipt.is_some() || now.since(waiting.since) < SETTLED
            });
        }
        let ours = self.waiting.len().saturating_add(self.done.len());
        self.others = count.saturating_sub(ours);
    }

    pub(super) fn depth(&self) -> usize {
        self.waiting.len().saturating_add(self.others)
    }

    fn add(
        &mut self,
        (id, sequence, receipt): (Option<String>, u128, Option<String>),
        commit: SafetyCommit,
        since: Timestamp,
    ) {
        self.last += 1;
        let waiting = Waiting {
            id,
            sequence,
            receipt,
            commit,
            since,
        };
        self.waiting.insert(self.last, waiting);
    }

    fn handle_of(&self, id: &str) -> Option<u64> {
        let mut waiting = self.waiting.iter();
        waiting
            .find(|(_, waiting)| waiting.id.as_deref() == Some(id))
            .map(|(handle, _)| *handle)
    }
}

#[cfg(test)]
mod tests;
