//! When the pages of a write-ahead log go into the file.
//!
//! SQLite would do it inside of COMMIT, before anybody is answered. The writer does it after the
//! answers, and best when nobody waits.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use rusqlite::Connection;

/// Pages from which the log is emptied once nobody waits.
const ENOUGH: usize = 500;
/// Pages from which it is emptied in any case: later makes the slowest answers slower.
const LIMIT: usize = 1_000;

/// The log of a file, watched through the connection that writes.
#[derive(Debug)]
pub(crate) struct Log {
    pages: Arc<AtomicUsize>,
}

impl Log {
    /// Watches the log. The connection must not empty it by itself.
    pub(crate) fn watch(connection: &mut Connection) -> Result<Self, rusqlite::Error> {
        let pages = Arc::new(AtomicUsize::new(0));
        let seen = Arc::clone(&pages);
        connection.wal_hook(Some(move |_wal: &mut rusqlite::hooks::Wal, count: i32| {
            seen.store(count.try_into().unwrap_or(0), Ordering::Relaxed);
            Ok(())
        }))?;
        Ok(Self { pages })
    }

    /// Moves the log into the file if it is time. Called between two batches; `busy` says that more
    /// is waiting.
    pub(crate) fn empty_when_due(&self, connection: &Connection, busy: bool) {
        let due = if busy { LIMIT } else { ENOUGH };
        if self.pages.load(Ordering::Relaxed) < due {
            return;
        }
        // The next commit tells anew how many there are.
        self.pages.store(0, Ordering::Relaxed);
        let done = connection
            .prepare_cached("PRAGMA wal_checkpoint(PASSIVE)")
            .and_then(|mut statement| statement.query_row([], |_row| Ok(())));
        if let Err(error) = done {
            // Nothing is lost: the log holds it. The next batch tries again.
            tracing::warn!(%error, "a database log could not be moved into its file");
        }
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    fn file_with_log(pages: i64) -> (TempDir, Connection, Log) {
        let directory = tempfile::tempdir().unwrap();
        let mut connection = Connection::open(directory.path().join("x.db")).unwrap();
        let log = Log::watch(&mut connection).unwrap();
        connection
            .execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE t (b BLOB)")
            .unwrap();
        // Each row has a page of its own.
        let insert = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
            INSERT INTO t SELECT zeroblob(3000) FROM n";
        connection.execute(insert, [pages]).unwrap();
        (directory, connection, log)
    }

    /// Pages of the file itself.
    fn in_file(directory: &TempDir) -> i64 {
        let file = std::fs::metadata(directory.path().join("x.db")).unwrap();
        i64::try_from(file.len()).unwrap() / 4_096
    }

    #[test]
    fn nobody_waits_for_the_log_before_the_limit() {
        for (pages, busy, moved) in [
            (400, false, false),
            (600, false, true),
            (900, true, false),
            (1_100, true, true),
        ] {
            let (directory, connection, log) = file_with_log(pages);
            log.empty_when_due(&connection, busy);
            assert_eq!(in_file(&directory) > pages, moved, "{pages} pages, {busy}");
        }
    }
}
