//! Rows of a safety change, for every commit that carries one: the teen's record, and the notice that
//! is counted exactly once, because its row and the count are in one commit.
//!
//! A fence does not cover the table `counters`: a notice is a keyed hash and a count names nobody, so
//! both stay when a teen is erased.

use std::time::Duration;

use innerworld_core::{
    clock::Timestamp,
    error::{ErrorKind, PortError},
    hex,
    safety::{SafetyCommit, SafetyCount, SafetyRecord, record::SafetyNotice},
    seal::Seals,
};

use crate::{
    dynamo::{Change, Condition, Item, Key, Table, Write},
    shared::{SEALED, Shared},
};

/// Where a sealed record lies.
const PLACE: &str = "live/safety_state";
/// Sort key of the record.
pub(crate) const STATE: &str = "safety_state";
/// Sort key of a notice.
const NOTICE: &str = "notice";
/// Partitions that the counts are spread over.
pub(crate) const SHARDS: u8 = 16;
/// How long a count is kept after its day.
const COUNT_LIFE: Duration = Duration::from_secs(6 * 366 * 24 * 3_600);

/// Writes of a safety change.
pub(crate) struct SafetyRows;

impl SafetyRows {
    /// The teen's record; the condition fails if another revision than the expected one is stored.
    pub(crate) fn record(
        shared: &Shared,
        seals: &Seals,
        commit: &SafetyCommit,
        now: Timestamp,
    ) -> Result<Write, PortError> {
        let condition = match commit.expected_rev {
            0 => Condition::Absent("user_id"),
            rev => Condition::Is("rev", rev.into()),
        };
        let item = Item::new()
            .with("rev", commit.record.rev)
            .with("changed_at", now.as_millis())
            .with(SEALED, seals.seal(&*shared.ids, place(), &commit.record)?);
        let key = Key::teen(Table::Teens, commit.teen, STATE);
        Ok(Write::Put(key, item, Some(condition)))
    }

    /// Reads what [`SafetyRows::record`] wrote.
    pub(crate) fn open(seals: &Seals, item: &Item) -> Result<SafetyRecord, PortError> {
        seals.open(place(), item.bytes(SEALED)?)
    }

    /// The row of a notice, and its count. The condition of the first fails if the notice was counted
    /// while its row lives: then the rest of the commit is to be stored without these two.
    pub(crate) fn notice(notice: &SafetyNotice, now: Timestamp) -> Result<[Write; 2], PortError> {
        let row = Key::of(
            Table::Counters,
            format!("notice#{}", hex::encode(&notice.id)),
            NOTICE,
        );
        let item = Item::new().until(notice.expires_at);
        // The id is a keyed hash: each of its bytes is as good as random.
        let shard = notice.id.last().map_or(0, |byte| byte % SHARDS);
        let count = Key::of(Table::Counters, shard_of(shard), write_key(&notice.count)?);
        let one_more = Change::new()
            .add("count", 1)
            .until(end_of(&notice.count.day)?);
        Ok([
            Write::Put(row, item, Some(Condition::gone("counter", now))),
            Write::Update(count, one_more, None),
        ])
    }

    /// Reads a count that lives.
    pub(crate) fn count(item: &Item) -> Result<(SafetyCount, u64), PortError> {
        Ok((read_key(item.text("bucket")?)?, item.number("count")?))
    }
}

/// The partition of a shard. All days are in it, so that a report of any length asks sixteen
/// partitions, and one of a year reads no days on which nothing was counted.
pub(crate) fn shard_of(shard: u8) -> String {
    format!("count#{shard}")
}

/// The first sort key of a day.
pub(crate) fn first_of(day: &str) -> String {
    format!("{day}#")
}

/// Behind every sort key of a day, and before the first of the next.
pub(crate) fn behind(day: &str) -> String {
    format!("{day}$")
}

fn place() -> (&'static str, &'static [u8]) {
    (PLACE, STATE.as_bytes())
}

/// When the counts of a day go.
fn end_of(day: &str) -> Result<Timestamp, PortError> {
    Timestamp::parse_rfc3339(&format!("{day}T00:00:00Z"))
        .map(|start| start.plus(COUNT_LIFE))
        .ok_or_else(|| PortError::new(ErrorKind::Invalid, "count a notice"))
}

/// A counter's sort key: the day, then what else tells it from others.
fn write_key(count: &SafetyCount) -> Result<String, PortError> {
    Ok(first_of(&count.day) + &count.key()?)
}

fn read_key(key: &str) -> Result<SafetyCount, PortError> {
    let (day, parts) = key
        .split_once('#')
        .ok_or_else(|| PortError::new(ErrorKind::Corrupt, "read the counters"))?;
    SafetyCount::of_key(day.to_owned(), parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_counts_are_unambiguous_and_lie_within_their_day() {
        let count = SafetyCount {
            day: "2026-11-24".to_owned(),
            jurisdiction: "US#\"]".to_owned(),
            category: None,
            tier: "phrase".to_owned(),
            action: "crisis".to_owned(),
            detector_version: "1".to_owned(),
            resources_version: "1#2".to_owned(),
        };
        let key = write_key(&count).unwrap();
        assert!(first_of(&count.day) <= key && key < behind(&count.day));
        assert!(behind(&count.day) < first_of("2026-11-25"));
        assert_eq!(read_key(&key).unwrap(), count);
        assert_eq!(read_key("2026").unwrap_err().kind(), ErrorKind::Corrupt);
    }

    #[test]
    fn a_count_of_no_day_is_refused() {
        assert_eq!(end_of("someday").unwrap_err().kind(), ErrorKind::Invalid);
        assert!(end_of("2026-11-24").is_ok());
    }
}
