//! Grants at other identity providers that are to be taken back: the partition `_revocations`. They
//! are sealed under a key of the service: the key of their owner is gone by then.

use std::sync::Arc;

use async_trait::async_trait;
use innerworld_core::{
    clock::Timestamp,
    error::{ErrorKind, PortError},
    hex,
    identity::federation::{Revocation, RevocationStore},
    secret::Text,
};

use crate::{
    dynamo::{Change, Condition, Item, Key, Query, Table},
    service_keys::{ServiceKeys, ServiceSeals},
    shared::{SEALED, Shared},
};

/// Partition of all that wait. They are few: one for each erase of an account of another provider,
/// for the minutes until that provider was told.
const PARTITION: &str = "_revocations";
/// Attributes of one.
const ID: &str = "id";
const ATTEMPTS: &str = "attempts";
const NOT_BEFORE: &str = "not_before";
const UNTIL: &str = "until_ms";

/// [`RevocationStore`] on the table `teens`.
#[derive(Debug)]
pub(crate) struct DynamoRevocationStore {
    shared: Arc<Shared>,
    seals: ServiceSeals,
}

impl DynamoRevocationStore {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        let keys = Arc::new(ServiceKeys::new(Arc::clone(&shared)));
        Self {
            shared,
            seals: ServiceSeals::new(keys, "revocations", "revocations"),
        }
    }

    async fn all(&self) -> Result<Vec<Item>, PortError> {
        let query = Query::of(Table::Teens, PARTITION);
        self.shared
            .dynamo
            .query("read the revocations", query)
            .await
    }

    async fn open(&self, item: &Item) -> Result<Revocation, PortError> {
        const OPERATION: &str = "read a revocation";
        let id: [u8; 32] = item
            .bytes(ID)?
            .try_into()
            .map_err(|cause| PortError::with_source(ErrorKind::Corrupt, OPERATION, cause))?;
        let token: Text = self.seals.open(&id, item.bytes(SEALED)?).await?;
        Ok(Revocation {
            id,
            token,
            attempts: item.number(ATTEMPTS)?,
            not_before: instant(item, NOT_BEFORE)?,
            until: instant(item, UNTIL)?,
        })
    }
}

#[async_trait]
impl RevocationStore for DynamoRevocationStore {
    async fn put(&self, revocation: &Revocation) -> Result<(), PortError> {
        let sealed = self.seals.seal(&revocation.id, &revocation.token).await?;
        // The table deletes none of them: what is past its end is still to be given up by somebody.
        let item = Item::new()
            .with(ID, revocation.id.to_vec())
            .with(ATTEMPTS, revocation.attempts)
            .with(NOT_BEFORE, revocation.not_before.as_millis())
            .with(UNTIL, revocation.until.as_millis())
            .with(SEALED, sealed);
        let absent = Some(Condition::Absent("user_id"));
        self.shared
            .dynamo
            .put("queue a revocation", (&key(revocation.id), item), absent)
            .await
            .map(|_stored| ())
    }

    async fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<Revocation>, PortError> {
        let mut due = Vec::new();
        for item in self.all().await? {
            let not_before = instant(&item, NOT_BEFORE)?;
            if not_before <= now || instant(&item, UNTIL)? <= now {
                due.push((not_before, item));
            }
        }
        // Equal instants keep the order of the ids.
        due.sort_by_key(|(not_before, _item)| *not_before);
        due.truncate(limit);
        let mut opened = Vec::with_capacity(due.len());
        for (_not_before, item) in &due {
            opened.push(self.open(item).await?);
        }
        Ok(opened)
    }

    async fn defer(&self, id: [u8; 32], not_before: Timestamp) -> Result<(), PortError> {
        const OPERATION: &str = "put a revocation back";
        let change = Change::new()
            .set(NOT_BEFORE, not_before.as_millis())
            .add(ATTEMPTS, 1);
        let there = Some(Condition::Present("user_id"));
        if self
            .shared
            .dynamo
            .update(OPERATION, (&key(id), change), there)
            .await?
        {
            return Ok(());
        }
        Err(PortError::new(ErrorKind::NotFound, OPERATION))
    }

    async fn remove(&self, id: [u8; 32]) -> Result<(), PortError> {
        self.shared
            .dynamo
            .take("remove a revocation", &key(id), None)
            .await
            .map(|_taken| ())
    }

    async fn waiting(&self) -> Result<usize, PortError> {
        self.all().await.map(|waiting| waiting.len())
    }
}

fn instant(item: &Item, attribute: &str) -> Result<Timestamp, PortError> {
    item.number(attribute).map(Timestamp::from_millis)
}

fn key(id: [u8; 32]) -> Key {
    Key::of(Table::Teens, PARTITION, hex::encode(&id))
}
