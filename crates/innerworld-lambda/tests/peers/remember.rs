//! `session-processor`: what was said becomes memory, once, whatever is cut.

use std::time::Duration;

use innerworld_aws::{SessionJob, SessionTask};
use innerworld_core::{
    conversation::{
        record::{
            EndReason, EventRecord, SessionEvent, SessionRecord, SessionState, TurnRecord,
            TurnState,
        },
        store::Taken,
    },
    identity::consent::Purpose,
    ids::{SessionId, TeenId},
    memory::store::{Horizon, StoredMemory},
};
use innerworld_testkit::{
    cutting_proxy::{Cut, CuttingProxy},
    lambda::{Invokes as _, LambdaService, Outcome},
    records::Records,
};
use serde_json::{Value, json};

use crate::{
    functions::TEEN,
    graph::{answered, house::House, nothing_again, writer},
    place::{Place, address, call, wall_clock},
    queues::{dead_letters, queue},
    talk::{Deployed, opened},
};

const PROCESSOR: &str = "session-processor";
/// What a teen says in a session.
const SAID: [&str; 2] = [
    "maya is my best friend and she lives in oslo",
    "i have an exam in maths tomorrow",
];

/// An event with these messages.
fn event(jobs: &[(TeenId, SessionTask)]) -> Value {
    let messages = jobs.iter().enumerate().map(|(place, (teen, task))| {
        let (teen, task) = (*teen, task.clone());
        json!({"messageId": format!("m{place}"), "body": SessionJob { teen, task }.to_body()})
    });
    json!({"Records": messages.collect::<Vec<_>>()})
}

async fn memory(place: &Place, teen: TeenId) -> (u64, StoredMemory) {
    let graph = place.aws.graph();
    let stored = graph.load(teen, Horizon::whole_graph(wall_clock())).await;
    (graph.generation(teen).await.unwrap(), stored.unwrap())
}

async fn agree(place: &Place, teen: TeenId, records: &Records) {
    let memory = records.consent(Purpose::Memory, 0);
    place.aws.consents().append(teen, &[memory]).await.unwrap();
}

/// A session that ended a moment ago, with its job, as the functions of a talk leave it.
async fn ended(place: &Place, records: &Records) -> (TeenId, SessionId) {
    let (teen, now) = (records.teen(), wall_clock());
    agree(place, teen, records).await;
    let log = records.ended_session(teen, now.minus(Duration::from_secs(300)), &SAID);
    let store = place.aws.conversations();
    let open = SessionRecord {
        state: SessionState::Active,
        ..log.session.clone()
    };
    let (id, expires_at) = (open.id, open.expires_at);
    store
        .open_session(&open, &[records.event(1)])
        .await
        .unwrap();
    let mut seq = 1;
    for turn in log.turns {
        let accepted = TurnRecord {
            state: TurnState::Accepted,
            seq_accepted: Some(seq + 1),
            answer: String::new().into(),
            finish: None,
            expires_at,
            ..turn.clone()
        };
        let accept = records.accept(teen, &accepted);
        store.accept(accept, now).await.unwrap();
        let over = TurnRecord {
            seq_start: Some(seq + 2),
            seq_end: Some(seq + 3),
            answer: turn.answer,
            finish: turn.finish,
            state: TurnState::Ended,
            ..accepted
        };
        let taken = Taken::from(seq + 2);
        store.update_turn(teen, &over, taken).await.unwrap();
        seq += 3;
    }
    let stored = store.session(teen, id, now).await.unwrap().unwrap();
    let session = SessionRecord {
        state: SessionState::Queued,
        ended: Some((now, EndReason::Client)),
        seq: seq + 1,
        ..stored.session
    };
    let end = EventRecord {
        seq: seq + 1,
        event: SessionEvent::Ended {
            reason: EndReason::Client,
            duration_s: 300,
            turns: 2,
            remaining_s: 60,
            memory_pending: true,
        },
    };
    let job = records.remember(teen, id, now);
    store.close_session(&session, &[end], &job).await.unwrap();
    (teen, id)
}

/// Nothing of what was said is left but the memory of it, which was written once.
async fn is_remembered(place: &Place, (teen, session): (TeenId, SessionId), what: &str) {
    let (generation, stored) = memory(place, teen).await;
    assert_eq!(generation, 1, "{what}");
    // Each line, and what was answered to it.
    assert_eq!(stored.evidence.len(), 2 * SAID.len(), "{what}");
    assert!(stored.graph.nodes.len() > 2, "{what}");
    assert_eq!(
        place.aws.job_of(teen, session).await.unwrap(),
        None,
        "{what}"
    );
    let store = place.aws.conversations();
    let log = store.session(teen, session, wall_clock()).await;
    let log = log.unwrap().unwrap();
    assert_eq!((log.turns.len(), log.events.len()), (0, 0), "{what}");
    assert_eq!(log.session.state, SessionState::Processed, "{what}");
}

/// How many items a table has.
async fn count(table: &str) -> Value {
    let wanted = json!({"TableName": table, "Select": "COUNT", "ConsistentRead": true});
    let scan = ("dynamodb", "DynamoDB_20120810.Scan");
    call("DYNAMODB", scan, wanted).await["Count"].clone()
}

/// The function alone, told `also`.
async fn processor(place: &Place, also: &[(&str, String)]) -> LambdaService {
    let service = LambdaService::start().await;
    let program = env!("CARGO_BIN_EXE_session-processor");
    let mut function = place.deployment(PROCESSOR, program, &[]);
    for (name, value) in also {
        function.environment.retain(|(known, _)| known != name);
        function
            .environment
            .push(((*name).to_owned(), value.clone()));
    }
    service.deploy(function);
    service
}

async fn process(service: &LambdaService, event: &Value) -> Value {
    answered(service.invoke(PROCESSOR, event.clone()).await)
}

#[tokio::test]
async fn a_session_that_ends_is_remembered_and_its_teen_is_told() {
    let deployed = Deployed::new().await;
    let place = &deployed.place;
    agree(place, TEEN, &Records::named("agrees")).await;
    let mut client = opened(&deployed).await;
    client.say(3, SAID[0]).await;
    let accepted = client.until("accepted").await;
    while client.until("turn.end").await["turn"] != accepted["turn"] {}
    assert_ne!(count(&place.names().live_conversations).await, 0);
    client.send(json!({"type": "session.end"})).await;
    let ended = client.until("session.ended").await;
    assert_eq!(ended["memory"], "pending");

    let event = deployed.ended.next(20).await.expect("it was told");
    let message = &event["Records"][0];
    assert_eq!(message["attributes"]["MessageGroupId"], TEEN.to_string());
    let job = SessionJob::parse(message["body"].as_str().unwrap()).unwrap();
    let SessionTask::Remember(session) = job.task else {
        panic!("a marker")
    };
    let welcome = client.seen.iter().find(|frame| frame["type"] == "welcome");
    assert_eq!(welcome.unwrap()["session"], session.to_string());
    assert_eq!(process(&deployed.service, &event).await, nothing_again());

    let updated = client.until("memory.updated").await;
    assert_eq!(updated["seq"], ended["seq"].as_u64().unwrap() + 1);
    assert!(updated["added"].as_u64().unwrap() > 1, "{updated}");
    assert_eq!(count(&place.names().live_conversations).await, 0);
    let (generation, stored) = memory(place, TEEN).await;
    assert_eq!(generation, 1);
    assert!(!stored.evidence.is_empty());
    let store = place.aws.conversations();
    let log = store.session(TEEN, session, wall_clock()).await;
    let log = log.unwrap().unwrap();
    assert_eq!((log.turns.len(), log.events.len()), (0, 0));
    assert_eq!(place.aws.job_of(TEEN, session).await.unwrap(), None);

    // The same message once more.
    assert_eq!(process(&deployed.service, &event).await, nothing_again());
    assert_eq!(memory(place, TEEN).await, (1, stored));
    assert_eq!(deployed.ended.next(0).await, None, "told once");
    for name in [PROCESSOR, "conversation-handler"] {
        let written = deployed.service.written(name);
        assert!(!written.contains("maya"), "{name}: {written}");
        assert!(!written.contains("ERROR"), "{name}: {written}");
    }
    assert_eq!(deployed.gateway.failed_calls(), []);
}

#[tokio::test]
async fn cut_at_any_call_the_next_delivery_finishes_and_memory_is_written_once() {
    let (place, records) = (Place::new().await, Records::named("cut"));
    let proxy = CuttingProxy::start(&address("INNERWORLD_TEST_DYNAMODB")).await;
    let at = [("AWS_ENDPOINT_URL_DYNAMODB", proxy.base_url())];
    let service = processor(&place, &at).await;
    // The first one reads its models, and keys that are the same for all.
    let (teen, session) = ended(&place, &records).await;
    let remember = event(&[(teen, SessionTask::Remember(session))]);
    assert_eq!(process(&service, &remember).await, nothing_again());
    is_remembered(&place, (teen, session), "not cut").await;

    for cut in [Cut::Request, Cut::Answer] {
        let mut calls = 0;
        loop {
            let of = ended(&place, &records).await;
            let remember = event(&[(of.0, SessionTask::Remember(of.1))]);
            proxy.cut_after(calls, cut);
            let first = process(&service, &remember).await;
            let was_cut = proxy.was_cut();
            proxy.mend();
            let what = format!("{cut:?} {calls}");
            // It never holds up what waits behind it: the job is still there, and is told of again.
            assert_eq!(first, nothing_again(), "{what}");
            if was_cut {
                assert_eq!(
                    process(&service, &remember).await,
                    nothing_again(),
                    "{what}"
                );
            }
            is_remembered(&place, of, &what).await;
            assert_eq!(
                process(&service, &remember).await,
                nothing_again(),
                "{what}"
            );
            is_remembered(&place, of, &what).await;
            if !was_cut {
                break;
            }
            calls += 1;
        }
        assert!(calls > 15, "only {calls} calls");
    }
    assert_eq!(service.starts(PROCESSOR), 1);
    assert_eq!(count(&place.names().live_conversations).await, 0);
}

#[tokio::test]
async fn killed_while_it_stores_the_next_program_finishes() {
    let (place, records) = (Place::new().await, Records::named("killed"));
    let proxy = CuttingProxy::start(&address("INNERWORLD_TEST_DYNAMODB")).await;
    let at = [("AWS_ENDPOINT_URL_DYNAMODB", proxy.base_url())];
    let service = processor(&place, &at).await;
    let (teen, session) = ended(&place, &records).await;
    let remember = event(&[(teen, SessionTask::Remember(session))]);
    let mut killed = 0;
    // Each program comes some calls further than the one before.
    for calls in [6, 12, 18] {
        proxy.hold_after(calls);
        let outcome = tokio::select! {
            outcome = service.invoke(PROCESSOR, remember.clone()) => Some(outcome),
            () = proxy.holds() => None,
        };
        if outcome.is_some() {
            break;
        }
        assert_eq!(service.kill(PROCESSOR), 1);
        while service.busy(PROCESSOR) > 0 {
            tokio::task::yield_now().await;
        }
        // What it had sent arrives after its death.
        proxy.mend();
        killed += 1;
    }
    assert!(killed > 1, "only {killed} were killed");
    assert_eq!(process(&service, &remember).await, nothing_again());
    is_remembered(&place, (teen, session), "killed").await;
}

/// Every program that it is handed to dies: it becomes a dead letter. An operator who moves it back finds
/// the session remembered once, also where another message of it was there meanwhile.
#[tokio::test]
async fn a_dead_letter_that_is_moved_back_is_remembered_once() {
    const RECEIVES: u32 = 3;
    let (place, records) = (Place::new().await, Records::named("dead letters"));
    let proxy = CuttingProxy::start(&address("INNERWORLD_TEST_DYNAMODB")).await;
    let at = [("AWS_ENDPOINT_URL_DYNAMODB", proxy.base_url())];
    let service = processor(&place, &at).await;
    let (queue, dead) = dead_letters("session-ended", RECEIVES).await;
    let (teen, session) = ended(&place, &records).await;
    let task = SessionTask::Remember(session);
    let body = SessionJob { teen, task }.to_body();
    queue.send(&teen.to_string(), &body).await;
    for received in 0..RECEIVES {
        let event = queue.next(20).await.expect("it comes again");
        // Each comes some calls further than the one before.
        proxy.hold_after(6 + 6 * received as usize);
        tokio::select! {
            outcome = service.invoke(PROCESSOR, event) => panic!("not held: {outcome:?}"),
            () = proxy.holds() => {}
        }
        assert_eq!(service.kill(PROCESSOR), 1);
        while service.busy(PROCESSOR) > 0 {
            tokio::task::yield_now().await;
        }
        proxy.mend();
    }
    while dead.redrive(&queue).await == 0 {
        // The queue gives it up when it would be handed over once more.
        assert_eq!(queue.next(1).await, None);
    }
    // The sweeper asked for it meanwhile too.
    queue.send(&teen.to_string(), &body).await;
    for _message in 0..2 {
        let event = queue.next(20).await.expect("it is back");
        assert_eq!(process(&service, &event).await, nothing_again());
        queue.delete(&event).await;
        is_remembered(&place, (teen, session), "moved back").await;
    }
    assert_eq!(dead.next(0).await, None);
}

#[tokio::test]
async fn what_cannot_be_read_comes_again_in_order_and_what_is_over_does_not() {
    let (place, records) = (Place::new().await, Records::named("in order"));
    let service = processor(&place, &[]).await;
    let (teen, session) = ended(&place, &records).await;
    let remember = |session| SessionTask::Remember(session);
    let mut events = event(&[(teen, remember(session)), (teen, remember(session))]);
    events["Records"][0]["body"] = json!("{\"v\":1,\"secret-word\":1}");
    let both = json!({"batchItemFailures": [{"itemIdentifier": "m0"}, {"itemIdentifier": "m1"}]});
    assert_eq!(process(&service, &events).await, both);
    assert!(place.aws.job_of(teen, session).await.unwrap().is_some());

    // The tables deleted a session before its turn came: its job goes.
    let gone = records.session_id(60);
    let job = records.remember(teen, gone, wall_clock());
    place.aws.jobs().enqueue(&job).await.unwrap();
    // A marker passes behind what was sent before it.
    let waits =
        json!({"user_id": {"S": teen.to_string()}, "item": {"S": "marker#j-1#session-ended"}});
    let put = json!({"TableName": place.names().memory, "Item": waits});
    call("DYNAMODB", ("dynamodb", "DynamoDB_20120810.PutItem"), put).await;
    let marker = SessionTask::Marker {
        job: "j-1".to_owned(),
    };
    let all = [
        (teen, remember(gone)),
        (teen, remember(session)),
        (teen, marker),
    ];
    assert_eq!(process(&service, &event(&all)).await, nothing_again());
    assert_eq!(place.aws.job_of(teen, gone).await.unwrap(), None);
    is_remembered(&place, (teen, session), "in order").await;
    assert_eq!(place.item(&place.names().memory, waits).await, Value::Null);

    // A teen who is being erased: the work is dropped.
    let (erased, session) = ended(&place, &records).await;
    place
        .aws
        .erasure()
        .fence(erased, wall_clock())
        .await
        .unwrap();
    let late = event(&[(erased, remember(session))]);
    assert_eq!(process(&service, &late).await, nothing_again());
    assert_eq!(memory(&place, erased).await.0, 0);
    assert_eq!(place.aws.job_of(erased, session).await.unwrap(), None);

    let written = service.written(PROCESSOR);
    assert!(!written.contains("secret-word"), "{written}");
    assert!(
        !written.contains("maya") && !written.contains("oslo"),
        "{written}"
    );
}

#[tokio::test]
async fn a_graph_database_is_told_and_the_operators_ceiling_holds() {
    let (place, house, records) = (
        Place::new().await,
        House::new().await,
        Records::named("elsewhere"),
    );
    let queue = queue("graph-writes").await;
    let service = LambdaService::start().await;
    let reader = env!("CARGO_BIN_EXE_graph-reader");
    service.deploy(place.deployment("graph-reader", reader, &house.variables()));
    let also = [
        ("GRAPH_BACKEND", "neptune".to_owned()),
        ("GRAPH_QUEUE_URL", queue.url().to_owned()),
        ("MEMORY_MODE_MAX", "facts_only".to_owned()),
        ("AWS_ENDPOINT_URL_LAMBDA", service.endpoint()),
    ];
    let program = env!("CARGO_BIN_EXE_session-processor");
    service.deploy(place.deployment(PROCESSOR, program, &also));
    let (teen, session) = ended(&place, &records).await;
    let remember = event(&[(teen, SessionTask::Remember(session))]);
    assert_eq!(process(&service, &remember).await, nothing_again());
    let ids = place.aws.graph().evidence_ids(teen).await.unwrap();
    assert!(ids.is_empty(), "facts only, whatever the teen chose");
    assert!(house.fake.contents().nodes.is_empty());

    let waits = queue.next(20).await.expect("the writer is told");
    let mut writer = writer(&place, &house);
    let outcome: Outcome = writer.invoke(waits.to_string()).await;
    assert_eq!(answered(outcome), nothing_again());
    assert!(house.fake.contents().nodes.len() > 2);
    assert_eq!(process(&service, &remember).await, nothing_again());
    assert_eq!(queue.next(0).await, None);
}
