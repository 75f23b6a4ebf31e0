//! Opening the data directory: lock, master key, three files, threads.

use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use innerworld_core::{clock::Clock, error::PortError, ids::IdSource, seal::Sealer};

use crate::{
    fault::Failure,
    fences::{Fence, Fences},
    keys::{
        master::{self, Master, MasterKeyError},
        service,
        teen_keys::{self, TeenKeys, fenced},
        tombstones::Tombstones,
    },
    lock::{DirectoryLock, LockError},
    shared::Shared,
    spool::{self, Spool},
    sqlite::{
        database::{Connections, Database},
        file::{self, FileError, OLDEST_SQLITE},
        migrations::{KEYS, LIVE, MEMORY},
    },
};

/// Where the data is, and the ports the stores ask.
pub struct OpenOptions {
    /// The data directory; made if it is absent.
    pub data_dir: PathBuf,
    /// The file with the master key; outside of the data directory in production.
    pub master_key_file: PathBuf,
    /// The wall clock.
    pub clock: Arc<dyn Clock>,
    /// Random bytes.
    pub ids: Arc<dyn IdSource>,
}

impl fmt::Debug for OpenOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenOptions")
            .field("data_dir", &self.data_dir)
            .field("master_key_file", &self.master_key_file)
            .finish_non_exhaustive()
    }
}

/// Why the data directory could not be opened. The texts say what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process serves from it, or it cannot be locked.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The master key is missing, wrong or unreadable.
    #[error(transparent)]
    MasterKey(#[from] MasterKeyError),
    /// A file is damaged, foreign, too new or unreadable.
    #[error(transparent)]
    File(#[from] FileError),
    /// The library is too old to be trusted with data.
    #[error("this program was built with SQLite {found}; it needs 3.51.3 or newer")]
    Sqlite {
        /// The version that was found.
        found: &'static str,
    },
    /// The directory could not be made, or a thread not started.
    #[error("could not prepare {}", path.display())]
    Io {
        /// The directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The server's own keys could not be read or made.
    #[error("could not read the server's keys")]
    Keys(#[source] PortError),
}

/// The stores of one machine.
#[derive(Clone, Debug)]
pub struct Embedded {
    pub(crate) shared: Arc<Shared>,
}

impl Embedded {
    /// Opens a data directory, or makes a fresh one. It blocks for a few milliseconds, longer
    /// where files are checked.
    pub fn open(options: OpenOptions) -> Result<Self, OpenError> {
        if rusqlite::version_number() < OLDEST_SQLITE {
            return Err(OpenError::Sqlite {
                found: rusqlite::version(),
            });
        }
        let directory = options.data_dir.as_path();
        make_directory(directory).map_err(|source| OpenError::Io {
            path: directory.to_owned(),
            source,
        })?;
        let lock = DirectoryLock::acquire(directory)?;
        let key = master_key(&options)?;
        let master = Master::new(&key).map_err(MasterKeyError::Storage)?;
        let files = Files {
            keys: file::open(directory, &KEYS)?,
            live: file::open(directory, &LIVE)?,
            memory: file::open(directory, &MEMORY)?,
        };
        let proven = master
            .prove(
                &files.keys.writer,
                &*options.ids,
                options.clock.now().as_millis(),
            )
            .map_err(|failure| MasterKeyError::Storage(as_port(failure)))?;
        if !proven {
            return Err(MasterKeyError::Wrong {
                path: options.master_key_file,
            }
            .into());
        }
        let embedded = start(files, master, (options.clock, options.ids), Some(lock))?;
        embedded.check_large_files()?;
        Ok(embedded)
    }

    /// Stores that live and die with the process, under a fresh key: for tests and for trying
    /// things out.
    pub fn in_memory(clock: Arc<dyn Clock>, ids: Arc<dyn IdSource>) -> Result<Self, OpenError> {
        let mut key = zeroize::Zeroizing::new([0_u8; 32]);
        ids.fill(&mut *key);
        let master = Master::new(&key).map_err(MasterKeyError::Storage)?;
        let files = Files {
            keys: file::open_in_memory(&KEYS)?,
            live: file::open_in_memory(&LIVE)?,
            memory: file::open_in_memory(&MEMORY)?,
        };
        start(files, master, (clock, ids), None)
    }

    fn check_large_files(&self) -> Result<(), OpenError> {
        let shared = &self.shared;
        for database in [&shared.live, &shared.memory, &shared.keys] {
            if let Some(path) = database.path() {
                file::check_in_background(path, database.damaged())
                    .map_err(|source| starting(path, source))?;
            }
        }
        Ok(())
    }
}

struct Files {
    keys: Connections,
    live: Connections,
    memory: Connections,
}

fn start(
    files: Files,
    master: Master,
    (clock, ids): (Arc<dyn Clock>, Arc<dyn IdSource>),
    lock: Option<DirectoryLock>,
) -> Result<Embedded, OpenError> {
    let master = Arc::new(master);
    let fences = Arc::new(Fences::default());
    let connection = &files.keys.writer;
    let tombstone_key = service::find_or_make(connection, &master, &*ids, "tombstone")
        .map_err(|failure| OpenError::Keys(as_port(failure)))?;
    let standing = fenced(connection).map_err(|error| OpenError::Keys(as_port(error.into())))?;
    for (teen, key_is_gone) in standing {
        let fence = if key_is_gone {
            Fence::KeyDestroyed
        } else {
            Fence::Fenced
        };
        fences.raise(teen, fence);
    }
    let spool_key = service::find_or_make(connection, &master, &*ids, spool::KEY)
        .map_err(|failure| OpenError::Keys(as_port(failure)))?;
    let run = |connections: Connections| {
        let path = connections.path.clone().unwrap_or_default();
        Database::start(connections, &fences)
            .map(Arc::new)
            .map_err(|source| starting(&path, source))
    };
    let (live, memory, keys) = (run(files.live)?, run(files.memory)?, run(files.keys)?);
    let tombstones = Arc::new(Tombstones::new(Arc::clone(&memory), &tombstone_key));
    let teen_keys = TeenKeys::new(teen_keys::Parts {
        keys: Arc::clone(&keys),
        master: Arc::clone(&master),
        fences: Arc::clone(&fences),
        tombstones,
        ids: Arc::clone(&ids),
        clock: Arc::clone(&clock),
    });
    let directory = live.path().and_then(Path::parent);
    let sealer = Sealer::new(&spool_key).map_err(OpenError::Keys)?;
    let spool = Spool::open(directory, sealer, Arc::clone(&ids))
        .map_err(|source| starting(directory.unwrap_or(Path::new(".")), source))?;
    let shared = Shared {
        live,
        memory,
        keys,
        teen_keys,
        master,
        spool: Arc::new(spool),
        clock,
        ids,
        lock,
    };
    Ok(Embedded {
        shared: Arc::new(shared),
    })
}

/// The master key. It is made only where no database exists yet: a new key beside old data could
/// open none of it.
fn master_key(options: &OpenOptions) -> Result<zeroize::Zeroizing<[u8; 32]>, MasterKeyError> {
    let fresh = [KEYS.file, LIVE.file, MEMORY.file]
        .iter()
        .all(|name| !options.data_dir.join(name).exists());
    if fresh && !options.master_key_file.exists() {
        master::create(&options.master_key_file, &*options.ids)?;
    }
    master::read(&options.master_key_file)
}

fn make_directory(directory: &Path) -> io::Result<()> {
    if directory.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(directory)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(directory, fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

fn as_port(failure: Failure) -> PortError {
    failure.into_port("read the server's keys")
}

fn starting(path: &Path, source: io::Error) -> OpenError {
    OpenError::Io {
        path: path.to_owned(),
        source,
    }
}
