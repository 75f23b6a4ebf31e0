//! Signing keys and settings of the product's own identity provider: the items `signing#<id>`,
//! `signing` and `setting#<name>` of the partition `_pool`. Service keys lie with the teens' keys.

use std::{cmp::Reverse, sync::Arc};

use async_trait::async_trait;
use innerworld_core::{
    clock::Timestamp,
    error::{ErrorKind, PortError},
    identity::account::{KeyStore, SigningKey},
    ids::TeenId,
    memory::store::NamerSource,
    seal::Namer,
    secret::Redacted,
};

use crate::{
    dynamo::{Committed, Condition, Item, Key, Query, Table, Value, Write},
    service_keys::{ServiceKeys, ServiceSeals},
    shared::{SEALED, Shared},
};

/// Partition of what belongs to the identity provider as a whole.
const POOL: &str = "_pool";
/// The item that says which key signs. One item, so that never two do.
const ACTIVE: &str = "signing";
/// What the signing keys' names begin with.
const SIGNING: &str = "signing#";

/// [`KeyStore`] and [`NamerSource`] on the tables `teens` and `teen-keys`.
#[derive(Debug)]
pub(crate) struct DynamoKeyStore {
    shared: Arc<Shared>,
    keys: Arc<ServiceKeys>,
    seals: ServiceSeals,
}

impl DynamoKeyStore {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        let keys = Arc::new(ServiceKeys::new(Arc::clone(&shared)));
        let seals = ServiceSeals::new(Arc::clone(&keys), "signing", "signing_key");
        Self {
            shared,
            keys,
            seals,
        }
    }

    async fn open(&self, item: &Item, active: Option<&str>) -> Result<SigningKey, PortError> {
        let kid = item.text("kid")?;
        let mut pkcs8 = self
            .seals
            .open_bytes(kid.as_bytes(), item.bytes(SEALED)?)
            .await?;
        Ok(SigningKey {
            kid: kid.to_owned(),
            active: active == Some(kid),
            pkcs8: Redacted::new(std::mem::take(&mut *pkcs8)),
            created_at: Timestamp::from_millis(item.number("created_at")?),
        })
    }

    /// Whether this is the key that signs.
    async fn signs(&self, kid: &str) -> Result<bool, PortError> {
        let active = self
            .shared
            .dynamo
            .get("find the signing key", &in_pool(ACTIVE))
            .await?;
        Ok(match active {
            Some(active) => active.text("kid")? == kid,
            None => false,
        })
    }
}

#[async_trait]
impl KeyStore for DynamoKeyStore {
    async fn signing_keys(&self) -> Result<Vec<SigningKey>, PortError> {
        const OPERATION: &str = "read the signing keys";
        // One question for the keys and for which one signs.
        let query = Query::of(Table::Teens, POOL).prefix(ACTIVE);
        let found = self.shared.dynamo.query(OPERATION, query).await?;
        let mut active = None;
        let mut items = Vec::new();
        for item in &found {
            if item.text("item")? == ACTIVE {
                active = Some(item.text("kid")?);
            } else {
                items.push(item);
            }
        }
        let mut keys = Vec::with_capacity(items.len());
        for item in items {
            keys.push(self.open(item, active).await?);
        }
        keys.sort_by_key(|key| Reverse((key.created_at, key.kid.clone())));
        Ok(keys)
    }

    async fn put_signing_key(&self, key: &SigningKey) -> Result<(), PortError> {
        const OPERATION: &str = "store a signing key";
        let kid = key.kid.as_str();
        let sealed = self
            .seals
            .seal_bytes(kid.as_bytes(), key.pkcs8.reveal())
            .await?;
        let item = Item::new()
            .with("kid", kid)
            .with("created_at", key.created_at.as_millis())
            .with(SEALED, sealed);
        let mut writes = vec![Write::Put(signing(kid), item, None)];
        if key.active {
            let active = Item::new().with("kid", kid);
            writes.push(Write::Put(in_pool(ACTIVE), active, None));
        } else if self.signs(kid).await? {
            let still = Condition::Is("kid", kid.into());
            writes.push(Write::Delete(in_pool(ACTIVE), Some(still)));
        }
        match self.shared.dynamo.commit(OPERATION, &writes).await? {
            Committed::Yes => Ok(()),
            // Another one was made to sign meanwhile.
            Committed::No(_) => Err(PortError::new(ErrorKind::Conflict, OPERATION)),
        }
    }

    async fn remove_signing_key(&self, kid: &str) -> Result<(), PortError> {
        self.shared
            .dynamo
            .take("remove a signing key", &signing(kid), None)
            .await
            .map(|_taken| ())
    }

    async fn service_key(&self, name: &'static str) -> Result<[u8; 32], PortError> {
        self.keys.key(name).await.map(|key| *key)
    }

    async fn setting(&self, name: &'static str) -> Result<Option<String>, PortError> {
        let found = self
            .shared
            .dynamo
            .get("read a setting", &setting(name))
            .await?;
        found
            .map(|item| item.text("value").map(str::to_owned))
            .transpose()
    }

    async fn put_setting_once(&self, name: &'static str, value: &str) -> Result<String, PortError> {
        const OPERATION: &str = "store a setting";
        let item = Item::new().with("value", value);
        let absent = Some(Condition::Absent("user_id"));
        let key = setting(name);
        if self
            .shared
            .dynamo
            .put(OPERATION, (&key, item), absent)
            .await?
        {
            return Ok(value.to_owned());
        }
        let stored = self.setting(name).await?;
        stored.ok_or_else(|| PortError::new(ErrorKind::Unavailable, OPERATION))
    }
}

#[async_trait]
impl NamerSource for DynamoKeyStore {
    async fn namer(&self, teen: TeenId) -> Result<Namer, PortError> {
        let keys = &self.shared.teen_keys;
        // A teen being erased may still be read until the key goes; nothing new is made then.
        if let Some(seals) = keys.for_reading(teen).await? {
            return Ok(seals.namer().clone());
        }
        match keys.for_writing(teen).await {
            Ok(seals) => Ok(seals.namer().clone()),
            Err(error) if error.kind() == ErrorKind::Denied => Err(PortError::with_source(
                ErrorKind::NotFound,
                "name a teen's records",
                error,
            )),
            Err(error) => Err(error),
        }
    }
}

fn in_pool(item: impl Into<Value>) -> Key {
    Key::of(Table::Teens, POOL, item)
}

fn signing(kid: &str) -> Key {
    in_pool(format!("{SIGNING}{kid}"))
}

fn setting(name: &str) -> Key {
    in_pool(format!("setting#{name}"))
}
