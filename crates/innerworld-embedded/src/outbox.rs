//! The local outbox: e-mail of a development server, sealed in `live.db` for a day.
//!
//! [`LocalOutbox`] reads it beside a running server: it takes no lock and writes nothing.

use std::{path::Path, sync::Arc, time::Duration};

use async_trait::async_trait;
use innerworld_core::{
    clock::Timestamp,
    error::{ErrorKind, PortError},
    identity::account::{KeyStore, Mail, Mailer},
    seal::{Sealer, decode, encode},
};
use rusqlite::{Connection, OpenFlags};
use zeroize::Zeroizing;

use crate::{
    account_store::Macs,
    key_store::SqliteKeyStore,
    keys::{
        master::{self, Master, MasterKeyError},
        service,
    },
    shared::Shared,
};

const KEY: &str = "outbox";
const LIFE: Duration = Duration::from_secs(24 * 3_600);
/// Most mails that are listed: the newest.
const LISTED: usize = 200;

/// [`Mailer`] into the outbox.
#[derive(Debug)]
pub(crate) struct SqliteOutbox {
    shared: Arc<Shared>,
    keys: SqliteKeyStore,
    macs: Macs,
}

impl SqliteOutbox {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        let keys = SqliteKeyStore::new(Arc::clone(&shared));
        let macs = Macs::new(Arc::clone(&shared));
        Self { shared, keys, macs }
    }

    async fn sealer(&self) -> Result<Sealer, PortError> {
        Sealer::new(&Zeroizing::new(self.keys.service_key(KEY).await?))
    }

    /// The code of the newest mail to this address.
    pub(crate) async fn newest_code(&self, email: &str) -> Result<Option<String>, PortError> {
        let address = self.macs.account(email).await?;
        let now = self.shared.clock.now().as_millis();
        let rows = self
            .shared
            .live
            .read("read the outbox", move |connection| {
                let mut statement = connection.prepare_cached(
                    "SELECT id, sealed FROM mail WHERE email_mac = ?1 AND expires > ?2
                     ORDER BY id DESC LIMIT 1",
                )?;
                let rows = statement.query_map((address, now), id_and_sealed)?;
                Ok(rows.collect::<Result<Vec<_>, _>>()?)
            })
            .await?;
        let sealer = self.sealer().await?;
        let newest = rows
            .first()
            .map(|(id, sealed)| open(&sealer, id, sealed))
            .transpose()?;
        Ok(newest.map(|mail| mail.code.into_inner()))
    }
}

#[async_trait]
impl Mailer for SqliteOutbox {
    async fn send(&self, mail: &Mail) -> Result<(), PortError> {
        let now = self.shared.clock.now();
        let id = self.shared.ids.ulid(now).to_be_bytes();
        let address = self.macs.account(mail.to.reveal()).await?;
        let plain = Zeroizing::new(encode(mail)?);
        let sealed = self
            .sealer()
            .await?
            .seal_bytes(&*self.shared.ids, &place(&id), &plain)?;
        let expires = now.plus(LIFE).as_millis();
        self.shared
            .live
            .write_single("put a mail into the outbox", None, move |connection| {
                connection
                    .prepare_cached(
                        "INSERT INTO mail (id, email_mac, expires, sealed) VALUES (?1, ?2, ?3, ?4)",
                    )?
                    .execute((id, address, expires, sealed))?;
                Ok(())
            })
            .await
    }
}

/// Why the outbox could not be read. The texts say what to do.
#[derive(Debug, thiserror::Error)]
pub enum OutboxError {
    /// There is no data directory of a server.
    #[error(
        "{} holds no data of a server; name its folder with --data-dir",
        path.display()
    )]
    NoData {
        /// The directory.
        path: std::path::PathBuf,
    },
    /// The master key is missing, wrong or unreadable.
    #[error(transparent)]
    MasterKey(#[from] MasterKeyError),
    /// A file could not be read.
    #[error("the outbox could not be read")]
    Read(#[source] PortError),
}

/// The outbox of a data directory, read beside a running server.
#[derive(Debug)]
pub struct LocalOutbox {
    live: Connection,
    sealer: Option<Sealer>,
}

impl LocalOutbox {
    /// Opens the outbox for reading.
    pub fn open(data_dir: &Path, master_key_file: &Path) -> Result<Self, OutboxError> {
        let keys = read_only(data_dir, "keys.db")?;
        let live = read_only(data_dir, "live.db")?;
        let key = master::read(master_key_file)?;
        let master = Master::new(&key).map_err(OutboxError::Read)?;
        // Without a key no mail was ever sent from here.
        let key = service::find(&keys, &master, KEY).map_err(|_failure| MasterKeyError::Wrong {
            path: master_key_file.to_owned(),
        })?;
        let sealer = key
            .map(|key| Sealer::new(&key))
            .transpose()
            .map_err(OutboxError::Read)?;
        Ok(Self { live, sealer })
    }

    /// Mails that did not expire by `now`, newest first; only those to `to`, if given.
    pub fn list(&self, to: Option<&str>, now: Timestamp) -> Result<Vec<Mail>, OutboxError> {
        let Some(sealer) = &self.sealer else {
            return Ok(Vec::new());
        };
        let failed = |cause: rusqlite::Error| {
            OutboxError::Read(PortError::with_source(
                ErrorKind::Unavailable,
                "read the outbox",
                cause,
            ))
        };
        let mut statement = self
            .live
            .prepare("SELECT id, sealed FROM mail WHERE expires > ?1 ORDER BY id DESC")
            .map_err(failed)?;
        let rows = statement
            .query_map([now.as_millis()], id_and_sealed)
            .map_err(failed)?;
        let mut mails = Vec::new();
        for row in rows {
            let (id, sealed) = row.map_err(failed)?;
            let mail = open(sealer, &id, &sealed).map_err(OutboxError::Read)?;
            if to.is_none_or(|to| mail.to.reveal() == to) {
                mails.push(mail);
            }
            if mails.len() == LISTED {
                break;
            }
        }
        Ok(mails)
    }
}

fn read_only(data_dir: &Path, file: &str) -> Result<Connection, OutboxError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(data_dir.join(file), flags).map_err(|_absent| OutboxError::NoData {
        path: data_dir.to_owned(),
    })
}

fn id_and_sealed(row: &rusqlite::Row<'_>) -> rusqlite::Result<(Vec<u8>, Vec<u8>)> {
    Ok((row.get(0)?, row.get(1)?))
}

fn open(sealer: &Sealer, id: &[u8], sealed: &[u8]) -> Result<Mail, PortError> {
    decode(&Zeroizing::new(sealer.open_bytes(&place(id), sealed)?))
}

fn place(id: &[u8]) -> Vec<u8> {
    [b"live/mail\0", id].concat()
}
