//! Deleting what expired in `live.db`, a bounded number of rows at a time.

use innerworld_core::clock::Timestamp;
use rusqlite::Connection;

use crate::{fault::Failure, retention};

/// Turns go from the front: insertion order is expiry order while one life applies, so no index on
/// the expiry of turns is paid for with every message. A row behind one that lives longer waits,
/// hidden, until that one goes, or its session.
const STEPS: [&str; 8] = [
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
    "DELETE FROM safety_count WHERE (day, key) IN (SELECT day, key FROM safety_count
       WHERE day < date(?1 / 1000, 'unixepoch', '-6 years') LIMIT ?2)",
];

/// Deletes at most `limit` rows that expired by `now`; says how many went.
pub(crate) fn sweep(
    connection: &Connection,
    now: Timestamp,
    limit: usize,
) -> Result<usize, Failure> {
    retention::delete(connection, &STEPS, now.as_millis(), limit)
}
