//! What tables hold of a talk, and what races across processes may not do.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use innerworld_aws::Table;
use innerworld_core::{
    conversation::{
        record::{AcceptOutcome, EventRecord, SessionRecord, SessionState, TurnState},
        store::Taken,
    },
    error::ErrorKind,
    ids::TeenId,
};
use innerworld_testkit::records::{NOW, Records, at, just_before};

use crate::place::Place;

type Row = HashMap<String, AttributeValue>;

/// Everything in a table, expired or not.
async fn rows(place: &Place, table: Table) -> Vec<Row> {
    let name = place.names.of(table);
    let mut pages = place
        .tables
        .scan()
        .table_name(name)
        .consistent_read(true)
        .into_paginator()
        .items()
        .send();
    let mut rows = Vec::new();
    while let Some(row) = pages.next().await {
        rows.push(row.unwrap());
    }
    rows
}

fn numbers(rows: &[Row], name: &str) -> Vec<u64> {
    let mut numbers: Vec<u64> = rows
        .iter()
        .map(|row| row[name].as_n().unwrap().parse().unwrap())
        .collect();
    numbers.sort_unstable();
    numbers
}

async fn opened(place: &Place, records: &Records) -> (TeenId, SessionRecord) {
    let teen = records.teen();
    let session = records.session(teen);
    let first = [records.event(1)];
    let conversations = place.aws.conversations();
    conversations.open_session(&session, &first).await.unwrap();
    (teen, session)
}

async fn close(place: &Place, records: &Records, session: &SessionRecord) {
    let mut session = session.clone();
    session.state = SessionState::Queued;
    let job = records.remember(session.teen, session.id, NOW);
    let conversations = place.aws.conversations();
    let closed = conversations.close_session(&session, &[], &job);
    closed.await.unwrap();
}

#[tokio::test]
async fn what_was_said_lies_sealed_until_it_is_remembered() {
    let (place, records) = (
        Place::new().await,
        Records::named("what_was_said_lies_sealed"),
    );
    let store = place.aws.conversations();
    let (teen, session) = opened(&place, &records).await;
    for number in 0..30 {
        let mut turn = records.turn(&session, number * 2, number + 2);
        let accepted = store.accept(records.accept(teen, &turn), at(20)).await;
        assert_eq!(accepted.unwrap(), AcceptOutcome::New);
        turn.state = TurnState::Ended;
        turn.answer = "That sounds like a good day.".to_owned().into();
        store
            .update_turn(teen, &turn, Taken::NOTHING)
            .await
            .unwrap();
    }
    let said = rows(&place, Table::LiveConversations).await;
    assert_eq!(
        numbers(&said, "message_sequence"),
        (0..60).collect::<Vec<_>>()
    );
    for row in said.iter().chain(&rows(&place, Table::Sessions).await) {
        let text = format!("{row:?}");
        assert!(!text.contains("practised") && !text.contains("good day"));
        let sealed = row["sealed"].as_b().unwrap().as_ref();
        assert!(!sealed.windows(9).any(|bytes| bytes == b"practised"));
    }
    close(&place, &records, &session).await;
    store.finish_session(teen, session.id).await.unwrap();
    assert_eq!(rows(&place, Table::LiveConversations).await, []);
    assert_eq!(rows(&place, Table::Sessions).await.len(), 1);
    let log = store.session(teen, session.id, at(30)).await.unwrap();
    assert_eq!(log.unwrap().session.next_sequence, 60);
}

#[tokio::test]
async fn the_days_sessions_number_their_messages_apart() {
    let (place, records) = (Place::new().await, Records::named("the_days_sessions"));
    let store = place.aws.conversations();
    let (teen, first) = opened(&place, &records).await;
    let mut waiting = records.turn(&first, 0, 2);
    store
        .accept(records.accept(teen, &waiting), at(20))
        .await
        .unwrap();
    close(&place, &records, &first).await;
    let second = records.session_at(teen, at(60));
    store.open_session(&second, &[]).await.unwrap();
    let turn = records.turn(&second, 0, 2);
    let accepted = store.accept(records.accept(teen, &turn), at(70)).await;
    assert_eq!(accepted.unwrap(), AcceptOutcome::New);
    // The first session's answer comes when its place is behind others' already.
    waiting.state = TurnState::Ended;
    waiting.answer = "Good night.".to_owned().into();
    store
        .update_turn(teen, &waiting, Taken::NOTHING)
        .await
        .unwrap();
    let said = rows(&place, Table::LiveConversations).await;
    assert_eq!(numbers(&said, "message_sequence"), [0, 1, 2]);
    store.finish_session(teen, first.id).await.unwrap();
    let left = rows(&place, Table::LiveConversations).await;
    assert_eq!(numbers(&left, "message_sequence"), [2]);
    let log = store.session(teen, second.id, at(70)).await.unwrap();
    assert_eq!(log.unwrap().turns, [turn]);
}

#[tokio::test]
async fn a_late_writer_does_not_open_a_closed_session_again() {
    let (place, records) = (Place::new().await, Records::named("a_late_writer"));
    let store = place.aws.conversations();
    let (teen, mut session) = opened(&place, &records).await;
    close(&place, &records, &session).await;
    session.seq = 2;
    let late = store.update_session(&session, &[records.event(2)]).await;
    assert_eq!(late.unwrap_err().kind(), ErrorKind::Conflict);
    let log = store
        .session(teen, session.id, at(1))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(log.session.state, SessionState::Queued);
    assert_eq!(log.events, [records.event(1)]);
}

#[tokio::test]
async fn two_messages_of_one_number_are_not_both_stored() {
    let (place, records) = (
        Place::new().await,
        Records::named("two_messages_of_one_number"),
    );
    let store = place.aws.conversations();
    let (teen, session) = opened(&place, &records).await;
    let turns = [records.turn(&session, 0, 2), records.turn(&session, 0, 2)];
    let accepted = store.accept(records.accept(teen, &turns[0]), at(20)).await;
    assert_eq!(accepted.unwrap(), AcceptOutcome::New);
    let refused = store.accept(records.accept(teen, &turns[1]), at(20)).await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::Conflict);
    let log = store.session(teen, session.id, at(20)).await.unwrap();
    assert_eq!(log.unwrap().turns, turns[..1]);
}

#[tokio::test]
async fn a_session_that_an_erase_fenced_is_not_written() {
    let (place, records) = (Place::new().await, Records::named("a_fenced_session"));
    let store = place.aws.conversations();
    let (teen, session) = opened(&place, &records).await;
    place
        .tables
        .update_item()
        .table_name(place.names.of(Table::Sessions))
        .key("session_id", AttributeValue::S(session.id.to_string()))
        .key("item", AttributeValue::S("meta".to_owned()))
        .update_expression("SET fenced = :yes")
        .expression_attribute_values(":yes", AttributeValue::Bool(true))
        .send()
        .await
        .unwrap();
    let mut turn = records.turn(&session, 0, 2);
    let job = records.remember(teen, session.id, NOW);
    let accepted = store.accept(records.accept(teen, &turn), at(20)).await;
    turn.message = None;
    let refused = [
        accepted.map(|_outcome| ()),
        store.insert_turn(teen, &turn, &[]).await,
        store.update_session(&session, &[]).await,
        store.close_session(&session, &[], &job).await,
    ];
    for refused in refused {
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::Denied);
    }
    assert_eq!(store.unfinished(at(20)).await.unwrap(), []);
    let log = store.session(teen, session.id, at(20)).await.unwrap();
    assert_eq!(log.unwrap().turns, []);
}

#[tokio::test]
async fn a_notice_that_was_counted_does_not_stop_its_message() {
    let (place, records) = (
        Place::new().await,
        Records::named("a_notice_that_was_counted"),
    );
    let store = place.aws.conversations();
    let (teen, session) = opened(&place, &records).await;
    let change = records.safety_commit(teen, 0);
    let notice = change.notice.clone().unwrap();
    place.aws.safety().count(teen, &notice).await.unwrap();
    let turn = records.turn(&session, 0, 2);
    let mut accept = records.accept(teen, &turn);
    accept.safety = Some(change.clone());
    let accepted = store.accept(accept, at(20)).await;
    assert_eq!(accepted.unwrap(), AcceptOutcome::New);
    let safety = place.aws.safety();
    assert_eq!(safety.load(teen).await.unwrap(), Some(change.record));
    let counts = safety.counts("2026-11-24", "2026-11-24").await.unwrap();
    assert_eq!(counts, [(notice.count, 1)]);
}

#[tokio::test]
async fn a_prolonged_session_keeps_others_out_until_its_new_end() {
    let (place, records) = (Place::new().await, Records::named("a_prolonged_session"));
    let store = place.aws.conversations();
    let (teen, mut session) = opened(&place, &records).await;
    let old_end = session.expires_at;
    session.expires_at = old_end.plus(std::time::Duration::from_secs(60));
    store.update_session(&session, &[]).await.unwrap();
    let early = records.session_at(teen, old_end);
    let refused = store.open_session(&early, &[]).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Conflict);
    let live = store.live_session(teen, old_end).await.unwrap();
    assert_eq!(live.unwrap().session, session);
    let late = records.session_at(teen, session.expires_at);
    store.open_session(&late, &[]).await.unwrap();
}

#[tokio::test]
async fn a_long_log_is_cut_at_its_old_end() {
    let (place, records) = (Place::new().await, Records::named("a_long_log"));
    let store = place.aws.conversations();
    let (teen, mut session) = opened(&place, &records).await;
    let newest = 1_170;
    let all: Vec<EventRecord> = (2..=newest).map(|seq| records.event(seq)).collect();
    for events in all.chunks(90) {
        session.seq = events.last().unwrap().seq;
        store.update_session(&session, events).await.unwrap();
    }
    let log = store
        .session(teen, session.id, at(20))
        .await
        .unwrap()
        .unwrap();
    let kept: Vec<u64> = log.events.iter().map(|event| event.seq).collect();
    assert_eq!(kept[..2], [1, newest - 1_023]);
    assert_eq!(kept.len(), 1_025);
    // The disclosure, the session, and not many more events than are shown.
    assert!(rows(&place, Table::Sessions).await.len() < 1_024 + 130);
}

#[tokio::test]
async fn a_swept_session_leaves_nothing_in_any_table() {
    let (place, records) = (Place::new().await, Records::named("a_swept_session"));
    let store = place.aws.conversations();
    let (teen, session) = opened(&place, &records).await;
    let turn = records.turn(&session, 0, 2);
    store
        .accept(records.accept(teen, &turn), at(20))
        .await
        .unwrap();
    let end = session.expires_at;
    assert_eq!(store.sweep(just_before(end), 100).await.unwrap(), 0);
    assert_eq!(store.sweep(end, 100).await.unwrap(), 3);
    for table in [Table::Sessions, Table::LiveConversations, Table::Teens] {
        assert_eq!(rows(&place, table).await, [], "{table:?}");
    }
}
