//! What the table `teens` knows of sessions: which one is open, and which exist.

use innerworld_core::{
    clock::Timestamp,
    error::{ErrorKind, PortError},
    ids::{SessionId, TeenId},
};

use crate::{
    dynamo::{Change, Condition, Dynamo, Item, Key, Query, Range, Table, Write},
    shared::Shared,
};

/// Sort key of the lock that makes a second open session a conflict.
const LOCK: &str = "open_session";
/// What the sort keys of pointers begin with.
const POINTERS: &str = "session#";
/// The attribute of a pointer to a session that holds nothing any more.
const PROCESSED: &str = "processed";

/// A session that a teen has, or had until lately.
pub(super) struct Pointer {
    pub(super) session: SessionId,
    /// Nothing that was said in it is left.
    pub(super) processed: bool,
    item: Item,
}

impl Pointer {
    /// Whether the session existed at `now`, when the pointer was written last.
    pub(super) fn lives(&self, now: Timestamp) -> bool {
        self.item.lives(now)
    }
}

/// At most `limit` sessions of a teen, newest first, older than `before` if given.
pub(super) async fn page(
    shared: &Shared,
    teen: TeenId,
    (before, limit): (Option<SessionId>, usize),
) -> Result<Vec<Pointer>, PortError> {
    const OPERATION: &str = "list sessions";
    let query = Query::of(Table::Teens, teen.to_string());
    let query = match before {
        None => query.prefix(POINTERS),
        // Both ends are included: the older one is a text that no pointer has, the newer one is
        // skipped below.
        Some(before) => {
            let last = format!("{POINTERS}{before}");
            query.range(Range::Between(POINTERS.into(), last.into()))
        }
    };
    let query = query.descending().limit(limit.saturating_add(1));
    let mut pointers = Vec::new();
    for item in shared.dynamo.query(OPERATION, query).await? {
        let session = item.text("item")?.strip_prefix(POINTERS);
        let session = session
            .and_then(|session| session.parse().ok())
            .ok_or_else(|| PortError::new(ErrorKind::Corrupt, OPERATION))?;
        if Some(session) != before {
            pointers.push(Pointer {
                session,
                processed: item.flag(PROCESSED),
                item,
            });
        }
    }
    pointers.truncate(limit);
    Ok(pointers)
}

/// Takes the lock for a session that lives from `now` until `ends`; refused while another has it.
pub(super) fn lock(teen: TeenId, session: SessionId, (now, ends): (Timestamp, Timestamp)) -> Write {
    let item = Item::new()
        .with("session_id", session.to_string())
        .until(ends);
    Write::Put(lock_key(teen), item, Some(Condition::gone("user_id", now)))
}

/// Frees the lock; refused if another session has it, which then outlived this one.
pub(super) fn unlock(teen: TeenId, session: SessionId) -> Write {
    let condition = Condition::Any(vec![
        Condition::Absent("user_id"),
        Condition::Is("session_id", session.to_string().into()),
    ]);
    Write::Delete(lock_key(teen), Some(condition))
}

/// Frees the lock if this session has it.
pub(super) async fn unlock_alone(
    dynamo: &Dynamo,
    teen: TeenId,
    session: SessionId,
) -> Result<(), PortError> {
    let mine = Condition::Is("session_id", session.to_string().into());
    dynamo
        .take("free a teen for a session", &lock_key(teen), Some(mine))
        .await
        .map(|_taken| ())
}

/// Lets the lock end with its session.
pub(super) fn prolong_lock(teen: TeenId, session: SessionId, ends: Timestamp) -> Write {
    let mine = Condition::Is("session_id", session.to_string().into());
    Write::Update(lock_key(teen), Change::new().until(ends), Some(mine))
}

/// Puts a pointer to a session.
pub(super) fn point(teen: TeenId, session: SessionId, ends: Timestamp) -> Write {
    Write::Put(key(teen, session), Item::new().until(ends), None)
}

/// Marks the pointer of a session that holds nothing any more.
pub(super) fn mark_processed(teen: TeenId, session: SessionId, ends: Timestamp) -> Write {
    let item = Item::new().with(PROCESSED, true).until(ends);
    Write::Put(key(teen, session), item, None)
}

/// Where the pointer to a session lies.
pub(super) fn key(teen: TeenId, session: SessionId) -> Key {
    Key::teen(Table::Teens, teen, format!("{POINTERS}{session}"))
}

fn lock_key(teen: TeenId) -> Key {
    Key::teen(Table::Teens, teen, LOCK)
}
