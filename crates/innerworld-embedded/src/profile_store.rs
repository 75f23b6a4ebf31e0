//! Profiles, in `memory.db`.

use std::sync::Arc;

use async_trait::async_trait;
use innerworld_core::{
    error::PortError,
    identity::profile::{Profile, ProfileStore},
    ids::TeenId,
};
use rusqlite::OptionalExtension;

use crate::{rows, shared::Shared};

const TABLE: &str = "memory/profile";

/// [`ProfileStore`] on `memory.db`.
#[derive(Debug)]
pub(crate) struct SqliteProfileStore {
    shared: Arc<Shared>,
}

impl SqliteProfileStore {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }
}

#[async_trait]
impl ProfileStore for SqliteProfileStore {
    async fn load(&self, teen: TeenId) -> Result<Option<Profile>, PortError> {
        let Some(seals) = self.shared.teen_keys.for_reading(teen).await? else {
            return Ok(None);
        };
        let number = seals.number;
        let sealed: Option<Vec<u8>> = self
            .shared
            .memory
            .read("read a profile", move |connection| {
                Ok(connection
                    .prepare_cached("SELECT sealed FROM profile WHERE teen = ?1")?
                    .query_row([number], |row| row.get(0))
                    .optional()?)
            })
            .await?;
        let key = rows::number(number);
        sealed
            .map(|sealed| seals.open((TABLE, &key), &sealed))
            .transpose()
    }

    async fn put(&self, teen: TeenId, profile: &Profile) -> Result<(), PortError> {
        let seals = self.shared.teen_keys.for_writing(teen).await?;
        let number = seals.number;
        let key = rows::number(number);
        let sealed = seals.seal(&*self.shared.ids, (TABLE, &key), profile)?;
        self.shared
            .memory
            .write_single("store a profile", Some(teen), move |connection| {
                connection
                    .prepare_cached(
                        "INSERT INTO profile (teen, sealed) VALUES (?1, ?2)
                         ON CONFLICT (teen) DO UPDATE SET sealed = excluded.sealed",
                    )?
                    .execute((number, sealed))?;
                Ok(())
            })
            .await
    }
}
