//! One file with its threads: what adapters hand their closures to.

use std::{
    fmt, io,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
};

use innerworld_core::{
    error::{ErrorKind, PortError},
    ids::TeenId,
};
use rusqlite::Connection;
use tokio::sync::oneshot;

use super::{
    item::{Item, Mode, Work},
    log::Log,
    queue::{Queue, Refused},
    readers, writer,
};
use crate::{fault::Failure, fences::Fences};

type Items = Arc<Queue<Box<dyn Item>>>;

/// A file, its writer thread and its reader threads. Dropping it finishes what waits.
pub(crate) struct Database {
    name: &'static str,
    path: Option<PathBuf>,
    writes: Items,
    reads: Option<Items>,
    damaged: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// The opened connections of a file, before its threads run.
pub(crate) struct Connections {
    pub(crate) name: &'static str,
    /// `None` for a database in memory.
    pub(crate) path: Option<PathBuf>,
    pub(crate) writer: Connection,
    /// Empty for a database in memory: its reads run on the writer's connection.
    pub(crate) readers: Vec<Connection>,
}

impl Database {
    pub(crate) fn start(connections: Connections, fences: &Arc<Fences>) -> io::Result<Self> {
        let Connections {
            name,
            path,
            mut writer,
            readers,
        } = connections;
        let log = Log::watch(&mut writer).map_err(io::Error::other)?;
        let writes: Items = Arc::new(Queue::new(writer::QUEUE_LIMIT));
        let mut database = Self {
            name,
            path,
            writes: Arc::clone(&writes),
            reads: None,
            damaged: Arc::default(),
            threads: Vec::with_capacity(readers.len() + 1),
        };
        if !readers.is_empty() {
            let reads: Items = Arc::new(Queue::new(readers::QUEUE_LIMIT));
            database.reads = Some(Arc::clone(&reads));
            for connection in readers {
                let (queue, fences) = (Arc::clone(&reads), Arc::clone(fences));
                database
                    .threads
                    .push(spawn(format!("{name}-read"), move || {
                        readers::run(&connection, &queue, &fences);
                    })?);
            }
        }
        let fences = Arc::clone(fences);
        database
            .threads
            .push(spawn(format!("{name}-write"), move || {
                writer::run(&writer, &log, &writes, &fences);
            })?);
        Ok(database)
    }

    /// Where the file is; `None` in memory.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// The flag that a check in the background raises when it finds damage.
    pub(crate) fn damaged(&self) -> &Arc<AtomicBool> {
        &self.damaged
    }

    pub(crate) fn is_damaged(&self) -> bool {
        self.damaged.load(Ordering::Relaxed)
    }

    /// How many writes wait.
    pub(crate) fn waiting_writes(&self) -> usize {
        self.writes.len()
    }

    /// Runs `job` in the next transaction, in a savepoint: when it fails, its changes go and those
    /// of others stay. The answer comes after COMMIT. A fence of `teen` refuses it with `Denied`.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        operation: &'static str,
        teen: Option<TeenId>,
        job: impl FnOnce(&Connection) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, PortError> {
        submit(&self.writes, operation, (Mode::Guarded, teen), job).await
    }

    /// As [`Database::write`] without the savepoint, for a job whose last step is its only writing
    /// statement.
    pub(crate) async fn write_single<T: Send + 'static>(
        &self,
        operation: &'static str,
        teen: Option<TeenId>,
        job: impl FnOnce(&Connection) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, PortError> {
        submit(&self.writes, operation, (Mode::Single, teen), job).await
    }

    /// Runs `job` on the writer's connection outside of a transaction.
    pub(crate) async fn alone<T: Send + 'static>(
        &self,
        operation: &'static str,
        job: impl FnOnce(&Connection) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, PortError> {
        submit(&self.writes, operation, (Mode::Alone, None), job).await
    }

    /// Runs `job` in a read transaction of its own.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        operation: &'static str,
        job: impl FnOnce(&Connection) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, PortError> {
        let queue = self.reads.as_ref().unwrap_or(&self.writes);
        submit(queue, operation, (Mode::Single, None), job).await
    }

    /// Writes the whole file anew, so that no free space of a page keeps what was deleted: SQLite
    /// overwrites what it deletes, but not the copies that stay behind when a page is split. For a
    /// small file only.
    pub(crate) async fn rewrite(&self) -> Result<(), PortError> {
        self.alone("rewrite a database", |connection| {
            Ok(connection.execute_batch("VACUUM")?)
        })
        .await?;
        self.truncate_log().await
    }

    /// Empties the log into the file, so that no page of it keeps what was deleted.
    pub(crate) async fn truncate_log(&self) -> Result<(), PortError> {
        const OPERATION: &str = "truncate a database log";
        let busy: bool = self
            .alone(OPERATION, |connection| {
                Ok(
                    connection
                        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?,
                )
            })
            .await?;
        if busy {
            return Err(PortError::new(ErrorKind::Unavailable, OPERATION));
        }
        Ok(())
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // Readers first: the last connection to close, the writer's, then empties the log.
        if let Some(reads) = &self.reads {
            reads.close();
        }
        let writer = self.threads.pop();
        for thread in self.threads.drain(..) {
            join(thread);
        }
        self.writes.close();
        if let Some(thread) = writer {
            join(thread);
        }
    }
}

async fn submit<T: Send + 'static>(
    queue: &Queue<Box<dyn Item>>,
    operation: &'static str,
    (mode, teen): (Mode, Option<TeenId>),
    job: impl FnOnce(&Connection) -> Result<T, Failure> + Send + 'static,
) -> Result<T, PortError> {
    let (waiter, answer) = oneshot::channel();
    let work = Work {
        operation,
        mode,
        teen,
        job: Some(job),
        outcome: None,
        waiter,
    };
    queue.push(Box::new(work)).map_err(|refused| {
        let kind = match refused {
            Refused::Full => ErrorKind::Throttled,
            Refused::Closed => ErrorKind::Unavailable,
        };
        PortError::new(kind, operation)
    })?;
    answer.await.unwrap_or_else(|gone| {
        Err(PortError::with_source(
            ErrorKind::Unavailable,
            operation,
            gone,
        ))
    })
}

fn spawn(name: String, run: impl FnOnce() + Send + 'static) -> io::Result<JoinHandle<()>> {
    thread::Builder::new().name(name).spawn(run)
}

fn join(thread: JoinHandle<()>) {
    // A storage thread never drops the last handle of its own database, but a wait for oneself
    // would be for ever, so it is ruled out here.
    if thread.thread().id() != thread::current().id() && thread.join().is_err() {
        tracing::error!("a storage thread panicked");
    }
}

#[cfg(test)]
mod tests;
