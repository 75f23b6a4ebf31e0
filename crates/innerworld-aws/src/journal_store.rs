//! Journal entries that the teen kept: the items `journal#<id>` of the table `memory`.

use std::sync::Arc;

use async_trait::async_trait;
use innerworld_core::{
    clock::Timestamp,
    error::{ErrorKind, PortError},
    ids::{JournalId, TeenId},
    safety::store::{JournalEntry, JournalStore},
};

use crate::{
    dynamo::{Condition, Item, Key, Query, Range, Table},
    shared::{SEALED, Shared},
};

/// Where a sealed entry lies.
const PLACE: &str = "memory/journal";
/// What the items' names begin with; the id after it sorts by time.
const PREFIX: &str = "journal#";

/// [`JournalStore`] on the table `memory`.
#[derive(Debug)]
pub(crate) struct DynamoJournalStore {
    shared: Arc<Shared>,
}

impl DynamoJournalStore {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }
}

#[async_trait]
impl JournalStore for DynamoJournalStore {
    async fn put(&self, teen: TeenId, entry: &JournalEntry) -> Result<(), PortError> {
        let seals = self.shared.teen_keys.for_writing(teen).await?;
        let id = entry.id.to_bytes();
        let sealed = seals.seal(&*self.shared.ids, (PLACE, &id), entry)?;
        let item = Item::new().with(SEALED, sealed).until(entry.expires_at);
        let absent = Some(Condition::Absent("user_id"));
        self.shared
            .put_for(
                teen,
                "keep a journal entry",
                (key(teen, entry.id), item),
                absent,
            )
            .await
            // One that is there already stays, and that is no error.
            .map(|_stored| ())
    }

    async fn list(
        &self,
        teen: TeenId,
        before: Option<JournalId>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<JournalEntry>, PortError> {
        let Some(seals) = self.shared.teen_keys.for_reading(teen).await? else {
            return Ok(Vec::new());
        };
        let mut newest = match before {
            None => Some(JournalId::from_bits(u128::MAX)),
            Some(before) => older(before),
        };
        let mut entries: Vec<JournalEntry> = Vec::new();
        // Entries that ended but still lie there take the room of others, so there may be more than
        // one question.
        while let Some(from) = newest {
            let left = limit.saturating_sub(entries.len());
            let range = Range::Between(name(JournalId::from_bits(0)).into(), name(from).into());
            let query = Query::of(Table::Memory, teen.to_string())
                .range(range)
                .descending()
                .limit(left);
            let page = self.shared.dynamo.query("read the journal", query).await?;
            for item in page.iter().filter(|item| item.lives(now)) {
                let id = id_in(item)?;
                entries.push(seals.open((PLACE, &id.to_bytes()), item.bytes(SEALED)?)?);
            }
            newest = match page.last() {
                Some(last) if page.len() == left => older(id_in(last)?),
                _ => None,
            };
        }
        Ok(entries)
    }

    async fn delete(&self, teen: TeenId, id: JournalId) -> Result<(), PortError> {
        self.shared
            .dynamo
            .take("delete a journal entry", &key(teen, id), None)
            .await
            .map(|_taken| ())
    }
}

/// The greatest id below this one.
fn older(id: JournalId) -> Option<JournalId> {
    id.bits().checked_sub(1).map(JournalId::from_bits)
}

fn name(id: JournalId) -> String {
    format!("{PREFIX}{id}")
}

fn key(teen: TeenId, id: JournalId) -> Key {
    Key::teen(Table::Memory, teen, name(id))
}

fn id_in(item: &Item) -> Result<JournalId, PortError> {
    item.text("item")?
        .strip_prefix(PREFIX)
        .unwrap_or_default()
        .parse()
        .map_err(|cause| PortError::with_source(ErrorKind::Corrupt, "read the journal", cause))
}
