//! Accepting a message: one row, and what rides with it.

use std::sync::Arc;

use innerworld_core::{
    clock::Timestamp,
    conversation::record::{Accept, AcceptOutcome, TurnRecord},
    error::PortError,
};
use rusqlite::Connection;

use super::{
    sealed::{self, EventRow, Maker, TurnRow},
    write,
};
use crate::{
    fault::Failure,
    keys::teen_keys::TeenSeals,
    safety_store::{Change, Notice},
    shared::Shared,
};

const OPERATION: &str = "accept a message";

/// What the transaction found. Whether a repeat is the same text is told from the sealed row, on
/// the caller's thread: a readable hash of a short text would give the text away.
enum Found {
    New,
    Stored(Vec<u8>),
    Closed,
    SafetyMoved,
}

/// Sealed rows of one accepted message.
struct Rows {
    turn: TurnRow,
    events: Vec<EventRow>,
    safety: Option<Change>,
    soft: Option<Notice>,
}

pub(super) async fn accept(
    shared: &Arc<Shared>,
    accept: &Accept,
    now: Timestamp,
) -> Result<AcceptOutcome, PortError> {
    let teen = accept.teen;
    let seals = shared.teen_keys.for_writing(teen).await?;
    let maker = Maker {
        seals: &seals,
        ids: &*shared.ids,
    };
    let change = |commit| Change::new(shared, &seals, commit);
    let rows = Rows {
        turn: maker.turn(&accept.turn, accept.seq)?,
        events: maker.events(accept.turn.session, &accept.events)?,
        safety: accept.safety.as_ref().map(change).transpose()?,
        soft: accept.soft.as_ref().map(Notice::new).transpose()?,
    };
    let place = (rows.turn.key.session, rows.turn.client);
    let live = &shared.live;
    let alone = rows.events.is_empty() && rows.safety.is_none() && rows.soft.is_none();
    let found = if alone {
        live.write_single(OPERATION, Some(teen), move |connection| {
            rows.insert_alone(connection, now)
        })
        .await?
    } else {
        live.write(OPERATION, Some(teen), move |connection| {
            rows.insert(connection, now)
        })
        .await?
    };
    Ok(match found {
        Found::New => AcceptOutcome::New,
        Found::Closed => AcceptOutcome::SessionClosed,
        Found::SafetyMoved => AcceptOutcome::SafetyMoved,
        Found::Stored(sealed) => repeated(&seals, place, &sealed, &accept.turn)?,
    })
}

impl Rows {
    /// The usual case: a message and nothing else. One statement writes, so no savepoint is needed.
    fn insert_alone(&self, connection: &Connection, now: Timestamp) -> Result<Found, Failure> {
        let now = now.as_millis();
        let Some(sno) = write::find_open(connection, self.turn.key, now)? else {
            return Ok(Found::Closed);
        };
        if write::insert_turn(connection, (sno, &self.turn), now)? {
            return Ok(Found::New);
        }
        let stored = write::find_turn(connection, (sno, self.turn.client), now)?;
        Ok(stored.map_or(Found::Closed, Found::Stored))
    }

    fn insert(&self, connection: &Connection, now: Timestamp) -> Result<Found, Failure> {
        let now_ms = now.as_millis();
        let Some(sno) = write::find_open(connection, self.turn.key, now_ms)? else {
            return Ok(Found::Closed);
        };
        // Every condition is asked before the first row is written: nothing need be undone.
        if let Some(stored) = write::find_turn(connection, (sno, self.turn.client), now_ms)? {
            return Ok(Found::Stored(stored));
        }
        if let Some(change) = &self.safety
            && !change.apply(connection, now)?
        {
            return Ok(Found::SafetyMoved);
        }
        write::insert_turn(connection, (sno, &self.turn), now_ms)?;
        write::insert_events(connection, sno, &self.events)?;
        if let Some(notice) = &self.soft {
            notice.apply(connection, now)?;
        }
        Ok(Found::New)
    }
}

fn repeated(
    seals: &TeenSeals,
    place: ([u8; 16], [u8; 16]),
    sealed: &[u8],
    offered: &TurnRecord,
) -> Result<AcceptOutcome, PortError> {
    let stored = sealed::open_turn(seals, place, sealed)?;
    let hash = |turn: &TurnRecord| turn.message.as_ref().map(|message| message.text_hash);
    Ok(if hash(&stored) == hash(offered) {
        AcceptOutcome::Duplicate(Box::new(stored))
    } else {
        AcceptOutcome::IdConflict
    })
}
