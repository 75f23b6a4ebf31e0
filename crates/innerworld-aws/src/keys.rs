//! The teens' keys: wrapped by KMS in the table `teen-keys`, unwrapped in a bounded cache.

mod cache;
mod kms;

use std::sync::Arc;

use aws_sdk_kms::Client;
use innerworld_core::{
    clock::{Clock, Timestamp},
    error::{ErrorKind, PortError},
    ids::TeenId,
    seal::{Seals, TeenKey},
};
use zeroize::Zeroizing;

use self::{cache::Cache, kms::Kms};
use crate::dynamo::{Change, Condition, Dynamo, Item, Key, Table, Write};

/// The item of `teens` that fences a teen, and later stands for one who is gone.
pub(crate) const ERASE: &str = "erase";
/// The attribute of a wrapped key.
const WRAPPED: &str = "wrapped";

/// Finds, makes, fences and destroys teens' keys.
pub(crate) struct TeenKeys {
    dynamo: Dynamo,
    kms: Kms,
    clock: Arc<dyn Clock>,
    cache: Cache,
}

impl std::fmt::Debug for TeenKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TeenKeys([redacted])")
    }
}

impl TeenKeys {
    pub(crate) fn new(dynamo: Dynamo, kms: (Client, String), clock: Arc<dyn Clock>) -> Self {
        Self {
            dynamo,
            kms: Kms::new(kms.0, kms.1),
            clock,
            cache: Cache::default(),
        }
    }

    /// The teen's seals for a read: `None` if the teen never had a key, so nothing is stored.
    /// `NotFound` once the key was destroyed.
    pub(crate) async fn for_reading(&self, teen: TeenId) -> Result<Option<Arc<Seals>>, PortError> {
        const OPERATION: &str = "find a teen's key";
        let now = self.clock.now();
        if let Some(seals) = self.cache.find(teen, now) {
            return Ok(Some(seals));
        }
        let read_at = self.cache.mark();
        let row = self.dynamo.get(OPERATION, &key_of(teen)).await?;
        match row {
            Some(row) => {
                let key = self.kms.unwrap(teen, row.bytes(WRAPPED)?).await?;
                let seals = Self::unwrapped(teen, &key)?;
                self.cache.keep(&seals, now, read_at);
                Ok(Some(seals))
            }
            None if self.is_fenced(teen).await? => {
                Err(PortError::new(ErrorKind::NotFound, OPERATION))
            }
            None => Ok(None),
        }
    }

    /// The teen's seals for a write; the first one makes the key. `Denied` once the teen is fenced:
    /// the fence is asked every time, since another process may have raised it.
    pub(crate) async fn for_writing(&self, teen: TeenId) -> Result<Arc<Seals>, PortError> {
        const OPERATION: &str = "make a teen's key";
        self.allow_writing(teen).await?;
        if let Some(seals) = self.for_reading(teen).await? {
            return Ok(seals);
        }
        let (key, wrapped) = self.kms.generate(teen).await?;
        let place = key_of(teen);
        let read_at = self.cache.mark();
        let item = Item::new()
            .with(WRAPPED, wrapped)
            .with("created_at", self.clock.now().as_millis())
            .with("epoch", 0_i64);
        // In one commit with the fence's absence: a key that is made behind an erase would stay.
        let writes = [
            Write::Put(place, item, Some(Condition::Absent("user_id"))),
            Self::unfenced(teen),
        ];
        let committed = self.dynamo.commit(OPERATION, &writes).await?;
        if committed.refused(1) {
            return Err(PortError::new(ErrorKind::Denied, OPERATION));
        }
        if committed.refused(0) {
            // Another process was first: its key is the key.
            return self
                .for_reading(teen)
                .await?
                .ok_or_else(|| PortError::new(ErrorKind::Unavailable, OPERATION));
        }
        let seals = Self::unwrapped(teen, &key)?;
        self.cache.keep(&seals, self.clock.now(), read_at);
        Ok(seals)
    }

    /// `Denied` if the teen is fenced.
    pub(crate) async fn allow_writing(&self, teen: TeenId) -> Result<(), PortError> {
        if self.is_fenced(teen).await? {
            return Err(PortError::new(ErrorKind::Denied, "write for a teen"));
        }
        Ok(())
    }

    /// A part of a commit that fails for a fenced teen.
    pub(crate) fn unfenced(teen: TeenId) -> Write {
        Write::Check(fence_of(teen), Condition::Absent("user_id"))
    }

    /// Whether the teen is fenced or gone.
    pub(crate) async fn is_fenced(&self, teen: TeenId) -> Result<bool, PortError> {
        let fence = self.dynamo.get("read a fence", &fence_of(teen)).await?;
        Ok(fence.is_some_and(|fence| fence.lives(self.clock.now())))
    }

    /// Refuses every write of the teen from here on.
    pub(crate) async fn fence(&self, teen: TeenId, now: Timestamp) -> Result<(), PortError> {
        let change = Change::new()
            .set("fenced_at", now.as_millis())
            .add("epoch", 1);
        let condition = Condition::Absent("user_id");
        self.dynamo
            .update("fence a teen", (&fence_of(teen), change), Some(condition))
            .await
            .map(|_first| ())
    }

    /// Destroys the wrapped key and forgets the unwrapped one.
    pub(crate) async fn destroy(&self, teen: TeenId) -> Result<(), PortError> {
        self.cache.forget(teen);
        self.dynamo
            .take("destroy a teen's key", &key_of(teen), None)
            .await?;
        self.cache.forget(teen);
        Ok(())
    }

    /// Leaves the fence as a tombstone until `until`.
    pub(crate) async fn bury(&self, teen: TeenId, until: Timestamp) -> Result<(), PortError> {
        self.destroy(teen).await?;
        let item = Item::new()
            .with("buried_at", self.clock.now().as_millis())
            .until(until);
        self.dynamo
            .put("bury a teen", (&fence_of(teen), item), None)
            .await
            .map(|_stored| ())
    }

    fn unwrapped(teen: TeenId, key: &TeenKey) -> Result<Arc<Seals>, PortError> {
        Ok(Arc::new(Seals::new(teen, key)?))
    }

    /// Makes a key of the service, unwraps it and throws it away: nothing is stored.
    pub(crate) async fn probe(&self) -> Result<(), PortError> {
        let (key, wrapped) = self.kms.generate_service().await?;
        let unwrapped = Zeroizing::new(self.kms.unwrap_service(&wrapped).await?);
        if *unwrapped == *key.expose() {
            return Ok(());
        }
        Err(PortError::new(ErrorKind::Corrupt, "unwrap a key"))
    }

    /// A key of the service itself, 32 bytes, made at first use.
    pub(crate) async fn service_key(&self, name: &'static str) -> Result<[u8; 32], PortError> {
        const OPERATION: &str = "make a service key";
        let place = Key::alone(Table::TeenKeys, kms::SERVICE);
        if let Some(row) = self.dynamo.get(OPERATION, &place).await?
            && row.has(name)
        {
            return self.kms.unwrap_service(row.bytes(name)?).await;
        }
        let (key, wrapped) = self.kms.generate_service().await?;
        let change = Change::new().set(name, wrapped);
        let absent = Some(Condition::Absent(name));
        if self
            .dynamo
            .update(OPERATION, (&place, change), absent)
            .await?
        {
            return Ok(*key.expose());
        }
        let row = self.dynamo.get(OPERATION, &place).await?;
        let row = row.ok_or_else(|| PortError::new(ErrorKind::Unavailable, OPERATION))?;
        self.kms.unwrap_service(row.bytes(name)?).await
    }
}

fn key_of(teen: TeenId) -> Key {
    Key::alone(Table::TeenKeys, teen.to_string())
}

fn fence_of(teen: TeenId) -> Key {
    Key::teen(Table::Teens, teen, ERASE)
}
