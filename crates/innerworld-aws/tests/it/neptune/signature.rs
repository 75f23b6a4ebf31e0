//! Who is let in, and whom we believe.

use std::time::Duration;

use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use innerworld_aws::neptune::{
    engine::{Engine, Parameters},
    http::{Endpoint, HttpEngine},
    statements,
};
use innerworld_core::{
    clock::Clock as _,
    error::{ErrorKind, PortError},
};
use serde_json::json;

use super::house::{House, SECRETS};

async fn ask(engine: &impl Engine) -> Result<(), PortError> {
    let one = Parameters::from_iter([("one".to_owned(), json!(1))]);
    engine.run(statements::PING, &one).await.map(drop)
}

#[tokio::test]
async fn a_signed_request_is_let_in() {
    let house = House::new().await;
    ask(&house.once()).await.unwrap();
    assert_eq!(house.fake.ran(), ["ping"]);
    assert!(house.fake.refused().is_empty());
}

#[tokio::test]
async fn a_wrong_signature_is_not() {
    let house = House::new().await;
    let right = house.endpoint(false);
    let elsewhere = Endpoint {
        region: "eu-west-1".to_owned(),
        ..right.clone()
    };
    let (secret, token) = SECRETS;
    for (endpoint, secrets, wrong) in [
        (&right, ("another-secret", token), "signature"),
        (&right, (secret, None), "session token"),
        (&right, (secret, Some("another-token")), "session token"),
        (&elsewhere, (secret, token), "credential"),
    ] {
        let error = ask(&house.client(endpoint, secrets)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        assert_eq!(house.fake.refused().last(), Some(&wrong));
        assert!(!format!("{error:?}").contains(secrets.0));
    }
    assert!(house.fake.ran().is_empty());
}

#[tokio::test]
async fn a_clock_that_is_off_is_not_either() {
    let house = House::new().await;
    house.clients.advance(Duration::from_secs(299));
    ask(&house.once()).await.unwrap();
    house.clients.advance(Duration::from_secs(2));
    let error = ask(&house.once()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    house
        .clients
        .set(house.clients.now().minus(Duration::from_secs(700)));
    ask(&house.once()).await.unwrap_err();
    assert_eq!(house.fake.refused(), ["skew", "skew"]);
}

#[tokio::test]
async fn a_stranger_certificate_is_not_believed() {
    let house = House::new().await;
    let other = House::new().await;
    let mut endpoint = house.endpoint(false);
    endpoint.ca_file = other.endpoint(false).ca_file;
    let error = ask(&house.client(&endpoint, SECRETS)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(house.fake.ran().is_empty() && house.fake.refused().is_empty());
}

#[tokio::test]
async fn an_address_or_a_file_that_is_none_is_refused_at_the_start() {
    let house = House::new().await;
    let right = house.endpoint(false);
    let key = Credentials::new("AKIDEXAMPLE", "secret", None, None, "tests");
    let build = |endpoint: &Endpoint| {
        let credentials = SharedCredentialsProvider::new(key.clone());
        HttpEngine::new(endpoint, credentials, house.clients.clone()).map(drop)
    };
    build(&right).unwrap();
    for host in [
        "",
        "a host",
        "user@graph.example.org",
        "graph.example.org/path",
        "graph:1",
    ] {
        let wrong = Endpoint {
            host: host.to_owned(),
            ..right.clone()
        };
        assert_eq!(
            build(&wrong).unwrap_err().kind(),
            ErrorKind::Invalid,
            "{host}"
        );
    }
    let empty = tempfile::tempdir().unwrap();
    let file = empty.path().join("ca.pem");
    let mut wrong = right.clone();
    wrong.ca_file = Some(file.clone());
    assert_eq!(build(&wrong).unwrap_err().kind(), ErrorKind::Invalid);
    std::fs::write(file, "no certificate").unwrap();
    assert_eq!(build(&wrong).unwrap_err().kind(), ErrorKind::Invalid);
}
