//! Opening a session.

use innerworld_core::{
    conversation::record::{EventRecord, SessionRecord},
    error::{ErrorKind, PortError},
    ids::SessionId,
};

use super::{
    FIRST_LOOK, meta, pointers,
    rows::{self, Maker, meta_key},
    said::Conversation,
};
use crate::{
    dynamo::{Committed, Condition, Item, Query, Table, Write},
    keys::TeenKeys,
    shared::Shared,
};

const OPERATION: &str = "open a session";
/// Shards of the index that finds what is due.
pub(super) const SHARDS: u8 = 8;

pub(super) async fn open_session(
    shared: &Shared,
    session: &SessionRecord,
    events: &[EventRecord],
) -> Result<(), PortError> {
    let (teen, ends) = (session.teen, session.expires_at);
    let seals = shared.teen_keys.for_writing(teen).await?;
    let maker = Maker::new(shared, &seals);
    let item = item(&maker, session, &conversation(shared, session).await?)?;
    let mut writes = vec![
        // An erase that began meanwhile looks for an open session to fence, and may have looked.
        TeenKeys::unfenced(teen),
        pointers::lock(teen, session.id, (session.started_at, ends)),
        Write::Put(
            meta_key(session.id),
            item,
            Some(Condition::Absent("session_id")),
        ),
        pointers::point(teen, session.id, ends),
    ];
    writes.extend(maker.events(session.id, events, ends)?);
    let committed = shared.dynamo.commit(OPERATION, &writes).await?;
    if committed.refused(0) {
        return Err(PortError::new(ErrorKind::Denied, OPERATION));
    }
    match committed {
        Committed::Yes => Ok(()),
        Committed::No(_) => Err(PortError::new(ErrorKind::Conflict, OPERATION)),
    }
}

/// Where the session's messages go: behind those of the day's earlier sessions, with room for an
/// answer that the last of them still waits for. Nobody opens a second session at the same time: the
/// lock is one.
async fn conversation(shared: &Shared, session: &SessionRecord) -> Result<Conversation, PortError> {
    let id = Conversation::id_of(session.teen, session.started_at);
    let query = Query::of(Table::LiveConversations, id.as_str())
        .descending()
        .limit(1);
    let newest = shared.dynamo.query(OPERATION, query).await?;
    let newest = newest
        .first()
        .map(|item| item.number::<u64>("message_sequence"));
    let first = newest.transpose()?.map_or(0, |last| last.saturating_add(2));
    Ok(Conversation { id, first })
}

/// The session's own item as it is opened.
pub(super) fn item(
    maker: &Maker<'_>,
    session: &SessionRecord,
    conversation: &Conversation,
) -> Result<Item, PortError> {
    let item = rows::item_of(meta::attributes(maker, session)?)
        .with("user_id", session.teen.to_string())
        .with("conversation_id", conversation.id.as_str())
        .with("first_sequence", conversation.first)
        .with("seq", session.seq)
        .with("next_sequence", session.next_sequence)
        .with("started_at", session.started_at.as_millis())
        .with("sweep_shard", shard_of(session.id).to_string())
        .with("sweep_at", session.started_at.plus(FIRST_LOOK).as_millis());
    Ok(item)
}

/// The shard of a session. The low bits of its id are random.
fn shard_of(session: SessionId) -> u8 {
    session.to_bytes().last().map_or(0, |byte| byte % SHARDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_are_spread_over_the_shards() {
        let shards: Vec<u8> = (0..16)
            .map(|id| shard_of(SessionId::from_bits(id)))
            .collect();
        assert_eq!(shards[..8], [0, 1, 2, 3, 4, 5, 6, 7]);
        assert_eq!(shards[..8], shards[8..]);
    }
}
