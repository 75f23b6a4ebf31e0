//! How far a connection has been sent what a session holds. A cursor, not a queue: a slow client
//! gets fewer and larger pieces, and memory per connection is constant.

use std::{collections::VecDeque, sync::Arc};

use crate::ids::TurnId;

/// An event that connections still have to be sent, in its final form.
#[derive(Clone, Debug)]
pub struct LogEntry {
    /// Its number.
    pub seq: u64,
    /// The encoded frame.
    pub frame: Arc<str>,
    /// What it means for the text that is being sent.
    pub effect: Effect,
}

/// What an event means for the open turn.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Nothing.
    None,
    /// This turn's text begins.
    Start(TurnId),
    /// This turn's text is void and begins again.
    Reset(TurnId),
    /// This turn ended; its whole text, for whoever has not got all of it.
    End(TurnId, Arc<str>),
}

/// The recent past of a session, for the connection that watches it.
#[derive(Clone, Debug, Default)]
pub struct Feed {
    recent: VecDeque<LogEntry>,
    open: Option<OpenTurn>,
    newest: u64,
}

/// The turn whose text grows.
#[derive(Clone, Debug)]
struct OpenTurn {
    turn: TurnId,
    text: String,
}

/// Most entries kept for a connection that does not read; a slower one starts over by resync.
pub const FEED_ENTRIES: usize = 64;

impl Feed {
    /// A feed whose newest event has this number.
    pub fn at(newest: u64) -> Self {
        Self {
            newest,
            ..Self::default()
        }
    }

    /// Takes up a turn that was already running, with its text so far.
    pub fn set_open(&mut self, turn: TurnId, text: String) {
        self.open = Some(OpenTurn { turn, text });
    }

    /// Number of the newest event.
    pub const fn newest(&self) -> u64 {
        self.newest
    }

    /// The open turn and its text.
    pub fn open_turn(&self) -> Option<(TurnId, &str)> {
        self.open
            .as_ref()
            .map(|open| (open.turn, open.text.as_str()))
    }

    /// Adds an event. `listening` is false when no connection is attached: nothing is kept then,
    /// the store has it.
    pub fn push(&mut self, entry: LogEntry, listening: bool) {
        self.newest = entry.seq;
        match &entry.effect {
            Effect::None => {}
            Effect::Start(turn) | Effect::Reset(turn) => self.set_open(*turn, String::new()),
            Effect::End(..) => self.open = None,
        }
        if listening {
            if self.recent.len() == FEED_ENTRIES {
                self.recent.pop_front();
            }
            self.recent.push_back(entry);
        }
    }

    /// Others logged events up to this number: whoever watches reads them from the store.
    pub fn skip_to(&mut self, newest: u64) {
        self.newest = self.newest.max(newest);
        self.recent.clear();
    }

    /// Lets the open turn's text grow.
    pub fn append(&mut self, turn: TurnId, text: &str) {
        if let Some(open) = self.open.as_mut().filter(|open| open.turn == turn) {
            open.text.push_str(text);
        }
    }

    /// Forgets entries: nobody listens.
    pub fn clear(&mut self) {
        self.recent = VecDeque::new();
    }
}

/// Where one connection stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    /// Newest event that was sent.
    pub seq: u64,
    /// The turn whose text is being sent.
    pub turn: Option<TurnId>,
    /// Characters of it that were sent.
    pub off: u64,
    /// Bytes of it that were sent (a shortcut into the text).
    bytes: usize,
}

/// The next thing to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// An encoded event.
    Frame(Arc<str>),
    /// More of a turn's text.
    Delta {
        /// The turn.
        turn: TurnId,
        /// Characters before it.
        off: u64,
        /// The piece.
        text: String,
    },
    /// The connection is too far behind: it must be taken up from the store again.
    Behind,
    /// Nothing now.
    Idle,
}

impl Cursor {
    /// A cursor at this position. `text` is what the client has of the open turn.
    pub fn at(seq: u64, open: Option<(TurnId, &str)>) -> Self {
        Self {
            seq,
            turn: open.map(|(turn, _)| turn),
            off: open.map_or(0, |(_, text)| count(text)),
            bytes: open.map_or(0, |(_, text)| text.len()),
        }
    }

    /// Takes the next thing to send from `feed`. `max_bytes` bounds one delta; `deltas` is false
    /// while the roll-up time has not passed.
    pub fn next(&mut self, feed: &mut Feed, max_bytes: usize, deltas: bool) -> Next {
        while feed
            .recent
            .front()
            .is_some_and(|entry| entry.seq <= self.seq)
        {
            feed.recent.pop_front();
        }
        if feed.newest > self.seq {
            return self.next_event(feed, max_bytes);
        }
        let Some(open) = feed.open.as_ref().filter(|_open| deltas) else {
            return Next::Idle;
        };
        if self.turn != Some(open.turn) {
            return Next::Idle;
        }
        self.delta(open.turn, &open.text, max_bytes)
            .unwrap_or(Next::Idle)
    }

    fn next_event(&mut self, feed: &mut Feed, max_bytes: usize) -> Next {
        let Some(entry) = feed
            .recent
            .front()
            .filter(|entry| entry.seq == self.seq + 1)
            .cloned()
        else {
            return Next::Behind;
        };
        match &entry.effect {
            Effect::End(turn, text) if self.turn == Some(*turn) => {
                if let Some(delta) = self.delta(*turn, text, max_bytes) {
                    return delta;
                }
                self.turn = None;
            }
            Effect::Start(turn) | Effect::Reset(turn) => {
                (self.turn, self.off, self.bytes) = (Some(*turn), 0, 0);
            }
            Effect::None | Effect::End(..) => {}
        }
        self.seq = entry.seq;
        feed.recent.pop_front();
        Next::Frame(entry.frame)
    }

    fn delta(&mut self, turn: TurnId, text: &str, max_bytes: usize) -> Option<Next> {
        let rest = text.get(self.bytes..).filter(|rest| !rest.is_empty())?;
        let end = (0..=max_bytes.min(rest.len()))
            .rev()
            .find(|end| rest.is_char_boundary(*end))?;
        let piece = rest.get(..end).filter(|piece| !piece.is_empty())?;
        let delta = Next::Delta {
            turn,
            off: self.off,
            text: piece.to_owned(),
        };
        self.off += count(piece);
        self.bytes += piece.len();
        Some(delta)
    }
}

fn count(text: &str) -> u64 {
    u64::try_from(text.chars().count()).unwrap_or(u64::MAX)
}
