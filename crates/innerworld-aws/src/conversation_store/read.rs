//! Reading sessions. One query reads all of one.

use futures_util::future::try_join_all;
use innerworld_core::{
    clock::Timestamp,
    conversation::{
        record::{EventRecord, SessionRecord, TurnRecord},
        store::SessionLog,
    },
    error::{ErrorKind, PortError},
    ids::{SessionId, TeenId},
    seal::Seals,
};

use super::{
    LOOK, events,
    meta::{Counters, Meta, Stage},
    open::SHARDS,
    pointers,
    rows::{self, EVENTS, TURNS},
};
use crate::{
    dynamo::{Index, Item, Query, Range, Table},
    shared::Shared,
};

/// Sessions that are read at the same time.
const AT_ONCE: usize = 16;
/// Pointers that one request reads.
const PAGE: usize = 32;

/// Everything that is stored of a session, also what has ended.
pub(super) struct Rows {
    pub(super) meta: Meta,
    pub(super) turns: Vec<Item>,
    /// By ascending number.
    pub(super) events: Vec<Item>,
}

impl Rows {
    /// Reads a session, whosever it is; `None` if its own item is not there.
    pub(super) async fn of(shared: &Shared, session: SessionId) -> Result<Option<Self>, PortError> {
        let query = Query::of(Table::Sessions, session.to_string());
        let (mut meta, mut turns, mut events) = (None, Vec::new(), Vec::new());
        for item in shared.dynamo.query("read a session", query).await? {
            let name = item.text("item")?;
            if name.starts_with(TURNS) {
                turns.push(item);
            } else if name.starts_with(EVENTS) {
                events.push(item);
            } else {
                meta = Some(Meta::read(session, item)?);
            }
        }
        Ok(meta.map(|meta| Self {
            meta,
            turns,
            events,
        }))
    }

    /// The session's counters: what its own item says, and what the others show.
    pub(super) fn counters(&self) -> Result<Counters, PortError> {
        let mut counters = self.meta.counters;
        for item in self.turns.iter().chain(&self.events) {
            counters = counters.or(Counters::shown_by(item)?);
        }
        Ok(counters)
    }

    fn record(&self, seals: &Seals) -> Result<SessionRecord, PortError> {
        self.meta.record(seals, self.counters()?)
    }

    fn log(self, seals: &Seals, now: Timestamp) -> Result<SessionLog, PortError> {
        let (session, id) = (self.record(seals)?, self.meta.session);
        let turns = self.turns.iter().filter(|item| item.lives(now));
        let mut turns: Vec<TurnRecord> = turns
            .map(|item| rows::open_turn(seals, id, item))
            .collect::<Result<_, _>>()?;
        turns.sort_by_key(|turn| (turn.sequence, turn.created_at, turn.id));
        let events: Vec<EventRecord> = events::kept(self.events)?
            .iter()
            .map(|item| rows::open_event(seals, id, item))
            .collect::<Result<_, _>>()?;
        Ok(SessionLog {
            session,
            turns,
            events,
        })
    }
}

/// One session of this teen.
pub(super) async fn session(
    shared: &Shared,
    (teen, session): (TeenId, SessionId),
    now: Timestamp,
) -> Result<Option<SessionLog>, PortError> {
    let Some(seals) = shared.teen_keys.for_reading(teen).await? else {
        return Ok(None);
    };
    let found = Rows::of(shared, session).await?;
    found
        .filter(|rows| rows.meta.teen == teen && rows.meta.lives(now))
        .map(|rows| rows.log(&seals, now))
        .transpose()
}

/// The newest session of this teen that was not processed.
pub(super) async fn live_session(
    shared: &Shared,
    teen: TeenId,
    now: Timestamp,
) -> Result<Option<SessionLog>, PortError> {
    let Some(seals) = shared.teen_keys.for_reading(teen).await? else {
        return Ok(None);
    };
    let mut before = None;
    loop {
        let page = pointers::page(shared, teen, (before, PAGE)).await?;
        for pointer in page
            .iter()
            .filter(|pointer| !pointer.processed && pointer.lives(now))
        {
            let found = Rows::of(shared, pointer.session).await?.filter(|rows| {
                let meta = &rows.meta;
                meta.teen == teen && meta.lives(now) && meta.stage < Stage::Processed
            });
            if let Some(rows) = found {
                return rows.log(&seals, now).map(Some);
            }
        }
        before = page.last().map(|pointer| pointer.session);
        if page.len() < PAGE {
            return Ok(None);
        }
    }
}

/// A page of this teen's sessions, newest first.
pub(super) async fn sessions(
    shared: &Shared,
    teen: TeenId,
    (mut before, limit): (Option<SessionId>, usize),
    now: Timestamp,
) -> Result<Vec<SessionRecord>, PortError> {
    let Some(seals) = shared.teen_keys.for_reading(teen).await? else {
        return Ok(Vec::new());
    };
    let mut sessions = Vec::new();
    while sessions.len() < limit {
        let wanted = PAGE.min(limit.saturating_sub(sessions.len()));
        let page = pointers::page(shared, teen, (before, wanted)).await?;
        for pointer in page.iter().filter(|pointer| pointer.lives(now)) {
            let found = listed(shared, (teen, &seals), pointer).await?;
            sessions.extend(found.filter(|session| session.expires_at > now));
        }
        before = page.last().map(|pointer| pointer.session);
        if page.len() < wanted {
            break;
        }
    }
    Ok(sessions)
}

/// A session's record. Of one that holds nothing any more, its own item says everything.
async fn listed(
    shared: &Shared,
    (teen, seals): (TeenId, &Seals),
    pointer: &pointers::Pointer,
) -> Result<Option<SessionRecord>, PortError> {
    if pointer.processed {
        let meta = Meta::find(shared, teen, pointer.session).await?;
        return meta
            .map(|meta| meta.record(seals, meta.counters))
            .transpose();
    }
    let rows = Rows::of(shared, pointer.session).await?;
    rows.filter(|rows| rows.meta.teen == teen)
        .map(|rows| rows.record(seals))
        .transpose()
}

/// Every session that is open or closing, oldest first. The index shows what is looked at soon, which
/// a session that goes on always is; the session itself says whether it does.
pub(super) async fn unfinished(
    shared: &Shared,
    now: Timestamp,
) -> Result<Vec<(TeenId, SessionId)>, PortError> {
    // Twice, because clocks differ.
    let soon = now.plus(LOOK).plus(LOOK);
    let mut unfinished = Vec::new();
    for some in due(shared, soon, usize::MAX).await?.chunks(AT_ONCE) {
        let read = some.iter().copied();
        let read = read.map(|session| Meta::of_anyone(shared, session));
        let found = try_join_all(read).await?.into_iter().flatten();
        let going_on = found.filter(|meta| meta.is_going_on(now));
        unfinished.extend(going_on.map(|meta| (meta.teen, meta.session)));
    }
    unfinished.sort_by_key(|(_teen, session)| *session);
    Ok(unfinished)
}

/// Sessions that the index says are to be looked at by `until`, at most `limit` of each shard; those
/// that wait longest come first.
pub(super) async fn due(
    shared: &Shared,
    until: Timestamp,
    limit: usize,
) -> Result<Vec<SessionId>, PortError> {
    const OPERATION: &str = "find sessions that are due";
    let shards = (0..SHARDS).map(|shard| {
        let query = Query::of(Table::Sessions, shard.to_string())
            .through(Index::Sweep)
            .range(Range::UpTo(until.as_millis().into()))
            .limit(limit);
        shared.dynamo.query(OPERATION, query)
    });
    let mut sessions: Vec<(i64, SessionId)> = Vec::new();
    for entry in try_join_all(shards).await?.into_iter().flatten() {
        let session = entry.text("session_id")?.parse();
        let corrupt = |cause| PortError::with_source(ErrorKind::Corrupt, OPERATION, cause);
        sessions.push((entry.number("sweep_at")?, session.map_err(corrupt)?));
    }
    sessions.sort_unstable();
    Ok(sessions
        .into_iter()
        .map(|(_due, session)| session)
        .collect())
}
