//! Opening one file: is it ours, whole, and of a version we know?

use std::{
    path::{Path, PathBuf},
    sync::{Arc, atomic::AtomicBool, atomic::Ordering},
};

use rusqlite::{Connection, OpenFlags};

use super::{database::Connections, migrations::Schema, pragmas, readers};
use crate::fault::kind_of;
use innerworld_core::error::ErrorKind;

/// Files up to this size are checked before serving; larger ones in the background.
const CHECK_AT_OPEN: u64 = 32 * 1024 * 1024;
/// SQLite 3.7.0 to 3.51.2 can damage a file when a log is reset while another process reads it.
pub(crate) const OLDEST_SQLITE: i32 = 3_051_003;

/// Why a database file could not be used.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It is damaged.
    #[error(
        "{} is damaged ({detail}); nothing was changed. Keep a copy of the data directory, then \
         restore the file from a backup",
        path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What SQLite found.
        detail: String,
    },
    /// It is no file of this product.
    #[error("{} is not a database of InnerWorld; give another data directory", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// A newer version of this program wrote it.
    #[error(
        "{} has format {found}, this program knows formats up to {known}; use the newer program \
         that wrote it, or restore a backup made before the update",
        path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its `user_version`.
        found: i32,
        /// The newest that this build knows.
        known: i32,
    },
    /// A setting did not take.
    #[error("{} refused the setting {name} = {wanted}", path.display())]
    Setting {
        /// The file.
        path: PathBuf,
        /// The setting.
        name: &'static str,
        /// The value it must have.
        wanted: &'static str,
    },
    /// It could not be read or written.
    #[error("could not open {}", path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What SQLite or the system said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl FileError {
    pub(crate) fn from_sqlite(path: &Path, error: rusqlite::Error) -> Self {
        let path = path.to_owned();
        if kind_of(&error) == ErrorKind::Corrupt {
            return Self::Damaged {
                path,
                detail: error.to_string(),
            };
        }
        Self::Unusable {
            path,
            source: error.into(),
        }
    }
}

/// Opens (or creates) a file of this schema in `directory`, upgrades it, and opens its readers.
pub(crate) fn open(directory: &Path, schema: &Schema) -> Result<Connections, FileError> {
    let path = directory.join(schema.file);
    let fail = |error| FileError::from_sqlite(&path, error);
    let writer = Connection::open(&path).map_err(fail)?;
    let version = identify(&writer, schema, &path)?;
    set_up(&writer, &path)?;
    if size_of(&path) <= CHECK_AT_OPEN {
        check(&writer, &path)?;
    }
    schema.migrate(&writer, version).map_err(fail)?;
    let mut reading = Vec::with_capacity(readers::COUNT);
    for _ in 0..readers::COUNT {
        let reader = Connection::open(&path).map_err(fail)?;
        set_up(&reader, &path)?;
        reader
            .pragma_update(None, "query_only", true)
            .map_err(fail)?;
        reading.push(reader);
    }
    Ok(Connections {
        name: schema.name,
        path: Some(path),
        writer,
        readers: reading,
    })
}

/// A database of this schema that lives and dies with the process.
pub(crate) fn open_in_memory(schema: &Schema) -> Result<Connections, FileError> {
    let path = PathBuf::from(schema.file);
    let fail = |error| FileError::from_sqlite(&path, error);
    let writer = Connection::open_in_memory().map_err(fail)?;
    pragmas::apply(&writer, true)
        .map_err(fail)?
        .map_err(|refused| setting(&path, &refused))?;
    schema.migrate(&writer, 0).map_err(fail)?;
    Ok(Connections {
        name: schema.name,
        path: None,
        writer,
        readers: Vec::new(),
    })
}

/// Checks a large file on a connection and thread of its own; damage raises `damaged`.
pub(crate) fn check_in_background(path: &Path, damaged: &Arc<AtomicBool>) -> std::io::Result<()> {
    if size_of(path) <= CHECK_AT_OPEN {
        return Ok(());
    }
    let (path, damaged) = (path.to_owned(), Arc::clone(damaged));
    let run = move || {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let checked = Connection::open_with_flags(&path, flags)
            .map_err(|error| FileError::from_sqlite(&path, error))
            .and_then(|connection| check(&connection, &path));
        if let Err(error) = checked {
            damaged.store(true, Ordering::Relaxed);
            tracing::error!(error = %error, "a database file did not pass its check");
        }
    };
    std::thread::Builder::new()
        .name("check".to_owned())
        .spawn(run)
        .map(drop)
}

/// The file's version; 0 for an empty one.
pub(crate) fn identify(
    connection: &Connection,
    schema: &Schema,
    path: &Path,
) -> Result<i32, FileError> {
    let fail = |error| FileError::from_sqlite(path, error);
    let pragma = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
    let application = pragma("application_id").map_err(fail)?;
    let version = pragma("user_version").map_err(fail)?;
    let tables: i64 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(fail)?;
    let empty = application == 0 && version == 0 && tables == 0;
    if !empty && application != schema.application_id {
        return Err(FileError::Foreign {
            path: path.to_owned(),
        });
    }
    if version > schema.version() {
        return Err(FileError::Newer {
            path: path.to_owned(),
            found: version,
            known: schema.version(),
        });
    }
    Ok(version)
}

fn set_up(connection: &Connection, path: &Path) -> Result<(), FileError> {
    pragmas::apply(connection, false)
        .map_err(|error| FileError::from_sqlite(path, error))?
        .map_err(|refused| setting(path, &refused))
}

fn setting(path: &Path, refused: &pragmas::Refused) -> FileError {
    FileError::Setting {
        path: path.to_owned(),
        name: refused.name,
        wanted: refused.wanted,
    }
}

fn check(connection: &Connection, path: &Path) -> Result<(), FileError> {
    verdict(connection, path, "PRAGMA quick_check(1)")
}

/// The slow check: every page, and every index against its table.
pub(crate) fn check_all(connection: &Connection, path: &Path) -> Result<(), FileError> {
    verdict(connection, path, "PRAGMA integrity_check(1)")
}

fn verdict(connection: &Connection, path: &Path, pragma: &str) -> Result<(), FileError> {
    let found: String = connection
        .query_row(pragma, [], |row| row.get(0))
        .map_err(|error| FileError::from_sqlite(path, error))?;
    if found == "ok" {
        return Ok(());
    }
    Err(FileError::Damaged {
        path: path.to_owned(),
        detail: found,
    })
}

fn size_of(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |metadata| metadata.len())
}
