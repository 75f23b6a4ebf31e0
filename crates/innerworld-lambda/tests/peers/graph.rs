//! `graph-writer` and `graph-reader`, with a double of the graph database and tables behind them.

pub(crate) mod house;
mod session;

use std::sync::Arc;

use innerworld_aws::{GraphDatabase, GraphJob, GraphReaderFunction, GraphTask};
use innerworld_core::{
    error::ErrorKind,
    ids::TeenId,
    memory::{
        ontology::NodeKind,
        store::{GraphStore, MemoryWrite},
    },
};
use innerworld_testkit::{
    fake_neptune::Fault,
    lambda::{LambdaDouble, LambdaService, Outcome},
    records::{Records, WHOLE},
    reference::Reference,
};
use serde_json::{Value, json};

use self::house::{House, Silent};
use crate::place::{Place, at_address, wall_clock};

pub(crate) fn answered(outcome: Outcome) -> Value {
    match outcome {
        Outcome::Answered(body) => serde_json::from_str(&body).unwrap(),
        other => panic!("no answer: {other:?}"),
    }
}

/// A delivery of these jobs, each a message of its own.
fn delivery(jobs: &[(TeenId, GraphTask)]) -> String {
    let messages = jobs.iter().enumerate().map(|(place, (teen, task))| {
        let (teen, task) = (*teen, task.clone());
        json!({
            "messageId": format!("m{place}"), "eventSource": "aws:sqs",
            "body": GraphJob { teen, task }.to_body(),
            "attributes": {"MessageGroupId": teen.to_string()},
        })
    });
    json!({"Records": messages.collect::<Vec<_>>()}).to_string()
}

fn apply(teen: TeenId) -> String {
    delivery(&[(teen, GraphTask::Apply { generation: 1 })])
}

pub(crate) fn nothing_again() -> Value {
    json!({"batchItemFailures": []})
}

pub(crate) fn writer(place: &Place, house: &House) -> LambdaDouble {
    let program = env!("CARGO_BIN_EXE_graph-writer");
    LambdaDouble::new(place.deployment("graph-writer", program, &house.variables()))
}

async fn reader(place: &Place, house: &House) -> (LambdaService, GraphReaderFunction) {
    let program = env!("CARGO_BIN_EXE_graph-reader");
    let service = LambdaService::start().await;
    service.deploy(place.deployment("graph-reader", program, &house.variables()));
    let config = at_address(&service.endpoint());
    let function = GraphReaderFunction::new(&config, "graph-reader".to_owned());
    (service, function)
}

/// Memory as the session processor has it: it reads by the function and leaves patches waiting.
fn store(place: &Place, reader: &GraphReaderFunction) -> Arc<dyn GraphStore> {
    place.aws.graph_in(GraphDatabase {
        pages: Arc::new(reader.clone()),
        writes: Some(Arc::new(Silent)),
        laid_down: false,
    })
}

/// A session whose patch has several pieces.
fn large(records: &Records) -> MemoryWrite {
    let mut write = records.session_write(records.session_id(0), 0);
    let owner = write.delta.put_nodes[0].id;
    for n in 0..900 {
        let end = records.node(NodeKind::Topic, &format!("music {n}"));
        write.delta.put_edges.push(records.edge(owner, end.id));
        write.delta.put_nodes.push(end);
    }
    write
}

#[tokio::test]
async fn a_sessions_patch_is_applied_and_applied_again_leaves_the_same_graph() {
    let (place, house, records) = (
        Place::new().await,
        House::new().await,
        Records::named("applied"),
    );
    let (_service, reading) = reader(&place, &house).await;
    let store = store(&place, &reading);
    let (teen, plain) = (records.teen(), Reference::new());
    let mut write = large(&records);
    for store in [&*store, &plain as &dyn GraphStore] {
        store.write(teen, &write).await.unwrap();
    }
    let expected = plain.load(teen, WHOLE).await.unwrap();
    assert_eq!(
        store.load(teen, WHOLE).await.unwrap(),
        expected,
        "all of it waits"
    );
    assert!(house.fake.contents().nodes.is_empty());

    let mut writer = writer(&place, &house);
    assert_eq!(answered(writer.invoke(apply(teen)).await), nothing_again());
    let graph = house.fake.contents();
    assert_eq!((graph.nodes.len(), graph.edges.len()), (902, 901));
    assert_eq!(store.load(teen, WHOLE).await.unwrap(), expected);
    assert_eq!(answered(writer.invoke(apply(teen)).await), nothing_again());
    assert_eq!(house.fake.contents(), graph);

    // A patch that says the same again, as if its items had not been deleted.
    write.expected_generation = 1;
    write.applied = None;
    store.write(teen, &write).await.unwrap();
    assert_eq!(answered(writer.invoke(apply(teen)).await), nothing_again());
    let ids = |contents: innerworld_testkit::fake_neptune::Contents| {
        let nodes: Vec<_> = contents.nodes.into_keys().collect();
        (nodes, contents.edges.into_keys().collect::<Vec<_>>())
    };
    assert_eq!(ids(house.fake.contents()), ids(graph));
    writer.stop();
    assert!(!writer.written().contains(&teen.to_string()));
}

#[tokio::test]
async fn a_writer_that_is_killed_anywhere_is_finished_by_the_next_delivery() {
    let (place, house, records) = (
        Place::new().await,
        House::new().await,
        Records::named("killed"),
    );
    let (_service, reading) = reader(&place, &house).await;
    let store = store(&place, &reading);
    let (teen, plain) = (records.teen(), Reference::new());
    let write = large(&records);
    for store in [&*store, &plain as &dyn GraphStore] {
        store.write(teen, &write).await.unwrap();
    }
    let expected = plain.load(teen, WHOLE).await.unwrap();
    let mut writer = writer(&place, &house);
    let mut killed = 0;
    // Each time it comes to the next statement or two, until none is left.
    for statements in 0.. {
        house.fake.inject_after(statements, Fault::Hang);
        let delivery = apply(teen);
        let outcome = tokio::select! {
            outcome = writer.invoke(delivery) => Some(outcome),
            () = house.fake.hung() => None,
        };
        house.fake.forget_faults();
        match outcome {
            None => writer.stop(),
            Some(outcome) => {
                assert_eq!(answered(outcome), nothing_again());
                break;
            }
        }
        killed += 1;
        assert_eq!(
            store.load(teen, WHOLE).await.unwrap(),
            expected,
            "killed at {statements}"
        );
    }
    assert!(killed > 3, "only {killed} were killed");
    assert_eq!(writer.starts(), killed + 1);
    assert_eq!(store.load(teen, WHOLE).await.unwrap(), expected);
    assert_eq!(house.fake.contents().edges.len(), 901);
}

#[tokio::test]
async fn what_fails_comes_again_in_order_and_a_fenced_teens_job_does_not() {
    let (place, house, records) = (
        Place::new().await,
        House::new().await,
        Records::named("in order"),
    );
    let (_service, reading) = reader(&place, &house).await;
    let store = store(&place, &reading);
    let (teen, gone) = (records.teen(), records.teen());
    for teen in [teen, gone] {
        let write = records.session_write(records.session_id(0), 0);
        store.write(teen, &write).await.unwrap();
    }
    place.aws.erasure().fence(gone, wall_clock()).await.unwrap();
    let mut writer = writer(&place, &house);
    assert_eq!(answered(writer.invoke(apply(gone)).await), nothing_again());
    assert!(house.fake.contents().nodes.is_empty());

    let apply = GraphTask::Apply { generation: 1 };
    let marker = GraphTask::Marker {
        job: "j-1".to_owned(),
    };
    for _try in 0..5 {
        house.fake.inject(Fault::CONCURRENT);
    }
    let both = delivery(&[(teen, apply.clone()), (teen, marker)]);
    let again = json!({"batchItemFailures": [{"itemIdentifier": "m0"}, {"itemIdentifier": "m1"}]});
    assert_eq!(answered(writer.invoke(both.clone()).await), again);
    assert_eq!(answered(writer.invoke(both).await), nothing_again());
    assert_eq!(house.fake.contents().nodes.len(), 2);

    // Nobody is erased by a message alone.
    let erase = delivery(&[(teen, GraphTask::Erase)]);
    let again = json!({"batchItemFailures": [{"itemIdentifier": "m0"}]});
    assert_eq!(answered(writer.invoke(erase.clone()).await), again);
    place.aws.erasure().fence(teen, wall_clock()).await.unwrap();
    for _twice in 0..2 {
        assert_eq!(
            answered(writer.invoke(erase.clone()).await),
            nothing_again()
        );
        assert!(house.fake.contents().nodes.is_empty());
    }
    let strange = json!({"Records": [{"messageId": "m0", "body": "{\"v\":1,\"secret-word\":1}"}]});
    assert_eq!(answered(writer.invoke(strange.to_string()).await), again);
    writer.stop();
    let written = writer.written();
    assert!(
        !written.contains("secret-word") && !written.contains(&teen.to_string()),
        "{written}"
    );
}

/// Memory as the turn worker has it: what was laid down stands for the graph.
fn answering(place: &Place, reader: &GraphReaderFunction) -> Arc<dyn GraphStore> {
    place.aws.graph_in(GraphDatabase {
        pages: Arc::new(reader.clone()),
        writes: None,
        laid_down: true,
    })
}

#[tokio::test]
async fn an_answer_reads_what_was_laid_down_when_the_session_began() {
    let (place, house, records) = (
        Place::new().await,
        House::new().await,
        Records::named("starts"),
    );
    let (service, reading) = reader(&place, &house).await;
    let (store, answering) = (store(&place, &reading), answering(&place, &reading));
    let teen = records.teen();
    store.write(teen, &large(&records)).await.unwrap();
    let written = store.load_graph(teen, WHOLE).await.unwrap();
    assert_eq!(answering.load_graph(teen, WHOLE).await.unwrap(), written);

    // The patch waits, so only what was laid down together with it can be told when the graph is away.
    reading.start_session(teen).await.unwrap();
    service.settled().await;
    for _more_than_any_tries in 0..100 {
        house.fake.inject(Fault::CONCURRENT);
    }
    assert_eq!(answering.load_graph(teen, WHOLE).await.unwrap(), written);
    assert_eq!(
        store.load_graph(teen, WHOLE).await.unwrap_err().kind(),
        ErrorKind::Unavailable
    );

    // A write moves the generation: what was laid down is of another one.
    let mut second = records.session_write(records.session_id(60), 1);
    second.delta.delete_nodes = vec![records.node(NodeKind::Topic, "music 3").id];
    store.write(teen, &second).await.unwrap();
    assert_eq!(
        answering.load_graph(teen, WHOLE).await.unwrap_err().kind(),
        ErrorKind::Unavailable
    );
    house.fake.forget_faults();
    let now = store.load_graph(teen, WHOLE).await.unwrap();
    assert_ne!(now, written);
    assert_eq!(answering.load_graph(teen, WHOLE).await.unwrap(), now);

    // A fenced teen's graph is not read and not laid down.
    place.aws.erasure().fence(teen, wall_clock()).await.unwrap();
    let refused = store.load_graph(teen, WHOLE).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Denied);
    reading.start_session(teen).await.unwrap();
    service.settled().await;
    let written = service.written("graph-reader");
    assert!(!written.contains(&teen.to_string()));
}

#[tokio::test]
async fn a_report_tells_whether_the_graph_answers() {
    let (place, house) = (Place::new().await, House::new().await);
    let service = LambdaService::start().await;
    let reader = env!("CARGO_BIN_EXE_graph-reader");
    service.deploy(place.deployment("graph-reader", reader, &house.variables()));
    let also = [
        ("GRAPH_BACKEND", "neptune".to_owned()),
        ("AWS_ENDPOINT_URL_LAMBDA", service.endpoint()),
    ];
    let state = async || {
        // Another instance each time: a report is given again for some seconds.
        let program = env!("CARGO_BIN_EXE_health-check");
        let mut function = LambdaDouble::new(place.deployment("health-check", program, &also));
        let answer = answered(function.invoke("{}").await);
        let report: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
        let services = report["services"].as_array().unwrap();
        let graph = services.iter().find(|line| line["name"] == "graph");
        graph.expect("there is a graph")["state"].clone()
    };
    assert_eq!(state().await, "ok");
    house.fake.inject(Fault::Hang);
    assert_eq!(state().await, "degraded");
}
