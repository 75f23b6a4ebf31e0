//! One serving process per data directory.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{Read, Seek, Write},
    path::{Path, PathBuf},
};

const FILE: &str = "innerworld.lock";

/// Why the data directory could not be claimed.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process serves from it.
    #[error(
        "{} is in use by {holder}; stop it first, or give this one another data directory",
        directory.display()
    )]
    Held {
        /// The directory.
        directory: PathBuf,
        /// Who holds it: `process 4711`, or `another process` if it left no note.
        holder: String,
    },
    /// The lock file could not be made or locked.
    #[error("could not lock {}", path.display())]
    Io {
        /// The lock file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

/// The claim on a data directory; it ends when this is dropped or the process dies.
#[derive(Debug)]
pub(crate) struct DirectoryLock(#[expect(dead_code, reason = "held for its lock")] File);

impl DirectoryLock {
    pub(crate) fn acquire(directory: &Path) -> Result<Self, LockError> {
        let path = directory.join(FILE);
        let io = |source| LockError::Io {
            path: path.clone(),
            source,
        };
        let mut file = OpenOptions::new()
            .create(true)
            .read(true)
            .write(true)
            .truncate(false)
            .open(&path)
            .map_err(io)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(LockError::Held {
                    directory: directory.to_owned(),
                    holder: holder_of(&mut file),
                });
            }
            Err(TryLockError::Error(source)) => return Err(io(source)),
        }
        // The note only helps people; the lock itself is the operating system's.
        file.set_len(0).map_err(io)?;
        file.rewind().map_err(io)?;
        writeln!(file, "{}", std::process::id()).map_err(io)?;
        Ok(Self(file))
    }
}

/// Who serves from the directory now, without getting in anybody's way.
pub(crate) fn holder(directory: &Path) -> Option<String> {
    let mut file = File::open(directory.join(FILE)).ok()?;
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => Some(holder_of(&mut file)),
        // Closing the file gives the lock back: a server that starts now must find it free.
        Ok(()) | Err(TryLockError::Error(_)) => None,
    }
}

fn holder_of(file: &mut File) -> String {
    let mut note = String::new();
    let read = file.take(32).read_to_string(&mut note);
    match (read, note.trim().parse::<u32>()) {
        (Ok(_), Ok(process)) => format!("process {process}"),
        _ => "another process".to_owned(),
    }
}
