//! Frames to the gateway's connections, against a server that recomputes signatures and answers what
//! a test says.

mod stage;

use std::{sync::Arc, time::Duration};

use axum::http::Method;
use innerworld_aws::{POST_BYTES, PostFailure, Posting};
use innerworld_core::error::{ErrorKind, PortError};
use innerworld_testkit::FakeClock;

use self::stage::{Answer, Stage, config};

const CONNECTION: &str = "L0SM9cOFvHcCIhw=";
const TIMEOUT: Duration = Duration::from_secs(3);

/// The kind of a failure that has one.
fn kind(failure: PostFailure) -> ErrorKind {
    match failure {
        PostFailure::Unavailable(error) | PostFailure::Invalid(error) => error.kind(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_frame_reaches_its_connection_signed_and_under_its_stage() {
    for (path, sent) in [
        ("/prod", "/prod/@connections/L0SM9cOFvHcCIhw%3D"),
        ("/prod/", "/prod/@connections/L0SM9cOFvHcCIhw%3D"),
        ("/$default", "/$default/@connections/L0SM9cOFvHcCIhw%3D"),
        (
            "/base/of/two",
            "/base/of/two/@connections/L0SM9cOFvHcCIhw%3D",
        ),
    ] {
        let stage = Stage::start().await;
        let posting = stage.posting(path);
        posting
            .post(CONNECTION, "{\"type\":\"pong\"}")
            .await
            .unwrap();
        assert!(posting.close(CONNECTION).await.unwrap());
        let [post, close] = stage.asked().try_into().unwrap();
        assert_eq!((post.method, post.path.as_str()), (Method::POST, sent));
        assert_eq!((close.method, close.path.as_str()), (Method::DELETE, sent));
        assert_eq!(post.body, "{\"type\":\"pong\"}");
        assert_eq!(close.body, "");
        assert_eq!((post.signature, close.signature), (Ok(()), Ok(())));
    }
}

#[tokio::test]
async fn an_id_is_one_segment_whatever_it_holds() {
    let stage = Stage::start().await;
    let posting = stage.posting("/prod");
    for (id, sent) in [
        ("a/b", "a%2Fb"),
        ("../prod", "..%2Fprod"),
        ("a?b#c", "a%3Fb%23c"),
        ("a%2Fb", "a%252Fb"),
        ("-_.~", "-_.~"),
    ] {
        posting.post(id, "{}").await.unwrap();
        let asked = stage.asked().pop().unwrap();
        assert_eq!(asked.path, format!("/prod/@connections/{sent}"));
        assert_eq!(asked.signature, Ok(()), "{id}");
    }
    let sent = stage.asked().len();
    for id in ["", ".", "..", "a b", "a\nb", "ä", &"a".repeat(129)] {
        let failure = posting.post(id, "{}").await.unwrap_err();
        assert_eq!(kind(failure), ErrorKind::Invalid, "{id}");
        let failure = posting.close(id).await.unwrap_err();
        assert_eq!(kind(failure), ErrorKind::Invalid, "{id}");
    }
    assert_eq!(stage.asked().len(), sent);
}

#[tokio::test]
async fn the_server_knows_a_wrong_signature() {
    let stage = Stage::start().await;
    for (config, wrong) in [
        (config("another-secret", "us-east-1"), "signature"),
        (config("a-secret-of-tests", "eu-west-1"), "credential"),
    ] {
        let endpoint = stage.endpoint("/prod");
        let clock = Arc::new(FakeClock::default());
        let posting = Posting::new(&config, &endpoint, TIMEOUT, clock).unwrap();
        posting.post(CONNECTION, "{}").await.unwrap();
        assert_eq!(stage.asked().pop().unwrap().signature, Err(wrong));
    }
}

#[tokio::test]
async fn an_answer_is_what_its_status_says_whatever_its_body_is() {
    let stage = Stage::start().await;
    let posting = stage.posting("/prod");
    for body in ["", "GoneException", "{\"message\":\"Forbidden\"}", "<html>"] {
        for (status, expected) in [
            (200, None),
            (204, None),
            (410, Some("Gone")),
            (403, Some("Forbidden")),
            (401, Some("Forbidden")),
            (429, Some("LimitExceeded")),
            (413, Some("PayloadTooLarge")),
            (408, Some("Unavailable")),
            (500, Some("Unavailable")),
            (502, Some("Unavailable")),
            (503, Some("Unavailable")),
            (504, Some("Unavailable")),
            (400, Some("Invalid")),
            (404, Some("Invalid")),
            (307, Some("Invalid")),
        ] {
            stage.answer(Answer::Status(status, body));
            let said = posting.post(CONNECTION, "{}").await.err();
            let said = said.map(|failure| format!("{failure:?}"));
            let name = said.as_deref().map(|text| text.split('(').next().unwrap());
            assert_eq!(name, expected, "{status} {body}");
        }
    }
    assert!(
        stage
            .asked()
            .iter()
            .all(|asked| asked.path.starts_with("/prod/"))
    );
}

#[tokio::test]
async fn closing_says_whether_there_was_something_to_close() {
    let stage = Stage::start().await;
    let posting = stage.posting("/prod");
    stage.answer(Answer::Status(204, ""));
    assert!(posting.close(CONNECTION).await.unwrap());
    stage.answer(Answer::Status(410, ""));
    assert!(!posting.close(CONNECTION).await.unwrap());
    stage.answer(Answer::Status(403, ""));
    let failure = posting.close(CONNECTION).await.unwrap_err();
    assert!(matches!(failure, PostFailure::Forbidden), "{failure:?}");
}

#[tokio::test]
async fn a_long_frame_is_refused_before_it_is_sent() {
    assert_eq!(POST_BYTES, 32_768);
    let stage = Stage::start().await;
    let posting = stage.posting("/prod");
    let long = "ä".repeat(POST_BYTES / 2);
    let failure = posting.post(CONNECTION, &long).await.unwrap_err();
    assert!(matches!(failure, PostFailure::PayloadTooLarge));
    assert!(stage.asked().is_empty());
    let longest = &long[..POST_BYTES - 2];
    posting.post(CONNECTION, longest).await.unwrap();
    assert_eq!(stage.asked().pop().unwrap().body, longest);
}

#[tokio::test]
async fn who_is_silent_or_hangs_up_is_unavailable_and_asked_once() {
    let stage = Stage::start().await;
    let posting = stage.posting("/prod");
    stage.answer(Answer::HangUp);
    let failure = posting.post(CONNECTION, "{}").await.unwrap_err();
    assert_eq!(kind(failure), ErrorKind::Unavailable);
    assert_eq!(stage.asked().len(), 1, "nothing is tried again");

    stage.answer(Answer::Silence);
    let posting = stage.posting("/prod");
    let asked = posting.post(CONNECTION, "{}");
    let late = async {
        stage.silent().await;
        tokio::time::pause();
        tokio::time::advance(TIMEOUT).await;
        tokio::time::resume();
    };
    let (said, ()) = tokio::join!(asked, late);
    assert_eq!(kind(said.unwrap_err()), ErrorKind::Unavailable);
}

#[tokio::test]
async fn nothing_of_a_frame_or_of_a_secret_is_told() {
    let stage = Stage::start().await;
    let posting = stage.posting("/prod");
    let frame = "{\"type\":\"turn.delta\",\"d\":\"a secret word\"}";
    let mut told = vec![format!("{posting:?}")];
    for answer in [
        Answer::Status(410, "a secret word"),
        Answer::Status(400, "a secret word"),
        Answer::Status(500, "a secret word"),
        Answer::HangUp,
    ] {
        stage.answer(answer);
        let failure = posting.post(CONNECTION, frame).await.unwrap_err();
        told.push(format!("{failure} {failure:?}"));
        let error = PortError::from(failure);
        told.push(format!("{error} {error:?}"));
    }
    let told = told.join("\n");
    for secret in [
        "secret word",
        "a-secret-of-tests",
        "a-token-of-tests",
        CONNECTION,
    ] {
        assert!(!told.contains(secret), "{told}");
    }
}

#[test]
fn as_an_error_of_a_port_none_is_denied() {
    for (failure, expected) in [
        (PostFailure::Gone, ErrorKind::NotFound),
        (PostFailure::Forbidden, ErrorKind::Unavailable),
        (PostFailure::LimitExceeded, ErrorKind::Throttled),
        (PostFailure::PayloadTooLarge, ErrorKind::Invalid),
    ] {
        assert_eq!(PortError::from(failure).kind(), expected);
    }
}

#[test]
fn an_address_without_its_stage_or_without_tls_is_refused() {
    let build = |endpoint: &str| {
        let config = config("a-secret-of-tests", "us-east-1");
        Posting::new(&config, endpoint, TIMEOUT, Arc::new(FakeClock::default())).map(drop)
    };
    for endpoint in [
        "https://abc.execute-api.us-east-1.amazonaws.com/prod",
        "https://sockets.example.org/v1/",
        "http://127.0.0.1:4000/prod",
        "http://[::1]:4000/prod",
        "http://localhost:4000/prod",
    ] {
        build(endpoint).unwrap();
    }
    for endpoint in [
        "",
        "abc.execute-api.us-east-1.amazonaws.com/prod",
        "https://abc.execute-api.us-east-1.amazonaws.com",
        "https://abc.execute-api.us-east-1.amazonaws.com//",
        "wss://abc.execute-api.us-east-1.amazonaws.com/prod",
        "http://abc.execute-api.us-east-1.amazonaws.com/prod",
        "http://127.0.0.1.example.org/prod",
        "http://localhost.example.org/prod",
        "https://user@example.org/prod",
        "https://:word@example.org/prod",
        "https://example.org/prod?stage=test",
        "https://example.org/prod#test",
    ] {
        assert_eq!(
            build(endpoint).unwrap_err().kind(),
            ErrorKind::Invalid,
            "{endpoint}"
        );
    }
}

#[test]
fn without_a_region_or_credentials_nothing_can_be_signed() {
    let bare = innerworld_aws::SdkConfig::builder().build();
    let clock = Arc::new(FakeClock::default());
    let refused = Posting::new(&bare, "https://example.org/prod", TIMEOUT, clock);
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::Invalid);
}
