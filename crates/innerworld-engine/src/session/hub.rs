//! The rooms of this process, by teen.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use innerworld_core::ids::TeenId;
use innerworld_protocol::{CloseCode, ErrorCode};

use super::room::{Order, Room, StopReason, lock};

/// All rooms, and how much is going on.
#[derive(Debug, Default)]
pub(crate) struct Hub {
    rooms: Mutex<HashMap<TeenId, Arc<Room>>>,
    connections: AtomicUsize,
    turns: AtomicUsize,
}

impl Hub {
    /// The teen's room, made if there is none.
    pub(crate) fn room(&self, teen: TeenId) -> Arc<Room> {
        Arc::clone(
            lock(&self.rooms)
                .entry(teen)
                .or_insert_with(|| Room::new(teen)),
        )
    }

    /// The teen's room, if there is one.
    pub(crate) fn existing(&self, teen: TeenId) -> Option<Arc<Room>> {
        lock(&self.rooms).get(&teen).cloned()
    }

    /// All rooms, for the sweeper.
    pub(crate) fn all(&self) -> Vec<Arc<Room>> {
        lock(&self.rooms).values().cloned().collect()
    }

    /// Forgets a room that nobody holds any more.
    pub(crate) fn forget(&self, room: &Arc<Room>) {
        let mut rooms = lock(&self.rooms);
        // The map, the caller's list and the caller hold it: nobody else does.
        if Arc::strong_count(room) <= 2 {
            rooms.remove(&room.teen);
        }
    }

    /// Counts a connection until the guard is dropped.
    pub(crate) fn connected(&self) -> usize {
        self.connections.fetch_add(1, Ordering::AcqRel) + 1
    }

    pub(crate) fn disconnected(&self) {
        self.connections.fetch_sub(1, Ordering::AcqRel);
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::Acquire)
    }

    pub(crate) fn turn_started(&self) {
        self.turns.fetch_add(1, Ordering::AcqRel);
    }

    pub(crate) fn turn_ended(&self) {
        self.turns.fetch_sub(1, Ordering::AcqRel);
    }

    pub(crate) fn turns_running(&self) -> usize {
        self.turns.load(Ordering::Acquire)
    }

    /// Tells every connection that the server restarts; reconnects are spread over `spread`.
    pub(crate) fn announce_drain(&self, spread: Duration) {
        let jitter_ms = u64::try_from(spread.as_millis()).unwrap_or(0) + 1_000;
        self.order(Order::GoAway {
            after_ms: 1_000,
            jitter_ms,
        });
    }

    /// Stops every running turn; returns how many there were.
    pub(crate) fn interrupt_turns(&self) -> usize {
        self.all()
            .iter()
            .filter(|room| room.stop_turn(None, StopReason::Interrupted))
            .count()
    }

    /// Closes every connection for the restart.
    pub(crate) fn close_all(&self) {
        self.order(Order::Restart);
    }

    /// Closes the teen's connection with an error.
    pub(crate) fn close(&self, teen: TeenId, code: ErrorCode, close: CloseCode) {
        if let Some(room) = self.existing(teen) {
            room.stop_turn(None, StopReason::Cancelled);
            if let Some(watcher) = &room.view().watcher {
                watcher.signal.give(Order::Close(code, close));
            }
        }
    }

    fn order(&self, order: Order) {
        for room in self.all() {
            if let Some(watcher) = &room.view().watcher {
                watcher.signal.give(order);
            }
        }
    }
}
