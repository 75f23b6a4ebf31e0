//! Deleting what expired in `live.db`, a bounded number of rows at a time.

use rusqlite::Connection;

use crate::{fault::Failure, rows};

/// Turns go from the front: insertion order is expiry order while one life applies, so no index on
/// the expiry of turns is paid for with every message. A row behind one that lives longer waits,
/// hidden, until that one goes, or its session.
const STEPS: [&str; 7] = [
    "DELETE FROM turn WHERE id IN (SELECT id FROM turn ORDER BY id LIMIT ?2)
       AND id < coalesce((SELECT min(id) FROM
           (SELECT id, expires FROM turn ORDER BY id LIMIT ?2) WHERE expires > ?1),
         9223372036854775807)",
    "DELETE FROM turn WHERE id IN (SELECT turn.id FROM session JOIN turn USING (sno)
       WHERE session.expires <= ?1 LIMIT ?2)",
    "DELETE FROM event WHERE (sno, seq) IN (SELECT event.sno, event.seq
       FROM session JOIN event USING (sno) WHERE session.expires <= ?1 LIMIT ?2)",
    "DELETE FROM session WHERE sno IN (SELECT sno FROM session WHERE expires <= ?1
       AND NOT EXISTS (SELECT 1 FROM turn WHERE turn.sno = session.sno)
       AND NOT EXISTS (SELECT 1 FROM event WHERE event.sno = session.sno) LIMIT ?2)",
    "DELETE FROM ticket WHERE hash IN (SELECT hash FROM ticket WHERE expires <= ?1 LIMIT ?2)",
    "DELETE FROM mail WHERE id IN (SELECT id FROM mail WHERE expires <= ?1 LIMIT ?2)",
    "DELETE FROM safety_notice WHERE notice_id IN
       (SELECT notice_id FROM safety_notice WHERE expires <= ?1 LIMIT ?2)",
];

/// Deletes at most `limit` rows that expired by `now`; says how many went.
pub(super) fn sweep(connection: &Connection, now: i64, limit: usize) -> Result<usize, Failure> {
    let mut gone = 0;
    for statement in STEPS {
        let left = limit.saturating_sub(gone);
        if left == 0 {
            break;
        }
        gone += connection
            .prepare_cached(statement)?
            .execute((now, rows::limit(left)))?;
    }
    Ok(gone)
}
