//! The writer thread of a file: everything that waits, one transaction, answers after COMMIT.

use std::sync::Arc;

use rusqlite::Connection;

use super::{
    item::{Item, Mode, Step},
    log::Log,
    queue::Queue,
};
use crate::{fault::BatchFault, fences::Fences};

/// How many items may wait.
pub(crate) const QUEUE_LIMIT: usize = 4_096;
/// How many go into one transaction: more would make the first wait for the last.
const BATCH_LIMIT: usize = 1_000;
/// How often the writer gives way before a batch at most.
const GIVE_WAY: usize = 4;

/// Runs until the queue is closed and empty. The connection closes with it, which empties the
/// log file if no reader is left.
pub(crate) fn run(
    connection: &Connection,
    log: &Log,
    queue: &Queue<Box<dyn Item>>,
    fences: &Arc<Fences>,
) {
    let mut batch = Vec::with_capacity(BATCH_LIMIT);
    let mut alone = Vec::new();
    while queue.wait() {
        let_others_add(queue);
        queue.take(BATCH_LIMIT, &mut batch);
        let transacted = batch.extract_if(.., |item| item.mode() == Mode::Alone);
        alone.extend(transacted);
        let fault = match commit(connection, &mut batch, fences) {
            Ok(()) => None,
            Err(fault) => {
                undo_all(connection);
                Some(fault)
            }
        };
        for item in batch.drain(..) {
            item.answer(fault.as_ref());
        }
        for mut item in alone.drain(..) {
            // Without a transaction there is nothing to undo: its own outcome says all.
            drop(item.run(connection, fences));
            item.answer(None);
        }
        log.empty_when_due(connection, queue.len() > 0);
    }
}

/// Whoever woke this thread may be about to bring more, on the same core. Giving way while the
/// queue grows costs nothing on an idle machine, where it does not; on a busy one it makes batches
/// many times as large, and a commit for each few messages would be most of the work.
fn let_others_add(queue: &Queue<Box<dyn Item>>) {
    let mut waiting = queue.len();
    for _ in 0..GIVE_WAY {
        std::thread::yield_now();
        let now = queue.len();
        if now == waiting {
            break;
        }
        waiting = now;
    }
}

fn commit(
    connection: &Connection,
    batch: &mut [Box<dyn Item>],
    fences: &Fences,
) -> Result<(), BatchFault> {
    if batch.is_empty() {
        return Ok(());
    }
    execute(connection, "BEGIN IMMEDIATE")?;
    for item in batch {
        run_one(connection, item.as_mut(), fences)?;
    }
    execute(connection, "COMMIT")
}

fn run_one(
    connection: &Connection,
    item: &mut dyn Item,
    fences: &Fences,
) -> Result<(), BatchFault> {
    let guarded = item.mode() == Mode::Guarded;
    if guarded {
        execute(connection, "SAVEPOINT item")?;
    }
    match item.run(connection, fences) {
        Step::Abort(fault) => return Err(fault),
        // Some errors roll the whole transaction back; then nothing of this batch is left.
        Step::Undo if connection.is_autocommit() => {
            return Err(BatchFault::new("the transaction was rolled back"));
        }
        Step::Undo if guarded => execute(connection, "ROLLBACK TO item")?,
        Step::Done | Step::Undo => {}
    }
    if guarded {
        execute(connection, "RELEASE item")?;
    }
    Ok(())
}

fn undo_all(connection: &Connection) {
    if connection.is_autocommit() {
        return;
    }
    if let Err(fault) = execute(connection, "ROLLBACK") {
        tracing::error!(error = %fault, "could not roll back a transaction");
    }
}

/// Runs one statement without parameters.
pub(super) fn execute(connection: &Connection, sql: &'static str) -> Result<(), BatchFault> {
    connection
        .prepare_cached(sql)
        .and_then(|mut statement| statement.execute([]))
        .map(|_rows| ())
        .map_err(|error| BatchFault::from(&error))
}
