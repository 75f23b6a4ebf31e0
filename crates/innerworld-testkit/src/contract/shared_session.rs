//! Suite of a [`ConversationStore`](innerworld_core::conversation::store::ConversationStore) whose sessions
//! several processes hold at a time: numbers are given out once.

use innerworld_core::{
    conversation::{
        record::{AcceptOutcome, Finish, SessionState, TurnState},
        store::Taken,
    },
    error::ErrorKind,
};

use super::{
    assert_kind,
    conversation_store::{LivePorts, opened},
    suite,
};
use crate::records::{Records, at};

/// How many processes are equally quick.
const MANY: u64 = 8;

/// Who logs an event under a number that another took is told, and nothing is overwritten.
pub async fn a_number_is_given_out_once(ports: &LivePorts) {
    let records = Records::named("a_number_is_given_out_once");
    let (teen, mut session) = opened(ports, &records).await;
    let store = &ports.conversations;
    session.seq = 2;
    store
        .update_session(&session, &[records.event(2)])
        .await
        .unwrap();
    let before = store.session(teen, session.id, at(30)).await.unwrap();
    "de".clone_into(&mut session.locale);
    let late = store.update_session(&session, &[records.event(2)]).await;
    assert_kind(late, ErrorKind::Conflict);
    assert_eq!(
        store.session(teen, session.id, at(30)).await.unwrap(),
        before
    );
}

/// Of messages that were numbered alike, one is stored; the others are told to number again.
pub async fn of_messages_with_one_number_one_is_stored(ports: &LivePorts) {
    let records = Records::named("of_messages_with_one_number_one_is_stored");
    let (teen, session) = opened(ports, &records).await;
    let store = &ports.conversations;
    let turns: Vec<_> = (0..MANY)
        .map(|_message| records.turn(&session, 0, 2))
        .collect();
    let accepts = turns
        .iter()
        .map(|turn| store.accept(records.accept(teen, turn), at(20)));
    let outcomes = futures_util::future::join_all(accepts).await;
    let mut stored = 0;
    for outcome in outcomes {
        match outcome {
            Ok(outcome) => {
                assert_eq!(outcome, AcceptOutcome::New);
                stored += 1;
            }
            Err(error) => assert_eq!(error.kind(), ErrorKind::Conflict, "{error}"),
        }
    }
    assert_eq!(stored, 1);
    let log = store.session(teen, session.id, at(30)).await;
    assert_eq!(log.unwrap().unwrap().turns.len(), 1);
}

/// A repeated message is the same turn, also once others have counted further.
pub async fn a_repeat_is_no_conflict(ports: &LivePorts) {
    let records = Records::named("a_repeat_is_no_conflict");
    let (teen, mut session) = opened(ports, &records).await;
    let store = &ports.conversations;
    let turn = records.turn(&session, 0, 2);
    store
        .accept(records.accept(teen, &turn), at(20))
        .await
        .unwrap();
    session.seq = 3;
    store
        .update_session(&session, &[records.event(3)])
        .await
        .unwrap();
    let again = store.accept(records.accept(teen, &turn), at(21)).await;
    assert_eq!(again.unwrap(), AcceptOutcome::Duplicate(Box::new(turn)));
}

/// An answer ends under a number of its own, or not yet; a checkpoint needs none.
pub async fn an_answer_takes_numbers_that_are_free(ports: &LivePorts) {
    let records = Records::named("an_answer_takes_numbers_that_are_free");
    let (teen, mut session) = opened(ports, &records).await;
    let store = &ports.conversations;
    let mut turn = records.turn(&session, 0, 2);
    store
        .accept(records.accept(teen, &turn), at(20))
        .await
        .unwrap();
    turn.state = TurnState::Running;
    turn.seq_start = Some(3);
    store
        .update_turn(teen, &turn, Taken::from(3))
        .await
        .unwrap();
    session.seq = 4;
    store
        .update_session(&session, &[records.event(4)])
        .await
        .unwrap();
    turn.answer = "That sounds".to_owned().into();
    store
        .update_turn(teen, &turn, Taken::NOTHING)
        .await
        .unwrap();
    let running = turn.clone();
    turn.state = TurnState::Ended;
    turn.finish = Some(Finish::Stop);
    turn.seq_end = Some(4);
    let late = store.update_turn(teen, &turn, Taken::from(4)).await;
    assert_kind(late, ErrorKind::Conflict);
    let log = store.session(teen, session.id, at(30)).await;
    assert_eq!(log.unwrap().unwrap().turns, [running]);
    turn.seq_end = Some(5);
    store
        .update_turn(teen, &turn, Taken::from(5))
        .await
        .unwrap();
    let log = store.session(teen, session.id, at(30)).await;
    let log = log.unwrap().unwrap();
    assert_eq!((log.session.seq, log.turns), (5, vec![turn]));
}

/// A session that somebody logs in meanwhile is not ended under a used number: it goes on.
pub async fn a_late_end_leaves_the_session_open(ports: &LivePorts) {
    let records = Records::named("a_late_end_leaves_the_session_open");
    let (teen, mut session) = opened(ports, &records).await;
    let store = &ports.conversations;
    session.seq = 2;
    store
        .update_session(&session, &[records.event(2)])
        .await
        .unwrap();
    session.state = SessionState::Queued;
    let job = records.remember(teen, session.id, at(100));
    let late = store
        .close_session(&session, &[records.event(2)], &job)
        .await;
    assert_kind(late, ErrorKind::Conflict);
    let log = store.live_session(teen, at(30)).await.unwrap().unwrap();
    assert!(log.session.state.is_open());
    assert_eq!(ports.jobs.due(at(3_600), 10).await.unwrap(), []);
}

/// A turn that no message made does not take a used number either.
pub async fn a_late_template_turn_conflicts(ports: &LivePorts) {
    let records = Records::named("a_late_template_turn_conflicts");
    let (teen, session) = opened(ports, &records).await;
    let mut turn = records.turn(&session, 0, 1);
    turn.message = None;
    turn.seq_accepted = None;
    turn.seq_start = Some(1);
    let late = ports.conversations.insert_turn(teen, &turn, &[]).await;
    assert_kind(late, ErrorKind::Conflict);
    let log = ports.conversations.session(teen, session.id, at(30)).await;
    assert_eq!(log.unwrap().unwrap().turns, []);
}

suite!($ shared_session_contract, shared_session, LivePorts, [
    a_number_is_given_out_once,
    of_messages_with_one_number_one_is_stored,
    a_repeat_is_no_conflict,
    an_answer_takes_numbers_that_are_free,
    a_late_end_leaves_the_session_open,
    a_late_template_turn_conflicts,
]);
