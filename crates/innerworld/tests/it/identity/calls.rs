//! Calls that no client of Cognito would make: each gets an error that a client can read, none
//! harms the server.

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::provider::{PASSWORD, Provider, name};

const OPERATIONS: &[&str] = &[
    "SignUp",
    "ConfirmSignUp",
    "ResendConfirmationCode",
    "ForgotPassword",
    "ConfirmForgotPassword",
    "InitiateAuth",
    "RespondToAuthChallenge",
    "GetUser",
    "ChangePassword",
    "GlobalSignOut",
    "RevokeToken",
    "DeleteUser",
];

fn bodies() -> Vec<String> {
    let deep = format!(
        "{{\"ClientId\":{}{}}}",
        "[".repeat(7_000),
        "]".repeat(7_000)
    );
    [
        "",
        "{",
        "null",
        "[]",
        "\"text\"",
        "{}",
        "{\"ClientId\":7}",
        "{\"ClientId\":null,\"Username\":null,\"AccessToken\":null}",
        "{\"ClientId\":\"\u{0}\",\"Username\":{},\"AccessToken\":[]}",
        "{\"ClientId\":\"a\",\"ClientId\":\"b\"}",
        "\u{feff}{}",
        "<SignUp/>",
    ]
    .into_iter()
    .map(ToOwned::to_owned)
    .chain([deep])
    .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_malformed_body_is_a_readable_error() {
    let provider = Provider::start().await;
    for operation in OPERATIONS {
        for body in bodies() {
            let (status, text) = provider.raw(operation, body.clone()).await;
            let shown: String = body.chars().take(40).collect();
            assert_eq!(
                status,
                StatusCode::BAD_REQUEST,
                "{operation} {shown}: {text}"
            );
            let answer: Value = serde_json::from_str(&text).unwrap();
            let known = [
                "SerializationException",
                "InvalidParameterException",
                "ResourceNotFoundException",
            ];
            let kind = answer["__type"].as_str().unwrap();
            assert!(known.contains(&kind), "{operation} {shown}: {kind}");
            assert!(answer["message"].is_string());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_operation_is_named_as_such() {
    let provider = Provider::start().await;
    for operation in ["", "signup", "SignUp2", "AdminDeleteUser", "../SignUp"] {
        let (status, text) = provider.raw(operation, "{}".to_owned()).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{operation}");
        assert!(text.contains("UnknownOperationException"), "{operation}");
    }
}

/// What a body says beyond what is known is left out, never kept and never an error: newer clients
/// send more.
#[tokio::test(flavor = "multi_thread")]
async fn more_than_is_known_is_left_out() {
    let provider = Provider::start().await;
    let more = json!([
        {"Name": "birthdate", "Value": "2000-01-01"},
        {"Name": "name", "Value": "Mia"},
        {"Name": "email", "Value": "MIA@example.org"},
        {"Name": "custom:school", "Value": "x"},
    ]);
    let body = json!({"Username": "mia@example.org", "Password": PASSWORD, "UserAttributes": more,
        "ClientMetadata": {"a": "b"}, "UserContextData": {"EncodedData": "x"}});
    provider.call("SignUp", body).await.unwrap();
    let code = provider.world.mails.newest("mia@example.org");
    provider.confirm("mia@example.org", &code).await.unwrap();
    let tokens = provider.sign_in("mia@example.org", PASSWORD).await.unwrap();
    let user = provider.user(&tokens.access).await.unwrap();
    let attributes = user["UserAttributes"].as_array().unwrap();
    let mut names: Vec<_> = attributes.iter().map(|one| &one["Name"]).collect();
    names.sort_by_key(ToString::to_string);
    assert_eq!(names, ["email", "email_verified", "sub"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_could_smuggle_headers_is_none() {
    let provider = Provider::start().await;
    for address in [
        "mia@example.org\r\nBcc: noa@example.org",
        "mia@example.org,noa@example.org",
        "<mia@example.org>",
        "mia@example",
        "@example.org",
        "mia",
    ] {
        let answer = provider.sign_up(address, json!([])).await;
        assert_eq!(name(answer), "InvalidParameterException", "{address}");
    }
    let other = json!([{"Name": "email", "Value": "noa@example.org"}]);
    let answer = provider.sign_up("mia@example.org", other).await;
    assert_eq!(name(answer), "InvalidParameterException");
    assert_eq!(provider.world.mails.to("noa@example.org"), 0);
}

/// Two people who want one address at the same instant: one gets it.
#[tokio::test(flavor = "multi_thread")]
async fn one_of_two_sign_ups_at_once_wins() {
    let provider = Provider::start().await;
    let (one, two) = tokio::join!(
        provider.sign_up("mia@example.org", json!([])),
        provider.sign_up("MIA@example.org", json!([]))
    );
    let mut names = [name(one), name(two)];
    names.sort();
    assert_eq!(names, ["UsernameExistsException", "accepted"]);
    assert_eq!(provider.world.mails.to("mia@example.org"), 1);
}
