//! Clauses on turns after their message was accepted.

use innerworld_core::{
    conversation::{
        record::{Finish, TurnState},
        store::Taken,
    },
    error::ErrorKind,
};

use super::{LivePorts, opened};
use crate::{
    contract::assert_kind,
    records::{NOW, Records, at, just_after, just_before},
};

/// A turn is there one millisecond before its expiry, and in no read at or after it.
pub async fn turns_do_not_exist_from_their_expiry_on(ports: &LivePorts) {
    let records = Records::named("turns_do_not_exist_from_their_expiry_on");
    let (teen, session) = opened(ports, &records).await;
    let mut turn = records.turn(&session, 0, 2);
    turn.expires_at = at(600);
    let message = turn.message.as_ref().unwrap().id;
    let store = &ports.conversations;
    store
        .accept(records.accept(teen, &turn), at(20))
        .await
        .unwrap();
    let end = turn.expires_at;
    for (now, exists) in [
        (just_before(end), true),
        (end, false),
        (just_after(end), false),
    ] {
        let log = store.session(teen, session.id, now).await.unwrap().unwrap();
        assert_eq!(!log.turns.is_empty(), exists, "log at {now}");
        let live = store.live_session(teen, now).await.unwrap().unwrap();
        assert_eq!(!live.turns.is_empty(), exists, "live log at {now}");
        let found = store.turn_of_message(teen, session.id, message, now);
        assert_eq!(found.await.unwrap().is_some(), exists, "by id at {now}");
    }
}

/// A turn that no message made is stored with its events.
pub async fn a_template_turn_is_in_the_log(ports: &LivePorts) {
    let records = Records::named("a_template_turn_is_in_the_log");
    let (teen, session) = opened(ports, &records).await;
    let mut turn = records.turn(&session, 0, 2);
    turn.message = None;
    turn.seq_accepted = None;
    turn.seq_start = Some(2);
    turn.answer = "What would you like to talk about?".to_owned().into();
    let store = &ports.conversations;
    store
        .insert_turn(teen, &turn, &[records.event(3)])
        .await
        .unwrap();
    let log = store
        .session(teen, session.id, at(20))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(log.turns, [turn]);
    assert_eq!(log.events, [records.event(1), records.event(3)]);
}

/// Start, checkpoint and end replace the row, whole.
pub async fn an_updated_turn_is_read_back(ports: &LivePorts) {
    let records = Records::named("an_updated_turn_is_read_back");
    let (teen, session) = opened(ports, &records).await;
    let mut turn = records.turn(&session, 0, 2);
    let store = &ports.conversations;
    store
        .accept(records.accept(teen, &turn), at(20))
        .await
        .unwrap();
    turn.state = TurnState::Running;
    turn.seq_start = Some(3);
    turn.upstream_started = true;
    turn.answer = "That sounds".to_owned().into();
    store
        .update_turn(teen, &turn, Taken::NOTHING)
        .await
        .unwrap();
    let message = turn.message.as_ref().unwrap().id;
    let found = store
        .turn_of_message(teen, session.id, message, at(21))
        .await;
    assert_eq!(found.unwrap().as_ref(), Some(&turn));
    turn.state = TurnState::Ended;
    turn.seq_end = Some(4);
    turn.answer = "That sounds like a good day. 🥁".to_owned().into();
    turn.finish = Some(Finish::Stop);
    store
        .update_turn(teen, &turn, Taken::NOTHING)
        .await
        .unwrap();
    let log = store
        .session(teen, session.id, at(22))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(log.turns, [turn]);
}

/// Writing a turn that is gone fails and brings nothing back.
pub async fn a_missing_turn_is_never_recreated(ports: &LivePorts) {
    let records = Records::named("a_missing_turn_is_never_recreated");
    let (teen, session) = opened(ports, &records).await;
    let turn = records.turn(&session, 0, 2);
    let store = &ports.conversations;
    let missing = store
        .update_turn(teen, &turn, Taken::by(&[records.event(3)]))
        .await;
    assert_kind(missing, ErrorKind::NotFound);
    let log = store.session(teen, session.id, NOW).await.unwrap().unwrap();
    assert_eq!(log.turns, []);
    assert_eq!(log.events, [records.event(1)]);
}

/// Turns come oldest first.
pub async fn turns_are_listed_oldest_first(ports: &LivePorts) {
    let records = Records::named("turns_are_listed_oldest_first");
    let (teen, session) = opened(ports, &records).await;
    let store = &ports.conversations;
    let mut expected = Vec::new();
    for number in 0..12 {
        let turn = records.turn(&session, number * 2, number + 2);
        store
            .accept(records.accept(teen, &turn), at(30))
            .await
            .unwrap();
        expected.push(turn);
    }
    // A later write to an early row does not move it.
    if let Some(first) = expected.first_mut() {
        first.answer = "Tell me more.".to_owned().into();
        store
            .update_turn(teen, first, Taken::NOTHING)
            .await
            .unwrap();
    }
    let log = store
        .session(teen, session.id, at(30))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(log.turns, expected);
}

/// The session read back counts every event that turns brought, so that no number is given twice.
pub async fn the_log_knows_its_newest_event(ports: &LivePorts) {
    let records = Records::named("the_log_knows_its_newest_event");
    let (teen, session) = opened(ports, &records).await;
    let store = &ports.conversations;
    let newest = async || {
        let log = store.session(teen, session.id, at(30)).await;
        log.unwrap().unwrap().session.seq
    };
    let mut turn = records.turn(&session, 0, 2);
    store
        .accept(records.accept(teen, &turn), at(20))
        .await
        .unwrap();
    assert_eq!(newest().await, 2);
    turn.seq_start = Some(3);
    store
        .update_turn(teen, &turn, Taken::NOTHING)
        .await
        .unwrap();
    assert_eq!(newest().await, 3);
    turn.seq_end = Some(5);
    store
        .update_turn(teen, &turn, Taken::by(&[records.event(4)]))
        .await
        .unwrap();
    assert_eq!(newest().await, 5);
    store
        .update_turn(teen, &turn, Taken::by(&[records.event(6)]))
        .await
        .unwrap();
    assert_eq!(newest().await, 6);
}

/// The session read back counts messages and answers, so that no message number is given twice:
/// a message has its number, its answer the next one; a template turn has one.
pub async fn the_log_knows_its_next_message(ports: &LivePorts) {
    let records = Records::named("the_log_knows_its_next_message");
    let (teen, session) = opened(ports, &records).await;
    let store = &ports.conversations;
    let next = async || {
        let live = store.live_session(teen, at(30)).await;
        let listed = store.sessions(teen, None, 1, at(30)).await;
        let live = live.unwrap().unwrap().session.next_sequence;
        assert_eq!(listed.unwrap().first().unwrap().next_sequence, live);
        live
    };
    let mut opening = records.turn(&session, 0, 2);
    opening.message = None;
    store.insert_turn(teen, &opening, &[]).await.unwrap();
    assert_eq!(next().await, 1);
    let turn = records.turn(&session, 1, 3);
    store
        .accept(records.accept(teen, &turn), at(20))
        .await
        .unwrap();
    assert_eq!(next().await, 3);
    store
        .update_turn(teen, &turn, Taken::NOTHING)
        .await
        .unwrap();
    assert_eq!(next().await, 3);
}
