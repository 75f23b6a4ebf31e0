//! Port: talk that is going on (at most a day old).

use async_trait::async_trait;

use super::record::{Accept, AcceptOutcome, EventRecord, SessionRecord, TurnRecord};
use crate::{
    clock::Timestamp,
    error::PortError,
    ids::{MessageId, SessionId, TeenId},
    memory::job::MemoryJob,
};

/// A session with its turns and events, as a resume or a memory job needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionLog {
    /// The session's row.
    pub session: SessionRecord,
    /// All turns, oldest first.
    pub turns: Vec<TurnRecord>,
    /// Events that no turn row holds, by ascending `seq`; the oldest may have been trimmed.
    pub events: Vec<EventRecord>,
}

/// What a change of a turn takes from the numbers of its session's log.
#[derive(Clone, Copy, Debug, Default)]
pub struct Taken<'a> {
    /// The first number that the change takes; `None` if it takes none, like a checkpoint.
    pub first: Option<u64>,
    /// Events that ride in the same commit.
    pub events: &'a [EventRecord],
}

impl<'a> Taken<'a> {
    /// No number.
    pub const NOTHING: Self = Self {
        first: None,
        events: &[],
    };

    /// Numbers from this one on, all of them the turn's own.
    pub const fn from(first: u64) -> Self {
        Self {
            first: Some(first),
            events: &[],
        }
    }

    /// The numbers of these events, which come before any that the turn takes.
    pub fn by(events: &'a [EventRecord]) -> Self {
        Self {
            first: events.first().map(|event| event.seq),
            events,
        }
    }
}

/// Sessions, turns and events. Each method is one commit with all its conditions, because a
/// runtime must be able to make it one transaction.
///
/// # Contract
/// * Numbers of a session's log are given out once. A store whose sessions several processes hold at a
///   time gives `Conflict`, and changes nothing, where the first number of a commit was given out
///   already: the caller reads the session anew and numbers again. A store of one process need not look.
/// * Nothing is returned at or after its `expires_at`, even if it was not deleted yet.
/// * Rows of a teen whose key was destroyed are `NotFound`; writes for a fenced teen are `Denied`.
/// * A call answers only after its commit is durable.
#[async_trait]
pub trait ConversationStore: Send + Sync {
    /// Inserts a session with its first events.
    ///
    /// # Contract
    /// * `Conflict` if the teen has a session in an open state.
    async fn open_session(
        &self,
        session: &SessionRecord,
        events: &[EventRecord],
    ) -> Result<(), PortError>;

    /// The teen's session that is not `Processed`, newest first; `None` if there is none.
    async fn live_session(
        &self,
        teen: TeenId,
        now: Timestamp,
    ) -> Result<Option<SessionLog>, PortError>;

    /// One session of this teen with everything in it.
    ///
    /// # Contract
    /// * Another teen's session is `None`, exactly like one that never existed.
    async fn session(
        &self,
        teen: TeenId,
        session: SessionId,
        now: Timestamp,
    ) -> Result<Option<SessionLog>, PortError>;

    /// Sessions of this teen that still exist, newest first, older than `before` if given.
    async fn sessions(
        &self,
        teen: TeenId,
        before: Option<SessionId>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<SessionRecord>, PortError>;

    /// All sessions in an open or closing state, oldest first: what a restart takes up again.
    async fn unfinished(&self, now: Timestamp) -> Result<Vec<(TeenId, SessionId)>, PortError>;

    /// Writes the session's row when its state changed (persona, acknowledgement, counters), with
    /// the events that tell of it.
    ///
    /// # Contract
    /// * `NotFound` if the row is gone.
    async fn update_session(
        &self,
        session: &SessionRecord,
        events: &[EventRecord],
    ) -> Result<(), PortError>;

    /// Accepts a message: the turn row, unique by session and message id, and what rides with it.
    ///
    /// # Contract
    /// * The second call with the same id and text hash gives `Duplicate` with the stored turn.
    /// * The same id with another hash gives `IdConflict`; nothing changes.
    /// * A session that is closing or gone gives `SessionClosed`; nothing changes.
    /// * A safety commit whose `rev` moved gives `SafetyMoved`; nothing changes.
    async fn accept(&self, accept: Accept, now: Timestamp) -> Result<AcceptOutcome, PortError>;

    /// Inserts a turn without a message (a template turn), with events.
    async fn insert_turn(
        &self,
        teen: TeenId,
        turn: &TurnRecord,
        events: &[EventRecord],
    ) -> Result<(), PortError>;

    /// Replaces a turn's row: start, checkpoint and end are all this call. Events that belong to
    /// the change ride in the same commit.
    ///
    /// # Contract
    /// * `NotFound` if the row is gone (expired, erased); it is never recreated.
    async fn update_turn(
        &self,
        teen: TeenId,
        turn: &TurnRecord,
        taken: Taken<'_>,
    ) -> Result<(), PortError>;

    /// The turn of this message, if it was accepted.
    async fn turn_of_message(
        &self,
        teen: TeenId,
        session: SessionId,
        message: MessageId,
        now: Timestamp,
    ) -> Result<Option<TurnRecord>, PortError>;

    /// Ends a session: its row (state `Queued`), its last events and the memory job, at once.
    ///
    /// # Contract
    /// * Exactly one caller wins: `Conflict` if the stored state is not open or `Closing`.
    async fn close_session(
        &self,
        session: &SessionRecord,
        events: &[EventRecord],
        job: &MemoryJob,
    ) -> Result<(), PortError>;

    /// Deletes the turns, events and context of a processed session and marks its row
    /// `Processed`; its job goes with them. Repeating it changes nothing.
    async fn finish_session(&self, teen: TeenId, session: SessionId) -> Result<(), PortError>;

    /// Deletes what expired, at most `limit` rows; returns how many went.
    async fn sweep(&self, now: Timestamp, limit: usize) -> Result<usize, PortError>;
}
