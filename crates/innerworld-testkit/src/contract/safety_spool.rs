//! Suite of [`SafetySpool`].

use std::sync::Arc;

use innerworld_core::safety::store::SafetySpool;

use super::{Subject, suite};
use crate::records::Records;

/// The port under test.
pub type Port = Arc<dyn SafetySpool>;

suite!($ safety_spool_contract, safety_spool, Port, [
    an_empty_spool_has_nothing,
    changes_are_pending_oldest_first,
    removing_leaves_the_others,
    equal_changes_are_all_pending,
    handles_are_not_given_again,
]);

/// Normal times.
pub async fn an_empty_spool_has_nothing(spool: &Port) {
    assert_eq!(spool.depth().await.unwrap(), 0);
    assert_eq!(spool.pending().await.unwrap(), []);
}

/// All are there, whole, in the order in which they came.
pub async fn changes_are_pending_oldest_first(spool: &Port) {
    let records = Records::named("changes_are_pending_oldest_first");
    let mut expected = Vec::new();
    for rev in 0..12 {
        let change = records.safety_commit(records.teen(), rev);
        spool.append(&change).await.unwrap();
        expected.push(change);
    }
    assert_eq!(spool.depth().await.unwrap(), expected.len());
    let pending = spool.pending().await.unwrap();
    let changes: Vec<_> = pending.into_iter().map(|(_, change)| change).collect();
    assert_eq!(changes, expected);
}

/// One goes, the others keep their handles.
pub async fn removing_leaves_the_others(spool: &Port) {
    let records = Records::named("removing_leaves_the_others");
    for rev in 0..3 {
        spool
            .append(&records.safety_commit(records.teen(), rev))
            .await
            .unwrap();
    }
    let mut expected = spool.pending().await.unwrap();
    let (handle, _) = expected.remove(1);
    spool.remove(handle).await.unwrap();
    assert_eq!(spool.pending().await.unwrap(), expected);
    assert_eq!(spool.depth().await.unwrap(), 2);
    for (handle, _) in expected {
        spool.remove(handle).await.unwrap();
    }
    assert_eq!(spool.depth().await.unwrap(), 0);
}

/// The spool does not judge: the store tells a repeat.
pub async fn equal_changes_are_all_pending(spool: &Port) {
    let records = Records::named("equal_changes_are_all_pending");
    let change = records.safety_commit(records.teen(), 0);
    spool.append(&change).await.unwrap();
    spool.append(&change).await.unwrap();
    assert_eq!(spool.depth().await.unwrap(), 2);
}

/// A handle that was removed never names a later change.
pub async fn handles_are_not_given_again(spool: &Port) {
    let records = Records::named("handles_are_not_given_again");
    let mut seen = Vec::new();
    for rev in 0..4 {
        spool
            .append(&records.safety_commit(records.teen(), rev))
            .await
            .unwrap();
        let pending = spool.pending().await.unwrap();
        let (handle, _) = pending.first().unwrap();
        assert!(!seen.contains(handle), "handle {handle} came twice");
        seen.push(*handle);
        spool.remove(*handle).await.unwrap();
    }
}

/// What was appended is pending after a restart, what was removed is not. `reopen` opens the same
/// spool again. For adapters that keep anything over a restart; not in the macro.
pub async fn pending_changes_survive_a_restart(
    first: Subject<Port>,
    reopen: impl AsyncFnOnce() -> Subject<Port>,
) {
    let records = Records::named("pending_changes_survive_a_restart");
    for rev in 0..3 {
        let change = records.safety_commit(records.teen(), rev);
        first.ports.append(&change).await.unwrap();
    }
    let mut expected = first.ports.pending().await.unwrap();
    let (handle, _) = expected.remove(0);
    first.ports.remove(handle).await.unwrap();
    drop(first);
    let second = reopen().await;
    let changes = |pending: Vec<(u64, _)>| -> Vec<_> {
        pending.into_iter().map(|(_, change)| change).collect()
    };
    let found = second.ports.pending().await.unwrap();
    assert_eq!(changes(found), changes(expected));
}
