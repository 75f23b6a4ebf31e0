//! Answers do not tell whether an address has an account.

use std::time::Duration;

use serde_json::json;
use tokio::time::Instant;

use super::provider::{PASSWORD, Provider};

/// Every call that names somebody and does not need to know them, with the answer's bytes.
async fn answers(provider: &Provider, address: &str) -> Vec<(&'static str, u16, String)> {
    let client = provider.world.cognito.pool().client_id.clone();
    let calls = [
        (
            "InitiateAuth",
            json!({"AuthFlow": "USER_PASSWORD_AUTH",
            "AuthParameters": {"USERNAME": address, "PASSWORD": "not the password"}}),
        ),
        ("ForgotPassword", json!({"Username": address})),
        ("ResendConfirmationCode", json!({"Username": address})),
        (
            "ConfirmSignUp",
            json!({"Username": address, "ConfirmationCode": "123"}),
        ),
        (
            "ConfirmForgotPassword",
            json!({"Username": address, "ConfirmationCode": "123",
            "Password": "meadow cloud compass"}),
        ),
        (
            "ConfirmForgotPassword",
            json!({"Username": address, "ConfirmationCode": "123",
            "Password": "short"}),
        ),
    ];
    let mut all = Vec::new();
    for (operation, mut body) in calls {
        body["ClientId"] = json!(client);
        let asked = Instant::now();
        let (status, text) = provider.raw(operation, body.to_string()).await;
        // Longer than the work for somebody who exists, so that time does not tell either.
        let too_soon = asked.elapsed() < Duration::from_millis(100);
        assert!(!too_soon, "{operation}");
        all.push((operation, status.as_u16(), text));
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn known_unknown_unconfirmed_and_deleted_look_alike() {
    let provider = Provider::start().await;
    // The same first letters, which answers show.
    let [confirmed, unconfirmed, deleted, unknown] = [
        "mia@example.org",
        "max@example.org",
        "mo@example.org",
        "maya@example.org",
    ];
    provider.teen(confirmed).await;
    provider.sign_up(unconfirmed, json!([])).await.unwrap();
    provider.teen(deleted).await;
    let tokens = provider.sign_in(deleted, PASSWORD).await.unwrap();
    let body = json!({"AccessToken": tokens.access});
    provider.call("DeleteUser", body).await.unwrap();

    let expected = answers(&provider, unknown).await;
    for known in [confirmed, unconfirmed, deleted] {
        assert_eq!(answers(&provider, known).await, expected, "{known}");
    }
    assert_eq!(provider.world.mails.to(unknown), 0);
}

/// Limits count alike, or the place where they begin would tell.
#[tokio::test(flavor = "multi_thread")]
async fn limits_begin_at_the_same_place() {
    let provider = Provider::start().await;
    provider.teen("mia@example.org").await;
    provider.wait(Duration::from_secs(3_600));
    let asking = ["mia@example.org", "maya@example.org"].map(async |address| {
        let mut all = Vec::new();
        for _ in 0..12 {
            all.extend(answers(&provider, address).await);
        }
        all
    });
    let seen = futures_util::future::join_all(asking).await;
    assert_eq!(seen[0], seen[1]);
}

/// Only the right password says what is the matter with an account.
#[tokio::test(flavor = "multi_thread")]
async fn that_an_account_is_not_confirmed_is_told_to_its_owner_alone() {
    let provider = Provider::start().await;
    provider
        .sign_up("mia@example.org", json!([]))
        .await
        .unwrap();
    let stranger = provider
        .sign_in("mia@example.org", "not the password")
        .await;
    assert_eq!(super::provider::name(stranger), "NotAuthorizedException");
    let owner = provider.sign_in("mia@example.org", PASSWORD).await;
    assert_eq!(super::provider::name(owner), "UserNotConfirmedException");
}
