//! Talk that is going on: sessions with their turns and events in the table `sessions`, what was said
//! in `live-conversations`, and in `teens` which sessions a teen has.
//!
//! Every method is one commit with all its conditions. What a commit needs to know of a session (its
//! counters, and where its messages lie) is read first and is a condition of the commit; when it moved
//! meanwhile, the commit is made again on what is stored then. Numbers that were given out meanwhile are
//! the caller's to change: such a commit is refused.

mod accept;
mod change;
mod events;
mod finish;
mod meta;
mod open;
mod pointers;
mod read;
mod rows;
mod said;
mod standing;
mod sweep;
mod turn;
#[cfg(test)]
mod units;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use innerworld_core::{
    clock::Timestamp,
    conversation::{
        record::{Accept, AcceptOutcome, EventRecord, SessionRecord, TurnRecord},
        store::{ConversationStore, SessionLog, Taken},
    },
    error::PortError,
    ids::{MessageId, SessionId, TeenId},
    memory::job::MemoryJob,
};

use self::change::Becoming;
pub(crate) use self::rows::meta_key;
pub use self::{
    standing::{OpenTurn, Standing, SweepDesk},
    turn::Lease,
};
use crate::{dynamo::Key, shared::Shared};

/// How often a commit is made on a session that moved meanwhile.
const TRIES: u32 = 5;
/// How long a session that goes on is not looked at for what expired in it.
const LOOK: Duration = Duration::from_secs(600);
/// When a session is looked at first. Where functions share it, somebody may have accepted a message that
/// nobody heard of.
const FIRST_LOOK: Duration = Duration::from_secs(110);
const DAY: Duration = Duration::from_secs(24 * 3_600);

/// Where the turn of a message lies.
pub(crate) fn turn_of(session: SessionId, message: MessageId) -> Key {
    rows::keyed_turn(session, message.to_bytes())
}

/// [`ConversationStore`] on the tables `sessions`, `live-conversations` and `teens`.
#[derive(Debug)]
pub(crate) struct DynamoConversationStore {
    shared: Arc<Shared>,
    /// Under which turns are written; `None` where one process makes all of them.
    lease: Option<Lease>,
}

impl DynamoConversationStore {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self {
            shared,
            lease: None,
        }
    }

    /// One that writes turns as long as it holds them.
    pub(crate) fn under(shared: Arc<Shared>, lease: Lease) -> Self {
        Self {
            shared,
            lease: Some(lease),
        }
    }
}

#[async_trait]
impl ConversationStore for DynamoConversationStore {
    async fn open_session(
        &self,
        session: &SessionRecord,
        events: &[EventRecord],
    ) -> Result<(), PortError> {
        open::open_session(&self.shared, session, events).await
    }

    async fn live_session(
        &self,
        teen: TeenId,
        now: Timestamp,
    ) -> Result<Option<SessionLog>, PortError> {
        read::live_session(&self.shared, teen, now).await
    }

    async fn session(
        &self,
        teen: TeenId,
        session: SessionId,
        now: Timestamp,
    ) -> Result<Option<SessionLog>, PortError> {
        read::session(&self.shared, (teen, session), now).await
    }

    async fn sessions(
        &self,
        teen: TeenId,
        before: Option<SessionId>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<SessionRecord>, PortError> {
        read::sessions(&self.shared, teen, (before, limit), now).await
    }

    async fn unfinished(&self, now: Timestamp) -> Result<Vec<(TeenId, SessionId)>, PortError> {
        read::unfinished(&self.shared, now).await
    }

    /// `Conflict` if the stored session is further on than this record: it never goes back.
    async fn update_session(
        &self,
        session: &SessionRecord,
        events: &[EventRecord],
    ) -> Result<(), PortError> {
        let becoming = Becoming {
            operation: "update a session",
            session,
            events,
            job: None,
        };
        becoming.commit(&self.shared).await
    }

    async fn accept(&self, accept: Accept, now: Timestamp) -> Result<AcceptOutcome, PortError> {
        accept::accept(&self.shared, &accept, now).await
    }

    async fn insert_turn(
        &self,
        teen: TeenId,
        turn: &TurnRecord,
        events: &[EventRecord],
    ) -> Result<(), PortError> {
        turn::insert(&self.shared, teen, (turn, events)).await
    }

    async fn update_turn(
        &self,
        teen: TeenId,
        turn: &TurnRecord,
        taken: Taken<'_>,
    ) -> Result<(), PortError> {
        turn::update(&self.shared, teen, (turn, taken), self.lease.as_ref()).await
    }

    async fn turn_of_message(
        &self,
        teen: TeenId,
        session: SessionId,
        message: MessageId,
        now: Timestamp,
    ) -> Result<Option<TurnRecord>, PortError> {
        turn::of_message(&self.shared, (teen, session), message, now).await
    }

    async fn close_session(
        &self,
        session: &SessionRecord,
        events: &[EventRecord],
        job: &MemoryJob,
    ) -> Result<(), PortError> {
        let becoming = Becoming {
            operation: "close a session",
            session,
            events,
            job: Some(job),
        };
        becoming.commit(&self.shared).await
    }

    async fn finish_session(&self, teen: TeenId, session: SessionId) -> Result<(), PortError> {
        finish::finish(&self.shared, teen, session).await
    }

    /// Sessions, turns, events and messages; everything else with an end goes by the tables' own
    /// deletion.
    async fn sweep(&self, now: Timestamp, limit: usize) -> Result<usize, PortError> {
        sweep::sweep(&self.shared, now, limit).await
    }
}
