//! Deleting a teen's rows, table by table: what is found through another row goes before that row.

use futures_util::future::try_join_all;
use innerworld_core::{error::PortError, ids::TeenId};

use crate::{
    cluster,
    dynamo::{Condition, Index, Item, Key, Query, Table},
    elsewhere, job_rows, keys,
    shared::Shared,
};

const OPERATION: &str = "delete a teen's rows";
/// Rows that are deleted at once.
const AT_ONCE: usize = 8;
/// What the sort keys of pointers to sessions begin with.
const SESSIONS: &str = "session#";
/// Items of the table `teens` that outlive the deletion: the fence, the job that brings us back here after
/// a crash, and the server that does it, which lets go when it is done.
const STAY: [&str; 3] = [keys::ERASE, job_rows::ERASE, cluster::HELD];

/// The rows of one teen, of which so many may still go in this step.
pub(super) struct Rows<'a> {
    shared: &'a Shared,
    teen: TeenId,
    limit: usize,
    gone: usize,
}

impl<'a> Rows<'a> {
    pub(super) const fn of(shared: &'a Shared, teen: TeenId, limit: usize) -> Self {
        Self {
            shared,
            teen,
            limit,
            gone: 0,
        }
    }

    /// Deletes as many as may go, and says how many went.
    pub(super) async fn delete(mut self) -> Result<usize, PortError> {
        self.sessions().await?;
        self.messages().await?;
        self.connections().await?;
        self.partition(Table::SessionContext, self.teen.to_string())
            .await?;
        self.partition(Table::Memory, self.teen.to_string()).await?;
        self.teen().await?;
        Ok(self.gone)
    }

    /// What the teen's pointers lead to. A conversation holds messages of this teen alone; a session's
    /// item names it, so its messages go first.
    async fn sessions(&mut self) -> Result<(), PortError> {
        let pointers = self.own(Table::Teens).prefix(SESSIONS).keys_only();
        for pointer in self.found(pointers).await? {
            let session = pointer.text("item")?.strip_prefix(SESSIONS);
            let session = session.unwrap_or_default().to_owned();
            let meta = Key::of(Table::Sessions, session.as_str(), "meta");
            if let Some(meta) = self.shared.dynamo.get(OPERATION, &meta).await? {
                let conversation = meta.text("conversation_id")?.to_owned();
                self.partition(Table::LiveConversations, conversation)
                    .await?;
            }
            self.partition(Table::Sessions, session).await?;
        }
        Ok(())
    }

    /// Messages whose session is gone. The index may still show some that are gone, too: they count,
    /// so that the caller asks again until it does not.
    async fn messages(&mut self) -> Result<(), PortError> {
        let query = self.own(Table::LiveConversations).through(Index::User);
        let mut keys = Vec::new();
        for entry in self.found(query).await? {
            keys.push(key_of(Table::LiveConversations, &entry)?);
        }
        self.gone = self.gone.saturating_add(keys.len());
        self.take(&keys).await.map(|_found| ())
    }

    /// The index may lag here as well; each connection is deleted as the teen's or not at all.
    async fn connections(&mut self) -> Result<(), PortError> {
        let query = self.own(Table::Connections).through(Index::User);
        let entries = self.found(query).await?;
        self.gone = self.gone.saturating_add(entries.len());
        for entry in entries {
            let key = Key::alone(Table::Connections, entry.text("connection_id")?);
            let theirs = Condition::Is("user_id", self.teen.to_string().into());
            self.shared
                .dynamo
                .take(OPERATION, &key, Some(theirs))
                .await?;
        }
        Ok(())
    }

    /// The teen's own items, the pointers to sessions among them; what one of them names elsewhere
    /// goes before it.
    async fn teen(&mut self) -> Result<(), PortError> {
        let left = self.left();
        if left == 0 {
            return Ok(());
        }
        let query = self
            .own(Table::Teens)
            .limit(left.saturating_add(STAY.len()));
        for item in self.shared.dynamo.query(OPERATION, query).await? {
            if STAY.contains(&item.text("item")?) {
                continue;
            }
            if let Some(other) = elsewhere::named(&item)? {
                if self.left() == 0 {
                    break;
                }
                // By now another teen may have the address.
                let theirs = elsewhere::belongs_to(self.teen);
                let other = self.shared.dynamo.take(OPERATION, &other, Some(theirs));
                self.gone += usize::from(other.await?.is_some());
            }
            if self.left() == 0 {
                break;
            }
            let key = key_of(Table::Teens, &item)?;
            self.gone += self.take(&[key]).await?;
        }
        Ok(())
    }

    /// Every item of a partition.
    async fn partition(&mut self, table: Table, partition: String) -> Result<(), PortError> {
        let query = Query::of(table, partition).keys_only();
        let mut keys = Vec::new();
        for item in self.found(query).await? {
            keys.push(key_of(table, &item)?);
        }
        self.gone += self.take(&keys).await?;
        Ok(())
    }

    fn own(&self, table: Table) -> Query {
        Query::of(table, self.teen.to_string())
    }

    fn left(&self) -> usize {
        self.limit.saturating_sub(self.gone)
    }

    /// At most as many items as may still go.
    async fn found(&self, query: Query) -> Result<Vec<Item>, PortError> {
        let query = query.limit(self.left());
        self.shared.dynamo.query(OPERATION, query).await
    }

    /// Deletes these items, and says how many were there.
    async fn take(&self, keys: &[Key]) -> Result<usize, PortError> {
        let mut taken = 0;
        for some in keys.chunks(AT_ONCE) {
            let dynamo = &self.shared.dynamo;
            let items = try_join_all(some.iter().map(|key| dynamo.take(OPERATION, key, None)));
            taken += items.await?.into_iter().flatten().count();
        }
        Ok(taken)
    }
}

/// Where an item lies that was read or that an index names.
fn key_of(table: Table, item: &Item) -> Result<Key, PortError> {
    Ok(match table {
        Table::LiveConversations => {
            let number: u64 = item.number("message_sequence")?;
            Key::of(table, item.text("conversation_id")?, number)
        }
        Table::Sessions => Key::of(table, item.text("session_id")?, item.text("item")?),
        Table::SessionContext => Key::of(table, item.text("user_id")?, item.text("session_id")?),
        Table::Teens | Table::Memory => Key::of(table, item.text("user_id")?, item.text("item")?),
        Table::Connections => Key::alone(table, item.text("connection_id")?),
        Table::TeenKeys => Key::alone(table, item.text("user_id")?),
        Table::Counters => Key::of(table, item.text("counter")?, item.text("bucket")?),
    })
}
