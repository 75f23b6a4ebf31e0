//! Clauses on sessions' own rows.

use std::time::Duration;

use innerworld_core::{
    conversation::{
        record::{EventRecord, SessionState},
        store::Taken,
    },
    error::ErrorKind,
};

use super::{LivePorts, open, opened};
use crate::{
    contract::assert_kind,
    records::{NOW, Records, at, just_after, just_before},
};

/// What was opened is read back, by id and as the live one.
pub async fn an_opened_session_is_read_back(ports: &LivePorts) {
    let records = Records::named("an_opened_session_is_read_back");
    let (teen, session) = opened(ports, &records).await;
    let store = &ports.conversations;
    let log = store.session(teen, session.id, NOW).await.unwrap().unwrap();
    assert_eq!(log.session, session);
    assert_eq!(log.events, [records.event(1)]);
    assert!(log.turns.is_empty());
    assert_eq!(store.live_session(teen, NOW).await.unwrap(), Some(log));
}

/// A teen has one open session; the second is refused and the first stays.
pub async fn a_second_open_session_conflicts(ports: &LivePorts) {
    let records = Records::named("a_second_open_session_conflicts");
    let (teen, session) = opened(ports, &records).await;
    let second = records.session_at(teen, at(60));
    let refused = ports.conversations.open_session(&second, &[]).await;
    assert_kind(refused, ErrorKind::Conflict);
    let live = ports.conversations.live_session(teen, at(61)).await;
    assert_eq!(live.unwrap().unwrap().session, session);
    // Another teen is not held up.
    open(ports, &records, &records.session(records.teen())).await;
}

/// Asking for what never was gives nothing.
pub async fn a_teen_without_session_has_none(ports: &LivePorts) {
    let records = Records::named("a_teen_without_session_has_none");
    let teen = records.teen();
    let store = &ports.conversations;
    assert_eq!(store.live_session(teen, NOW).await.unwrap(), None);
    let unknown = records.session_id(0);
    assert_eq!(store.session(teen, unknown, NOW).await.unwrap(), None);
    assert_eq!(store.sessions(teen, None, 10, NOW).await.unwrap(), []);
    assert_eq!(store.unfinished(NOW).await.unwrap(), []);
}

/// A session is there one millisecond before its expiry, and in no read at or after it.
pub async fn sessions_do_not_exist_from_their_expiry_on(ports: &LivePorts) {
    let records = Records::named("sessions_do_not_exist_from_their_expiry_on");
    let (teen, session) = opened(ports, &records).await;
    let end = session.expires_at;
    for (now, exists) in [
        (just_before(end), true),
        (end, false),
        (just_after(end), false),
    ] {
        let store = &ports.conversations;
        let by_id = store.session(teen, session.id, now).await.unwrap();
        assert_eq!(by_id.is_some(), exists, "session at {now}");
        let live = store.live_session(teen, now).await.unwrap();
        assert_eq!(live.is_some(), exists, "live session at {now}");
        let listed = store.sessions(teen, None, 10, now).await.unwrap();
        assert_eq!(!listed.is_empty(), exists, "list at {now}");
        let unfinished = store.unfinished(now).await.unwrap();
        assert_eq!(!unfinished.is_empty(), exists, "unfinished at {now}");
    }
}

/// Another teen asking for a session gets what one that never existed gives.
pub async fn another_teens_session_is_none(ports: &LivePorts) {
    let records = Records::named("another_teens_session_is_none");
    let (teen, session) = opened(ports, &records).await;
    let turn = records.turn(&session, 0, 2);
    let message = turn.message.as_ref().unwrap().id;
    let store = &ports.conversations;
    store
        .accept(records.accept(teen, &turn), at(20))
        .await
        .unwrap();
    let other = records.teen();
    assert_eq!(
        store.session(other, session.id, at(20)).await.unwrap(),
        None
    );
    assert_eq!(store.live_session(other, at(20)).await.unwrap(), None);
    assert_eq!(store.sessions(other, None, 10, at(20)).await.unwrap(), []);
    let theirs = store.turn_of_message(other, session.id, message, at(20));
    assert_eq!(theirs.await.unwrap(), None);
}

/// Sessions come newest first, a page at a time.
pub async fn sessions_are_paged_newest_first(ports: &LivePorts) {
    let records = Records::named("sessions_are_paged_newest_first");
    let teen = records.teen();
    let mut ids = Vec::new();
    for number in 0..5 {
        let mut session = records.session_at(teen, at(number * 100));
        open(ports, &records, &session).await;
        ids.push(session.id);
        session.state = SessionState::Queued;
        let job = records.remember(teen, session.id, at(number * 100));
        let closed = ports.conversations.close_session(&session, &[], &job);
        closed.await.unwrap();
    }
    ids.reverse();
    let mut seen = Vec::new();
    let mut before = None;
    loop {
        let page = ports.conversations.sessions(teen, before, 2, at(600)).await;
        let page: Vec<_> = page.unwrap().iter().map(|session| session.id).collect();
        assert!(page.len() <= 2, "a page is longer than its limit");
        let Some(last) = page.last() else { break };
        before = Some(*last);
        seen.extend(page);
    }
    assert_eq!(seen, ids);
}

/// A restart takes up what is open or closing, oldest first, and nothing else.
pub async fn unfinished_are_open_and_closing_ones(ports: &LivePorts) {
    let records = Records::named("unfinished_are_open_and_closing_ones");
    let states = [
        SessionState::Closing,
        SessionState::Queued,
        SessionState::Active,
        SessionState::Greeting,
    ];
    let mut expected = Vec::new();
    for (age, state) in (1_u64..).zip(states) {
        let teen = records.teen();
        let mut session = records.session_at(teen, NOW.minus(Duration::from_secs(age)));
        open(ports, &records, &session).await;
        session.state = state;
        if state == SessionState::Queued {
            let job = records.remember(teen, session.id, NOW);
            let closed = ports.conversations.close_session(&session, &[], &job);
            closed.await.unwrap();
            continue;
        }
        ports
            .conversations
            .update_session(&session, &[])
            .await
            .unwrap();
        expected.push((teen, session.id));
    }
    expected.reverse();
    assert_eq!(ports.conversations.unfinished(NOW).await.unwrap(), expected);
}

/// An update replaces the row and adds its events.
pub async fn an_updated_session_is_read_back(ports: &LivePorts) {
    let records = Records::named("an_updated_session_is_read_back");
    let (teen, mut session) = opened(ports, &records).await;
    session.persona = Some("comfort".parse().unwrap());
    session.persona_changes = 2;
    session.seq = 2;
    session.last_activity_at = at(30);
    session.expires_at = just_after(session.expires_at);
    let store = &ports.conversations;
    store
        .update_session(&session, &[records.event(2)])
        .await
        .unwrap();
    let log = store
        .session(teen, session.id, at(30))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(log.session, session);
    assert_eq!(log.events, [records.event(1), records.event(2)]);
}

/// A row that is gone stays gone.
pub async fn updating_a_missing_session_is_not_found(ports: &LivePorts) {
    let records = Records::named("updating_a_missing_session_is_not_found");
    let teen = records.teen();
    let session = records.session(teen);
    let store = &ports.conversations;
    assert_kind(
        store.update_session(&session, &[]).await,
        ErrorKind::NotFound,
    );
    assert_eq!(store.session(teen, session.id, NOW).await.unwrap(), None);
}

/// Events come by ascending number, whichever call brought them.
pub async fn events_are_listed_in_order(ports: &LivePorts) {
    let records = Records::named("events_are_listed_in_order");
    let (teen, mut session) = opened(ports, &records).await;
    let store = &ports.conversations;
    let turn = records.turn(&session, 0, 2);
    let mut accept = records.accept(teen, &turn);
    accept.seq = 3;
    accept.events = vec![records.event(3)];
    store.accept(accept, at(20)).await.unwrap();
    store
        .update_turn(teen, &turn, Taken::by(&[records.event(4)]))
        .await
        .unwrap();
    session.seq = 12;
    let late: Vec<EventRecord> = (5..=12).map(|seq| records.event(seq)).collect();
    store.update_session(&session, &late).await.unwrap();
    let log = store
        .session(teen, session.id, at(20))
        .await
        .unwrap()
        .unwrap();
    let numbers: Vec<u64> = log.events.iter().map(|event| event.seq).collect();
    assert_eq!(numbers, [1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
}
