//! Clauses on the end of a session.

use futures_util::future::join_all;
use innerworld_core::{
    conversation::record::{EndReason, SessionRecord, SessionState},
    error::ErrorKind,
    ids::TeenId,
};

use super::{LivePorts, open, opened};
use crate::{
    contract::assert_kind,
    records::{Records, at},
};

fn ended(mut session: SessionRecord) -> SessionRecord {
    session.state = SessionState::Queued;
    session.ended = Some((at(100), EndReason::Client));
    session.seq += 1;
    session
}

async fn closed(ports: &LivePorts, records: &Records) -> (TeenId, SessionRecord) {
    let (teen, session) = opened(ports, records).await;
    let store = &ports.conversations;
    let turn = records.turn(&session, 0, 2);
    store
        .accept(records.accept(teen, &turn), at(20))
        .await
        .unwrap();
    let mut session = ended(session);
    session.seq = 3;
    session.next_sequence = 2;
    let job = records.remember(teen, session.id, at(100));
    store
        .close_session(&session, &[records.event(3)], &job)
        .await
        .unwrap();
    (teen, session)
}

/// Row, last event and job show together.
pub async fn closing_queues_the_job(ports: &LivePorts) {
    let records = Records::named("closing_queues_the_job");
    let (teen, session) = closed(ports, &records).await;
    let log = ports.conversations.session(teen, session.id, at(100)).await;
    let log = log.unwrap().unwrap();
    assert_eq!(log.session, session);
    assert_eq!(log.events.last(), Some(&records.event(3)));
    assert_eq!(
        log.turns.len(),
        1,
        "what was said stays until it is remembered"
    );
    let due = ports.jobs.due(at(100), 10).await.unwrap();
    assert_eq!(due, [records.remember(teen, session.id, at(100))]);
}

/// The second close is refused and changes nothing.
pub async fn closing_twice_conflicts(ports: &LivePorts) {
    let records = Records::named("closing_twice_conflicts");
    let (teen, session) = closed(ports, &records).await;
    let mut again = session.clone();
    again.ended = Some((at(200), EndReason::Idle));
    let job = records.remember(teen, session.id, at(200));
    let store = &ports.conversations;
    assert_kind(
        store.close_session(&again, &[], &job).await,
        ErrorKind::Conflict,
    );
    let log = store
        .session(teen, session.id, at(200))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(log.session, session);
    assert_eq!(ports.jobs.due(at(200), 10).await.unwrap().len(), 1);
}

/// Of eight closers at the same time one wins.
pub async fn one_of_many_closers_wins(ports: &LivePorts) {
    let records = Records::named("one_of_many_closers_wins");
    let (teen, session) = opened(ports, &records).await;
    let session = ended(session);
    let job = records.remember(teen, session.id, at(100));
    let calls = (0..8).map(|_| ports.conversations.close_session(&session, &[], &job));
    let outcomes = join_all(calls).await;
    let won = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    assert_eq!(won, 1);
    for lost in outcomes.into_iter().filter(Result::is_err) {
        assert_kind(lost, ErrorKind::Conflict);
    }
}

/// A session that is being ended can be closed, as a restart does.
pub async fn a_closing_session_can_be_closed(ports: &LivePorts) {
    let records = Records::named("a_closing_session_can_be_closed");
    let (teen, mut session) = opened(ports, &records).await;
    session.state = SessionState::Closing;
    let store = &ports.conversations;
    store.update_session(&session, &[]).await.unwrap();
    let session = ended(session);
    let job = records.remember(teen, session.id, at(100));
    store.close_session(&session, &[], &job).await.unwrap();
    assert_eq!(ports.jobs.due(at(100), 10).await.unwrap(), [job]);
}

/// What is closed holds no new session up; the newest one is the live one.
pub async fn a_new_session_opens_after_closing(ports: &LivePorts) {
    let records = Records::named("a_new_session_opens_after_closing");
    let (teen, _) = closed(ports, &records).await;
    let next = records.session_at(teen, at(300));
    open(ports, &records, &next).await;
    let live = ports.conversations.live_session(teen, at(301)).await;
    assert_eq!(live.unwrap().unwrap().session, next);
}

/// After the memory job the row says `Processed` and nothing that was said is left.
pub async fn finishing_deletes_what_was_said(ports: &LivePorts) {
    let records = Records::named("finishing_deletes_what_was_said");
    let (teen, session) = closed(ports, &records).await;
    let store = &ports.conversations;
    store.finish_session(teen, session.id).await.unwrap();
    let log = store
        .session(teen, session.id, at(200))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(log.session.state, SessionState::Processed);
    assert_eq!(log.turns, []);
    assert_eq!(log.events, []);
    assert_eq!(ports.jobs.due(at(200), 10).await.unwrap(), []);
    assert_eq!(store.live_session(teen, at(200)).await.unwrap(), None);
}

/// A job that runs again finds nothing to do.
pub async fn finishing_again_changes_nothing(ports: &LivePorts) {
    let records = Records::named("finishing_again_changes_nothing");
    let (teen, session) = closed(ports, &records).await;
    let store = &ports.conversations;
    store.finish_session(teen, session.id).await.unwrap();
    let before = store.session(teen, session.id, at(200)).await.unwrap();
    store.finish_session(teen, session.id).await.unwrap();
    assert_eq!(
        store.session(teen, session.id, at(200)).await.unwrap(),
        before
    );
    let unknown = records.session_id(0);
    store.finish_session(teen, unknown).await.unwrap();
    assert_eq!(store.session(teen, unknown, at(200)).await.unwrap(), None);
}
