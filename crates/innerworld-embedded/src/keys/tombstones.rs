//! Who was erased lately: no late job and no restored row brings such a teen back to life.

use std::sync::Arc;

use aws_lc_rs::hmac;
use innerworld_core::{clock::Timestamp, error::PortError, ids::TeenId};
use rusqlite::OptionalExtension;

use crate::sqlite::database::Database;

/// Tombstones in `memory.db`: a keyed hash of the subject, the epoch, and until when.
#[derive(Debug)]
pub(crate) struct Tombstones {
    memory: Arc<Database>,
    key: hmac::Key,
}

impl Tombstones {
    pub(crate) fn new(memory: Arc<Database>, key: &[u8; 32]) -> Self {
        Self {
            memory,
            key: hmac::Key::new(hmac::HMAC_SHA256, key),
        }
    }

    pub(crate) async fn is_buried(&self, teen: TeenId, now: Timestamp) -> Result<bool, PortError> {
        let mac = self.mac(teen);
        self.memory
            .read("look for a tombstone", move |connection| {
                let found = connection
                    .prepare_cached("SELECT 1 FROM tombstone WHERE mac = ?1 AND until > ?2")?
                    .query_row((mac, now.as_millis()), |_row| Ok(()))
                    .optional()?;
                Ok(found.is_some())
            })
            .await
    }

    /// Leaves a tombstone, and removes those whose time has come.
    pub(crate) async fn bury(
        &self,
        teen: TeenId,
        epoch: i64,
        (now, until): (Timestamp, Timestamp),
    ) -> Result<(), PortError> {
        let mac = self.mac(teen);
        self.memory
            .write("store a tombstone", None, move |connection| {
                connection
                    .prepare_cached("DELETE FROM tombstone WHERE until <= ?1")?
                    .execute([now.as_millis()])?;
                connection
                    .prepare_cached(
                        "INSERT INTO tombstone (mac, epoch, until) VALUES (?1, ?2, ?3)
                         ON CONFLICT (mac) DO UPDATE SET
                           epoch = max(epoch, excluded.epoch), until = max(until, excluded.until)",
                    )?
                    .execute((mac, epoch, until.as_millis()))?;
                Ok(())
            })
            .await
    }

    fn mac(&self, teen: TeenId) -> [u8; 32] {
        let tag = hmac::sign(&self.key, &teen.to_bytes());
        let mut mac = [0; 32];
        for (to, from) in mac.iter_mut().zip(tag.as_ref()) {
            *to = *from;
        }
        mac
    }
}
