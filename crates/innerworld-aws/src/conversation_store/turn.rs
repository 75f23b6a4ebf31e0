//! Turns after, or without, the acceptance of a message.
//!
//! A checkpoint is one write of one item, a start two: the session's numbers, then the turn. An end takes
//! its number too, and carries the answer into the table of messages: three writes one after the other, a
//! unit for each kilobyte of the turn, and 3 for the answer with its entries in two indexes. Deleting what
//! was said costs 7 units a turn in all: a unit for each item, and for each entry in an index.

use std::time::Duration;

use innerworld_core::{
    clock::Timestamp,
    conversation::{
        record::{EventRecord, TurnRecord},
        store::Taken,
    },
    error::{ErrorKind, PortError},
    ids::{MessageId, SessionId, TeenId},
};

use super::{
    TRIES, events,
    meta::{Counters, Meta, Stage, untaken},
    rows::{self, Maker, answer_sequence, item_of, keyed_turn, meta_key, newest_seq, turn_key},
    said,
};
use crate::{
    dynamo::{Change, Committed, Condition, Item, Write},
    shared::Shared,
};

const UPDATE: &str = "update a turn";
/// Who makes a turn.
const OWNER: &str = "lease_owner";

/// A turn that one process makes. Whoever wants to write it must still be that one.
#[derive(Clone, Debug)]
pub struct Lease {
    /// Names the process, and the time it was called.
    pub owner: String,
    /// How long it holds the turn from each of its writes on.
    pub life: Duration,
}

impl Lease {
    /// That the turn is this process's, or nobody's yet.
    pub(crate) fn is_ours(&self) -> Condition {
        Condition::Any(vec![
            Condition::Absent(OWNER),
            Condition::Is(OWNER, self.owner.as_str().into()),
        ])
    }

    /// The turn is this process's from now on.
    pub(crate) fn held(&self, change: Change, now: Timestamp) -> Change {
        change
            .set(OWNER, self.owner.as_str())
            .set("lease_until", now.plus(self.life).as_millis())
    }
}

/// Inserts a turn that no message made.
pub(super) async fn insert(
    shared: &Shared,
    teen: TeenId,
    (turn, events): (&TurnRecord, &[EventRecord]),
) -> Result<(), PortError> {
    const OPERATION: &str = "insert a turn";
    let seals = shared.teen_keys.for_writing(teen).await?;
    let maker = Maker::new(shared, &seals);
    let absent = |key| Some(Condition::gone(key, turn.created_at));
    for _try in 0..TRIES {
        let meta = there(shared, (teen, turn.session), OPERATION).await?;
        let newest = newest_of(turn, events);
        let first = [turn.seq_start, events.first().map(|event| event.seq)];
        let first = first.into_iter().flatten().min();
        meta.allow_taking(first, OPERATION)?;
        let (change, mut conditions) = meta.counting(Counters {
            seq: newest,
            next_sequence: answer_sequence(turn).saturating_add(1),
        });
        conditions.extend([Stage::Queued.or_before(), Condition::Absent("fenced")]);
        conditions.extend(untaken(first));
        let change = change.set("last_activity_at", turn.created_at.as_millis());
        let mut writes = vec![
            Write::Update(
                meta_key(turn.session),
                change,
                Some(Condition::All(conditions)),
            ),
            Write::Put(
                turn_key(turn),
                item_of(maker.turn(turn)?),
                absent("session_id"),
            ),
        ];
        if let Some((key, item)) = maker.answer(&meta.conversation, turn, turn.created_at)? {
            writes.push(Write::Put(key, item, absent("conversation_id")));
        }
        writes.extend(maker.events(turn.session, events, turn.expires_at)?);
        let committed = shared.dynamo.commit(OPERATION, &writes).await?;
        if committed == Committed::Yes {
            events::trim_after(shared, (&meta, newest), events).await;
            return Ok(());
        }
        if !committed.refused(0) {
            return Err(PortError::new(ErrorKind::Conflict, OPERATION));
        }
    }
    Err(PortError::new(ErrorKind::Throttled, OPERATION))
}

/// Replaces a turn's record, never making its item anew.
///
/// The numbers of a start or an end are taken before it, in a write of their own: a transaction would
/// cost twice as much. A process that dies between the two leaves numbers that stand for nothing.
pub(super) async fn update(
    shared: &Shared,
    teen: TeenId,
    (turn, taken): (&TurnRecord, Taken<'_>),
    lease: Option<&Lease>,
) -> Result<(), PortError> {
    let seals = shared.teen_keys.for_writing(teen).await?;
    let maker = Maker::new(shared, &seals);
    let now = shared.clock.now();
    let of_turn = of_turn(&maker, (teen, turn), (now, lease))?;
    if !said::is_answered(turn) && taken.first.is_none() {
        let stored = shared.dynamo.store(UPDATE, &[of_turn]).await?;
        return stored_or_refused(shared, turn, stored, lease).await;
    }
    let meta = there(shared, (teen, turn.session), UPDATE).await?;
    meta.allow_taking(taken.first, UPDATE)?;
    let mut writes = vec![of_turn];
    let counted = counted(&meta, (turn, taken), now);
    if taken.events.is_empty() {
        take_numbers(shared, &meta, counted).await?;
    } else {
        writes.extend(counted);
        writes.extend(maker.events(turn.session, taken.events, turn.expires_at)?);
    }
    let stored = shared.dynamo.store(UPDATE, &writes).await?;
    stored_or_refused(shared, turn, stored, lease).await?;
    // Its number was given to this turn when the turn was accepted. The turn has the words too: a process
    // that dies before this write leaves the session whole.
    if let Some((key, item)) = maker.answer(&meta.conversation, turn, now)? {
        shared.dynamo.put(UPDATE, (&key, item), None).await?;
    }
    events::trim_after(shared, (&meta, newest_of(turn, taken.events)), taken.events).await;
    Ok(())
}

/// What a refused write of a turn says: it is gone, or another process's.
async fn stored_or_refused(
    shared: &Shared,
    turn: &TurnRecord,
    stored: Committed,
    lease: Option<&Lease>,
) -> Result<(), PortError> {
    if stored == Committed::Yes {
        return Ok(());
    }
    let kind = if !stored.refused(0) {
        ErrorKind::Conflict
    } else if lease.is_none() {
        ErrorKind::NotFound
    } else {
        let found = shared.dynamo.get(UPDATE, &turn_key(turn)).await?;
        let lives = |item: &Item| item.lives(shared.clock.now());
        match found.filter(lives) {
            Some(_item) => ErrorKind::Superseded,
            None => ErrorKind::NotFound,
        }
    };
    Err(PortError::new(kind, UPDATE))
}

/// The turn's item: there, and this process's as long as a lease says so, which it prolongs.
fn of_turn(
    maker: &Maker<'_>,
    (teen, turn): (TeenId, &TurnRecord),
    (now, lease): (Timestamp, Option<&Lease>),
) -> Result<Write, PortError> {
    let mut change = Change::new();
    for (name, value) in maker.turn(turn)? {
        change = change.set(name, value);
    }
    let mut there = vec![
        Condition::Is("user_id", teen.to_string().into()),
        Condition::lives(now),
    ];
    if let Some(lease) = lease {
        change = lease.held(change, now);
        there.push(lease.is_ours());
    }
    Ok(Write::Update(
        turn_key(turn),
        change,
        Some(Condition::All(there)),
    ))
}

/// The session's item once the numbers are taken; `None` if none are.
fn counted(meta: &Meta, (turn, taken): (&TurnRecord, Taken<'_>), now: Timestamp) -> Option<Write> {
    let first = taken.first?;
    let change = Change::new()
        .set("seq", newest_of(turn, taken.events).max(first))
        .set("last_activity_at", now.as_millis());
    let mut conditions = vec![Stage::Queued.or_before(), Condition::Absent("fenced")];
    conditions.extend(untaken(Some(first)));
    let conditions = Some(Condition::All(conditions));
    Some(Write::Update(meta_key(meta.session), change, conditions))
}

/// Takes numbers in a write of its own.
async fn take_numbers(
    shared: &Shared,
    meta: &Meta,
    counted: Option<Write>,
) -> Result<(), PortError> {
    let Some(counted) = counted else {
        return Ok(());
    };
    if shared.dynamo.store(UPDATE, &[counted]).await? == Committed::Yes {
        return Ok(());
    }
    // Refused by an erase, by the end of the session, or by whoever was quicker.
    there(shared, (meta.teen, meta.session), UPDATE).await?;
    Err(PortError::new(ErrorKind::Conflict, UPDATE))
}

/// The turn of a message.
pub(super) async fn of_message(
    shared: &Shared,
    (teen, session): (TeenId, SessionId),
    message: MessageId,
    now: Timestamp,
) -> Result<Option<TurnRecord>, PortError> {
    let Some(seals) = shared.teen_keys.for_reading(teen).await? else {
        return Ok(None);
    };
    let meta = Meta::find(shared, teen, session).await?;
    if !meta.is_some_and(|meta| meta.lives(now)) {
        return Ok(None);
    }
    let key = keyed_turn(session, message.to_bytes());
    let found = shared.dynamo.get("find a message", &key).await?;
    let turn = found
        .filter(|item| item.lives(now))
        .map(|item| rows::open_turn(&seals, session, &item))
        .transpose()?;
    // A turn that no message made stands under its own id: not what was asked for.
    Ok(turn.filter(|turn| turn.message.is_some()))
}

/// The session of a turn that is to be written.
async fn there(
    shared: &Shared,
    (teen, session): (TeenId, SessionId),
    operation: &'static str,
) -> Result<Meta, PortError> {
    let meta = Meta::find(shared, teen, session).await?;
    let meta = meta
        .filter(|meta| meta.stage < Stage::Processed)
        .ok_or_else(|| PortError::new(ErrorKind::NotFound, operation))?;
    meta.allow_writing(operation)?;
    Ok(meta)
}

fn newest_of(turn: &TurnRecord, events: &[EventRecord]) -> u64 {
    let events = events.iter().map(|event| event.seq);
    events.fold(newest_seq(turn), u64::max)
}
