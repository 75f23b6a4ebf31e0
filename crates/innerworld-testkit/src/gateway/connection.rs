//! One connection: whether it is up, and what waits for its client.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard},
    time::Duration,
};

use innerworld_core::clock::Timestamp;
use serde_json::{Map, Value};
use tokio::sync::{mpsc, watch};

use super::{FRAME_BYTES, IDLE, LIFE, MESSAGE_BYTES, locked};

/// Nobody said why.
pub(super) const ABNORMAL: u16 = 1_006;
/// What is closed because of its time.
const GOING_AWAY: u16 = 1_001;
/// What the management API closes.
pub(super) const NORMAL: u16 = 1_000;
/// A message that is too long.
pub(super) const TOO_LONG: u16 = 1_009;

/// What was posted to a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Post {
    /// Its length.
    pub bytes: usize,
    /// What it is counted as: 32 KB and every part of that.
    pub units: usize,
}

impl Post {
    fn of(bytes: usize) -> Self {
        Self {
            bytes,
            units: bytes.div_ceil(FRAME_BYTES).max(1),
        }
    }
}

/// What goes to the client.
#[derive(Debug)]
pub(super) enum Out {
    /// A frame.
    Text(String),
    /// The end, with this code.
    Close(u16),
    /// The end, as a lost network makes it.
    Cut,
}

/// How far a connection has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// `$connect` has not returned.
    Opening,
    Up,
    /// It takes no posts; `$disconnect` may not have been answered.
    Closed,
    /// All is done; the close code.
    Over(u16),
}

struct State {
    last_active: Timestamp,
    waiting_bytes: usize,
    posts: Vec<Post>,
    refusals: VecDeque<u16>,
    outbox: mpsc::UnboundedSender<Out>,
    /// Taken by the task that writes.
    out: Option<mpsc::UnboundedReceiver<Out>>,
}

/// One connection.
pub(super) struct Connection {
    pub(super) id: String,
    /// Counts connections.
    pub(super) number: usize,
    pub(super) opened_at: Timestamp,
    pub(super) user_agent: Option<String>,
    /// What the authoriser found.
    pub(super) authorizer: Mutex<Option<Map<String, Value>>>,
    phase: watch::Sender<Phase>,
    state: Mutex<State>,
}

impl Connection {
    pub(super) fn new(
        id: String,
        number: usize,
        opened_at: Timestamp,
        user_agent: Option<String>,
    ) -> Self {
        let (outbox, out) = mpsc::unbounded_channel();
        Self {
            id,
            number,
            opened_at,
            user_agent,
            authorizer: Mutex::default(),
            phase: watch::Sender::new(Phase::Opening),
            state: Mutex::new(State {
                last_active: opened_at,
                waiting_bytes: 0,
                posts: Vec::new(),
                refusals: VecDeque::new(),
                outbox,
                out: Some(out),
            }),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        locked(&self.state)
    }

    /// Whether its `$connect` has returned, and nothing has closed it since.
    pub(super) fn is_up(&self) -> bool {
        *self.phase.borrow() == Phase::Up
    }

    /// Its `$connect` has returned.
    pub(super) fn open(&self) {
        self.phase.send_replace(Phase::Up);
    }

    /// What is to be written to the client; to be taken once.
    pub(super) fn outgoing(&self) -> mpsc::UnboundedReceiver<Out> {
        self.state().out.take().unwrap()
    }

    /// What the authoriser found.
    pub(super) fn authorizer(&self) -> Option<Map<String, Value>> {
        locked(&self.authorizer).clone()
    }

    /// When it last said or was told something.
    pub(super) fn last_active(&self) -> Timestamp {
        self.state().last_active
    }

    /// The client said something.
    pub(super) fn heard(&self, now: Timestamp) {
        self.state().last_active = now;
    }

    /// Takes a post for it, or says with which status not.
    pub(super) fn post(
        &self,
        frame: String,
        buffer_bytes: usize,
        now: Timestamp,
    ) -> Result<(), u16> {
        let mut state = self.state();
        if !self.is_up() {
            return Err(410);
        }
        if let Some(status) = state.refusals.pop_front() {
            return Err(status);
        }
        if frame.len() > MESSAGE_BYTES {
            drop(state);
            self.close(TOO_LONG);
            return Err(413);
        }
        if state.waiting_bytes + frame.len() > buffer_bytes {
            return Err(429);
        }
        state.waiting_bytes += frame.len();
        state.posts.push(Post::of(frame.len()));
        state.last_active = now;
        state.outbox.send(Out::Text(frame)).unwrap_or_default();
        Ok(())
    }

    /// Says something of the gateway's own; not a post.
    pub(super) fn say(&self, frame: String) {
        let mut state = self.state();
        state.waiting_bytes += frame.len();
        state.outbox.send(Out::Text(frame)).unwrap_or_default();
    }

    /// A frame has reached the client, or at least its system.
    pub(super) fn written(&self, bytes: usize) {
        let mut state = self.state();
        state.waiting_bytes = state.waiting_bytes.saturating_sub(bytes);
    }

    /// Closes it behind what waits for its client; it takes no post from now on.
    pub(super) fn close(&self, code: u16) {
        if self.shut() {
            self.state()
                .outbox
                .send(Out::Close(code))
                .unwrap_or_default();
        }
    }

    /// Ends it without a word.
    pub(super) fn cut(&self) {
        if self.shut() {
            self.state().outbox.send(Out::Cut).unwrap_or_default();
        }
    }

    /// It takes no post from now on; whether it did before.
    pub(super) fn shut(&self) -> bool {
        self.phase.send_if_modified(|phase| {
            let up = *phase == Phase::Up;
            if up {
                *phase = Phase::Closed;
            }
            up
        })
    }

    /// Waits until it takes no post any more.
    pub(super) async fn shutting(&self) {
        let mut phase = self.phase.subscribe();
        phase
            .wait_for(|phase| *phase != Phase::Up)
            .await
            .map(drop)
            .unwrap_or_default();
    }

    /// All is done.
    pub(super) fn finish(&self, code: u16) {
        self.phase.send_replace(Phase::Over(code));
    }

    /// Waits for that; the close code.
    pub(super) async fn over(&self) -> u16 {
        let mut phase = self.phase.subscribe();
        let over = phase
            .wait_for(|phase| matches!(phase, Phase::Over(_)))
            .await;
        match *over.unwrap() {
            Phase::Over(code) => code,
            _ => ABNORMAL,
        }
    }

    /// Closes it if it has been idle or open for too long; whether it was.
    pub(super) fn end_by_time(&self, now: Timestamp) -> bool {
        let since = |then: Timestamp| {
            let millis = now.as_millis() - then.as_millis();
            Duration::from_millis(u64::try_from(millis).unwrap_or(0))
        };
        let ends =
            self.is_up() && (since(self.last_active()) >= IDLE || since(self.opened_at) >= LIFE);
        if ends {
            self.close(GOING_AWAY);
        }
        ends
    }

    /// What was posted.
    pub(super) fn posts(&self) -> Vec<Post> {
        self.state().posts.clone()
    }

    /// The next posts get this status.
    pub(super) fn refuse_posts(&self, status: u16, count: usize) {
        let refusals = std::iter::repeat_n(status, count);
        self.state().refusals.extend(refusals);
    }
}
