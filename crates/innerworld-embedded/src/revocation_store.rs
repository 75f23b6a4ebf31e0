//! Grants at other identity providers that are to be taken back, in `memory.db`. They are sealed
//! under a key of the server: the key of their owner is gone by then.

use std::sync::Arc;

use async_trait::async_trait;
use innerworld_core::{
    clock::Timestamp,
    error::{ErrorKind, PortError},
    identity::federation::{Revocation, RevocationStore},
    secret::Text,
};

use crate::{rows, server_seals::ServerSeals, shared::Shared};

/// [`RevocationStore`] on `memory.db`.
#[derive(Debug)]
pub(crate) struct SqliteRevocationStore {
    shared: Arc<Shared>,
    seals: ServerSeals,
}

/// A row: id, attempts, the two instants, the sealed token.
type Stored = ([u8; 32], u32, i64, i64, Vec<u8>);

impl SqliteRevocationStore {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        let seals = ServerSeals::new(Arc::clone(&shared), "revocations");
        Self { shared, seals }
    }

    async fn open(&self, stored: Stored) -> Result<Revocation, PortError> {
        let (id, attempts, not_before, until, sealed) = stored;
        let token: Text = self.seals.open(&id, &sealed).await?;
        Ok(Revocation {
            id,
            token,
            attempts,
            not_before: Timestamp::from_millis(not_before),
            until: Timestamp::from_millis(until),
        })
    }
}

#[async_trait]
impl RevocationStore for SqliteRevocationStore {
    async fn put(&self, revocation: &Revocation) -> Result<(), PortError> {
        let sealed = self.seals.seal(&revocation.id, &revocation.token).await?;
        let (id, attempts) = (revocation.id, revocation.attempts);
        let times = (revocation.not_before, revocation.until);
        self.shared
            .memory
            .write_single("queue a revocation", None, move |connection| {
                let (not_before, until) = (times.0.as_millis(), times.1.as_millis());
                connection
                    .prepare_cached(
                        "INSERT INTO revocation (id, attempts, not_before, until, sealed)
                         VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
                    )?
                    .execute((id, attempts, not_before, until, sealed))?;
                Ok(())
            })
            .await
    }

    async fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<Revocation>, PortError> {
        let stored: Vec<Stored> = self
            .shared
            .memory
            .read("read the revocations that are due", move |connection| {
                let mut statement = connection.prepare_cached(
                    "SELECT id, attempts, not_before, until, sealed FROM revocation
                     WHERE not_before <= ?1 OR until <= ?1 ORDER BY not_before, id LIMIT ?2",
                )?;
                let due = statement.query_map((now.as_millis(), rows::limit(limit)), |row| {
                    Ok((
                        row.get(0)?,
                        row.get(1)?,
                        row.get(2)?,
                        row.get(3)?,
                        row.get(4)?,
                    ))
                })?;
                Ok(due.collect::<Result<_, _>>()?)
            })
            .await?;
        let mut due = Vec::with_capacity(stored.len());
        for stored in stored {
            due.push(self.open(stored).await?);
        }
        Ok(due)
    }

    async fn defer(&self, id: [u8; 32], not_before: Timestamp) -> Result<(), PortError> {
        const OPERATION: &str = "put a revocation back";
        self.shared
            .memory
            .write_single(OPERATION, None, move |connection| {
                let changed = connection
                    .prepare_cached(
                        "UPDATE revocation SET attempts = attempts + 1, not_before = ?2
                         WHERE id = ?1",
                    )?
                    .execute((id, not_before.as_millis()))?;
                if changed == 0 {
                    return Err(PortError::new(ErrorKind::NotFound, OPERATION).into());
                }
                Ok(())
            })
            .await
    }

    async fn remove(&self, id: [u8; 32]) -> Result<(), PortError> {
        self.shared
            .memory
            .write_single("remove a revocation", None, move |connection| {
                connection
                    .prepare_cached("DELETE FROM revocation WHERE id = ?1")?
                    .execute([id])?;
                Ok(())
            })
            .await
    }

    async fn waiting(&self) -> Result<usize, PortError> {
        self.shared
            .memory
            .read("count the revocations", move |connection| {
                let count: i64 = connection
                    .prepare_cached("SELECT count(*) FROM revocation")?
                    .query_row([], |row| row.get(0))?;
                Ok(usize::try_from(count).unwrap_or(0))
            })
            .await
    }
}
