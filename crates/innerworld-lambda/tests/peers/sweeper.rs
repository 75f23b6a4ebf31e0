//! What no frame and no message comes for: the sweeper's program over a talk.

mod rounds;

use std::time::Duration;

use innerworld_core::{
    conversation::{
        record::{EndReason, SessionEvent, SessionState, TurnState},
        store::Taken,
    },
    ids::{SessionId, TeenId},
    memory::{
        job::{JobKind, MemoryJob},
        store::Horizon,
    },
    safety::{SafetyCommit, SafetyNotice},
};
use innerworld_testkit::records::Records;
use serde_json::{Value, json};

use self::rounds::{Swept, bodies, queue, received, session_of};
use crate::{
    functions::TEEN,
    place::wall_clock,
    talk::{Client, opened},
};

const MINUTE: Duration = Duration::from_secs(60);
const NOTHING: (u64, u64, u64) = (0, 0, 0);

fn counts(done: &Value) -> (u64, u64, u64) {
    let count = |step: &str| done[step].as_u64().unwrap();
    (count("sessions"), count("jobs"), count("expired"))
}

/// The end of this turn.
async fn end_of(client: &mut Client, turn: &Value) -> Value {
    loop {
        let end = client.until("turn.end").await;
        if end["turn"] == *turn {
            return end;
        }
    }
}

#[tokio::test]
async fn an_accepted_message_that_nobody_heard_of_is_answered_after_a_round() {
    let swept = Swept::new().await;
    assert_eq!(
        counts(&swept.round().await),
        NOTHING,
        "a round over nothing"
    );
    swept.lose_messages();
    let mut client = opened(&swept.deployed).await;
    client.say(3, "I have an exam tomorrow").await;
    let accepted = client.until("accepted").await;
    swept.deployed.service.settled().await;
    assert_eq!(swept.deployed.service.events("turn-worker"), 0);
    assert_eq!(counts(&swept.round().await), NOTHING, "it is not due");
    swept.make_due(session_of(&client), MINUTE).await;
    assert_eq!(counts(&swept.round().await), (1, 0, 0));
    let end = end_of(&mut client, &accepted["turn"]).await;
    assert_eq!(end["finish"], "stop");
    assert!(!client.answer(&accepted["turn"]).is_empty());
    assert_eq!(counts(&swept.round().await), NOTHING, "it was put off");
    let written = swept.deployed.service.written("session-sweeper");
    assert!(
        !written.contains("exam") && !written.contains("ERROR"),
        "{written}"
    );
    assert!(!written.contains(&TEEN.to_string()), "{written}");
}

/// Leaves the turn of this session's open message as a worker does that is killed in the middle.
async fn abandon(swept: &Swept, session: SessionId) {
    let store = swept.deployed.place.aws.conversations();
    let log = store.session(TEEN, session, wall_clock()).await.unwrap();
    let log = log.unwrap();
    let open = log.turns.iter().find(|turn| turn.state != TurnState::Ended);
    let mut turn = open.unwrap().clone();
    let first = log.session.seq + 1;
    turn.state = TurnState::Running;
    turn.upstream_started = true;
    turn.seq_start = Some(first);
    turn.answer = "That sounds".to_owned().into();
    let taken = Taken::from(first);
    store.update_turn(TEEN, &turn, taken).await.unwrap();
    let item = format!("turn#{}", turn.message.as_ref().unwrap().id);
    let until = wall_clock().minus(MINUTE).as_millis().to_string();
    let lease = [
        ("lease_owner", json!({"S": "a worker that was killed"})),
        ("lease_until", json!({"N": until})),
    ];
    swept.set(session, &item, &lease).await;
}

#[tokio::test]
async fn a_worker_that_was_killed_leaves_a_turn_that_a_round_ends_and_the_next_is_answered() {
    let swept = Swept::new().await;
    swept.lose_messages();
    let mut client = opened(&swept.deployed).await;
    let session = session_of(&client);
    client.say(3, "I have an exam tomorrow").await;
    let first = client.until("accepted").await;
    client.say(4, "and my sister has one too").await;
    // The first one is told again with it.
    let mut second = client.until("accepted").await;
    while second["turn"] == first["turn"] {
        second = client.until("accepted").await;
    }
    abandon(&swept, session).await;
    swept.make_due(session, MINUTE).await;
    let (one, other) = tokio::join!(swept.round(), swept.round());
    assert!(counts(&one).0 + counts(&other).0 >= 1, "{one} {other}");
    let end = end_of(&mut client, &first["turn"]).await;
    assert_eq!(end["finish"], "interrupted");
    assert_eq!(client.answer(&first["turn"]), "That sounds");
    let end = end_of(&mut client, &second["turn"]).await;
    assert_eq!(end["finish"], "stop");
    let store = swept.deployed.place.aws.conversations();
    let log = store.session(TEEN, session, wall_clock()).await.unwrap();
    let turns = log.unwrap().turns;
    let ended = turns.iter().find(|turn| turn.message.is_some()).unwrap();
    assert_eq!(ended.answer.reveal(), "That sounds", "what was shown stays");
    let numbers = client.numbers();
    assert_eq!(numbers, (1..=*numbers.last().unwrap()).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_session_that_nobody_is_in_ends_once_and_its_job_is_told_of() {
    let swept = Swept::new().await;
    let client = opened(&swept.deployed).await;
    let session = session_of(&client);
    drop(client);
    swept.deployed.gateway.settled().await;
    let place = &swept.deployed.place;
    // Each frame of a teen marks the day's clock: they were there a moment ago.
    swept.make_due(session, 11 * MINUTE).await;
    swept.round().await;
    let store = place.aws.conversations();
    let log = store.session(TEEN, session, wall_clock()).await.unwrap();
    assert_eq!(log.unwrap().session.state, SessionState::Active);
    let profile = place.aws.profiles().load(TEEN).await.unwrap().unwrap();
    let day = profile.day_at(wall_clock()).date.to_string();
    let clocks = place.aws.clocks();
    let mut used = clocks.day(TEEN, &day).await.unwrap();
    let before = used;
    used.ticked_at = wall_clock().minus(11 * MINUTE);
    clocks
        .tick(TEEN, &day, before.ticked_at, used)
        .await
        .unwrap();
    swept.make_due(session, 11 * MINUTE).await;
    tokio::join!(swept.round(), swept.round());

    let log = store.session(TEEN, session, wall_clock()).await.unwrap();
    let log = log.unwrap();
    assert_eq!(log.session.state, SessionState::Queued);
    let ends = log.events.iter().filter_map(|event| match event.event {
        SessionEvent::Ended { reason, .. } => Some(reason),
        _ => None,
    });
    assert_eq!(ends.collect::<Vec<_>>(), [EndReason::Idle]);
    let after = clocks.day(TEEN, &day).await.unwrap();
    assert_eq!(
        after.used_ms,
        before.used_ms + 60_000,
        "the grace is charged"
    );
    let jobs = place.aws.jobs().due(wall_clock(), 10).await.unwrap();
    assert_eq!(jobs.len(), 1, "{jobs:?}");
    assert_eq!(jobs[0].kind, JobKind::Remember { session });
    let told = json!({
        "v": 1, "user_id": TEEN.to_string(), "session_id": session.to_string(),
    });
    assert_eq!(bodies(&swept.sessions).await, [told]);
}

#[tokio::test]
async fn a_job_whose_message_was_lost_is_told_of_again_and_then_waits() {
    let swept = Swept::new().await;
    let jobs = swept.deployed.place.aws.jobs();
    let session = Records::named("a_job").session_id(0);
    let job = |kind, minutes: u32| MemoryJob {
        teen: TEEN,
        kind,
        not_before: wall_clock().minus(MINUTE * minutes),
        attempts: 0,
    };
    jobs.enqueue(&job(JobKind::Remember { session }, 1))
        .await
        .unwrap();
    assert_eq!(
        counts(&swept.round().await),
        NOTHING,
        "its message may be on its way"
    );
    let other = TeenId::from_subject_bits(8);
    let erase = MemoryJob {
        teen: other,
        ..job(JobKind::Erase, 3)
    };
    let lost = Records::named("a_lost_job").session_id(1);
    for job in [erase, job(JobKind::Remember { session: lost }, 3)] {
        jobs.enqueue(&job).await.unwrap();
    }
    assert_eq!(counts(&swept.round().await), (0, 2, 0));
    let remember = json!({
        "v": 1, "user_id": TEEN.to_string(), "session_id": lost.to_string(),
    });
    assert_eq!(bodies(&swept.sessions).await, [remember]);
    let erase = json!({"v": 1, "user_id": other.to_string(), "kind": "erase", "step": 0});
    assert_eq!(bodies(&swept.privacy).await, [erase]);
    assert_eq!(counts(&swept.round().await), NOTHING, "they were put back");
    let later = wall_clock().plus(31 * MINUTE);
    assert_eq!(jobs.due(later, 10).await.unwrap().len(), 3, "and stay");
}

#[tokio::test]
async fn a_spooled_safety_change_reaches_the_tables() {
    let swept = Swept::new().await;
    let place = &swept.deployed.place;
    let spool = queue("spool").await;
    let records = Records::named("a_spooled_safety_change");
    let commit = records.safety_commit(TEEN, 0);
    let notice = commit.notice.clone().map(|notice| SafetyNotice {
        expires_at: wall_clock().plus(30 * 24 * 60 * MINUTE),
        ..notice
    });
    let commit = SafetyCommit { notice, ..commit };
    let spooling = place.spooling(&spool).spool();
    spooling.append(&commit).await.unwrap();
    let [(name, body)] = received(&spool).await.try_into().unwrap();
    let delivery = json!({"Records": [
        {"messageId": name, "body": body},
        {"messageId": "damaged", "body": "{}"},
        {"messageId": "behind", "body": body},
    ]});
    let answer = swept.call(delivery).await;
    let again = json!([{"itemIdentifier": "damaged"}, {"itemIdentifier": "behind"}]);
    assert_eq!(answer["batchItemFailures"], again);
    let stored = place.aws.safety().load(TEEN).await.unwrap();
    assert_eq!(stored, Some(commit.record.clone()));
    let repeated = json!({"Records": [{"messageId": name, "body": body}]});
    let answer = swept.call(repeated).await;
    assert_eq!(answer["batchItemFailures"], json!([]));
    let stored = place.aws.safety().load(TEEN).await.unwrap();
    assert_eq!(stored.unwrap().state, commit.record.state);
}

#[tokio::test]
async fn a_silent_client_is_told_once_that_its_token_ends() {
    let swept = Swept::new().await;
    let mut client = opened(&swept.deployed).await;
    let session = session_of(&client);
    let [connection] = swept.deployed.gateway.connections().try_into().unwrap();
    let rows = swept.deployed.place.aws.connections();
    let now = wall_clock();
    let ends = (Some(session), now.plus(Duration::from_secs(55)));
    assert!(rows.change(&connection, ends, now).await.unwrap());
    for _twice in 0..2 {
        swept.make_due(session, MINUTE).await;
        assert_eq!(counts(&swept.round().await), (1, 0, 0));
    }
    let expiring = client.until("auth.expiring").await;
    assert!(
        expiring["expires_in_s"].as_u64().unwrap() < 60,
        "{expiring}"
    );
    client.send(json!({"type": "ping"})).await;
    client.until("pong").await;
    let told = client.seen.iter();
    let told = told.filter(|frame| frame["type"] == "auth.expiring");
    assert_eq!(told.count(), 1);
}

#[tokio::test]
async fn what_is_over_goes_with_a_round_and_what_is_not_stays() {
    let swept = Swept::new().await;
    let (aws, records) = (&swept.deployed.place.aws, Records::named("what is over"));
    let (over, stays) = (records.teen(), records.teen());
    let now = wall_clock();
    for (teen, ends) in [(over, now.minus(MINUTE)), (stays, now.plus(MINUTE * 60))] {
        let mut write = records.session_write(records.session_id(0), 0);
        // Seen today, whatever day it is: only texts may end.
        for node in &mut write.delta.put_nodes {
            node.last_seen = now;
        }
        for edge in &mut write.delta.put_edges {
            edge.last_seen = now;
        }
        for turn in &mut write.evidence {
            turn.said_at = now.minus(MINUTE * 2);
            turn.expires_at = ends;
        }
        aws.graph().write(teen, &write).await.unwrap();
    }
    assert_eq!(counts(&swept.round().await), (0, 0, 2));
    let texts = async |teen| {
        let stored = aws.graph().load(teen, Horizon::whole_graph(now)).await;
        let evidence = stored.unwrap().evidence;
        evidence.iter().filter(|turn| turn.text.is_some()).count()
    };
    assert_eq!((texts(over).await, texts(stays).await), (0, 2));
    assert_eq!(counts(&swept.round().await), NOTHING, "once");
}
