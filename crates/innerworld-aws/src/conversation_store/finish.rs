//! Deleting what was said in a session that was remembered.

use innerworld_core::{
    error::PortError,
    ids::{SessionId, TeenId},
    memory::job::JobKind,
};

use super::{
    meta::{Counters, Meta, Stage},
    pointers,
    read::Rows,
    rows::meta_key,
};
use crate::{
    dynamo::{Change, Condition, Item, Key, Query, Range, Table, Write},
    job_rows::JobRows,
    shared::Shared,
};

const OPERATION: &str = "finish a session";

/// Deletes turns, events and messages, marks the session and removes its job, in this order: a call
/// that is cut leaves the job, which calls again. It only deletes, so neither a fence nor a missing
/// key stands in its way.
pub(super) async fn finish(
    shared: &Shared,
    teen: TeenId,
    session: SessionId,
) -> Result<(), PortError> {
    let rows = Rows::of(shared, session).await?;
    let Some(rows) = rows.filter(|rows| rows.meta.teen == teen) else {
        // The table deleted the session: the job may be all that is left of it.
        return drop_job(shared, teen, session).await;
    };
    let counters = rows.counters()?;
    let meta = &rows.meta;
    // The counters outlive the items that showed them.
    if counters != meta.counters {
        count(shared, meta, counters).await?;
    }
    let messages = messages(shared, meta, counters).await?;
    shared.dynamo.delete_all(OPERATION, &messages).await?;
    let said: Vec<Key> = keys(&rows.turns, session)?
        .into_iter()
        .chain(keys(&rows.events, session)?)
        .collect();
    shared.dynamo.delete_all(OPERATION, &said).await?;
    if meta.stage == Stage::Open {
        pointers::unlock_alone(&shared.dynamo, teen, session).await?;
    }
    mark(shared, meta).await
}

async fn count(shared: &Shared, meta: &Meta, counters: Counters) -> Result<(), PortError> {
    let (change, conditions) = meta.counting(counters);
    let condition = Some(Condition::All(conditions));
    // Refused: somebody counted further, which is as good.
    let key = meta_key(meta.session);
    shared
        .dynamo
        .update(OPERATION, (&key, change), condition)
        .await
        .map(|_counted| ())
}

/// The state, the pointer and the job, at once. What is left of the session goes when it ends.
async fn mark(shared: &Shared, meta: &Meta) -> Result<(), PortError> {
    let (teen, session) = (meta.teen, meta.session);
    let change = Change::new()
        .set("state", Stage::Processed.word())
        .set("sweep_at", meta.ends.as_millis());
    let job = JobRows::key(teen, JobKind::Remember { session });
    let writes = [
        Write::Update(
            meta_key(session),
            change,
            Some(Condition::Present("session_id")),
        ),
        pointers::mark_processed(teen, session, meta.ends),
        Write::Delete(job, None),
    ];
    let committed = shared.dynamo.commit(OPERATION, &writes).await?;
    if committed.refused(0) {
        // The table deleted the session meanwhile.
        drop_job(shared, teen, session).await?;
    }
    Ok(())
}

async fn drop_job(shared: &Shared, teen: TeenId, session: SessionId) -> Result<(), PortError> {
    let job = JobRows::key(teen, JobKind::Remember { session });
    let dropped = shared.dynamo.take(OPERATION, &job, None).await;
    dropped.map(|_job| ())
}

/// Where the session's messages lie: between the first and the last number that it gave out, among
/// those of the day's other sessions.
async fn messages(shared: &Shared, meta: &Meta, counters: Counters) -> Result<Vec<Key>, PortError> {
    let first = meta.conversation.first;
    let last = first.saturating_add(counters.next_sequence);
    let query = Query::of(Table::LiveConversations, meta.conversation.id.as_str())
        .range(Range::Between(first.into(), last.into()));
    let session = meta.session.to_string();
    let mut keys = Vec::new();
    for item in shared.dynamo.query(OPERATION, query).await? {
        if item.text("session_id")? == session {
            let number: u64 = item.number("message_sequence")?;
            keys.push(meta.conversation.key(number.saturating_sub(first)));
        }
    }
    Ok(keys)
}

/// Where items of a session lie.
pub(super) fn keys(items: &[Item], session: SessionId) -> Result<Vec<Key>, PortError> {
    let key = |item: &Item| {
        let item = item.text("item")?;
        Ok(Key::of(Table::Sessions, session.to_string(), item))
    };
    items.iter().map(key).collect()
}
