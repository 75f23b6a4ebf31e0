//! Clauses on the deletion of what expired.

use std::time::Duration;

use super::{LivePorts, opened};
use crate::records::{Records, at, just_before};

/// The sweep takes what expired and leaves the rest.
pub async fn sweeping_takes_what_expired(ports: &LivePorts) {
    let records = Records::named("sweeping_takes_what_expired");
    let (teen, session) = opened(ports, &records).await;
    let store = &ports.conversations;
    let mut short = records.turn(&session, 0, 2);
    short.expires_at = at(600);
    store
        .accept(records.accept(teen, &short), at(20))
        .await
        .unwrap();
    let long = records.turn(&session, 2, 3);
    store
        .accept(records.accept(teen, &long), at(20))
        .await
        .unwrap();
    assert_eq!(store.sweep(just_before(at(600)), 100).await.unwrap(), 0);
    assert_eq!(store.sweep(at(600), 100).await.unwrap(), 1);
    assert_eq!(store.sweep(at(600), 100).await.unwrap(), 0);
    // Asked about an earlier instant, what is left is what was not swept.
    let log = store
        .session(teen, session.id, at(30))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(log.turns, [long]);
    assert_eq!(log.session.id, session.id);
}

/// One call deletes no more rows than asked; calls until 0 delete all.
pub async fn sweeping_is_bounded(ports: &LivePorts) {
    let records = Records::named("sweeping_is_bounded");
    let (teen, session) = opened(ports, &records).await;
    let store = &ports.conversations;
    for number in 0..7 {
        let turn = records.turn(&session, number * 2, number + 2);
        store
            .accept(records.accept(teen, &turn), at(30))
            .await
            .unwrap();
    }
    let late = session.expires_at.plus(Duration::from_secs(3_600));
    let mut rows = 0;
    loop {
        let gone = store.sweep(late, 3).await.unwrap();
        assert!(gone <= 3, "a sweep of at most 3 took {gone}");
        if gone == 0 {
            break;
        }
        rows += gone;
    }
    assert!(
        rows >= 8,
        "seven turns and a session expired, {rows} rows went"
    );
    assert_eq!(store.session(teen, session.id, at(30)).await.unwrap(), None);
}
