//! Deleting what expired, a bounded number of items at a time. Reads filter on expiry anyway, and the
//! tables delete by themselves within days: this makes it minutes.
//!
//! A session is looked at when its entry in the index says so, which is soon after it was opened, and
//! from then on when the first of its items ends; while it goes on, at least every ten minutes.

use innerworld_core::{clock::Timestamp, error::PortError, ids::SessionId};

use super::{
    LOOK, finish,
    meta::{Meta, Stage},
    pointers,
    read::{self, Rows},
    rows::meta_key,
};
use crate::{
    dynamo::{Change, Committed, Condition, Item, Key, Write},
    shared::Shared,
};

const OPERATION: &str = "delete what expired";

/// Deletes at most `limit` items of sessions; says how many went. Messages go with their turns, a
/// pointer with its session: they are not counted.
pub(super) async fn sweep(
    shared: &Shared,
    now: Timestamp,
    limit: usize,
) -> Result<usize, PortError> {
    let mut gone: usize = 0;
    for session in read::due(shared, now, limit).await? {
        let left = limit.saturating_sub(gone);
        if left == 0 {
            break;
        }
        let next = now.plus(LOOK);
        gone += of_session(shared, session, (now, left), next).await?;
    }
    Ok(gone)
}

/// Deletes at most `left` items of a session that is due; one that goes on is looked at again at `next`.
pub(super) async fn of_session(
    shared: &Shared,
    session: SessionId,
    (now, left): (Timestamp, usize),
    next: Timestamp,
) -> Result<usize, PortError> {
    // The index may lag: the session itself says whether it is due.
    let rows = Rows::of(shared, session).await?;
    let Some(rows) = rows.filter(|rows| rows.meta.sweep_at <= now) else {
        return Ok(0);
    };
    let (meta, lives) = (&rows.meta, rows.meta.lives(now));
    let (gone, stays): (Vec<Item>, Vec<Item>) = rows
        .turns
        .into_iter()
        .partition(|turn| !lives || !turn.lives(now));
    let events = if lives { Vec::new() } else { rows.events };
    let whole = gone.len().saturating_add(events.len());
    let went = delete(shared, meta, (&gone, &events), left).await?;
    if went < whole {
        return Ok(went);
    }
    if lives {
        put_off(shared, meta, next_look(meta, &stays, next)?).await?;
        return Ok(went);
    }
    let last = went < left && delete_session(shared, meta, now).await?;
    Ok(went + usize::from(last))
}

/// Deletes at most `left` turns, with their messages, and events.
async fn delete(
    shared: &Shared,
    meta: &Meta,
    (turns, events): (&[Item], &[Item]),
    left: usize,
) -> Result<usize, PortError> {
    let turns = turns.get(..left.min(turns.len())).unwrap_or_default();
    let left = left.saturating_sub(turns.len());
    let events = events.get(..left.min(events.len())).unwrap_or_default();
    let mut messages: Vec<Key> = Vec::new();
    for turn in turns {
        messages.extend(meta.conversation.keys_of(turn)?);
    }
    // First the messages: once its turn is gone, nothing names them.
    shared.dynamo.delete_all(OPERATION, &messages).await?;
    let mut keys = finish::keys(turns, meta.session)?;
    keys.extend(finish::keys(events, meta.session)?);
    shared.dynamo.delete_all(OPERATION, &keys).await?;
    Ok(keys.len())
}

/// When the session is to be looked at again: at `next` if it goes on.
pub(super) fn next_look(
    meta: &Meta,
    turns: &[Item],
    next: Timestamp,
) -> Result<Timestamp, PortError> {
    let mut first = meta.ends;
    for turn in turns {
        first = first.min(turn.ends()?);
    }
    // What is said from here on may end before all that is stored.
    Ok(if meta.stage <= Stage::Closing {
        first.min(next)
    } else {
        first
    })
}

/// Has the session looked at again at `next`.
pub(super) async fn put_off(
    shared: &Shared,
    meta: &Meta,
    next: Timestamp,
) -> Result<(), PortError> {
    if next == meta.sweep_at {
        return Ok(());
    }
    // As it was read: whoever finished the session meanwhile knows better.
    let condition = Condition::All(vec![
        Condition::Is("sweep_at", meta.sweep_at.as_millis().into()),
        Condition::Is("state", meta.stage.word().into()),
    ]);
    let change = Change::new().set("sweep_at", next.as_millis());
    let key = meta_key(meta.session);
    shared
        .dynamo
        .update(OPERATION, (&key, change), Some(condition))
        .await
        .map(|_put_off| ())
}

/// Deletes a session of which nothing else is left; `false` if it was prolonged meanwhile.
async fn delete_session(shared: &Shared, meta: &Meta, now: Timestamp) -> Result<bool, PortError> {
    if meta.stage == Stage::Open {
        pointers::unlock_alone(&shared.dynamo, meta.teen, meta.session).await?;
    }
    let writes = [
        Write::Delete(meta_key(meta.session), Some(Condition::ended(now))),
        Write::Delete(pointers::key(meta.teen, meta.session), None),
    ];
    let committed = shared.dynamo.commit(OPERATION, &writes).await?;
    Ok(committed == Committed::Yes)
}
