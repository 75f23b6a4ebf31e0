//! Turns after, or without, the acceptance of a message.
//!
//! A start or a checkpoint is one write of one item. The end carries the answer into the table of
//! messages, so it is a commit: 2 write units for each kilobyte of the turn, 4 for the answer. Deleting
//! what was said costs 7 units a turn in all: a unit for each item, and for each entry in an index.

use innerworld_core::{
    clock::Timestamp,
    conversation::record::{EventRecord, TurnRecord},
    error::{ErrorKind, PortError},
    ids::{MessageId, SessionId, TeenId},
};

use super::{
    TRIES, events,
    meta::{Counters, Meta, Stage},
    rows::{self, Maker, answer_sequence, item_of, keyed_turn, meta_key, newest_seq, turn_key},
    said,
};
use crate::{
    dynamo::{Change, Committed, Condition, Write},
    shared::Shared,
};

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
        let (change, mut conditions) = meta.counting(Counters {
            seq: newest,
            next_sequence: answer_sequence(turn).saturating_add(1),
        });
        conditions.extend([Stage::Queued.or_before(), Condition::Absent("fenced")]);
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
pub(super) async fn update(
    shared: &Shared,
    teen: TeenId,
    (turn, events): (&TurnRecord, &[EventRecord]),
) -> Result<(), PortError> {
    const OPERATION: &str = "update a turn";
    let seals = shared.teen_keys.for_writing(teen).await?;
    let maker = Maker::new(shared, &seals);
    let now = shared.clock.now();
    let attributes = maker.turn(turn)?.into_iter();
    let change = attributes.fold(Change::new(), |change, (name, value)| {
        change.set(name, value)
    });
    let there = Condition::All(vec![
        Condition::Is("user_id", teen.to_string().into()),
        Condition::lives(now),
    ]);
    let mut writes = vec![Write::Update(turn_key(turn), change, Some(there))];
    let mut meta = None;
    if said::is_answered(turn) || !events.is_empty() {
        let found = self::there(shared, (teen, turn.session), OPERATION).await?;
        let answer = maker.answer(&found.conversation, turn, now)?;
        // Its number was given to this turn when the turn was accepted.
        writes.extend(answer.map(|(key, item)| Write::Put(key, item, None)));
        writes.extend(maker.events(turn.session, events, turn.expires_at)?);
        meta = Some(found);
    }
    match shared.dynamo.store(OPERATION, &writes).await? {
        Committed::Yes => {
            if let Some(meta) = meta {
                events::trim_after(shared, (&meta, newest_of(turn, events)), events).await;
            }
            Ok(())
        }
        Committed::No(_) => Err(PortError::new(ErrorKind::NotFound, OPERATION)),
    }
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
