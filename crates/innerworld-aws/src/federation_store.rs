//! Accounts of other identity providers, and their messages that were acted upon.

use std::sync::Arc;

use async_trait::async_trait;
use innerworld_core::{
    error::{ErrorKind, PortError},
    identity::{
        account::Account,
        federation::{EventLog, FederationStore, ProviderGrant},
    },
    ids::TeenId,
    seal::Seals,
};

use crate::{
    account_store::{self, Macs},
    dynamo::{Item, Key, Query, Table, Write},
    elsewhere,
    service_keys::ServiceKeys,
    shared::{SEALED, Shared},
};

/// Where a sealed grant of a provider lies, and its item.
const PLACE: &str = "memory/provider_grant";
const GRANT: &str = "provider_grant";
/// Partition of those who use the app by one transaction, and prefix of the teen's item that names
/// it. The sort key is the teen: a family shares a device.
const APP: &str = "app";
/// Partition and item of a message that was acted upon.
const EVENT: &str = "event";

/// [`FederationStore`] and [`EventLog`] on the table `teens`.
#[derive(Debug)]
pub(crate) struct DynamoFederationStore {
    shared: Arc<Shared>,
    macs: Macs,
}

impl DynamoFederationStore {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        let keys = Arc::new(ServiceKeys::new(Arc::clone(&shared)));
        Self {
            shared,
            macs: Macs::new(keys),
        }
    }

    fn seal_grant(&self, seals: &Seals, grant: &ProviderGrant) -> Result<Item, PortError> {
        let sealed = seals.seal(&*self.shared.ids, (PLACE, GRANT.as_bytes()), grant)?;
        Ok(Item::new().with(SEALED, sealed))
    }
}

#[async_trait]
impl FederationStore for DynamoFederationStore {
    async fn create(&self, account: &Account, grant: &ProviderGrant) -> Result<(), PortError> {
        let seals = self.shared.teen_keys.for_writing(account.teen).await?;
        let grant = self.seal_grant(&seals, grant)?;
        let grant = Write::Put(grant_of(account.teen), grant, None);
        account_store::create(&self.shared, &self.macs, (account, &seals), grant).await
    }

    async fn put_grant(&self, teen: TeenId, grant: &ProviderGrant) -> Result<(), PortError> {
        let seals = self.shared.teen_keys.for_writing(teen).await?;
        let item = self.seal_grant(&seals, grant)?;
        self.shared
            .put_for(
                teen,
                "store a provider's grant",
                (grant_of(teen), item),
                None,
            )
            .await
            .map(|_stored| ())
    }

    async fn grant(&self, teen: TeenId) -> Result<Option<ProviderGrant>, PortError> {
        let seals = match self.shared.teen_keys.for_reading(teen).await {
            Ok(Some(seals)) => seals,
            Ok(None) => return Ok(None),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let key = grant_of(teen);
        let found = self
            .shared
            .dynamo
            .get("read a provider's grant", &key)
            .await?;
        found
            .map(|item| seals.open((PLACE, GRANT.as_bytes()), item.bytes(SEALED)?))
            .transpose()
    }

    async fn link_app(&self, teen: TeenId, app_transaction: &str) -> Result<(), PortError> {
        let mac = self.macs.app_transaction(app_transaction).await?;
        let app = elsewhere::partition(APP, &mac);
        let place = Key::of(Table::Teens, app.as_str(), teen.to_string());
        let names = elsewhere::naming(Item::new(), &place);
        let writes = vec![
            Write::Put(place, elsewhere::of(teen), None),
            Write::Put(Key::teen(Table::Teens, teen, app), names, None),
        ];
        self.shared
            .commit_for(teen, "store an app transaction", writes)
            .await
            .map(|_stored| ())
    }

    async fn teens_of_app(&self, app_transaction: &str) -> Result<Vec<TeenId>, PortError> {
        let mac = self.macs.app_transaction(app_transaction).await?;
        let query = Query::of(Table::Teens, elsewhere::partition(APP, &mac));
        let found = self
            .shared
            .dynamo
            .query("read an app transaction", query)
            .await?;
        let mut teens = Vec::with_capacity(found.len());
        for item in &found {
            let teen = elsewhere::whose(item)?;
            // Nothing is to be done any more about one who is being erased.
            if !self.shared.teen_keys.is_fenced(teen).await? {
                teens.push(teen);
            }
        }
        Ok(teens)
    }
}

#[async_trait]
impl EventLog for DynamoFederationStore {
    async fn is_done(&self, event: &str) -> Result<bool, PortError> {
        let key = elsewhere::place(EVENT, &self.macs.event(event).await?);
        let found = self
            .shared
            .dynamo
            .get("look for a provider's message", &key)
            .await?;
        Ok(found.is_some())
    }

    async fn done(&self, event: &str) -> Result<(), PortError> {
        let key = elsewhere::place(EVENT, &self.macs.event(event).await?);
        self.shared
            .dynamo
            .put("note a provider's message", (&key, Item::new()), None)
            .await
            .map(|_stored| ())
    }
}

fn grant_of(teen: TeenId) -> Key {
    Key::teen(Table::Teens, teen, GRANT)
}
