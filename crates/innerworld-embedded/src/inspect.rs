//! A look at a data directory from outside, beside a running server or without one: no lock is
//! held and nothing is changed.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use crate::{
    keys::master::{self, Master, MasterKeyError},
    lock,
    sqlite::{
        file::{self, FileError},
        migrations::{KEYS, LIVE, MEMORY, Schema},
    },
};

/// What a data directory looks like.
#[derive(Debug)]
pub struct Inspection {
    /// Who serves from it: `process 4711`. `None`: nobody.
    pub in_use_by: Option<String>,
    /// The databases, each by its file name, all pages read.
    pub files: Vec<(&'static str, Result<FileState, FileError>)>,
    /// Whether the master key opens the data.
    pub master_key: Result<KeyState, MasterKeyError>,
}

/// State of one database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileState {
    /// Not made yet.
    Absent,
    /// Whole, of a format that this program knows.
    Whole {
        /// Its format.
        version: i32,
        /// The format that a start would bring it to.
        known: i32,
    },
}

/// State of the master key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// Neither it nor data is there: the first start makes it.
    Absent,
    /// It can be read; there is no data yet that it could open.
    Unproven,
    /// It opens the data.
    Opens,
}

/// Looks at the data directory. Every page of the databases is read, which takes its time.
pub fn inspect(data_dir: &Path, master_key_file: &Path) -> Inspection {
    let in_use_by = lock::holder(data_dir);
    let mut inspection = look(data_dir, master_key_file, in_use_by.is_some());
    inspection.in_use_by = lock::holder(data_dir);
    if in_use_by.is_none() && inspection.in_use_by.is_some() {
        // A server started meanwhile; what was read as if nobody wrote says nothing.
        inspection.files = look(data_dir, master_key_file, true).files;
    }
    inspection
}

fn look(data_dir: &Path, master_key_file: &Path, in_use: bool) -> Inspection {
    let files = [LIVE, MEMORY, KEYS].map(|schema| {
        let path = data_dir.join(schema.file);
        (schema.file, state_of(&path, &schema, in_use))
    });
    Inspection {
        in_use_by: None,
        files: files.into_iter().collect(),
        master_key: key_state(data_dir, master_key_file, in_use),
    }
}

fn state_of(path: &Path, schema: &Schema, in_use: bool) -> Result<FileState, FileError> {
    if !path.exists() {
        return Ok(FileState::Absent);
    }
    let connection = open(path, in_use)?;
    let version = file::identify(&connection, schema, path)?;
    file::check_all(&connection, path)?;
    Ok(FileState::Whole {
        version,
        known: schema.version(),
    })
}

fn key_state(
    data_dir: &Path,
    master_key_file: &Path,
    in_use: bool,
) -> Result<KeyState, MasterKeyError> {
    let keys = data_dir.join(KEYS.file);
    let data = [KEYS.file, LIVE.file, MEMORY.file];
    if !master_key_file.exists() && !data.iter().any(|name| data_dir.join(name).exists()) {
        return Ok(KeyState::Absent);
    }
    let key = master::read(master_key_file)?;
    let master = Master::new(&key).map_err(MasterKeyError::Storage)?;
    let proven = open(&keys, in_use)
        .ok()
        .filter(|_connection| keys.exists())
        .and_then(|connection| master.proven(&connection).ok().flatten());
    match proven {
        Some(true) => Ok(KeyState::Opens),
        Some(false) => Err(MasterKeyError::Wrong {
            path: master_key_file.to_owned(),
        }),
        None => Ok(KeyState::Unproven),
    }
}

/// A connection that cannot write. Without a server and without a log nothing can change under
/// it, and saying so keeps SQLite from making files of its own beside the database.
pub(crate) fn open(path: &Path, in_use: bool) -> Result<Connection, FileError> {
    let mut flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let log = path.with_extension("db-wal");
    let still = !in_use && std::fs::metadata(&log).map_or(true, |log| log.len() == 0);
    let opened = if still {
        flags |= OpenFlags::SQLITE_OPEN_URI;
        Connection::open_with_flags(format!("file:{}?immutable=1", escaped(path)), flags)
    } else {
        Connection::open_with_flags(path, flags)
    };
    opened.map_err(|error| FileError::from_sqlite(path, error))
}

/// A path as a URI has it: `?`, `#` and `%` mean something there.
fn escaped(path: &Path) -> String {
    use std::fmt::Write as _;
    let bytes = path.as_os_str().as_encoded_bytes();
    bytes.iter().fold(String::new(), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || b"/-_.~".contains(byte) {
            text.push(char::from(*byte));
        } else {
            // Writing to a string cannot fail.
            let _written = write!(text, "%{byte:02X}");
        }
        text
    })
}
