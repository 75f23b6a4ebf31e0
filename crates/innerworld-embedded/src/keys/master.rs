//! The master key: 32 bytes in a file apart from the data, wrapping every other key.

use std::{
    fs::{self, File, OpenOptions},
    io::{ErrorKind as IoKind, Read, Write},
    path::{Path, PathBuf},
};

use innerworld_core::{
    error::{ErrorKind, PortError},
    ids::IdSource,
    seal::Sealer,
};
use rusqlite::{Connection, OptionalExtension};
use zeroize::Zeroizing;

use crate::fault::Failure;

const PROOF: &[u8] = b"innerworld master key proof v1";

/// Why the master key could not be used.
#[derive(Debug, thiserror::Error)]
pub enum MasterKeyError {
    /// There is data, but no key file.
    #[error(
        "the master key {} is missing, and the data cannot be read without it; put it back from \
         its backup",
        path.display()
    )]
    Missing {
        /// Where it should be.
        path: PathBuf,
    },
    /// The key does not open the data.
    #[error(
        "the master key {} does not belong to this data directory; put the right one back",
        path.display()
    )]
    Wrong {
        /// The key file.
        path: PathBuf,
    },
    /// The file does not hold exactly 32 bytes.
    #[error("the master key {} must hold exactly 32 bytes", path.display())]
    Length {
        /// The key file.
        path: PathBuf,
    },
    /// The file could not be read or made.
    #[error("could not read or create the master key {}", path.display())]
    Io {
        /// The key file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The key could not be set up, or its proof not stored.
    #[error("could not set up the master key")]
    Storage(#[source] PortError),
}

/// Wraps and unwraps other keys.
#[derive(Debug)]
pub(crate) struct Master(Sealer);

impl Master {
    pub(crate) fn new(bytes: &[u8; 32]) -> Result<Self, PortError> {
        Sealer::new(bytes).map(Self)
    }

    /// Wraps `secret`; it opens only with the same `purpose` and `name`.
    pub(crate) fn wrap(
        &self,
        ids: &dyn IdSource,
        (purpose, name): (&str, &[u8]),
        secret: &[u8],
    ) -> Result<Vec<u8>, PortError> {
        self.0.seal_bytes(ids, &associated(purpose, name), secret)
    }

    pub(crate) fn unwrap(
        &self,
        (purpose, name): (&str, &[u8]),
        wrapped: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, PortError> {
        self.0
            .open_bytes(&associated(purpose, name), wrapped)
            .map(Zeroizing::new)
    }

    /// As [`Master::unwrap`] for the usual 32 bytes.
    pub(crate) fn unwrap_key(
        &self,
        place: (&str, &[u8]),
        wrapped: &[u8],
    ) -> Result<Zeroizing<[u8; 32]>, PortError> {
        let plain = self.unwrap(place, wrapped)?;
        plain.as_slice().try_into().map(Zeroizing::new).map_err(
            |cause: std::array::TryFromSliceError| {
                PortError::with_source(ErrorKind::Corrupt, "unwrap a key", cause)
            },
        )
    }

    /// Whether `keys.db` was made under this master; `None` for a file that no master claimed yet.
    pub(crate) fn proven(&self, connection: &Connection) -> Result<Option<bool>, Failure> {
        let stored: Option<Vec<u8>> = connection
            .query_row("SELECT proof FROM meta", [], |row| row.get(0))
            .optional()?;
        Ok(stored.map(|proof| self.unwrap(("proof", b""), &proof).is_ok()))
    }

    /// Whether `keys.db` was made under this master; a fresh file is claimed for it.
    pub(crate) fn prove(
        &self,
        connection: &Connection,
        ids: &dyn IdSource,
        now_ms: i64,
    ) -> Result<bool, Failure> {
        if let Some(proven) = self.proven(connection)? {
            return Ok(proven);
        }
        let proof = self.wrap(ids, ("proof", b""), PROOF)?;
        connection.execute(
            "INSERT INTO meta (id, master_epoch, created, proof) VALUES (1, 1, ?1, ?2)",
            (now_ms, proof),
        )?;
        Ok(true)
    }
}

fn associated(purpose: &str, name: &[u8]) -> Vec<u8> {
    let mut data = Vec::with_capacity(purpose.len() + name.len() + 6);
    data.extend_from_slice(b"keys/");
    data.extend_from_slice(purpose.as_bytes());
    data.push(0);
    data.extend_from_slice(name);
    data
}

/// Reads the key file.
pub(crate) fn read(path: &Path) -> Result<Zeroizing<[u8; 32]>, MasterKeyError> {
    let io = |source| MasterKeyError::Io {
        path: path.to_owned(),
        source,
    };
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == IoKind::NotFound => {
            return Err(MasterKeyError::Missing {
                path: path.to_owned(),
            });
        }
        Err(error) => return Err(io(error)),
    };
    warn_if_open_to_others(&file, path);
    let mut bytes = Zeroizing::new(Vec::with_capacity(64));
    file.take(33).read_to_end(&mut bytes).map_err(io)?;
    let key = <[u8; 32]>::try_from(bytes.as_slice());
    key.map(Zeroizing::new)
        .map_err(|_wrong_length| MasterKeyError::Length {
            path: path.to_owned(),
        })
}

/// Makes the key file of a fresh data directory: whole and on disk, or not there.
pub(crate) fn create(path: &Path, ids: &dyn IdSource) -> Result<(), MasterKeyError> {
    let io = |source| MasterKeyError::Io {
        path: path.to_owned(),
        source,
    };
    let mut bytes = Zeroizing::new([0_u8; 32]);
    ids.fill(&mut *bytes);
    let draft = path.with_extension("draft");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&draft).map_err(io)?;
    file.write_all(&*bytes).map_err(io)?;
    file.sync_all().map_err(io)?;
    drop(file);
    fs::rename(&draft, path).map_err(io)?;
    if let Some(directory) = path.parent() {
        sync_directory(directory).map_err(io)?;
    }
    tracing::warn!(
        path = %path.display(),
        "made a new master key; back it up apart from the data, for without it nothing can be read"
    );
    Ok(())
}

/// Makes names in a directory durable.
pub(crate) fn sync_directory(directory: &Path) -> std::io::Result<()> {
    let directory = if directory.as_os_str().is_empty() {
        Path::new(".")
    } else {
        directory
    };
    File::open(directory)?.sync_all()
}

#[cfg(unix)]
fn warn_if_open_to_others(file: &File, path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    let open = file
        .metadata()
        .is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0);
    if open {
        tracing::warn!(
            path = %path.display(),
            "the master key can be read by other users of this machine; set its mode to 0600"
        );
    }
}

#[cfg(not(unix))]
fn warn_if_open_to_others(_file: &File, _path: &Path) {}
