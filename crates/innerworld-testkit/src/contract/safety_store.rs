//! Suite of [`SafetyStore`].

use std::{sync::Arc, time::Duration};

use futures_util::future::join_all;
use innerworld_core::{error::ErrorKind, safety::store::SafetyStore};

use super::{assert_kind, suite};
use crate::records::{NOW, Records, just_before};

/// The port under test.
pub type Port = Arc<dyn SafetyStore>;

suite!($ safety_store_contract, safety_store, Port, [
    a_teen_without_record_has_none,
    a_committed_record_is_read_back,
    a_stale_revision_conflicts,
    one_of_many_changes_wins,
    a_notice_counts_once,
    a_change_without_notice_counts_nothing,
    counting_needs_no_record,
    counts_are_of_the_days_asked_for,
    different_keys_count_apart,
    teens_do_not_see_each_other,
]);

async fn total(store: &Port) -> u64 {
    let counts = store.counts("0000-01-01", "9999-12-31").await.unwrap();
    counts.iter().map(|(_, n)| n).sum()
}

/// Nothing stored gives nothing.
pub async fn a_teen_without_record_has_none(store: &Port) {
    let teen = Records::named("a_teen_without_record_has_none").teen();
    assert_eq!(store.load(teen).await.unwrap(), None);
    assert_eq!(total(store).await, 0);
}

/// What was committed last is read back, whole.
pub async fn a_committed_record_is_read_back(store: &Port) {
    let records = Records::named("a_committed_record_is_read_back");
    let teen = records.teen();
    for rev in 0..3 {
        let mut change = records.safety_commit(teen, rev);
        change.record.passes = u32::try_from(rev).unwrap();
        store.commit(&change, NOW).await.unwrap();
        assert_eq!(store.load(teen).await.unwrap(), Some(change.record));
    }
    assert_eq!(total(store).await, 3);
}

/// A change from another revision than the stored one changes nothing, also not the count.
pub async fn a_stale_revision_conflicts(store: &Port) {
    let records = Records::named("a_stale_revision_conflicts");
    let teen = records.teen();
    let first = records.safety_commit(teen, 0);
    let early = records.safety_commit(teen, 1);
    assert_kind(store.commit(&early, NOW).await, ErrorKind::Conflict);
    assert_eq!(store.load(teen).await.unwrap(), None);
    store.commit(&first, NOW).await.unwrap();
    let stale = records.safety_commit(teen, 0);
    assert_kind(store.commit(&stale, NOW).await, ErrorKind::Conflict);
    assert_eq!(store.load(teen).await.unwrap(), Some(first.record));
    assert_eq!(total(store).await, 1);
}

/// Of eight changes from the same revision one is stored and counted.
pub async fn one_of_many_changes_wins(store: &Port) {
    let records = Records::named("one_of_many_changes_wins");
    let teen = records.teen();
    let changes: Vec<_> = (0..8).map(|_| records.safety_commit(teen, 0)).collect();
    let outcomes = join_all(changes.iter().map(|change| store.commit(change, NOW))).await;
    let won = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    assert_eq!(won, 1);
    assert_eq!(total(store).await, 1);
}

/// The same notice counts once while its row lives, by whichever call it comes.
pub async fn a_notice_counts_once(store: &Port) {
    let records = Records::named("a_notice_counts_once");
    let teen = records.teen();
    let mut change = records.safety_commit(teen, 0);
    store.commit(&change, NOW).await.unwrap();
    let notice = change.notice.clone().unwrap();
    change.expected_rev = 1;
    change.record.rev = 2;
    let last_moment = just_before(notice.expires_at);
    store.commit(&change, last_moment).await.unwrap();
    store.count(teen, &notice).await.unwrap();
    store.count(teen, &notice).await.unwrap();
    let day = notice.count.day.clone();
    let counts = store.counts(&day, &day).await.unwrap();
    assert_eq!(counts, [(notice.count, 1)]);
}

/// A change that is no notice leaves the counters alone.
pub async fn a_change_without_notice_counts_nothing(store: &Port) {
    let records = Records::named("a_change_without_notice_counts_nothing");
    let mut change = records.safety_commit(records.teen(), 0);
    change.notice = None;
    store.commit(&change, NOW).await.unwrap();
    assert_eq!(total(store).await, 0);
}

/// A count without a change of the record makes no record.
pub async fn counting_needs_no_record(store: &Port) {
    let records = Records::named("counting_needs_no_record");
    let teen = records.teen();
    let mut notice = records.notice("2026-11-24");
    "soft".clone_into(&mut notice.count.action);
    store.count(teen, &notice).await.unwrap();
    assert_eq!(store.load(teen).await.unwrap(), None);
    let counts = store.counts("2026-11-24", "2026-11-24").await.unwrap();
    assert_eq!(counts, [(notice.count, 1)]);
}

/// Both ends of the range belong to it.
pub async fn counts_are_of_the_days_asked_for(store: &Port) {
    let records = Records::named("counts_are_of_the_days_asked_for");
    let teen = records.teen();
    for day in ["2026-11-30", "2026-12-01", "2026-12-02", "2026-12-03"] {
        store.count(teen, &records.notice(day)).await.unwrap();
    }
    let counts = store.counts("2026-12-01", "2026-12-02").await.unwrap();
    let mut days: Vec<_> = counts.iter().map(|(count, _)| count.day.as_str()).collect();
    days.sort_unstable();
    assert_eq!(days, ["2026-12-01", "2026-12-02"]);
}

/// Equal keys add up, different keys stay apart.
pub async fn different_keys_count_apart(store: &Port) {
    let records = Records::named("different_keys_count_apart");
    for _ in 0..3 {
        let mut notice = records.notice("2026-11-24");
        notice.expires_at = NOW.plus(Duration::from_secs(60));
        store.count(records.teen(), &notice).await.unwrap();
    }
    let mut other = records.notice("2026-11-24");
    "GB".clone_into(&mut other.count.jurisdiction);
    store.count(records.teen(), &other).await.unwrap();
    let counts = store.counts("2026-11-24", "2026-11-24").await.unwrap();
    let mut numbers: Vec<_> = counts
        .into_iter()
        .map(|(count, n)| (count.jurisdiction, n))
        .collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [("GB".to_owned(), 1), ("US-CA".to_owned(), 3)]);
}

/// One teen's record is not another's.
pub async fn teens_do_not_see_each_other(store: &Port) {
    let records = Records::named("teens_do_not_see_each_other");
    let (teen, other) = (records.teen(), records.teen());
    let change = records.safety_commit(teen, 0);
    store.commit(&change, NOW).await.unwrap();
    assert_eq!(store.load(other).await.unwrap(), None);
    store
        .commit(&records.safety_commit(other, 0), NOW)
        .await
        .unwrap();
    assert_eq!(store.load(teen).await.unwrap(), Some(change.record));
}
