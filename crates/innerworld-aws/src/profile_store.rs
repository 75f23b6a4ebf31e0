//! Profiles: the item `profile` of a teen.

use std::sync::Arc;

use async_trait::async_trait;
use innerworld_core::{
    error::PortError,
    identity::profile::{Profile, ProfileStore},
    ids::TeenId,
};

use crate::{
    dynamo::{Item, Key, Table},
    shared::{SEALED, Shared},
};

/// Where a sealed profile lies.
const PLACE: &str = "memory/profile";
/// Sort key of the item.
const ITEM: &str = "profile";

/// [`ProfileStore`] on the table `teens`.
#[derive(Debug)]
pub(crate) struct DynamoProfileStore {
    shared: Arc<Shared>,
}

impl DynamoProfileStore {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }
}

#[async_trait]
impl ProfileStore for DynamoProfileStore {
    async fn load(&self, teen: TeenId) -> Result<Option<Profile>, PortError> {
        let Some(seals) = self.shared.teen_keys.for_reading(teen).await? else {
            return Ok(None);
        };
        let key = Key::teen(Table::Teens, teen, ITEM);
        let found = self.shared.dynamo.get("read a profile", &key).await?;
        found
            .map(|item| seals.open((PLACE, ITEM.as_bytes()), item.bytes(SEALED)?))
            .transpose()
    }

    async fn put(&self, teen: TeenId, profile: &Profile) -> Result<(), PortError> {
        let seals = self.shared.teen_keys.for_writing(teen).await?;
        let sealed = seals.seal(&*self.shared.ids, (PLACE, ITEM.as_bytes()), profile)?;
        let key = Key::teen(Table::Teens, teen, ITEM);
        let item = Item::new().with(SEALED, sealed);
        self.shared
            .put_for(teen, "store a profile", (key, item), None)
            .await
            .map(|_stored| ())
    }
}
