//! Talk that is going on, in `live.db`.

mod accept;
mod read;
mod sealed;
mod sweep;
mod write;

use std::sync::Arc;

use async_trait::async_trait;
use innerworld_core::{
    clock::Timestamp,
    conversation::{
        record::{Accept, AcceptOutcome, EventRecord, SessionRecord, TurnRecord},
        store::{ConversationStore, SessionLog, Taken},
    },
    error::{ErrorKind, PortError},
    ids::{MessageId, SessionId, TeenId},
    memory::job::{JobKind, MemoryJob},
};

use self::sealed::{CLOSING, Key, Maker, PROCESSED};
pub(crate) use self::sweep::sweep;
use crate::{job_store, keys::teen_keys::TeenSeals, retention, shared::Shared};

/// [`ConversationStore`] on `live.db`.
#[derive(Debug)]
pub(crate) struct SqliteConversationStore {
    shared: Arc<Shared>,
}

impl SqliteConversationStore {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    fn maker<'a>(&'a self, seals: &'a TeenSeals) -> Maker<'a> {
        Maker {
            seals,
            ids: &*self.shared.ids,
        }
    }
}

#[async_trait]
impl ConversationStore for SqliteConversationStore {
    async fn open_session(
        &self,
        session: &SessionRecord,
        events: &[EventRecord],
    ) -> Result<(), PortError> {
        let teen = session.teen;
        let seals = self.shared.teen_keys.for_writing(teen).await?;
        let maker = self.maker(&seals);
        let (row, events) = (maker.session(session)?, maker.events(session.id, events)?);
        self.shared
            .live
            .write("open a session", Some(teen), move |connection| {
                let sno = write::open_session(connection, &row)?;
                write::insert_events(connection, sno, &events)
            })
            .await
    }

    async fn live_session(
        &self,
        teen: TeenId,
        now: Timestamp,
    ) -> Result<Option<SessionLog>, PortError> {
        let Some(seals) = self.shared.teen_keys.for_reading(teen).await? else {
            return Ok(None);
        };
        self.shared
            .live
            .read("read the live session", move |connection| {
                read::live_session(connection, &seals, now.as_millis())
            })
            .await
    }

    async fn session(
        &self,
        teen: TeenId,
        session: SessionId,
        now: Timestamp,
    ) -> Result<Option<SessionLog>, PortError> {
        let Some(seals) = self.shared.teen_keys.for_reading(teen).await? else {
            return Ok(None);
        };
        let key = self.maker(&seals).key(session);
        self.shared
            .live
            .read("read a session", move |connection| {
                read::session(connection, &seals, (key, now.as_millis()))
            })
            .await
    }

    async fn sessions(
        &self,
        teen: TeenId,
        before: Option<SessionId>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<SessionRecord>, PortError> {
        let Some(seals) = self.shared.teen_keys.for_reading(teen).await? else {
            return Ok(Vec::new());
        };
        self.shared
            .live
            .read("list sessions", move |connection| {
                read::sessions(connection, &seals, (before, limit), now.as_millis())
            })
            .await
    }

    async fn unfinished(&self, now: Timestamp) -> Result<Vec<(TeenId, SessionId)>, PortError> {
        let found = self
            .shared
            .live
            .read("list unfinished sessions", move |connection| {
                read::unfinished(connection, now.as_millis())
            })
            .await?;
        let mut unfinished = Vec::with_capacity(found.len());
        for (number, session) in found {
            // A teen whose key is gone has nothing to take up.
            if let Some(seals) = self.shared.teen_keys.by_number(number).await? {
                unfinished.push((seals.teen(), session));
            }
        }
        Ok(unfinished)
    }

    async fn update_session(
        &self,
        session: &SessionRecord,
        events: &[EventRecord],
    ) -> Result<(), PortError> {
        const OPERATION: &str = "update a session";
        let teen = session.teen;
        let seals = self.shared.teen_keys.for_writing(teen).await?;
        let maker = self.maker(&seals);
        let (row, events) = (maker.session(session)?, maker.events(session.id, events)?);
        self.shared
            .live
            .write(OPERATION, Some(teen), move |connection| {
                let sno = write::update_session(connection, &row, PROCESSED)?
                    .ok_or_else(|| PortError::new(ErrorKind::NotFound, OPERATION))?;
                write::insert_events(connection, sno, &events)
            })
            .await
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
        const OPERATION: &str = "insert a turn";
        let seals = self.shared.teen_keys.for_writing(teen).await?;
        let maker = self.maker(&seals);
        let (row, events) = (maker.turn(turn, 0)?, maker.events(turn.session, events)?);
        self.shared
            .live
            .write(OPERATION, Some(teen), move |connection| {
                let sno = write::find_session(connection, row.key)?
                    .ok_or_else(|| PortError::new(ErrorKind::NotFound, OPERATION))?;
                if !write::insert_turn(connection, (sno, &row), row.created)? {
                    return Err(PortError::new(ErrorKind::Conflict, OPERATION).into());
                }
                write::insert_events(connection, sno, &events)
            })
            .await
    }

    async fn update_turn(
        &self,
        teen: TeenId,
        turn: &TurnRecord,
        taken: Taken<'_>,
    ) -> Result<(), PortError> {
        const OPERATION: &str = "update a turn";
        let seals = self.shared.teen_keys.for_writing(teen).await?;
        let maker = self.maker(&seals);
        let (row, events) = (
            maker.turn(turn, 0)?,
            maker.events(turn.session, taken.events)?,
        );
        let alone = events.is_empty();
        let job = move |connection: &rusqlite::Connection| {
            let sno = write::update_turn(connection, &row)?
                .ok_or_else(|| PortError::new(ErrorKind::NotFound, OPERATION))?;
            write::insert_events(connection, sno, &events)
        };
        let live = &self.shared.live;
        if alone {
            return live.write_single(OPERATION, Some(teen), job).await;
        }
        live.write(OPERATION, Some(teen), job).await
    }

    async fn turn_of_message(
        &self,
        teen: TeenId,
        session: SessionId,
        message: MessageId,
        now: Timestamp,
    ) -> Result<Option<TurnRecord>, PortError> {
        let Some(seals) = self.shared.teen_keys.for_reading(teen).await? else {
            return Ok(None);
        };
        let key = self.maker(&seals).key(session);
        self.shared
            .live
            .read("find a message", move |connection| {
                let asked = (key, message.to_bytes());
                read::turn_of_message(connection, &seals, asked, now.as_millis())
            })
            .await
    }

    async fn close_session(
        &self,
        session: &SessionRecord,
        events: &[EventRecord],
        job: &MemoryJob,
    ) -> Result<(), PortError> {
        const OPERATION: &str = "close a session";
        let teen = session.teen;
        let seals = self.shared.teen_keys.for_writing(teen).await?;
        let maker = self.maker(&seals);
        let (row, events) = (maker.session(session)?, maker.events(session.id, events)?);
        let job = job.clone();
        self.shared
            .live
            .write(OPERATION, Some(teen), move |connection| {
                let Some(sno) = write::update_session(connection, &row, CLOSING)? else {
                    let kind = match write::find_session(connection, row.key)? {
                        Some(_) => ErrorKind::Conflict,
                        None => ErrorKind::NotFound,
                    };
                    return Err(PortError::new(kind, OPERATION).into());
                };
                write::insert_events(connection, sno, &events)?;
                job_store::insert(connection, &job)
            })
            .await
    }

    /// Only deletes, so neither a fence nor a missing key stands in its way.
    async fn finish_session(&self, teen: TeenId, session: SessionId) -> Result<(), PortError> {
        let Some(number) = self.shared.teen_keys.number(teen).await? else {
            return Ok(());
        };
        let key = Key {
            session: session.to_bytes(),
            teen: number,
        };
        self.shared
            .live
            .write("finish a session", None, move |connection| {
                if let Some(sno) = write::find_session(connection, key)? {
                    write::finish_session(connection, sno)?;
                    job_store::delete(connection, teen, JobKind::Remember { session })?;
                }
                Ok(())
            })
            .await
    }

    /// Takes along everything in all files that has an end of its own.
    async fn sweep(&self, now: Timestamp, limit: usize) -> Result<usize, PortError> {
        retention::sweep(&self.shared, now, limit).await
    }
}
