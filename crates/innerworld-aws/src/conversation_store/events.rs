//! How much of a session's log is kept.

use innerworld_core::{conversation::record::EventRecord, error::PortError, ids::SessionId};

use super::{
    meta::Meta,
    rows::{EVENTS, event_key, event_number},
};
use crate::{
    dynamo::{Item, Query, Table},
    shared::{SEALED, Shared},
};

/// A session's log keeps this many events …
const KEPT: usize = 1_024;
/// … of this many sealed bytes together.
const BYTES_KEPT: usize = 256 * 1_024;
/// The log is cut each time that its numbers pass a multiple of this.
const STEP: u64 = 128;

/// How many of the oldest events are not kept, of events with these sizes, oldest first.
fn cut(sizes: &[usize]) -> usize {
    let (mut kept, mut bytes) = (0, 0_usize);
    for size in sizes.iter().rev() {
        bytes = bytes.saturating_add(*size);
        if kept == KEPT || bytes > BYTES_KEPT {
            break;
        }
        kept += 1;
    }
    sizes.len().saturating_sub(kept)
}

/// The events that are kept, oldest first. Event 1, the disclosure, is always one of them: a client
/// that is sent a snapshot is shown it again.
pub(super) fn kept(events: Vec<Item>) -> Result<Vec<Item>, PortError> {
    let dropped = cut(&sizes(&events)?);
    let mut kept = Vec::with_capacity(events.len());
    for (place, item) in events.into_iter().enumerate() {
        if place >= dropped || event_number(&item)? == 1 {
            kept.push(item);
        }
    }
    Ok(kept)
}

/// Deletes what is not kept, now and then. What was stored is stored: a failure here is none of the
/// call's, and the next cut takes along what this one left.
pub(super) async fn trim_after(
    shared: &Shared,
    (meta, newest): (&Meta, u64),
    events: &[EventRecord],
) {
    if events.is_empty() || newest / STEP == meta.counters.seq / STEP {
        return;
    }
    if let Err(error) = trim(shared, meta.session).await {
        tracing::warn!(error.kind = ?error.kind(), "could not cut a session's log");
    }
}

async fn trim(shared: &Shared, session: SessionId) -> Result<(), PortError> {
    const OPERATION: &str = "cut a session's log";
    let query = Query::of(Table::Sessions, session.to_string()).prefix(EVENTS);
    let events = shared.dynamo.query(OPERATION, query).await?;
    let dropped = cut(&sizes(&events)?);
    let mut keys = Vec::with_capacity(dropped);
    for item in events.iter().take(dropped) {
        let number = event_number(item)?;
        if number != 1 {
            keys.push(event_key(session, number)?);
        }
    }
    shared.dynamo.delete_all(OPERATION, &keys).await
}

fn sizes(events: &[Item]) -> Result<Vec<usize>, PortError> {
    let size = |item: &Item| item.bytes(SEALED).map(<[u8]>::len);
    events.iter().map(size).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_are_kept_by_number_and_by_size() {
        assert_eq!(cut(&[]), 0);
        assert_eq!(cut(&[10; KEPT]), 0);
        assert_eq!(cut(&[10; KEPT + 3]), 3);
        assert_eq!(cut(&[BYTES_KEPT, 1]), 1);
        assert_eq!(cut(&[BYTES_KEPT - 1, 1]), 0);
        assert_eq!(cut(&[1, BYTES_KEPT + 1]), 2);
    }

    #[test]
    fn the_disclosure_stays() {
        let event = |seq: usize| {
            Item::new()
                .with("item", format!("event#{seq:08}"))
                .with(SEALED, vec![0_u8; 300])
        };
        let kept = kept((1..=1_000).map(event).collect()).unwrap();
        assert_eq!(kept.len(), BYTES_KEPT / 300 + 1);
        assert_eq!(event_number(&kept[0]).unwrap(), 1);
        assert_eq!(event_number(&kept[1]).unwrap(), 1_001 - 873);
    }
}
