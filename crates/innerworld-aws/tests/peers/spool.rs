//! The safety spool over a queue that several processes share.

use innerworld_core::safety::{SafetyCommit, SafetySpool};
use innerworld_testkit::{
    contract::{Subject, safety_spool},
    records::Records,
};

use crate::place::Place;

/// Longer than any test.
const LONG: u32 = 330;

fn changes(pending: Vec<(u64, SafetyCommit)>) -> Vec<SafetyCommit> {
    pending.into_iter().map(|(_, change)| change).collect()
}

async fn append(spool: &dyn SafetySpool, changes: &[SafetyCommit]) {
    for change in changes {
        spool.append(change).await.unwrap();
    }
}

/// A queue without visibility time-out stands for one whose time-out is over.
#[tokio::test]
async fn what_a_dead_process_held_is_pending_in_the_next() {
    let place = Place::with_queue(0).await;
    let (first, second) = (place.aws.spool(), place.beside().spool());
    safety_spool::pending_changes_survive_a_restart(Subject::new(first), async || {
        Subject::keeping(second, place)
    })
    .await;
}

#[tokio::test]
async fn what_one_process_sent_another_stores_and_both_forget() {
    let place = Place::with_queue(LONG).await;
    let (sender, other) = (place.aws.spool(), place.beside().spool());
    let records = Records::named("what_one_process_sent");
    let sent = [
        records.safety_commit(records.teen(), 0),
        records.safety_commit(records.teen(), 0),
    ];
    append(&*sender, &sent).await;
    assert_eq!(other.depth().await.unwrap(), 2);
    let received = other.pending().await.unwrap();
    assert_eq!(changes(received.clone()), sent);
    // The sender knows them, too, though it cannot receive them now.
    let known = sender.pending().await.unwrap();
    assert_eq!(changes(known.clone()), sent);
    for (handle, _) in received {
        other.remove(handle).await.unwrap();
    }
    assert_eq!(other.depth().await.unwrap(), 0);
    for (handle, _) in known {
        sender.remove(handle).await.unwrap();
    }
    assert_eq!(sender.depth().await.unwrap(), 0);
    place.clock.advance(std::time::Duration::from_secs(600));
    assert_eq!(sender.depth().await.unwrap(), 0);
    assert_eq!(other.pending().await.unwrap(), []);
}

/// More changes of one teen than the queue hands out at once: the later ones come when the earlier
/// ones are gone, and the process that sent them knows them all the time.
#[tokio::test]
async fn a_teen_with_many_changes_keeps_their_order() {
    let place = Place::with_queue(LONG).await;
    let (sender, other) = (place.aws.spool(), place.beside().spool());
    let records = Records::named("a_teen_with_many_changes");
    let teen = records.teen();
    let sent: Vec<_> = (0..25)
        .map(|rev| records.safety_commit(teen, rev))
        .collect();
    append(&*sender, &sent).await;
    assert_eq!(changes(sender.pending().await.unwrap()), sent);
    let mut replayed = Vec::new();
    while sender.depth().await.unwrap() > 0 {
        let pending = sender.pending().await.unwrap();
        assert!(!pending.is_empty());
        for (handle, change) in pending {
            sender.remove(handle).await.unwrap();
            replayed.push(change);
        }
    }
    assert_eq!(replayed, sent);
    place.clock.advance(std::time::Duration::from_secs(600));
    assert_eq!(other.pending().await.unwrap(), []);
    assert_eq!(other.depth().await.unwrap(), 0);
}

#[tokio::test]
async fn who_only_sends_leaves_it_to_another() {
    let place = Place::with_queue(LONG).await;
    let (sender, other) = (place.aws.spool_to_send_to(), place.beside().spool());
    let records = Records::named("who_only_sends");
    let sent = [records.safety_commit(records.teen(), 0)];
    append(&*sender, &sent).await;
    assert_eq!(sender.depth().await.unwrap(), 0);
    assert_eq!(sender.pending().await.unwrap(), []);
    assert_eq!(other.depth().await.unwrap(), 1);
    assert_eq!(changes(other.pending().await.unwrap()), sent);
}

#[tokio::test]
async fn the_key_is_at_hand_after_the_start() {
    let place = Place::with_queue(LONG).await;
    place.aws.prepare().await.unwrap();
    assert_eq!(place.aws.spool().depth().await.unwrap(), 0);
}
