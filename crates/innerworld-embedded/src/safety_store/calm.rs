//! Deleting the records of teens who have been well for long.

use std::time::Duration;

use innerworld_core::{
    clock::Timestamp,
    error::PortError,
    safety::{SafetyRecord, SafetyState},
};

use super::{TABLE, row_of};
use crate::{retention::STEP, rows, shared::Shared};

/// A record goes after it has said `Normal` for this long.
const KEPT: Duration = Duration::from_secs(30 * 24 * 3_600);

/// A row that has not changed for long: teen's number, revision, record as sealed.
type Untouched = (i64, i64, Vec<u8>);

/// Deletes at most `limit` records. Where somebody stands is inside the seal, so that a file shows
/// of nobody whether they are in a crisis; the rows that did not change for long are opened.
pub(crate) async fn sweep(
    shared: &Shared,
    now: Timestamp,
    limit: usize,
) -> Result<usize, PortError> {
    let mut gone = 0;
    let mut last = (i64::MIN, i64::MIN);
    while gone < limit {
        let (page, next) = untouched(shared, now.minus(KEPT), last).await?;
        let Some(next) = next else {
            break;
        };
        last = next;
        let mut calm = Vec::with_capacity(page.len());
        for row in page {
            if is_calm(shared, &row).await? {
                calm.push((row.0, row.1));
            }
        }
        calm.truncate(limit.saturating_sub(gone));
        gone += delete(shared, calm).await?;
    }
    Ok(gone)
}

/// The next rows by (last change, teen), and where the page ends.
async fn untouched(
    shared: &Shared,
    before: Timestamp,
    (changed, number): (i64, i64),
) -> Result<(Vec<Untouched>, Option<(i64, i64)>), PortError> {
    shared
        .live
        .read("find old safety records", move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT teen, rev, sealed, changed FROM safety_state
                 WHERE changed <= ?1 AND (changed, teen) > (?2, ?3)
                 ORDER BY changed, teen LIMIT ?4",
            )?;
            let mut found =
                statement.query((before.as_millis(), changed, number, rows::limit(STEP)))?;
            let (mut page, mut end) = (Vec::new(), None);
            while let Some(row) = found.next()? {
                let teen = row.get(0)?;
                page.push((teen, row.get(1)?, row.get(2)?));
                end = Some((row.get(3)?, teen));
            }
            Ok((page, end))
        })
        .await
}

/// A row without a key is the erase's to delete.
async fn is_calm(shared: &Shared, (number, _rev, sealed): &Untouched) -> Result<bool, PortError> {
    let Some(seals) = shared.teen_keys.by_number(*number).await? else {
        return Ok(false);
    };
    let record: SafetyRecord = seals.open((TABLE, &row_of(&seals)), sealed)?;
    Ok(record.state == SafetyState::Normal)
}

async fn delete(shared: &Shared, calm: Vec<(i64, i64)>) -> Result<usize, PortError> {
    if calm.is_empty() {
        return Ok(0);
    }
    shared
        .live
        .write("delete old safety records", None, move |connection| {
            // The revision: what changed meanwhile stays.
            let mut delete = connection
                .prepare_cached("DELETE FROM safety_state WHERE teen = ?1 AND rev = ?2")?;
            let mut gone = 0;
            for row in calm {
                gone += delete.execute(row)?;
            }
            Ok(gone)
        })
        .await
}
