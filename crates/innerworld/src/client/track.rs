//! What a client knows about its session, and what follows from each frame (protocol.md 7).
//!
//! Pure: no socket, no clock. The caller feeds every frame to [`Track::apply`], shows what comes
//! out, and sends [`Track::last`] with each `hello`.

use std::collections::VecDeque;

use innerworld_core::{
    ids::{EventId, MessageId, SessionId, TurnId},
    secret::Text,
};
use innerworld_protocol::{
    ServerFrame,
    client::{Last, Message},
    server::{ErrorFrame, Resumed, SafetyFrame, Welcome},
    text,
};

/// So many safety events are remembered to drop repeats.
const EVENTS: usize = 64;
/// After so many turns whose length never fitted, the server is believed.
const MAX_MISFITS: u32 = 3;

/// What the caller has to do or to show.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// The session was taken up.
    Joined(Box<Welcome>),
    /// More words of an answer.
    Words {
        /// The turn.
        turn: TurnId,
        /// The words.
        piece: String,
    },
    /// The whole text of a turn, in place of what was shown of it.
    Replaced {
        /// The turn.
        turn: TurnId,
        /// Its text.
        text: String,
    },
    /// The text has a hole: say `hello` again.
    Resync,
    /// A safety frame; `repeat` if this event was shown before.
    Safety {
        /// The frame.
        frame: Box<SafetyFrame>,
        /// `safety.crisis`, else `safety.checkin`.
        crisis: bool,
        /// It was shown before; acknowledge it again.
        repeat: bool,
    },
    /// An answer ended; its whole text.
    Ended {
        /// The `turn.end` frame.
        frame: ServerFrame,
        /// The text.
        text: String,
    },
    /// Any other frame, to be shown or acted on.
    Frame(ServerFrame),
}

/// The turn that is being answered.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Open {
    turn: TurnId,
    text: String,
    chars: u64,
}

/// The client's side of a session.
#[derive(Clone, Debug, Default)]
pub struct Track {
    session: Option<SessionId>,
    epoch: Option<String>,
    seq: u64,
    open: Option<Open>,
    ended: Option<TurnId>,
    pending: Vec<Message>,
    events: VecDeque<EventId>,
    misfits: u32,
    /// A `hello` is on its way: what comes before the answer belongs to the old position.
    waiting: bool,
}

impl Track {
    /// The session, once one was joined.
    pub const fn session(&self) -> Option<SessionId> {
        self.session
    }

    /// Where to resume.
    pub fn last(&self) -> Option<Last> {
        let epoch = self.epoch.clone()?;
        Some(Last {
            epoch,
            seq: self.seq,
            turn: self.open.as_ref().map(|open| open.turn),
            off: self.open.as_ref().map(|open| open.chars),
        })
    }

    /// The turn that is being answered.
    pub fn open_turn(&self) -> Option<TurnId> {
        self.open.as_ref().map(|open| open.turn)
    }

    /// Messages without `accepted`: they are sent again after every reconnect, under their ids.
    pub fn pending(&self) -> &[Message] {
        &self.pending
    }

    /// Notes a message that is being sent.
    pub fn sent(&mut self, id: MessageId, text: Text) {
        if !self.pending.iter().any(|message| message.id == id) {
            self.pending.push(Message { id, text });
        }
    }

    /// Gives up a message that was never accepted.
    pub fn give_up(&mut self, id: MessageId) {
        self.pending.retain(|message| message.id != id);
    }

    /// Notes that `hello` was sent.
    pub const fn greeted(&mut self) {
        self.waiting = true;
    }

    /// What follows from a frame. Nothing follows from a repeat.
    pub fn apply(&mut self, frame: ServerFrame) -> Vec<Step> {
        match frame {
            ServerFrame::Batch { frames } => frames
                .into_iter()
                .flat_map(|frame| self.apply(frame))
                .collect(),
            other => self.one(other).into_iter().collect(),
        }
    }

    fn one(&mut self, frame: ServerFrame) -> Option<Step> {
        match frame {
            ServerFrame::Welcome(welcome) => Some(self.join(welcome)),
            ServerFrame::SafetyCrisis(frame) => Some(self.safety(frame, true)),
            ServerFrame::SafetyCheckin(frame) => Some(self.safety(frame, false)),
            ServerFrame::Error(error) => Some(self.refused(error)),
            _ if self.waiting => None,
            ServerFrame::Accepted { seq, id, .. } => {
                self.give_up(id);
                self.seq = self.seq.max(seq);
                Some(Step::Frame(frame))
            }
            ServerFrame::TurnDelta { turn, off, d } => self.delta(turn, off, d.reveal()),
            ServerFrame::TurnSnapshot { turn, text, .. } => self.snapshot(turn, text.into_inner()),
            ServerFrame::TurnEnd { seq, turn, len, .. } => self.end(seq, turn, len, frame),
            other => self.numbered(other),
        }
    }

    /// Takes up a session: from its beginning, from our place, or anew.
    fn join(&mut self, welcome: Box<Welcome>) -> Step {
        self.waiting = false;
        match welcome.resumed {
            Resumed::Full => {}
            Resumed::New | Resumed::Lost => {
                self.seq = 0;
                self.open = None;
                self.ended = None;
            }
            Resumed::Snapshot => {
                self.seq = welcome.seq;
                let turn = welcome.open_turn;
                self.open = self.open.take().filter(|open| Some(open.turn) == turn);
                if let (None, Some(turn)) = (&self.open, turn) {
                    self.open = Some(Open::new(turn));
                }
            }
        }
        self.session = Some(welcome.session);
        self.epoch = Some(welcome.epoch.clone());
        Step::Joined(welcome)
    }

    /// The offset rule.
    fn delta(&mut self, turn: TurnId, off: u64, piece: &str) -> Option<Step> {
        if self.ended == Some(turn) {
            return None;
        }
        let open = self.opened(turn);
        if off > open.chars {
            return Some(Step::Resync);
        }
        let rest = text::from_offset(piece, open.chars - off);
        if rest.is_empty() {
            return None;
        }
        open.push(rest);
        Some(Step::Words {
            turn,
            piece: rest.to_owned(),
        })
    }

    fn snapshot(&mut self, turn: TurnId, text: String) -> Option<Step> {
        if let Some(open) = self.open.as_mut().filter(|open| open.turn == turn) {
            open.chars = text::length(&text);
            open.text.clone_from(&text);
        } else if self.ended == Some(turn) {
            return None;
        }
        Some(Step::Replaced { turn, text })
    }

    fn end(&mut self, seq: u64, turn: TurnId, len: u64, frame: ServerFrame) -> Option<Step> {
        if seq <= self.seq {
            return None;
        }
        let open = self.open.take().filter(|open| open.turn == turn);
        let open = open.unwrap_or_else(|| Open::new(turn));
        if open.chars != len && self.misfits < MAX_MISFITS {
            // The number is not taken over, so that a resume brings the end again, with its text.
            self.misfits += 1;
            self.open = Some(open);
            return Some(Step::Resync);
        }
        self.misfits = 0;
        self.seq = seq;
        self.ended = Some(turn);
        Some(Step::Ended {
            frame,
            text: open.text,
        })
    }

    fn safety(&mut self, frame: Box<SafetyFrame>, crisis: bool) -> Step {
        self.seq = self.seq.max(frame.seq);
        let repeat = match frame.event {
            Some(event) if self.events.contains(&event) => true,
            Some(event) => {
                self.events.push_back(event);
                if self.events.len() > EVENTS {
                    self.events.pop_front();
                }
                false
            }
            None => false,
        };
        Step::Safety {
            frame,
            crisis,
            repeat,
        }
    }

    /// A refused message is not sent again by itself, unless the same may succeed soon.
    fn refused(&mut self, error: Box<ErrorFrame>) -> Step {
        if (!error.retryable || error.code.lasts_for_today())
            && let Some(id) = error
                .reference
                .as_deref()
                .and_then(|text| text.parse().ok())
        {
            self.give_up(id);
        }
        Step::Frame(ServerFrame::Error(error))
    }

    fn numbered(&mut self, frame: ServerFrame) -> Option<Step> {
        if let Some(seq) = number(&frame) {
            // Gaps are normal: the logged copy of a safety frame is not sent to who saw the first.
            if seq <= self.seq {
                return None;
            }
            self.seq = seq;
        }
        match &frame {
            ServerFrame::TurnStart { turn, .. } => {
                self.opened(*turn);
            }
            ServerFrame::TurnReset { turn, .. } => *self.opened(*turn) = Open::new(*turn),
            _ => {}
        }
        Some(Step::Frame(frame))
    }

    fn opened(&mut self, turn: TurnId) -> &mut Open {
        if self.open.as_ref().is_some_and(|open| open.turn != turn) {
            self.open = None;
        }
        self.open.get_or_insert_with(|| Open::new(turn))
    }
}

impl Open {
    const fn new(turn: TurnId) -> Self {
        Self {
            turn,
            text: String::new(),
            chars: 0,
        }
    }

    fn push(&mut self, piece: &str) {
        self.text.push_str(piece);
        self.chars += text::length(piece);
    }
}

/// The event number of a sequenced frame.
const fn number(frame: &ServerFrame) -> Option<u64> {
    match frame {
        ServerFrame::Disclosure { seq, .. }
        | ServerFrame::Notice { seq, .. }
        | ServerFrame::PersonaChosen { seq, .. }
        | ServerFrame::Accepted { seq, .. }
        | ServerFrame::TurnStart { seq, .. }
        | ServerFrame::TurnReset { seq, .. }
        | ServerFrame::TurnEnd { seq, .. }
        | ServerFrame::SafetyState { seq, .. }
        | ServerFrame::SessionTime { seq, .. }
        | ServerFrame::SessionEnded { seq, .. }
        | ServerFrame::MemoryUpdated { seq, .. } => Some(*seq),
        ServerFrame::SafetyCrisis(frame) | ServerFrame::SafetyCheckin(frame) => Some(frame.seq),
        ServerFrame::Welcome(_)
        | ServerFrame::TurnStatus { .. }
        | ServerFrame::TurnDelta { .. }
        | ServerFrame::TurnSnapshot { .. }
        | ServerFrame::AuthExpiring { .. }
        | ServerFrame::GoingAway { .. }
        | ServerFrame::Error(_)
        | ServerFrame::Pong { .. }
        | ServerFrame::Batch { .. }
        | ServerFrame::Unknown => None,
    }
}

#[cfg(test)]
mod tests;
