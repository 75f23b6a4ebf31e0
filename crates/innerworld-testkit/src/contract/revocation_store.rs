//! Suite of [`RevocationStore`].

use std::sync::Arc;

use innerworld_core::{
    error::ErrorKind,
    identity::federation::{Revocation, RevocationStore},
};

use super::{assert_kind, suite};
use crate::records::{NOW, Records, at, just_before};

/// The port under test.
pub type Port = Arc<dyn RevocationStore>;

suite!($ revocation_store_contract, revocation_store, Port, [
    a_revocation_is_due_until_it_is_removed,
    putting_it_again_changes_nothing,
    revocations_are_due_oldest_first,
    due_gives_no_more_than_asked_for,
    a_deferred_one_waits_and_counts,
    what_is_past_its_end_is_due,
    deferring_a_missing_one_is_not_found,
]);

/// It comes back whole, and reading it removes nothing.
pub async fn a_revocation_is_due_until_it_is_removed(store: &Port) {
    let records = Records::named("a_revocation_is_due_until_it_is_removed");
    let (one, other) = (records.revocation(NOW), records.revocation(at(1)));
    store.put(&one).await.unwrap();
    store.put(&other).await.unwrap();
    for _ in 0..2 {
        assert_eq!(store.due(NOW, 9).await.unwrap(), vec![one.clone()]);
    }
    store.remove(one.id).await.unwrap();
    store.remove(one.id).await.unwrap();
    assert_eq!(store.due(at(1), 9).await.unwrap(), [other]);
    assert_eq!(store.waiting().await.unwrap(), 1);
}

/// Not even its attempts.
pub async fn putting_it_again_changes_nothing(store: &Port) {
    let records = Records::named("putting_it_again_changes_nothing");
    let one = records.revocation(NOW);
    store.put(&one).await.unwrap();
    store.defer(one.id, at(60)).await.unwrap();
    store.put(&one).await.unwrap();
    assert_eq!(store.due(NOW, 9).await.unwrap(), []);
    assert_eq!(store.waiting().await.unwrap(), 1);
}

/// The one that waits longest is first.
pub async fn revocations_are_due_oldest_first(store: &Port) {
    let records = Records::named("revocations_are_due_oldest_first");
    for seconds in [20, 10, 30] {
        store.put(&records.revocation(at(seconds))).await.unwrap();
    }
    let due = store.due(at(60), 9).await.unwrap();
    let times: Vec<_> = due.iter().map(|one| one.not_before).collect();
    assert_eq!(times, [at(10), at(20), at(30)]);
}

/// A batch is a batch.
pub async fn due_gives_no_more_than_asked_for(store: &Port) {
    let records = Records::named("due_gives_no_more_than_asked_for");
    for _ in 0..3 {
        store.put(&records.revocation(NOW)).await.unwrap();
    }
    assert_eq!(store.due(NOW, 2).await.unwrap().len(), 2);
    assert_eq!(store.waiting().await.unwrap(), 3);
}

/// Not one millisecond early, and with one attempt more.
pub async fn a_deferred_one_waits_and_counts(store: &Port) {
    let records = Records::named("a_deferred_one_waits_and_counts");
    let one = records.revocation(NOW);
    store.put(&one).await.unwrap();
    store.defer(one.id, at(60)).await.unwrap();
    assert_eq!(store.due(just_before(at(60)), 9).await.unwrap(), []);
    let again = Revocation {
        attempts: 1,
        not_before: at(60),
        ..one
    };
    assert_eq!(store.due(at(60), 9).await.unwrap(), [again]);
}

/// However late it was put off to.
pub async fn what_is_past_its_end_is_due(store: &Port) {
    let records = Records::named("what_is_past_its_end_is_due");
    let one = records.revocation(NOW);
    store.put(&one).await.unwrap();
    store.defer(one.id, at(90 * 24 * 3_600)).await.unwrap();
    assert_eq!(store.due(just_before(one.until), 9).await.unwrap(), []);
    assert_eq!(store.due(one.until, 9).await.unwrap().len(), 1);
}

/// It was taken back meanwhile.
pub async fn deferring_a_missing_one_is_not_found(store: &Port) {
    let records = Records::named("deferring_a_missing_one_is_not_found");
    assert_kind(store.defer(records.hash(), NOW).await, ErrorKind::NotFound);
}
