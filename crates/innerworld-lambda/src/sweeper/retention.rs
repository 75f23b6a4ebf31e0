//! Memory whose time is over. What expired of sessions goes when they are looked at.

use innerworld_core::{clock::Timestamp, error::PortError};
use tokio::time::{Instant, timeout_at};

use super::Sweep;

/// Most records in one go, so that the end of the round is kept.
const RECORDS: usize = 200;
const DAY_MS: i64 = 24 * 3_600 * 1_000;

impl Sweep {
    /// Deletes what expired of memories; how many records.
    pub(super) async fn retention(
        &self,
        now: Timestamp,
        until: Instant,
    ) -> Result<usize, PortError> {
        let life = self.remembering.graph_life();
        let before = match self.remembering.graph {
            None => now.minus(life),
            // A teen's whole graph is read for it: once a day at most.
            Some(_) => day_of(now).minus(life),
        };
        let mut gone: usize = 0;
        // One that is cut leaves what a process leaves that dies: the next one takes it up.
        while let Ok(some) = timeout_at(until, self.graph.expire(now, before, RECORDS)).await {
            let some = some?;
            gone = gone.saturating_add(some);
            if some < RECORDS {
                break;
            }
        }
        Ok(gone)
    }
}

/// When the day began, UTC.
fn day_of(now: Timestamp) -> Timestamp {
    Timestamp::from_millis(now.as_millis() - now.as_millis().rem_euclid(DAY_MS))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_day_begins_at_midnight() {
        let midnight = Timestamp::parse_rfc3339("2026-11-27T00:00:00Z").unwrap();
        assert_eq!(day_of(midnight), midnight);
        assert_eq!(
            day_of(midnight.plus(Duration::from_secs(24 * 3_600 - 1))),
            midnight
        );
    }
}
