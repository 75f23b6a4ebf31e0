//! The store of talk under fates.

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

use super::Fated;

#[async_trait]
impl ConversationStore for Fated<dyn ConversationStore> {
    async fn open_session(
        &self,
        session: &SessionRecord,
        events: &[EventRecord],
    ) -> Result<(), PortError> {
        let work = self.inner.open_session(session, events);
        self.fates.call(work).await
    }

    async fn live_session(
        &self,
        teen: TeenId,
        now: Timestamp,
    ) -> Result<Option<SessionLog>, PortError> {
        self.fates.call(self.inner.live_session(teen, now)).await
    }

    async fn session(
        &self,
        teen: TeenId,
        session: SessionId,
        now: Timestamp,
    ) -> Result<Option<SessionLog>, PortError> {
        let work = self.inner.session(teen, session, now);
        self.fates.call(work).await
    }

    async fn sessions(
        &self,
        teen: TeenId,
        before: Option<SessionId>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<SessionRecord>, PortError> {
        let work = self.inner.sessions(teen, before, limit, now);
        self.fates.call(work).await
    }

    async fn unfinished(&self, now: Timestamp) -> Result<Vec<(TeenId, SessionId)>, PortError> {
        self.fates.call(self.inner.unfinished(now)).await
    }

    async fn update_session(
        &self,
        session: &SessionRecord,
        events: &[EventRecord],
    ) -> Result<(), PortError> {
        let work = self.inner.update_session(session, events);
        self.fates.call(work).await
    }

    async fn accept(&self, accept: Accept, now: Timestamp) -> Result<AcceptOutcome, PortError> {
        self.fates.call(self.inner.accept(accept, now)).await
    }

    async fn insert_turn(
        &self,
        teen: TeenId,
        turn: &TurnRecord,
        events: &[EventRecord],
    ) -> Result<(), PortError> {
        let work = self.inner.insert_turn(teen, turn, events);
        self.fates.call(work).await
    }

    async fn update_turn(
        &self,
        teen: TeenId,
        turn: &TurnRecord,
        taken: Taken<'_>,
    ) -> Result<(), PortError> {
        let work = self.inner.update_turn(teen, turn, taken);
        self.fates.call(work).await
    }

    async fn turn_of_message(
        &self,
        teen: TeenId,
        session: SessionId,
        message: MessageId,
        now: Timestamp,
    ) -> Result<Option<TurnRecord>, PortError> {
        let work = self.inner.turn_of_message(teen, session, message, now);
        self.fates.call(work).await
    }

    async fn close_session(
        &self,
        session: &SessionRecord,
        events: &[EventRecord],
        job: &MemoryJob,
    ) -> Result<(), PortError> {
        let work = self.inner.close_session(session, events, job);
        self.fates.call(work).await
    }

    async fn finish_session(&self, teen: TeenId, session: SessionId) -> Result<(), PortError> {
        let work = self.inner.finish_session(teen, session);
        self.fates.call(work).await
    }

    async fn sweep(&self, now: Timestamp, limit: usize) -> Result<usize, PortError> {
        self.fates.call(self.inner.sweep(now, limit)).await
    }
}
