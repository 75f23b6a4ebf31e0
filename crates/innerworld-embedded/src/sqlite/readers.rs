//! The reader threads of a file: short read transactions beside the writer.

use std::sync::Arc;

use rusqlite::Connection;

use super::{item::Item, queue::Queue, writer::execute};
use crate::{fault::BatchFault, fences::Fences};

/// Threads and connections per file.
pub(crate) const COUNT: usize = 2;
/// How many reads may wait.
pub(crate) const QUEUE_LIMIT: usize = 4_096;

/// Runs until the queue is closed and empty.
pub(crate) fn run(connection: &Connection, queue: &Queue<Box<dyn Item>>, fences: &Arc<Fences>) {
    let mut taken = Vec::with_capacity(1);
    while queue.wait() {
        queue.take(1, &mut taken);
        for mut item in taken.drain(..) {
            let fault = read(connection, item.as_mut(), fences).err();
            item.answer(fault.as_ref());
        }
    }
}

/// One snapshot per item, whatever the writer commits meanwhile.
fn read(connection: &Connection, item: &mut dyn Item, fences: &Fences) -> Result<(), BatchFault> {
    execute(connection, "BEGIN")?;
    drop(item.run(connection, fences));
    if connection.is_autocommit() {
        return Ok(());
    }
    execute(connection, "ROLLBACK")
}
