//! Accounts of the one-machine identity provider, in `memory.db`.
//!
//! An address, or the name of an account of another provider, is found by a keyed hash; everything else about a person is sealed under the teen's
//! key. A credential is sealed twice: under the server's key, because a bare verifier can be
//! guessed against, and under the teen's, so that destroying that key erases it everywhere.

mod access;
pub(crate) mod mac;

use std::sync::Arc;

use async_trait::async_trait;
use innerworld_core::{
    clock::Timestamp,
    error::{ErrorKind, PortError},
    identity::account::{Account, AccountStore, CodeKind, Credential, IssuedCode, RefreshGrant},
    ids::TeenId,
};
use rusqlite::OptionalExtension;

pub(crate) use self::mac::Macs;
use crate::{keys::teen_keys::TeenSeals, rows, shared::Shared};

pub(crate) const ACCOUNT: &str = "memory/account";
const CREDENTIAL: &str = "memory/credential";

/// [`AccountStore`] on `memory.db`.
#[derive(Debug)]
pub(crate) struct SqliteAccountStore {
    shared: Arc<Shared>,
    macs: Macs,
}

impl SqliteAccountStore {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        let macs = Macs::new(Arc::clone(&shared));
        Self { shared, macs }
    }

    /// Opens an account's row; `None` once the key is gone.
    async fn open(&self, row: Option<(i64, Vec<u8>)>) -> Result<Option<Account>, PortError> {
        let Some((number, sealed)) = row else {
            return Ok(None);
        };
        let Some(seals) = self.shared.teen_keys.by_number(number).await? else {
            return Ok(None);
        };
        seals
            .open((ACCOUNT, &rows::number(number)), &sealed)
            .map(Some)
    }

    fn seal_account(&self, seals: &TeenSeals, account: &Account) -> Result<Vec<u8>, PortError> {
        let key = rows::number(seals.number);
        seals.seal(&*self.shared.ids, (ACCOUNT, &key), account)
    }

    async fn seal_credential(
        &self,
        seals: &TeenSeals,
        credential: &Credential,
    ) -> Result<Vec<u8>, PortError> {
        let inner = self.macs.seal(seals.teen(), credential).await?;
        let key = rows::number(seals.number);
        seals.seal(&*self.shared.ids, (CREDENTIAL, &key), &inner)
    }
}

#[async_trait]
impl AccountStore for SqliteAccountStore {
    async fn create(&self, account: &Account, credential: &Credential) -> Result<(), PortError> {
        let seals = self.shared.teen_keys.for_writing(account.teen).await?;
        let mac = self.macs.account(account.handle()).await?;
        let sealed = self.seal_account(&seals, account)?;
        let credential = self.seal_credential(&seals, credential).await?;
        self.shared
            .memory
            // A taken address or subject breaks a unique index, which is a conflict.
            .write("make an account", Some(account.teen), move |connection| {
                connection
                    .prepare_cached(
                        "INSERT INTO account (teen, email_mac, sealed) VALUES (?1, ?2, ?3)",
                    )?
                    .execute((seals.number, mac, sealed))?;
                connection
                    .prepare_cached("INSERT INTO credential (teen, sealed) VALUES (?1, ?2)")?
                    .execute((seals.number, credential))?;
                Ok(())
            })
            .await
    }

    async fn by_email(&self, email: &str) -> Result<Option<Account>, PortError> {
        let mac = self.macs.account(email).await?;
        let row = self
            .shared
            .memory
            .read("find an account by address", move |connection| {
                Ok(connection
                    .prepare_cached("SELECT teen, sealed FROM account WHERE email_mac = ?1")?
                    .query_row([mac], |row| Ok((row.get(0)?, row.get(1)?)))
                    .optional()?)
            })
            .await?;
        self.open(row).await
    }

    async fn by_id(&self, teen: TeenId) -> Result<Option<Account>, PortError> {
        let number = match self.shared.teen_keys.for_reading(teen).await {
            Ok(Some(seals)) => seals.number,
            Ok(None) => return Ok(None),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let row = self
            .shared
            .memory
            .read("find an account", move |connection| {
                Ok(connection
                    .prepare_cached("SELECT teen, sealed FROM account WHERE teen = ?1")?
                    .query_row([number], |row| Ok((row.get(0)?, row.get(1)?)))
                    .optional()?)
            })
            .await?;
        self.open(row).await
    }

    async fn update(&self, account: &Account) -> Result<(), PortError> {
        const OPERATION: &str = "update an account";
        let gone = || PortError::new(ErrorKind::NotFound, OPERATION);
        // Not for writing: marking an account as being erased must work behind the fence.
        let seals = self.shared.teen_keys.for_reading(account.teen).await?;
        let seals = seals.ok_or_else(gone)?;
        let mac = self.macs.account(account.handle()).await?;
        let sealed = self.seal_account(&seals, account)?;
        self.shared
            .memory
            .write_single(OPERATION, None, move |connection| {
                let changed = connection
                    .prepare_cached(
                        "UPDATE account SET email_mac = ?2, sealed = ?3 WHERE teen = ?1",
                    )?
                    .execute((seals.number, mac, sealed))?;
                if changed == 0 {
                    return Err(gone().into());
                }
                Ok(())
            })
            .await
    }

    async fn credential(&self, teen: TeenId) -> Result<Option<Credential>, PortError> {
        let Some(seals) = self.shared.teen_keys.for_reading(teen).await? else {
            return Ok(None);
        };
        let number = seals.number;
        let sealed: Option<Vec<u8>> = self
            .shared
            .memory
            .read("read a credential", move |connection| {
                Ok(connection
                    .prepare_cached("SELECT sealed FROM credential WHERE teen = ?1")?
                    .query_row([number], |row| row.get(0))
                    .optional()?)
            })
            .await?;
        let Some(sealed) = sealed else {
            return Ok(None);
        };
        let inner: Vec<u8> = seals.open((CREDENTIAL, &rows::number(number)), &sealed)?;
        self.macs.open(teen, &inner).await.map(Some)
    }

    async fn put_credential(&self, teen: TeenId, credential: &Credential) -> Result<(), PortError> {
        let seals = self.shared.teen_keys.for_writing(teen).await?;
        let sealed = self.seal_credential(&seals, credential).await?;
        self.shared
            .memory
            .write_single("store a credential", Some(teen), move |connection| {
                connection
                    .prepare_cached(
                        "INSERT INTO credential (teen, sealed) VALUES (?1, ?2)
                         ON CONFLICT (teen) DO UPDATE SET sealed = excluded.sealed",
                    )?
                    .execute((seals.number, sealed))?;
                Ok(())
            })
            .await
    }

    async fn put_code(&self, teen: TeenId, code: &IssuedCode) -> Result<(), PortError> {
        access::put_code(&self.shared, teen, code).await
    }

    async fn code(
        &self,
        teen: TeenId,
        kind: CodeKind,
        now: Timestamp,
    ) -> Result<Option<IssuedCode>, PortError> {
        access::code(&self.shared, (teen, kind), now).await
    }

    async fn guess_code(
        &self,
        teen: TeenId,
        kind: CodeKind,
        most: u32,
        now: Timestamp,
    ) -> Result<Option<IssuedCode>, PortError> {
        access::guess_code(&self.shared, (teen, kind), most, now).await
    }

    async fn remove_code(&self, teen: TeenId, kind: CodeKind) -> Result<(), PortError> {
        access::remove_code(&self.shared, teen, kind).await
    }

    async fn put_grant(&self, grant: &RefreshGrant) -> Result<(), PortError> {
        access::put_grant(&self.shared, grant).await
    }

    async fn grant(
        &self,
        hash: [u8; 32],
        now: Timestamp,
    ) -> Result<Option<RefreshGrant>, PortError> {
        access::grant(&self.shared, hash, now).await
    }

    async fn remove_grant(&self, hash: [u8; 32]) -> Result<(), PortError> {
        access::remove_grant(&self.shared, hash).await
    }

    async fn deny_before(&self, teen: TeenId, not_before: Timestamp) -> Result<(), PortError> {
        access::deny_before(&self.shared, teen, not_before).await
    }

    async fn denied_before(&self, teen: TeenId) -> Result<Option<Timestamp>, PortError> {
        access::denied_before(&self.shared, teen).await
    }

    async fn put_refusal(&self, email: &str, until: Timestamp) -> Result<(), PortError> {
        let mac = self.macs.refusal(email).await?;
        access::put_refusal(&self.shared, mac, until).await
    }

    async fn is_refused(&self, email: &str, now: Timestamp) -> Result<bool, PortError> {
        let mac = self.macs.refusal(email).await?;
        access::is_refused(&self.shared, mac, now).await
    }
}
