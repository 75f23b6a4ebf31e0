//! Accounts of other identity providers, and their messages that were acted upon, in `memory.db`.

use std::sync::Arc;

use async_trait::async_trait;
use innerworld_core::{
    error::{ErrorKind, PortError},
    identity::{
        account::Account,
        federation::{EventLog, FederationStore, ProviderGrant},
    },
    ids::TeenId,
};
use rusqlite::{Connection, OptionalExtension};

use crate::{
    account_store::{ACCOUNT, Macs},
    fault::Failure,
    keys::teen_keys::TeenSeals,
    rows,
    shared::Shared,
};

const GRANT: &str = "memory/provider_grant";

/// [`FederationStore`] and [`EventLog`] on `memory.db`.
#[derive(Debug)]
pub(crate) struct SqliteFederationStore {
    shared: Arc<Shared>,
    macs: Macs,
}

impl SqliteFederationStore {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        let macs = Macs::new(Arc::clone(&shared));
        Self { shared, macs }
    }

    fn seal_grant(&self, seals: &TeenSeals, grant: &ProviderGrant) -> Result<Vec<u8>, PortError> {
        let key = rows::number(seals.number);
        seals.seal(&*self.shared.ids, (GRANT, &key), grant)
    }
}

#[async_trait]
impl FederationStore for SqliteFederationStore {
    async fn create(&self, account: &Account, grant: &ProviderGrant) -> Result<(), PortError> {
        let seals = self.shared.teen_keys.for_writing(account.teen).await?;
        let mac = self.macs.account(account.handle()).await?;
        let key = rows::number(seals.number);
        let sealed = seals.seal(&*self.shared.ids, (ACCOUNT, &key), account)?;
        let grant = self.seal_grant(&seals, grant)?;
        self.shared
            .memory
            // A taken name or subject breaks a unique index, which is a conflict.
            .write("make an account", Some(account.teen), move |connection| {
                connection
                    .prepare_cached(
                        "INSERT INTO account (teen, email_mac, sealed) VALUES (?1, ?2, ?3)",
                    )?
                    .execute((seals.number, mac, sealed))?;
                put(connection, seals.number, &grant)
            })
            .await
    }

    async fn put_grant(&self, teen: TeenId, grant: &ProviderGrant) -> Result<(), PortError> {
        let seals = self.shared.teen_keys.for_writing(teen).await?;
        let sealed = self.seal_grant(&seals, grant)?;
        self.shared
            .memory
            .write_single("store a provider's grant", Some(teen), move |connection| {
                put(connection, seals.number, &sealed)
            })
            .await
    }

    async fn grant(&self, teen: TeenId) -> Result<Option<ProviderGrant>, PortError> {
        let seals = match self.shared.teen_keys.for_reading(teen).await {
            Ok(Some(seals)) => seals,
            Ok(None) => return Ok(None),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let number = seals.number;
        let sealed: Option<Vec<u8>> = self
            .shared
            .memory
            .read("read a provider's grant", move |connection| {
                Ok(connection
                    .prepare_cached("SELECT sealed FROM provider_grant WHERE teen = ?1")?
                    .query_row([number], |row| row.get(0))
                    .optional()?)
            })
            .await?;
        let key = rows::number(number);
        sealed
            .map(|sealed| seals.open((GRANT, &key), &sealed))
            .transpose()
    }

    async fn link_app(&self, teen: TeenId, app_transaction: &str) -> Result<(), PortError> {
        let number = self.shared.teen_keys.for_writing(teen).await?.number;
        let mac = self.macs.app_transaction(app_transaction).await?;
        self.shared
            .memory
            .write_single("store an app transaction", Some(teen), move |connection| {
                connection
                    .prepare_cached(
                        "INSERT INTO app_transaction (mac, teen) VALUES (?1, ?2)
                         ON CONFLICT DO NOTHING",
                    )?
                    .execute((mac, number))?;
                Ok(())
            })
            .await
    }

    async fn teens_of_app(&self, app_transaction: &str) -> Result<Vec<TeenId>, PortError> {
        let mac = self.macs.app_transaction(app_transaction).await?;
        let numbers: Vec<i64> = self
            .shared
            .memory
            .read("read an app transaction", move |connection| {
                let mut statement =
                    connection.prepare_cached("SELECT teen FROM app_transaction WHERE mac = ?1")?;
                let numbers = statement.query_map([mac], |row| row.get(0))?;
                Ok(numbers.collect::<Result<_, _>>()?)
            })
            .await?;
        let mut teens = Vec::with_capacity(numbers.len());
        for number in numbers {
            // Without a key there is nobody any more.
            teens.extend(
                self.shared
                    .teen_keys
                    .by_number(number)
                    .await?
                    .map(|seals| seals.teen()),
            );
        }
        Ok(teens)
    }
}

fn put(connection: &Connection, number: i64, sealed: &[u8]) -> Result<(), Failure> {
    connection
        .prepare_cached(
            "INSERT INTO provider_grant (teen, sealed) VALUES (?1, ?2)
             ON CONFLICT (teen) DO UPDATE SET sealed = excluded.sealed",
        )?
        .execute((number, sealed))?;
    Ok(())
}

#[async_trait]
impl EventLog for SqliteFederationStore {
    async fn is_done(&self, event: &str) -> Result<bool, PortError> {
        let mac = self.macs.event(event).await?;
        self.shared
            .memory
            .read("look for a provider's message", move |connection| {
                let found = connection
                    .prepare_cached("SELECT 1 FROM provider_event WHERE mac = ?1")?
                    .query_row([mac], |_row| Ok(()))
                    .optional()?;
                Ok(found.is_some())
            })
            .await
    }

    async fn done(&self, event: &str) -> Result<(), PortError> {
        let mac = self.macs.event(event).await?;
        self.shared
            .memory
            .write_single("note a provider's message", None, move |connection| {
                connection
                    .prepare_cached(
                        "INSERT INTO provider_event (mac) VALUES (?1) ON CONFLICT DO NOTHING",
                    )?
                    .execute([mac])?;
                Ok(())
            })
            .await
    }
}
