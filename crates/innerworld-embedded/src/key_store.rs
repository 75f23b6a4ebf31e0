//! Signing keys, service keys and settings made once, in `keys.db`.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use innerworld_core::{
    clock::Timestamp,
    error::PortError,
    identity::account::{KeyStore, SigningKey},
    memory::store::NamerSource,
    seal::Namer,
};
use innerworld_core::{error::ErrorKind, ids::TeenId, secret::Redacted};
use rusqlite::{Connection, OptionalExtension};
use zeroize::Zeroizing;

use crate::{fault::Failure, keys::master::Master, keys::service, shared::Shared};

/// [`KeyStore`] and [`NamerSource`] on `keys.db`.
#[derive(Debug)]
pub(crate) struct SqliteKeyStore {
    shared: Arc<Shared>,
    service_keys: Mutex<HashMap<&'static str, Zeroizing<[u8; 32]>>>,
}

impl SqliteKeyStore {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self {
            shared,
            service_keys: Mutex::default(),
        }
    }

    fn known(&self, name: &'static str) -> Option<[u8; 32]> {
        let known = self
            .service_keys
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        known.get(name).map(|key| **key)
    }
}

#[async_trait]
impl KeyStore for SqliteKeyStore {
    async fn signing_keys(&self) -> Result<Vec<SigningKey>, PortError> {
        let master = Arc::clone(&self.shared.master);
        self.shared
            .keys
            .read("read the signing keys", move |connection| {
                let mut statement = connection.prepare_cached(
                    "SELECT kid, active, created, wrapped FROM signing_key
                     ORDER BY created DESC, kid DESC",
                )?;
                let mut rows = statement.query([])?;
                let mut keys = Vec::new();
                while let Some(row) = rows.next()? {
                    keys.push(signing_key(row, &master)?);
                }
                Ok(keys)
            })
            .await
    }

    async fn put_signing_key(&self, key: &SigningKey) -> Result<(), PortError> {
        let wrapped = self.shared.master.wrap(
            &*self.shared.ids,
            ("signing_key", key.kid.as_bytes()),
            key.pkcs8.reveal(),
        )?;
        let (kid, active, created) = (key.kid.clone(), key.active, key.created_at.as_millis());
        self.shared
            .keys
            .write("store a signing key", None, move |connection| {
                if active {
                    connection.execute("UPDATE signing_key SET active = 0", [])?;
                }
                connection.execute(
                    "INSERT INTO signing_key (kid, active, created, wrapped)
                     VALUES (?1, ?2, ?3, ?4)
                     ON CONFLICT (kid) DO UPDATE SET active = excluded.active,
                       created = excluded.created, wrapped = excluded.wrapped",
                    (kid, active, created, wrapped),
                )?;
                Ok(())
            })
            .await
    }

    async fn remove_signing_key(&self, kid: &str) -> Result<(), PortError> {
        let kid = kid.to_owned();
        self.shared
            .keys
            .write_single("remove a signing key", None, move |connection| {
                connection.execute("DELETE FROM signing_key WHERE kid = ?1", [kid])?;
                Ok(())
            })
            .await
    }

    async fn service_key(&self, name: &'static str) -> Result<[u8; 32], PortError> {
        if let Some(key) = self.known(name) {
            return Ok(key);
        }
        let shared = &self.shared;
        let (master, ids) = (Arc::clone(&shared.master), Arc::clone(&shared.ids));
        let key = shared
            .keys
            .write("make a service key", None, move |connection| {
                service::find_or_make(connection, &master, &*ids, name)
            })
            .await?;
        let bytes = *key;
        self.service_keys
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(name, key);
        Ok(bytes)
    }

    async fn setting(&self, name: &'static str) -> Result<Option<String>, PortError> {
        self.shared
            .keys
            .read("read a setting", move |connection| {
                setting(connection, name)
            })
            .await
    }

    async fn put_setting_once(&self, name: &'static str, value: &str) -> Result<String, PortError> {
        let value = value.to_owned();
        self.shared
            .keys
            .write("store a setting", None, move |connection| {
                connection.execute(
                    "INSERT INTO setting (name, value) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
                    (name, &value),
                )?;
                Ok(setting(connection, name)?.unwrap_or(value))
            })
            .await
    }
}

#[async_trait]
impl NamerSource for SqliteKeyStore {
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

fn signing_key(row: &rusqlite::Row<'_>, master: &Master) -> Result<SigningKey, Failure> {
    let kid: String = row.get(0)?;
    let wrapped: Vec<u8> = row.get(3)?;
    let mut pkcs8 = master.unwrap(("signing_key", kid.as_bytes()), &wrapped)?;
    Ok(SigningKey {
        active: row.get(1)?,
        created_at: Timestamp::from_millis(row.get(2)?),
        pkcs8: Redacted::new(std::mem::take(&mut *pkcs8)),
        kid,
    })
}

fn setting(connection: &Connection, name: &str) -> Result<Option<String>, Failure> {
    Ok(connection
        .prepare_cached("SELECT value FROM setting WHERE name = ?1")?
        .query_row([name], |row| row.get(0))
        .optional()?)
}
