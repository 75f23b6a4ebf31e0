//! Clauses on accepting messages.

use futures_util::future::join_all;
use innerworld_core::{
    conversation::{
        record::{AcceptOutcome, SessionState},
        store::Taken,
    },
    error::ErrorKind,
};

use super::{LivePorts, opened};
use crate::records::{NOW, Records, at, just_after, just_before};

/// A new message is there, by the log and by its id.
pub async fn an_accepted_message_is_stored(ports: &LivePorts) {
    let records = Records::named("an_accepted_message_is_stored");
    let (teen, session) = opened(ports, &records).await;
    let turn = records.turn(&session, 0, 2);
    let store = &ports.conversations;
    let outcome = store.accept(records.accept(teen, &turn), at(20)).await;
    assert_eq!(outcome.unwrap(), AcceptOutcome::New);
    let log = store
        .session(teen, session.id, at(20))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(log.turns, std::slice::from_ref(&turn));
    let message = turn.message.as_ref().unwrap().id;
    let found = store.turn_of_message(teen, session.id, message, at(20));
    assert_eq!(found.await.unwrap(), Some(turn));
}

/// The second time, the answer is the turn as it stands now; nothing is stored again.
pub async fn a_repeated_message_is_the_same_turn(ports: &LivePorts) {
    let records = Records::named("a_repeated_message_is_the_same_turn");
    let (teen, session) = opened(ports, &records).await;
    let mut turn = records.turn(&session, 0, 2);
    let store = &ports.conversations;
    let first = records.accept(teen, &turn);
    store.accept(first.clone(), at(20)).await.unwrap();
    turn.answer = "Which part went best?".to_owned().into();
    store
        .update_turn(teen, &turn, Taken::NOTHING)
        .await
        .unwrap();
    // A resent frame is made into a turn with an id of its own before it gets here.
    let mut resent = first;
    resent.turn.id = records.turn(&session, 1, 3).id;
    resent.turn.sequence = 2;
    for _ in 0..2 {
        let again = store.accept(resent.clone(), at(21)).await.unwrap();
        assert_eq!(again, AcceptOutcome::Duplicate(Box::new(turn.clone())));
    }
    let log = store
        .session(teen, session.id, at(21))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(log.turns, [turn]);
}

/// The same id with other text is told apart and changes nothing.
pub async fn a_used_id_with_other_text_conflicts(ports: &LivePorts) {
    let records = Records::named("a_used_id_with_other_text_conflicts");
    let (teen, session) = opened(ports, &records).await;
    let turn = records.turn(&session, 0, 2);
    let store = &ports.conversations;
    store
        .accept(records.accept(teen, &turn), at(20))
        .await
        .unwrap();
    let mut other = records.turn(&session, 2, 3);
    other.message.as_mut().unwrap().id = turn.message.as_ref().unwrap().id;
    let outcome = store.accept(records.accept(teen, &other), at(21)).await;
    assert_eq!(outcome.unwrap(), AcceptOutcome::IdConflict);
    let log = store
        .session(teen, session.id, at(21))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(log.turns, [turn]);
}

/// Eight equal messages at the same time make one turn.
pub async fn one_of_many_equal_accepts_is_new(ports: &LivePorts) {
    let records = Records::named("one_of_many_equal_accepts_is_new");
    let (teen, session) = opened(ports, &records).await;
    let turn = records.turn(&session, 0, 2);
    let calls = (0..8).map(|_| {
        ports
            .conversations
            .accept(records.accept(teen, &turn), at(20))
    });
    let outcomes = join_all(calls).await;
    let new = outcomes
        .iter()
        .filter(|outcome| matches!(outcome, Ok(AcceptOutcome::New)))
        .count();
    assert_eq!(new, 1);
    for outcome in outcomes {
        let outcome = outcome.unwrap();
        let repeat = AcceptOutcome::Duplicate(Box::new(turn.clone()));
        assert!(outcome == AcceptOutcome::New || outcome == repeat);
    }
}

/// Once a session is closing, or further, no message gets in.
pub async fn a_closing_session_takes_no_message(ports: &LivePorts) {
    let records = Records::named("a_closing_session_takes_no_message");
    for state in [SessionState::Closing, SessionState::Queued] {
        let (teen, mut session) = opened(ports, &records).await;
        session.state = state;
        let store = &ports.conversations;
        if state == SessionState::Queued {
            let job = records.remember(teen, session.id, NOW);
            store.close_session(&session, &[], &job).await.unwrap();
        } else {
            store.update_session(&session, &[]).await.unwrap();
        }
        let turn = records.turn(&session, 0, 2);
        let outcome = store.accept(records.accept(teen, &turn), at(20)).await;
        assert_eq!(outcome.unwrap(), AcceptOutcome::SessionClosed, "{state:?}");
        let log = store
            .session(teen, session.id, at(20))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(log.turns, []);
    }
}

/// A session that never was takes no message.
pub async fn a_missing_session_takes_no_message(ports: &LivePorts) {
    let records = Records::named("a_missing_session_takes_no_message");
    let teen = records.teen();
    let turn = records.turn(&records.session(teen), 0, 2);
    let outcome = ports
        .conversations
        .accept(records.accept(teen, &turn), at(20))
        .await;
    assert_eq!(outcome.unwrap(), AcceptOutcome::SessionClosed);
}

/// A session takes messages until the millisecond before its expiry.
pub async fn an_expired_session_takes_no_message(ports: &LivePorts) {
    let records = Records::named("an_expired_session_takes_no_message");
    let (teen, session) = opened(ports, &records).await;
    let end = session.expires_at;
    let cases = [
        (just_before(end), AcceptOutcome::New),
        (end, AcceptOutcome::SessionClosed),
        (just_after(end), AcceptOutcome::SessionClosed),
    ];
    for (sequence, (now, expected)) in (0_u64..).zip(cases) {
        let turn = records.turn(&session, sequence * 2, sequence + 2);
        let outcome = ports
            .conversations
            .accept(records.accept(teen, &turn), now)
            .await;
        assert_eq!(outcome.unwrap(), expected, "at {now}");
    }
}

/// Record, notice, count and message show together.
pub async fn a_safety_change_commits_with_its_message(ports: &LivePorts) {
    let records = Records::named("a_safety_change_commits_with_its_message");
    let (teen, session) = opened(ports, &records).await;
    let change = records.safety_commit(teen, 0);
    let mut accept = records.accept(teen, &records.turn(&session, 0, 2));
    accept.safety = Some(change.clone());
    accept.events = vec![records.event(3)];
    accept.seq = 3;
    let outcome = ports.conversations.accept(accept, at(20)).await.unwrap();
    assert_eq!(outcome, AcceptOutcome::New);
    assert_eq!(ports.safety.load(teen).await.unwrap(), Some(change.record));
    let counts = ports
        .safety
        .counts("2026-11-24", "2026-11-24")
        .await
        .unwrap();
    assert_eq!(counts, [(change.notice.unwrap().count, 1)]);
}

/// When the safety record moved, neither message nor event nor count is stored.
pub async fn a_moved_safety_record_stores_nothing(ports: &LivePorts) {
    let records = Records::named("a_moved_safety_record_stores_nothing");
    let (teen, session) = opened(ports, &records).await;
    let stored = records.safety_commit(teen, 0);
    ports.safety.commit(&stored, NOW).await.unwrap();
    let mut accept = records.accept(teen, &records.turn(&session, 0, 2));
    accept.safety = Some(records.safety_commit(teen, 0));
    accept.soft = Some(records.notice("2026-11-24"));
    accept.events = vec![records.event(3)];
    accept.seq = 3;
    let outcome = ports.conversations.accept(accept, at(20)).await.unwrap();
    assert_eq!(outcome, AcceptOutcome::SafetyMoved);
    let log = ports.conversations.session(teen, session.id, at(20)).await;
    let log = log.unwrap().unwrap();
    assert_eq!(log.turns, []);
    assert_eq!(log.events, [records.event(1)]);
    assert_eq!(ports.safety.load(teen).await.unwrap(), Some(stored.record));
    let counts = ports
        .safety
        .counts("2026-11-24", "2026-11-24")
        .await
        .unwrap();
    assert_eq!(counts, [(stored.notice.unwrap().count, 1)]);
}

/// A quiet offer is counted with its message, and not again when the message comes again.
pub async fn a_quiet_offer_is_counted_with_its_message(ports: &LivePorts) {
    let records = Records::named("a_quiet_offer_is_counted_with_its_message");
    let (teen, session) = opened(ports, &records).await;
    let mut accept = records.accept(teen, &records.turn(&session, 0, 2));
    let mut offer = records.notice("2026-11-24");
    "soft".clone_into(&mut offer.count.action);
    offer.count.category = None;
    accept.soft = Some(offer.clone());
    let store = &ports.conversations;
    store.accept(accept.clone(), at(20)).await.unwrap();
    store.accept(accept, at(21)).await.unwrap();
    assert_eq!(ports.safety.load(teen).await.unwrap(), None);
    let counts = ports
        .safety
        .counts("2026-11-24", "2026-11-24")
        .await
        .unwrap();
    assert_eq!(counts, [(offer.count, 1)]);
}

/// A triggered message that is sent again is the same turn and is not counted again.
pub async fn a_repeated_trigger_counts_once(ports: &LivePorts) {
    let records = Records::named("a_repeated_trigger_counts_once");
    let (teen, session) = opened(ports, &records).await;
    let turn = records.turn(&session, 0, 2);
    let mut accept = records.accept(teen, &turn);
    accept.safety = Some(records.safety_commit(teen, 0));
    let store = &ports.conversations;
    store.accept(accept.clone(), at(20)).await.unwrap();
    let again = store.accept(accept, at(21)).await.unwrap();
    assert_eq!(again, AcceptOutcome::Duplicate(Box::new(turn)));
    let counts = ports
        .safety
        .counts("2026-11-24", "2026-11-24")
        .await
        .unwrap();
    assert_eq!(counts.iter().map(|(_, n)| n).sum::<u64>(), 1);
}

/// Another teen can neither add to a session nor change its rows.
pub async fn another_teen_changes_nothing(ports: &LivePorts) {
    let records = Records::named("another_teen_changes_nothing");
    let (teen, session) = opened(ports, &records).await;
    let store = &ports.conversations;
    let turn = records.turn(&session, 0, 2);
    store
        .accept(records.accept(teen, &turn), at(20))
        .await
        .unwrap();
    let other = records.teen();
    let foreign = records.accept(other, &records.turn(&session, 2, 3));
    let outcome = store.accept(foreign, at(20)).await.unwrap();
    assert_eq!(outcome, AcceptOutcome::SessionClosed);
    let mut changed = turn.clone();
    changed.answer = "Not mine.".to_owned().into();
    let refused = store.update_turn(other, &changed, Taken::NOTHING).await;
    super::super::assert_kind(refused, ErrorKind::NotFound);
    store
        .finish_session(other, session.id)
        .await
        .unwrap_or_default();
    let log = store
        .session(teen, session.id, at(20))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(log.turns, [turn]);
    assert_eq!(log.session.state, session.state);
}
