//! Erasing a teen across the three files, in repeatable steps.

use std::sync::Arc;

use async_trait::async_trait;
use innerworld_core::{
    clock::Timestamp, error::PortError, identity::account::ErasureStore, ids::TeenId,
};
use rusqlite::Connection;

use crate::{fault::Failure, job_store, memory_rows, rows, shared::Shared};

/// [`ErasureStore`] over all files.
#[derive(Debug)]
pub(crate) struct SqliteErasureStore {
    shared: Arc<Shared>,
}

impl SqliteErasureStore {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }
}

#[async_trait]
impl ErasureStore for SqliteErasureStore {
    async fn fence(&self, teen: TeenId, _now: Timestamp) -> Result<(), PortError> {
        self.shared.teen_keys.fence(teen).await
    }

    async fn is_fenced(&self, teen: TeenId) -> Result<bool, PortError> {
        self.shared.teen_keys.is_fenced(teen).await
    }

    async fn destroy_key(&self, teen: TeenId) -> Result<(), PortError> {
        // Spooled changes are not under the teen's key, so they go with it.
        self.shared.spool.forget(teen).await?;
        self.shared.teen_keys.destroy(teen).await
    }

    async fn delete_rows(&self, teen: TeenId, limit: usize) -> Result<usize, PortError> {
        const OPERATION: &str = "delete a teen's rows";
        let Some(number) = self.shared.teen_keys.number(teen).await? else {
            return Ok(0);
        };
        // The account's row goes last, so it is here until the mail to it is gone.
        let address: Option<Vec<u8>> = self
            .shared
            .memory
            .read(OPERATION, move |connection| {
                memory_rows::address(connection, number)
            })
            .await?;
        let gone = self
            .shared
            .live
            .write(OPERATION, None, move |connection| {
                let gone = delete_mail(connection, address, limit)?;
                let left = limit.saturating_sub(gone);
                Ok(gone + delete_live(connection, (teen, number), left)?)
            })
            .await?;
        let left = limit.saturating_sub(gone);
        if left == 0 {
            return Ok(gone);
        }
        let of_memory = self
            .shared
            .memory
            .write(OPERATION, None, move |connection| {
                memory_rows::delete(connection, number, left)
            })
            .await?;
        Ok(gone.saturating_add(of_memory))
    }

    /// In `keys.db` no stale copy of a wrapped key may stay: it would open what the backups hold.
    /// In the other files such a copy is a sealed row without its key.
    async fn truncate_logs(&self) -> Result<(), PortError> {
        self.shared.keys.rewrite().await?;
        self.shared.live.truncate_log().await?;
        self.shared.memory.truncate_log().await
    }

    async fn bury(&self, teen: TeenId, until: Timestamp) -> Result<(), PortError> {
        self.shared.teen_keys.bury(teen, until).await?;
        self.shared.keys.rewrite().await
    }
}

fn delete_mail(
    connection: &Connection,
    address: Option<Vec<u8>>,
    limit: usize,
) -> Result<usize, Failure> {
    Ok(connection
        .prepare_cached(
            "DELETE FROM mail WHERE id IN (SELECT id FROM mail WHERE email_mac = ?1 LIMIT ?2)",
        )?
        .execute((address, rows::limit(limit)))?)
}

/// Deletes up to `limit` rows of `live.db`, children before the sessions that own them. The job
/// that erases stays: it is what brings us back here after a crash.
fn delete_live(
    connection: &Connection,
    (teen, number): (TeenId, i64),
    limit: usize,
) -> Result<usize, Failure> {
    const BY_NUMBER: [&str; 5] = [
        "DELETE FROM turn WHERE id IN (SELECT turn.id FROM turn JOIN session USING (sno)
           WHERE session.teen = ?1 LIMIT ?2)",
        "DELETE FROM event WHERE (sno, seq) IN (SELECT event.sno, event.seq
           FROM event JOIN session USING (sno) WHERE session.teen = ?1 LIMIT ?2)",
        "DELETE FROM session WHERE sno IN (SELECT sno FROM session WHERE teen = ?1 LIMIT ?2)",
        "DELETE FROM safety_state WHERE teen IN
           (SELECT teen FROM safety_state WHERE teen = ?1 LIMIT ?2)",
        "DELETE FROM ticket WHERE hash IN (SELECT hash FROM ticket WHERE teen = ?1 LIMIT ?2)",
    ];
    let mut gone = 0;
    for statement in BY_NUMBER {
        let left = limit.saturating_sub(gone);
        if left == 0 {
            return Ok(gone);
        }
        gone += connection
            .prepare_cached(statement)?
            .execute((number, rows::limit(left)))?;
    }
    gone += connection
        .prepare_cached(
            "DELETE FROM job WHERE id IN
               (SELECT id FROM job WHERE user_id = ?1 AND kind <> ?2 LIMIT ?3)",
        )?
        .execute((
            teen.to_bytes(),
            job_store::ERASE,
            rows::limit(limit.saturating_sub(gone)),
        ))?;
    Ok(gone)
}
