use innerworld_testkit::records::{NOW, Records};

use super::*;

fn sent(sequence: u128) -> Sent {
    Sent {
        id: format!("m{sequence}"),
        sequence,
    }
}

fn received(sequence: u128, receipt: &str) -> Received {
    Received {
        id: format!("m{sequence}"),
        sequence,
        receipt: receipt.to_owned(),
        body: String::new(),
    }
}

fn revs(view: &View) -> Vec<u64> {
    let pending = view.pending().into_iter();
    pending.map(|(_, change)| change.record.rev).collect()
}

#[test]
fn what_was_sent_is_known_before_it_is_received_and_once_after() {
    let (mut view, records) = (View::default(), Records::named("what_was_sent"));
    let teen = records.teen();
    let (early, late) = (
        records.safety_commit(teen, 0),
        records.safety_commit(teen, 1),
    );
    view.sent(sent(2), late.clone(), NOW);
    assert_eq!(view.place(1), Place::Queued);
    // Another process sent one before.
    assert!(view.received(received(1, "a"), early, NOW));
    assert!(view.received(received(2, "b"), late.clone(), NOW));
    assert!(!view.received(received(2, "c"), late, NOW));
    assert_eq!(revs(&view), [1, 2]);
    assert_eq!(view.depth(), 2);
    assert_eq!(view.place(1), Place::Held("c".to_owned()));
    view.lost(1, "b");
    assert_eq!(view.place(1), Place::Held("c".to_owned()));
    view.lost(1, "c");
    assert_eq!(view.place(1), Place::Queued);
    assert_eq!(view.of(teen), [1, 2]);
}

#[test]
fn what_another_process_holds_counts() {
    let (mut view, records) = (View::default(), Records::named("what_another_holds"));
    assert!(view.asks(NOW));
    assert!(!view.asks(NOW));
    assert!(view.asks(NOW.plus(FRESH)));
    view.counted(3, NOW);
    assert_eq!(view.depth(), 3);
    view.received(
        received(1, "a"),
        records.safety_commit(records.teen(), 0),
        NOW,
    );
    assert_eq!(view.depth(), 3);
    view.remove(1);
    assert_eq!(view.depth(), 2);
}

#[test]
fn what_is_set_aside_is_deleted_on_sight_and_an_empty_queue_ends_it() {
    let (mut view, records) = (View::default(), Records::named("what_is_set_aside"));
    for sequence in 1..=2 {
        let change = records.safety_commit(records.teen(), 0);
        view.sent(sent(sequence), change, NOW);
    }
    view.set_aside(1);
    assert!(view.is_done("m1") && !view.is_done("m2"));
    assert_eq!(view.depth(), 1);
    view.counted(2, NOW);
    assert_eq!(view.depth(), 1);
    // The count may lag behind what was sent just now.
    view.counted(0, NOW);
    assert!(!view.is_done("m1"));
    assert_eq!(view.depth(), 1);
    view.counted(0, NOW.plus(SETTLED));
    assert_eq!(view.depth(), 0);
}

#[test]
fn the_bound_holds() {
    let (mut view, records) = (View::default(), Records::named("the_bound_holds"));
    let change = records.safety_commit(records.teen(), 0);
    for _ in 0..MOST {
        assert!(view.keep(change.clone(), NOW));
    }
    assert!(!view.keep(change.clone(), NOW));
    view.sent(sent(1), change, NOW);
    assert_eq!(view.pending().len(), MOST);
    assert_eq!(view.depth(), MOST + 1);
}
