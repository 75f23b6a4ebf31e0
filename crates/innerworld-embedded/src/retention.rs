//! Deleting what expired in every file. Reads filter on expiry anyway, so nothing here is urgent:
//! transactions are short, and messages go in between.

use innerworld_core::{clock::Timestamp, error::PortError};
use rusqlite::Connection;

use crate::{
    conversation_store, fault::Failure, memory_rows, rows, safety_store, shared::Shared,
    sqlite::database::Database,
};

/// Rows that one transaction deletes.
pub(crate) const STEP: usize = 500;

/// Deletes up to `limit` rows; returns how many went. Memory has a retention of its own, by when a
/// thing was last seen.
pub(crate) async fn sweep(
    shared: &Shared,
    now: Timestamp,
    limit: usize,
) -> Result<usize, PortError> {
    let mut gone = in_steps(&shared.live, (now, limit), conversation_store::sweep).await?;
    gone += safety_store::sweep(shared, now, limit.saturating_sub(gone)).await?;
    let left = limit.saturating_sub(gone);
    Ok(gone + in_steps(&shared.memory, (now, left), memory_rows::sweep).await?)
}

async fn in_steps(
    database: &Database,
    (now, limit): (Timestamp, usize),
    delete: fn(&Connection, Timestamp, usize) -> Result<usize, Failure>,
) -> Result<usize, PortError> {
    let mut gone = 0;
    while gone < limit {
        let step = STEP.min(limit.saturating_sub(gone));
        let went = database
            .write("delete what expired", None, move |connection| {
                delete(connection, now, step)
            })
            .await?;
        gone += went;
        if went < step {
            break;
        }
    }
    Ok(gone)
}

/// Runs the statements one after the other until `limit` rows went. Each takes `argument` and how
/// many rows it may delete.
pub(crate) fn delete(
    connection: &Connection,
    statements: &[&str],
    argument: i64,
    limit: usize,
) -> Result<usize, Failure> {
    let mut gone: usize = 0;
    for statement in statements {
        let left = limit.saturating_sub(gone);
        if left == 0 {
            break;
        }
        gone += connection
            .prepare_cached(statement)?
            .execute((argument, rows::limit(left)))?;
    }
    Ok(gone)
}
