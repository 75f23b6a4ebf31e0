//! One teen's room.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use innerworld_core::{
    clock::Timestamp,
    conversation::{
        budget::DayBudget,
        cursor::{Effect, Feed, LogEntry},
        limits::Bucket,
        record::{EventRecord, SessionEvent, SessionRecord},
    },
    ids::{ConnectionId, MessageId, SessionId, TeenId, TurnId},
    memory::SessionMemory,
    model::call::HistoryTurn,
    safety::{SafetyCommit, SafetyRecord, heard::Heard},
    secret::Text,
};
use innerworld_protocol::{CloseCode, ErrorCode, event};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::turn::Accepted;

/// Most control frames that wait for a connection that does not read.
const CONTROL_FRAMES: usize = 32;

/// One teen's room: what this process knows of their session and their connection.
#[derive(Debug)]
pub(crate) struct Room {
    pub(crate) teen: TeenId,
    view: Mutex<View>,
    pub(crate) inner: tokio::sync::Mutex<Inner>,
}

/// What a connection reads.
#[derive(Debug, Default)]
pub(crate) struct View {
    pub(crate) feed: Feed,
    pub(crate) watcher: Option<Watcher>,
    pub(crate) control: VecDeque<Arc<str>>,
    /// The slot of the safety frame that goes out before all else: a full queue cannot hold it back.
    pub(crate) urgent: Option<Arc<str>>,
    pub(crate) safety: SafetyView,
    /// Since when nobody is connected.
    pub(crate) detached_at: Option<Timestamp>,
    pub(crate) running: Option<Running>,
    /// Memory changed: the next turn reads it anew.
    pub(crate) memory_stale: bool,
}

/// What screening needs; read before any lock that could wait.
#[derive(Debug, Default)]
pub(crate) struct SafetyView {
    pub(crate) record: RecordView,
    /// The last messages, for what only shows together.
    pub(crate) heard: Heard,
    /// When help was last shown quietly.
    pub(crate) soft_at: Option<Timestamp>,
    /// Whether that was in this session for the sake of a language.
    pub(crate) language_offered: bool,
    /// Changes that neither the store nor the spool took, oldest first: tried again and again.
    pub(crate) unkept: VecDeque<SafetyCommit>,
    /// How often the unacknowledged frame was sent, and when it is due again.
    pub(crate) sent: u32,
    pub(crate) resend_at: Option<Timestamp>,
    /// Start of a day (UTC) and the second looks since, once they were counted.
    pub(crate) looks: Option<(Timestamp, u32)>,
}

/// The safety record as far as it is known.
#[derive(Clone, Debug, Default)]
pub(crate) enum RecordView {
    /// Not read yet.
    #[default]
    Unread,
    /// Nothing is stored, as for nearly everybody.
    Absent,
    /// As stored, or as committed since.
    Known(Box<SafetyRecord>),
    /// The store could not be read: act as in journal-only mode.
    Unreadable,
}

/// The turn that runs.
#[derive(Clone, Debug)]
pub(crate) struct Running {
    pub(crate) turn: TurnId,
    pub(crate) cancel: CancellationToken,
    pub(crate) reason: Arc<Mutex<Option<StopReason>>>,
}

impl Running {
    /// A turn that nobody has stopped yet.
    pub(crate) fn of(turn: TurnId) -> Self {
        Self {
            turn,
            cancel: CancellationToken::new(),
            reason: Arc::default(),
        }
    }

    /// Why it was stopped, if it was.
    pub(crate) fn stopped(&self) -> Option<StopReason> {
        *lock(&self.reason)
    }
}

/// Why a running turn is stopped from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopReason {
    /// The teen cancelled, or nobody listens any more.
    Cancelled,
    /// A crisis.
    Safety,
    /// The process drains.
    Interrupted,
}

/// The connection that watches a room.
#[derive(Clone, Debug)]
pub(crate) struct Watcher {
    pub(crate) id: ConnectionId,
    pub(crate) signal: Arc<Signal>,
}

/// How others reach a connection.
#[derive(Debug, Default)]
pub(crate) struct Signal {
    pub(crate) wake: Notify,
    order: Mutex<Option<Order>>,
}

/// What a connection is told to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// Send a fatal error and close.
    Close(ErrorCode, CloseCode),
    /// Announce the drain; closing follows.
    GoAway {
        /// Wait at least this long.
        after_ms: u64,
        /// And up to this much longer.
        jitter_ms: u64,
    },
    /// Close after a drain.
    Restart,
}

impl Signal {
    /// Gives an order; a close is never replaced by something milder.
    pub(crate) fn give(&self, order: Order) {
        let mut held = lock(&self.order);
        if !matches!(*held, Some(Order::Close(..))) {
            *held = Some(order);
        }
        drop(held);
        self.wake.notify_one();
    }

    /// Takes the order, if there is one.
    pub(crate) fn take(&self) -> Option<Order> {
        lock(&self.order).take()
    }
}

/// What is changed only together with the store.
#[derive(Debug, Default)]
pub(crate) struct Inner {
    /// The session that goes on, or the one that ended last.
    pub(crate) session: Option<SessionRecord>,
    /// The turn that waits behind the running one.
    pub(crate) queued: Option<Box<Accepted>>,
    /// The message whose answer another process must begin now.
    pub(crate) handed_over: Option<MessageId>,
    /// The session that this process ended last.
    pub(crate) closed: Option<SessionId>,
    pub(crate) bucket: Option<Bucket>,
    pub(crate) budget: Option<DayBudget>,
    /// Time was charged since the notices were last looked at.
    pub(crate) charged: bool,
    pub(crate) talk: Option<Box<Talk>>,
    pub(crate) turns: u32,
    pub(crate) loaded: bool,
}

/// What answering needs; exists from the choice of a persona on.
#[derive(Debug, Default)]
pub(crate) struct Talk {
    pub(crate) memory: Option<SessionMemory>,
    pub(crate) digest: Option<Text>,
    pub(crate) history: Vec<HistoryTurn>,
    pub(crate) in_prompt: Vec<TurnId>,
    pub(crate) said: Vec<Text>,
    pub(crate) offline_turns: u32,
    pub(crate) offline_noticed: bool,
    pub(crate) company: Option<String>,
}

impl Inner {
    /// Whether this process makes the answer of this turn, or has it wait.
    pub(crate) fn answers(&self, room: &Room, turn: TurnId) -> bool {
        let running = room.view().running.as_ref().map(|running| running.turn);
        let queued = self.queued.as_ref().map(|queued| queued.turn.id);
        [running, queued].contains(&Some(turn))
    }
}

impl Room {
    pub(crate) fn new(teen: TeenId) -> Arc<Self> {
        Arc::new(Self {
            teen,
            view: Mutex::new(View::default()),
            inner: tokio::sync::Mutex::new(Inner::default()),
        })
    }

    /// The view. A panic elsewhere never poisons it: every change leaves it whole.
    pub(crate) fn view(&self) -> MutexGuard<'_, View> {
        lock(&self.view)
    }

    /// Shows events that were just committed to whoever watches.
    pub(crate) fn publish(&self, events: &[EventRecord]) {
        let mut view = self.view();
        for record in events {
            let effect = match &record.event {
                SessionEvent::TurnReset { turn, .. } => Effect::Reset(*turn),
                _ => Effect::None,
            };
            // The first copy of a safety frame went out before everything else; the logged one is
            // sent on resume and resend only.
            let frame = match &record.event {
                SessionEvent::Safety { .. } => String::new(),
                _ => event::encode_event(record),
            };
            view.push(record.seq, frame, effect);
        }
        view.wake();
    }

    /// Shows a frame that belongs to this connection only.
    pub(crate) fn control(&self, frame: &str) {
        let mut view = self.view();
        if view.watcher.is_some() {
            if view.control.len() == CONTROL_FRAMES {
                view.control.pop_front();
            }
            view.control.push_back(frame.into());
            view.wake();
        }
    }

    /// Shows a safety frame ahead of everything that waits. A newer one takes the place of one that
    /// was not sent yet: it is the one that asks for an answer.
    pub(crate) fn urgent(&self, frame: &str) {
        let mut view = self.view();
        if view.watcher.is_some() {
            view.urgent = Some(frame.into());
            view.wake();
        }
    }

    /// Stops the running turn, if there is one.
    pub(crate) fn stop_turn(&self, only: Option<TurnId>, why: StopReason) -> bool {
        let running = self.view().running.clone();
        match running.filter(|running| only.is_none_or(|turn| turn == running.turn)) {
            Some(running) => {
                lock(&running.reason).get_or_insert(why);
                running.cancel.cancel();
                true
            }
            None => false,
        }
    }
}

impl View {
    /// Adds an event to the feed.
    pub(crate) fn push(&mut self, seq: u64, frame: String, effect: Effect) {
        let listening = self.watcher.is_some();
        self.feed.push(
            LogEntry {
                seq,
                frame: frame.into(),
                effect,
            },
            listening,
        );
    }

    /// The next frame that belongs to the connection only: a safety frame before all others.
    pub(crate) fn next_control(&mut self) -> Option<Arc<str>> {
        self.urgent.take().or_else(|| self.control.pop_front())
    }

    /// Wakes the connection.
    pub(crate) fn wake(&self) {
        if let Some(watcher) = &self.watcher {
            watcher.signal.wake.notify_one();
        }
    }
}

/// Locks a mutex whose holders never leave it half-changed.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_queue_does_not_hold_a_safety_frame_back() {
        let room = Room::new(TeenId::from_subject_bits(1));
        room.view().watcher = Some(Watcher {
            id: ConnectionId::from_bits(1),
            signal: Arc::default(),
        });
        room.urgent("crisis");
        for number in 0..=CONTROL_FRAMES {
            room.control(&number.to_string());
        }
        room.urgent("crisis, again");
        let mut view = room.view();
        assert_eq!(view.next_control().as_deref(), Some("crisis, again"));
        let mut others = Vec::new();
        while let Some(frame) = view.next_control() {
            others.push(frame);
        }
        assert_eq!(others.len(), CONTROL_FRAMES, "the oldest gave way");
        assert_eq!(others.first().map(AsRef::as_ref), Some("1"));
    }

    #[test]
    fn nothing_is_kept_for_a_connection_that_is_not_there() {
        let room = Room::new(TeenId::from_subject_bits(1));
        room.urgent("crisis");
        room.control("status");
        assert_eq!(room.view().next_control(), None);
    }
}
