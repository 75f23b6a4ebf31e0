//! The service that runs several functions, with real programs in it.

use std::time::Duration;

use innerworld_lambda::map::Function;
use innerworld_testkit::lambda::{Delivery, Invokes as _, LambdaService, LostEvent, Outcome};
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::world::deployment;

const MAIL: &str = "innerworld-test-cognito-custom-message";
const HEALTH: &str = "innerworld-test-health-check";

/// A service with a function that answers at once, and one whose tables are at `tables`.
async fn service(tables: Option<&TcpListener>) -> LambdaService {
    let service = LambdaService::start().await;
    let mail = Function::named("cognito-custom-message").unwrap();
    service.deploy(deployment(mail, &[]));
    let health = Function::named("health-check").unwrap();
    let at = tables.map(|at| format!("http://{}", at.local_addr().unwrap()));
    let at: Vec<_> = at
        .iter()
        .map(|at| ("AWS_ENDPOINT_URL_DYNAMODB", at.as_str()))
        .collect();
    service.deploy(deployment(health, &at));
    service
}

/// A service that takes connections and never answers.
async fn silence() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.unwrap()
}

fn good() -> Value {
    json!({
        "version": "1", "triggerSource": "CustomMessage_SignUp", "region": "us-east-1",
        "userPoolId": "us-east-1_aB3dEfGhI", "userName": "robin",
        "callerContext": {"awsSdkVersion": "aws-sdk-ios-2", "clientId": "a-client"},
        "request": {"codeParameter": "{####}", "userAttributes": {"locale": "en-US"}},
        "response": {"smsMessage": null, "emailMessage": null, "emailSubject": null},
    })
}

#[tokio::test]
async fn events_at_once_start_several_programs_and_later_ones_find_them() {
    let silence = silence().await;
    let service = service(Some(&silence)).await;
    let ask = || service.invoke(HEALTH, json!({}));
    let outcomes = tokio::join!(ask(), ask(), ask());
    for outcome in [outcomes.0, outcomes.1, outcomes.2] {
        assert!(matches!(outcome, Outcome::Answered(_)), "{outcome:?}");
    }
    assert_eq!((service.starts(HEALTH), service.events(HEALTH)), (3, 3));
    ask().await;
    assert_eq!((service.starts(HEALTH), service.events(HEALTH)), (3, 4));
    assert_eq!(service.starts(MAIL), 0, "nobody asked it");
    assert_eq!(service.invoke("another", json!({})).await, Outcome::Unknown);
}

#[tokio::test]
async fn what_fails_and_nobody_waits_for_is_tried_again_and_then_told() {
    let service = service(None).await;
    assert!(service.send(MAIL, good().to_string()));
    service.settled().await;
    assert_eq!((service.events(MAIL), service.lost()), (1, Vec::new()));

    for (retries, attempts) in [(1, 2), (0, 1), (2, 3)] {
        let delivery = Delivery {
            retries,
            ..Delivery::default()
        };
        service.deliver(delivery);
        service.send(MAIL, "{}");
        service.settled().await;
        let lost = service.lost().pop().unwrap();
        assert_eq!((lost.function.as_str(), lost.event.as_str()), (MAIL, "{}"));
        assert_eq!(lost.attempts, attempts);
        assert!(matches!(lost.outcome, Outcome::Failed(_)), "{lost:?}");
    }
    assert_eq!(service.events(MAIL), 1 + 2 + 1 + 3);
    assert_eq!(service.starts(MAIL), 1, "an error does not end a program");
    assert!(!service.send("another", "{}"));
}

#[tokio::test]
async fn at_least_once_may_be_twice() {
    let service = service(None).await;
    service.deliver(Delivery {
        twice: true,
        ..Delivery::default()
    });
    service.send(MAIL, good().to_string());
    service.settled().await;
    assert_eq!((service.events(MAIL), service.lost()), (2, Vec::new()));
}

/// Kills the program that works on an event.
async fn kill(service: &LambdaService) {
    while service.busy(HEALTH) == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(service.kill(HEALTH), 1);
    while service.busy(HEALTH) > 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_program_that_is_killed_in_the_middle_is_tried_again_by_a_new_one() {
    let silence = silence().await;
    let service = service(Some(&silence)).await;
    let delivery = Delivery {
        pause: Duration::from_millis(20),
        ..Delivery::default()
    };
    service.deliver(delivery);
    service.send(HEALTH, "{}");
    // It has asked its tables when it is killed.
    let (_open, _peer) = silence.accept().await.unwrap();
    kill(&service).await;
    service.settled().await;
    assert_eq!((service.starts(HEALTH), service.events(HEALTH)), (2, 2));
    assert_eq!(service.lost(), []);

    service.send(HEALTH, "{\"last\":1}");
    kill(&service).await;
    kill(&service).await;
    service.settled().await;
    let lost = LostEvent {
        function: HEALTH.to_owned(),
        event: "{\"last\":1}".to_owned(),
        attempts: 2,
        outcome: Outcome::Ended(None),
    };
    assert_eq!(service.lost(), [lost]);
}

/// Calls Lambda's API as the SDKs do.
async fn call(service: &LambdaService, (name, kind): (&str, Option<&str>), body: &str) -> Response {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let path = format!("/2015-03-31/functions/{name}/invocations");
    let mut request = client.post(format!("{}{path}", service.endpoint()));
    if let Some(kind) = kind {
        request = request.header("X-Amz-Invocation-Type", kind);
    }
    request.body(body.to_owned()).send().await.unwrap()
}

fn header<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
    Some(response.headers().get(name)?.to_str().unwrap())
}

#[tokio::test]
async fn its_api_answers_as_lambda_does() {
    let service = service(None).await;
    for name in [
        MAIL.to_owned(),
        format!("{MAIL}:$LATEST"),
        format!("arn:aws:lambda:us-east-1:123456789012:function:{MAIL}"),
        format!("arn%3Aaws%3Alambda%3Aus-east-1%3A123456789012%3Afunction%3A{MAIL}"),
    ] {
        for kind in [None, Some("RequestResponse")] {
            let answer = call(&service, (&name, kind), &good().to_string()).await;
            assert_eq!(answer.status(), StatusCode::OK, "{name}");
            assert_eq!(header(&answer, "x-amz-function-error"), None);
            assert_eq!(header(&answer, "x-amz-executed-version"), Some("$LATEST"));
            assert!(header(&answer, "x-amzn-requestid").is_some());
            let answer: Value = answer.json().await.unwrap();
            assert!(answer["response"]["emailMessage"].is_string(), "{answer}");
        }
    }
    let failed = call(&service, (MAIL, None), "{}").await;
    assert_eq!(failed.status(), StatusCode::OK);
    assert_eq!(header(&failed, "x-amz-function-error"), Some("Unhandled"));
    let failed: Value = failed.json().await.unwrap();
    assert_eq!(failed["errorType"], "InvalidEvent");

    let sent = call(&service, (MAIL, Some("Event")), &good().to_string()).await;
    assert_eq!(sent.status(), StatusCode::ACCEPTED);
    assert_eq!(sent.text().await.unwrap(), "");
    service.settled().await;
    assert_eq!(service.events(MAIL), 8 + 1 + 1);
}

#[tokio::test]
async fn its_api_refuses_as_lambda_does() {
    let service = service(None).await;
    let large = format!("\"{}\"", "a".repeat(1 << 20));
    for (name, kind, body, status, error) in [
        ("another", None, "{}", 404, "ResourceNotFoundException"),
        (
            "another",
            Some("Event"),
            "{}",
            404,
            "ResourceNotFoundException",
        ),
        (MAIL, None, "{", 400, "InvalidRequestContentException"),
        (
            MAIL,
            Some("Event"),
            "{",
            400,
            "InvalidRequestContentException",
        ),
        (
            MAIL,
            Some("Soon"),
            "{}",
            400,
            "InvalidParameterValueException",
        ),
        (
            MAIL,
            Some("Event"),
            large.as_str(),
            413,
            "RequestTooLargeException",
        ),
    ] {
        let answer = call(&service, (name, kind), body).await;
        assert_eq!(answer.status().as_u16(), status, "{name} {kind:?}");
        assert_eq!(header(&answer, "x-amzn-errortype"), Some(error));
        let said: Value = answer.json().await.unwrap();
        assert!(said["Message"].is_string(), "{said}");
    }
    assert_eq!((service.events(MAIL), service.lost()), (0, Vec::new()));
}

#[tokio::test]
async fn one_that_is_killed_fails_whoever_waits_for_it() {
    let silence = silence().await;
    let service = service(Some(&silence)).await;
    let asked = call(&service, (HEALTH, None), "{}");
    let (answer, ()) = tokio::join!(asked, kill(&service));
    assert_eq!(header(&answer, "x-amz-function-error"), Some("Unhandled"));
    let answer: Value = answer.json().await.unwrap();
    assert_eq!(answer["errorType"], "Runtime.ExitError");
}
