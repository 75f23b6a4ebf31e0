//! Every way to fail, and what is left after it.

use std::time::Duration;

use innerworld_aws::neptune::{
    engine::{Engine, Parameters},
    graph::NeptuneGraph,
    http::DEADLINE,
    statements::{self, Statement},
};
use innerworld_core::error::{ErrorKind, PortError};
use innerworld_testkit::fake_neptune::Fault;
use serde_json::json;

use super::house::{House, SECRETS};
use crate::graph_suite::{Subject, stored};

/// One attempt at asking whether somebody answers.
async fn ask(engine: &impl Engine) -> Result<(), PortError> {
    let one = Parameters::from_iter([("one".to_owned(), json!("a secret value"))]);
    engine.run(statements::PING, &one).await.map(drop)
}

/// How a fault shows when nothing tries again.
async fn kind_of(house: &House, fault: Fault) -> ErrorKind {
    house.fake.inject(fault);
    ask(&house.once()).await.unwrap_err().kind()
}

#[tokio::test]
async fn each_refusal_has_its_kind_and_none_is_denied() {
    let house = House::new().await;
    for (status, code, expected) in [
        (
            500,
            "ConcurrentModificationException",
            ErrorKind::Unavailable,
        ),
        (400, "ConstraintViolationException", ErrorKind::Unavailable),
        (400, "ReadOnlyViolationException", ErrorKind::Unavailable),
        (400, "TimeLimitExceededException", ErrorKind::Unavailable),
        (500, "MemoryLimitExceededException", ErrorKind::Unavailable),
        (500, "InternalFailureException", ErrorKind::Unavailable),
        (503, "", ErrorKind::Unavailable),
        (403, "AccessDeniedException", ErrorKind::Unavailable),
        (401, "", ErrorKind::Unavailable),
        (400, "ThrottlingException", ErrorKind::Throttled),
        (429, "", ErrorKind::Throttled),
        (400, "MalformedQueryException", ErrorKind::Invalid),
        (400, "InvalidParameterException", ErrorKind::Invalid),
        (404, "", ErrorKind::Invalid),
    ] {
        let kind = kind_of(&house, Fault::Refused(status, code)).await;
        assert_eq!(kind, expected, "{status} {code}");
    }
}

#[tokio::test]
async fn an_answer_that_is_none_has_its_kind_too() {
    let house = House::new().await;
    for (fault, expected) in [
        (Fault::Cut, ErrorKind::Unavailable),
        (Fault::CutAfterCommit, ErrorKind::Unavailable),
        (Fault::HalfAnswer, ErrorKind::Unavailable),
        (Fault::Endless, ErrorKind::Invalid),
        (Fault::Redirected, ErrorKind::Invalid),
    ] {
        assert_eq!(kind_of(&house, fault).await, expected, "{fault:?}");
    }
}

#[tokio::test]
async fn an_error_tells_the_statement_and_the_code_and_no_value() {
    let house = House::new().await;
    house.fake.inject(Fault::CONCURRENT);
    let error = ask(&house.once()).await.unwrap_err();
    let told = format!(
        "{error:?} {error} {}",
        std::error::Error::source(&error).unwrap()
    );
    assert!(
        told.contains("ping: 500 Internal Server Error ConcurrentModificationException"),
        "{told}"
    );
    assert!(
        !told.contains("with its parameters") && !told.contains("a secret value"),
        "{told}"
    );

    house.fake.inject(Fault::Refused(
        400,
        "a code that is a sentence, and may quote something",
    ));
    let error = ask(&house.once()).await.unwrap_err();
    assert!(!format!("{error:?}").contains("sentence"), "{error:?}");
}

/// Lets a request hang until its deadline has passed, on a clock that jumps there.
async fn past_the_deadline(house: &House) {
    house.fake.hung().await;
    tokio::time::pause();
    tokio::time::advance(DEADLINE + Duration::from_secs(1)).await;
    tokio::time::resume();
}

#[tokio::test]
async fn what_hangs_is_given_up_at_the_deadline() {
    let house = House::new().await;
    let engine = house.once();
    house.fake.inject(Fault::Hang);
    let (answer, ()) = tokio::join!(ask(&engine), past_the_deadline(&house));
    assert_eq!(answer.unwrap_err().kind(), ErrorKind::Unavailable);
    ask(&engine).await.unwrap();
}

#[tokio::test]
async fn a_hang_is_tried_again() {
    let house = House::new().await;
    let subject = Subject::new(house.retrying(), "a hang");
    let patch = subject.family();
    house.fake.inject_after(2, Fault::Hang);
    let (written, ()) = tokio::join!(subject.graph().apply(&patch), past_the_deadline(&house));
    written.unwrap();
    assert_eq!(subject.load().await, stored(&patch));
}

#[tokio::test]
async fn a_write_whose_outcome_is_unknown_is_done_once_and_said_twice() {
    let house = House::new().await;
    let subject = Subject::new(house.retrying(), "outcome unknown");
    let patch = subject.family();
    house.fake.inject(Fault::CutAfterCommit);
    let written = subject.graph().apply(&patch).await.unwrap();
    assert_eq!(
        (written.nodes, written.edges),
        (patch.put_nodes.len(), patch.put_edges.len())
    );
    let first = house.fake.ran()[0];
    assert_eq!(house.fake.ran()[1], first, "it ran again");
    assert_eq!(subject.load().await, stored(&patch));
}

#[tokio::test]
async fn whatever_fails_once_anywhere_in_a_patch_leaves_the_same_graph() {
    let house = House::new().await;
    let engines = house.retrying();
    for fault in [
        Fault::CONCURRENT,
        Fault::THROTTLED,
        Fault::Refused(500, "InternalFailureException"),
        Fault::Cut,
        Fault::CutAfterCommit,
        Fault::HalfAnswer,
    ] {
        // Eight kinds of nodes and eight of edges: sixteen requests.
        for place in 0..16 {
            let subject = Subject::new(engines.clone(), &format!("{fault:?} {place}"));
            let patch = subject.family();
            house.fake.inject_after(place, fault);
            subject.graph().apply(&patch).await.unwrap();
            assert_eq!(subject.load().await, stored(&patch), "{fault:?} at {place}");
        }
    }
}

#[tokio::test]
async fn a_patch_that_stopped_halfway_is_whole_after_a_replay() {
    let house = House::new().await;
    let subject = Subject::new(house.retrying(), "halfway");
    let patch = subject.family();
    house.fake.inject_after(9, Fault::CONCURRENT);
    for _further in 0..4 {
        house.fake.inject(Fault::CONCURRENT);
    }
    let error = subject.graph().apply(&patch).await.unwrap_err();
    assert!(error.is_retryable());
    assert_ne!(subject.load().await, stored(&patch));
    subject.graph().apply(&patch).await.unwrap();
    assert_eq!(subject.load().await, stored(&patch));
}

#[tokio::test]
async fn nothing_is_written_through_a_reader() {
    let house = House::new().await;
    let reader: std::sync::Arc<dyn Engine> =
        std::sync::Arc::new(house.client(&house.endpoint(true), SECRETS));
    let wrong = NeptuneGraph::new(std::sync::Arc::clone(&reader), reader);
    let subject = Subject::new(house.retrying(), "through a reader");
    let error = wrong.apply(&subject.family()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(house.fake.contents().nodes.is_empty());
}

#[tokio::test]
async fn a_statement_outside_of_the_list_is_refused() {
    let house = House::new().await;
    for text in [
        "RETURN 1 AS one",
        "MATCH (n {teen: $teen}) WHERE n.kind = 'Person' RETURN n LIMIT 500",
        "MATCH (n) DETACH DELETE n",
        "MATCH (n {teen: $teen}) RETURN n.nid AS nid LIMIT 500",
    ] {
        let statement = Statement { name: "own", text };
        let error = house
            .once()
            .run(statement, &Parameters::new())
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid, "{text}");
    }
    assert_eq!(house.fake.refused(), ["MalformedQueryException"; 4]);
}
