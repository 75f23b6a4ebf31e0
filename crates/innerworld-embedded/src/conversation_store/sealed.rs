//! Rows made ready on the caller's thread: sealed, with the few columns that stay readable.

use innerworld_core::{
    conversation::record::{EventRecord, SessionRecord, SessionState, TurnRecord},
    error::{ErrorKind, PortError},
    ids::{IdSource, SessionId},
};

use crate::keys::teen_keys::TeenSeals;

const SESSION: &str = "live/session";
const TURN: &str = "live/turn";
const EVENT: &str = "live/event";

/// What makes rows of one teen.
pub(super) struct Maker<'a> {
    pub(super) seals: &'a TeenSeals,
    pub(super) ids: &'a dyn IdSource,
}

/// Who is asked for: a session counts only together with its teen's number.
#[derive(Clone, Copy, Debug)]
pub(super) struct Key {
    pub(super) session: [u8; 16],
    pub(super) teen: i64,
}

/// A row of `session`.
pub(super) struct SessionRow {
    pub(super) key: Key,
    pub(super) state: i64,
    pub(super) seq: i64,
    pub(super) next_sequence: i64,
    pub(super) started: i64,
    pub(super) last_activity: i64,
    pub(super) expires: i64,
    pub(super) sealed: Vec<u8>,
}

/// A row of `turn`.
pub(super) struct TurnRow {
    pub(super) key: Key,
    pub(super) client: [u8; 16],
    /// The newest event number that the row (or what came with it) stands for.
    pub(super) seq: i64,
    /// The newest message number in the row.
    pub(super) teen_seq: i64,
    pub(super) created: i64,
    pub(super) expires: i64,
    pub(super) sealed: Vec<u8>,
}

/// A row of `event`.
pub(super) struct EventRow {
    pub(super) seq: i64,
    pub(super) sealed: Vec<u8>,
}

impl Maker<'_> {
    pub(super) fn key(&self, session: SessionId) -> Key {
        Key {
            session: session.to_bytes(),
            teen: self.seals.number,
        }
    }

    pub(super) fn session(&self, session: &SessionRecord) -> Result<SessionRow, PortError> {
        let key = self.key(session.id);
        Ok(SessionRow {
            key,
            state: state_number(session.state),
            seq: number(session.seq)?,
            next_sequence: number(session.next_sequence)?,
            started: session.started_at.as_millis(),
            last_activity: session.last_activity_at.as_millis(),
            expires: session.expires_at.as_millis(),
            sealed: self
                .seals
                .seal(self.ids, (SESSION, &key.session), session)?,
        })
    }

    /// `seq` is the newest event number of the commit, as far as the caller knows.
    pub(super) fn turn(&self, turn: &TurnRecord, seq: u64) -> Result<TurnRow, PortError> {
        let key = self.key(turn.session);
        let client = client_id(turn);
        let newest = [turn.seq_accepted, turn.seq_start, turn.seq_end]
            .into_iter()
            .flatten()
            .fold(seq, u64::max);
        // The answer to a message has the number after it.
        let last_message = turn.sequence + u64::from(turn.message.is_some());
        Ok(TurnRow {
            key,
            client,
            seq: number(newest)?,
            teen_seq: number(last_message)?,
            created: turn.created_at.as_millis(),
            expires: turn.expires_at.as_millis(),
            sealed: self
                .seals
                .seal(self.ids, (TURN, &turn_place(key.session, client)), turn)?,
        })
    }

    pub(super) fn events(
        &self,
        session: SessionId,
        events: &[EventRecord],
    ) -> Result<Vec<EventRow>, PortError> {
        let row = |event: &EventRecord| {
            let seq = number(event.seq)?;
            let place = event_place(session.to_bytes(), seq);
            let sealed = self.seals.seal(self.ids, (EVENT, &place), event)?;
            Ok(EventRow { seq, sealed })
        };
        events.iter().map(row).collect()
    }
}

/// Opens a row of `session`; state and counters are the columns', which are newer.
pub(super) fn open_session(
    seals: &TeenSeals,
    session: [u8; 16],
    (state, seq, next_sequence): (i64, i64, i64),
    sealed: &[u8],
) -> Result<SessionRecord, PortError> {
    let stored: SessionRecord = seals.open((SESSION, &session), sealed)?;
    Ok(SessionRecord {
        state: read_state(state)?,
        seq: read_number(seq)?,
        next_sequence: read_number(next_sequence)?,
        ..stored
    })
}

pub(super) fn open_turn(
    seals: &TeenSeals,
    (session, client): ([u8; 16], [u8; 16]),
    sealed: &[u8],
) -> Result<TurnRecord, PortError> {
    seals.open((TURN, &turn_place(session, client)), sealed)
}

pub(super) fn open_event(
    seals: &TeenSeals,
    (session, seq): ([u8; 16], i64),
    sealed: &[u8],
) -> Result<EventRecord, PortError> {
    seals.open((EVENT, &event_place(session, seq)), sealed)
}

/// The message's id, or the turn's own for a turn that no message made.
fn client_id(turn: &TurnRecord) -> [u8; 16] {
    match &turn.message {
        Some(message) => message.id.to_bytes(),
        None => turn.id.to_bytes(),
    }
}

fn turn_place(session: [u8; 16], client: [u8; 16]) -> [u8; 32] {
    let mut place = [0; 32];
    let (first, second) = place.split_at_mut(16);
    first.copy_from_slice(&session);
    second.copy_from_slice(&client);
    place
}

fn event_place(session: [u8; 16], seq: i64) -> [u8; 24] {
    let mut place = [0; 24];
    let (first, second) = place.split_at_mut(16);
    first.copy_from_slice(&session);
    second.copy_from_slice(&seq.to_be_bytes());
    place
}

/// The numbers of [`SessionState`] in the column `state`; open ones are below [`CLOSING`].
pub(super) const CLOSING: i64 = 2;
/// See [`CLOSING`].
pub(super) const PROCESSED: i64 = 4;

const fn state_number(state: SessionState) -> i64 {
    match state {
        SessionState::Greeting => 0,
        SessionState::Active => 1,
        SessionState::Closing => CLOSING,
        SessionState::Queued => 3,
        SessionState::Processed => PROCESSED,
    }
}

fn read_state(state: i64) -> Result<SessionState, PortError> {
    Ok(match state {
        0 => SessionState::Greeting,
        1 => SessionState::Active,
        CLOSING => SessionState::Closing,
        3 => SessionState::Queued,
        PROCESSED => SessionState::Processed,
        _ => return Err(PortError::new(ErrorKind::Corrupt, "read a session's state")),
    })
}

fn number(count: u64) -> Result<i64, PortError> {
    i64::try_from(count)
        .map_err(|cause| PortError::with_source(ErrorKind::Invalid, "store a counter", cause))
}

fn read_number(count: i64) -> Result<u64, PortError> {
    u64::try_from(count)
        .map_err(|cause| PortError::with_source(ErrorKind::Corrupt, "read a counter", cause))
}
