//! The sweeper where nothing answers, and what it takes for none of its events.

use innerworld_lambda::{
    environment::{GraphBackend, Sweeper, read},
    map::Function,
};
use innerworld_testkit::lambda::Outcome;
use serde_json::{Value, json};

use crate::world::{deployed, environment_of};

#[tokio::test]
async fn without_tables_a_round_fails_and_messages_come_again() {
    let mut double = deployed(Function::named("session-sweeper").unwrap(), &[]);
    let round = json!({"detail-type": "Scheduled Event", "source": "aws.scheduler"});
    let Outcome::Failed(error) = double.invoke(round.to_string()).await else {
        panic!("no tables, and a round was done");
    };
    assert!(error.contains("Unavailable"), "{error}");
    let message = |id: &str| json!({"messageId": id, "body": "{\"v\":1,\"secret-word\":1}"});
    let delivery = json!({"Records": [message("one"), message("two")]});
    let Outcome::Answered(answer) = double.invoke(delivery.to_string()).await else {
        panic!("not an answer to a queue");
    };
    let answer: Value = serde_json::from_str(&answer).unwrap();
    let again = json!([{"itemIdentifier": "one"}, {"itemIdentifier": "two"}]);
    assert_eq!(answer["batchItemFailures"], again);
    for other in [
        json!({"Records": 1}),
        json!({"detail-type": "Object Created"}),
        json!({"detail-type": ["Scheduled Event"]}),
        json!({"requestContext": {"connectionId": "L0SM9cOFvHcCIhw="}}),
    ] {
        let outcome = double.invoke(other.to_string()).await;
        let Outcome::Failed(error) = outcome else {
            panic!("{outcome:?} to {other}");
        };
        assert!(error.contains("InvalidEvent"), "{error}");
    }
    assert_eq!(double.starts(), 1);
    double.stop();
    assert!(!double.written().contains("secret-word"));
}

#[test]
fn it_is_told_where_graphs_are_and_how_long_they_stay() {
    let with = |name: &str, value: &str| {
        let mut all = environment_of(Function::named("session-sweeper").unwrap());
        all.retain(|(known, _)| known != name);
        all.push((name.to_owned(), value.to_owned()));
        read::<Sweeper>(all)
    };
    for (name, value) in [
        ("GRAPH_BACKEND", "elsewhere"),
        ("GRAPH_DAYS", "0"),
        ("GRAPH_DAYS", "366"),
        ("GRAPH_DAYS", "many"),
    ] {
        let error = with(name, value).unwrap_err().to_string();
        assert!(error.contains(name) && !error.contains(value), "{error}");
    }
    let told = with("GRAPH_BACKEND", "neptune").unwrap();
    assert!(matches!(told.graph, GraphBackend::Database(_)));
    assert_eq!(told.graph_days, 30);
}
