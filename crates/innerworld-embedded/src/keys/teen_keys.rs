//! The teens' keys: wrapped in `keys.db`, unwrapped in a bounded cache.

mod cache;
mod table;

pub(crate) use self::table::fenced;

use std::sync::Arc;

use innerworld_core::{
    clock::{Clock, Timestamp},
    error::{ErrorKind, PortError},
    ids::{IdSource, TeenId},
    seal::{Seals, TeenKey},
};

use self::{cache::Cache, table::Row};
use super::{master::Master, tombstones::Tombstones};
use crate::{
    fences::{Fence, Fences},
    sqlite::database::Database,
};

/// A teen's seals, with the number that stands for the teen in rows.
#[derive(Debug)]
pub(crate) struct TeenSeals {
    /// The random number that stands for the teen in rows.
    pub(crate) number: i64,
    seals: Seals,
}

impl TeenSeals {
    fn new(teen: TeenId, number: i64, key: &TeenKey) -> Result<Self, PortError> {
        let seals = Seals::new(teen, key)?;
        Ok(Self { number, seals })
    }
}

impl std::ops::Deref for TeenSeals {
    type Target = Seals;

    fn deref(&self) -> &Seals {
        &self.seals
    }
}

/// Finds, makes, fences and destroys teens' keys.
pub(crate) struct TeenKeys {
    keys: Arc<Database>,
    master: Arc<Master>,
    fences: Arc<Fences>,
    tombstones: Arc<Tombstones>,
    ids: Arc<dyn IdSource>,
    clock: Arc<dyn Clock>,
    cache: Cache,
}

impl std::fmt::Debug for TeenKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TeenKeys([redacted])")
    }
}

/// The parts that [`TeenKeys`] works with.
pub(crate) struct Parts {
    pub(crate) keys: Arc<Database>,
    pub(crate) master: Arc<Master>,
    pub(crate) fences: Arc<Fences>,
    pub(crate) tombstones: Arc<Tombstones>,
    pub(crate) ids: Arc<dyn IdSource>,
    pub(crate) clock: Arc<dyn Clock>,
}

impl TeenKeys {
    pub(crate) fn new(parts: Parts) -> Self {
        let Parts {
            keys,
            master,
            fences,
            tombstones,
            ids,
            clock,
        } = parts;
        Self {
            keys,
            master,
            fences,
            tombstones,
            ids,
            clock,
            cache: Cache::default(),
        }
    }

    /// The teen's seals for a read: `None` if the teen never had a key, so nothing is stored.
    /// `NotFound` once the key was destroyed.
    pub(crate) async fn for_reading(
        &self,
        teen: TeenId,
    ) -> Result<Option<Arc<TeenSeals>>, PortError> {
        const OPERATION: &str = "find a teen's key";
        let gone = || PortError::new(ErrorKind::NotFound, OPERATION);
        if self.fences.of(teen) == Some(Fence::KeyDestroyed) {
            return Err(gone());
        }
        if let Some(seals) = self.cache.find(teen) {
            return Ok(Some(seals));
        }
        let row = self
            .keys
            .read(OPERATION, move |connection| table::find(connection, teen))
            .await?;
        match row {
            Some(row) => self.unwrap(&row)?.ok_or_else(gone).map(Some),
            None if self.tombstones.is_buried(teen, self.clock.now()).await? => Err(gone()),
            None => Ok(None),
        }
    }

    /// The teen's seals for a write; the first one makes the key. `Denied` once the teen is
    /// fenced.
    pub(crate) async fn for_writing(&self, teen: TeenId) -> Result<Arc<TeenSeals>, PortError> {
        const OPERATION: &str = "make a teen's key";
        let denied = || PortError::new(ErrorKind::Denied, OPERATION);
        if self.fences.of(teen).is_some() {
            return Err(denied());
        }
        if let Some(seals) = self.cache.find(teen) {
            return Ok(seals);
        }
        match self.for_reading(teen).await {
            Ok(Some(seals)) => return Ok(seals),
            Ok(None) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => return Err(denied()),
            Err(error) => return Err(error),
        }
        let (master, ids) = (Arc::clone(&self.master), Arc::clone(&self.ids));
        let row = self
            .keys
            .write(OPERATION, Some(teen), move |connection| {
                table::find_or_make(connection, (&master, &*ids), teen)
            })
            .await?;
        self.unwrap(&row)?.ok_or_else(denied)
    }

    /// The seals of the teen with this number; `None` if nobody has it any more.
    pub(crate) async fn by_number(&self, number: i64) -> Result<Option<Arc<TeenSeals>>, PortError> {
        if let Some(seals) = self.cache.find_number(number) {
            return Ok(Some(seals));
        }
        let row = self
            .keys
            .read("find a teen's key", move |connection| {
                table::find_number(connection, number)
            })
            .await?;
        match row {
            Some(row) => self.unwrap(&row),
            None => Ok(None),
        }
    }

    /// The teen's number for deleting rows, whether or not the key still exists.
    pub(crate) async fn number(&self, teen: TeenId) -> Result<Option<i64>, PortError> {
        let row = self
            .keys
            .read("find a teen's key", move |connection| {
                table::find(connection, teen)
            })
            .await?;
        Ok(row.map(|row| row.number))
    }

    /// Refuses every write of the teen from here on, also those that wait already.
    pub(crate) async fn fence(&self, teen: TeenId) -> Result<(), PortError> {
        let before = self.fences.raise(teen, Fence::Fenced);
        let ids = Arc::clone(&self.ids);
        let stored = self
            .keys
            .write("fence a teen", None, move |connection| {
                table::fence(connection, &*ids, teen)
            })
            .await;
        if stored.is_err() {
            self.fences.restore(teen, before);
        }
        stored
    }

    /// Whether a fence of this process stands, without asking a file.
    pub(crate) fn has_fence(&self, teen: TeenId) -> bool {
        self.fences.of(teen).is_some()
    }

    /// Whether the teen is fenced or gone.
    pub(crate) async fn is_fenced(&self, teen: TeenId) -> Result<bool, PortError> {
        if self.fences.of(teen).is_some() {
            return Ok(true);
        }
        self.tombstones.is_buried(teen, self.clock.now()).await
    }

    /// Destroys the wrapped key and forgets the unwrapped one.
    pub(crate) async fn destroy(&self, teen: TeenId) -> Result<(), PortError> {
        let before = self.fences.raise(teen, Fence::KeyDestroyed);
        self.cache.forget(teen);
        let stored = self
            .keys
            .write_single("destroy a teen's key", None, move |connection| {
                table::destroy(connection, teen)
            })
            .await;
        if stored.is_err() {
            self.fences.restore(teen, before);
        }
        stored
    }

    /// Leaves a tombstone and removes the teen's last row here.
    pub(crate) async fn bury(&self, teen: TeenId, until: Timestamp) -> Result<(), PortError> {
        self.fences.raise(teen, Fence::KeyDestroyed);
        let row = self
            .keys
            .read("bury a teen", move |connection| {
                table::find(connection, teen)
            })
            .await?;
        let epoch = row.map_or(1, |row| row.fence.unwrap_or(row.epoch + 1));
        let now = self.clock.now();
        self.tombstones.bury(teen, epoch, (now, until)).await?;
        self.keys
            .write_single("bury a teen", None, move |connection| {
                table::remove(connection, teen)
            })
            .await
    }

    /// `None` if the key was destroyed.
    fn unwrap(&self, row: &Row) -> Result<Option<Arc<TeenSeals>>, PortError> {
        let Some(key) = row.unwrap(&self.master)? else {
            return Ok(None);
        };
        let seals = Arc::new(TeenSeals::new(row.teen, row.number, &key)?);
        // Between our read and now the key may have been destroyed: the fence is asked under the
        // cache's lock, so that a late reader cannot put it back.
        let kept = self.cache.keep(&seals, || {
            self.fences.of(row.teen) != Some(Fence::KeyDestroyed)
        });
        Ok(kept.then_some(seals))
    }
}
