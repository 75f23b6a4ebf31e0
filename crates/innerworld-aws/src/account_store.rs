//! Accounts of the product's own identity provider.
//!
//! A teen's items `account`, `credential`, `code#<kind>`, `deny` and `provider_grant` are sealed
//! under the teen's key; an address, or the name of an account of another provider, is found by a
//! keyed hash. A credential is sealed twice: under a key of the service, because a bare verifier can
//! be guessed against, and under the teen's, so that destroying that key erases it everywhere.

mod codes;
mod grants;
mod macs;
mod rows;

use std::sync::Arc;

use async_trait::async_trait;
use innerworld_core::{
    clock::Timestamp,
    error::PortError,
    identity::account::{Account, AccountStore, CodeKind, Credential, IssuedCode, RefreshGrant},
    ids::TeenId,
    seal::Seals,
};

pub(crate) use self::{macs::Macs, rows::create};
use crate::{
    dynamo::{Item, Key, Table, Write},
    elsewhere,
    service_keys::{ServiceKeys, ServiceSeals},
    shared::{SEALED, Shared},
};

/// Where a sealed credential lies, and its item.
const CREDENTIAL_PLACE: &str = "memory/credential";
const CREDENTIAL: &str = "credential";
/// What a refused address is found by.
const REFUSAL: &str = "refusal";

/// [`AccountStore`] on the table `teens`.
#[derive(Debug)]
pub(crate) struct DynamoAccountStore {
    shared: Arc<Shared>,
    macs: Macs,
    seals: ServiceSeals,
}

impl DynamoAccountStore {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        let keys = Arc::new(ServiceKeys::new(Arc::clone(&shared)));
        Self {
            shared,
            macs: Macs::new(Arc::clone(&keys)),
            seals: ServiceSeals::new(keys, "srp", CREDENTIAL),
        }
    }

    async fn seal_credential(
        &self,
        seals: &Seals,
        credential: &Credential,
    ) -> Result<Item, PortError> {
        let inner = self
            .seals
            .seal(&seals.teen().to_bytes(), credential)
            .await?;
        let place = (CREDENTIAL_PLACE, CREDENTIAL.as_bytes());
        let sealed = seals.seal(&*self.shared.ids, place, &inner)?;
        Ok(Item::new().with(SEALED, sealed))
    }
}

#[async_trait]
impl AccountStore for DynamoAccountStore {
    async fn create(&self, account: &Account, credential: &Credential) -> Result<(), PortError> {
        let seals = self.shared.teen_keys.for_writing(account.teen).await?;
        let credential = self.seal_credential(&seals, credential).await?;
        let credential = Write::Put(credential_of(account.teen), credential, None);
        create(&self.shared, &self.macs, (account, &seals), credential).await
    }

    async fn by_email(&self, email: &str) -> Result<Option<Account>, PortError> {
        rows::by_handle(&self.shared, &self.macs, email).await
    }

    async fn by_id(&self, teen: TeenId) -> Result<Option<Account>, PortError> {
        rows::by_id(&self.shared, teen).await
    }

    async fn update(&self, account: &Account) -> Result<(), PortError> {
        rows::update(&self.shared, &self.macs, account).await
    }

    async fn credential(&self, teen: TeenId) -> Result<Option<Credential>, PortError> {
        let Some(seals) = self.shared.teen_keys.for_reading(teen).await? else {
            return Ok(None);
        };
        let key = credential_of(teen);
        let Some(item) = self.shared.dynamo.get("read a credential", &key).await? else {
            return Ok(None);
        };
        let place = (CREDENTIAL_PLACE, CREDENTIAL.as_bytes());
        let inner: Vec<u8> = seals.open(place, item.bytes(SEALED)?)?;
        self.seals.open(&teen.to_bytes(), &inner).await.map(Some)
    }

    async fn put_credential(&self, teen: TeenId, credential: &Credential) -> Result<(), PortError> {
        let seals = self.shared.teen_keys.for_writing(teen).await?;
        let item = self.seal_credential(&seals, credential).await?;
        self.shared
            .put_for(
                teen,
                "store a credential",
                (credential_of(teen), item),
                None,
            )
            .await
            .map(|_stored| ())
    }

    async fn put_code(&self, teen: TeenId, code: &IssuedCode) -> Result<(), PortError> {
        codes::put(&self.shared, teen, code).await
    }

    async fn code(
        &self,
        teen: TeenId,
        kind: CodeKind,
        now: Timestamp,
    ) -> Result<Option<IssuedCode>, PortError> {
        codes::find(&self.shared, (teen, kind), now).await
    }

    async fn guess_code(
        &self,
        teen: TeenId,
        kind: CodeKind,
        most: u32,
        now: Timestamp,
    ) -> Result<Option<IssuedCode>, PortError> {
        codes::guess(&self.shared, (teen, kind), most, now).await
    }

    async fn remove_code(&self, teen: TeenId, kind: CodeKind) -> Result<(), PortError> {
        codes::remove(&self.shared, teen, kind).await
    }

    async fn put_grant(&self, grant: &RefreshGrant) -> Result<(), PortError> {
        grants::put(&self.shared, grant).await
    }

    async fn grant(
        &self,
        hash: [u8; 32],
        now: Timestamp,
    ) -> Result<Option<RefreshGrant>, PortError> {
        grants::find(&self.shared, hash, now).await
    }

    async fn remove_grant(&self, hash: [u8; 32]) -> Result<(), PortError> {
        grants::remove(&self.shared, hash).await
    }

    async fn deny_before(&self, teen: TeenId, not_before: Timestamp) -> Result<(), PortError> {
        grants::deny_before(&self.shared, teen, not_before).await
    }

    async fn denied_before(&self, teen: TeenId) -> Result<Option<Timestamp>, PortError> {
        grants::denied_before(&self.shared, teen).await
    }

    async fn put_refusal(&self, handle: &str, until: Timestamp) -> Result<(), PortError> {
        let key = elsewhere::place(REFUSAL, &self.macs.refusal(handle).await?);
        self.shared
            .dynamo
            .put("store a refusal", (&key, Item::new().until(until)), None)
            .await
            .map(|_stored| ())
    }

    async fn is_refused(&self, handle: &str, now: Timestamp) -> Result<bool, PortError> {
        let key = elsewhere::place(REFUSAL, &self.macs.refusal(handle).await?);
        let found = self.shared.dynamo.get("look for a refusal", &key).await?;
        Ok(found.is_some_and(|refusal| refusal.lives(now)))
    }
}

fn credential_of(teen: TeenId) -> Key {
    Key::teen(Table::Teens, teen, CREDENTIAL)
}
