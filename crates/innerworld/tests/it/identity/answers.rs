//! T12: answers do not tell whether an address has an account.

use std::time::Duration;

use serde_json::json;
use tokio::time::Instant;

use super::provider::{PASSWORD, Provider};

/// What a call was answered: its operation, status and bytes, and whether that took long enough.
pub(super) type Said = (&'static str, u16, String, bool);

/// Every call that names somebody and does not need to know them.
pub(super) async fn answers(provider: &Provider, address: &str) -> Vec<Said> {
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
        let long_enough = asked.elapsed() >= Duration::from_millis(100);
        all.push((operation, status.as_u16(), text, long_enough));
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn t12_known_unknown_unconfirmed_and_deleted_look_alike() {
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
    for (operation, .., long_enough) in &expected {
        assert!(long_enough, "{operation}");
    }
    for known in [confirmed, unconfirmed, deleted] {
        assert_eq!(answers(&provider, known).await, expected, "{known}");
    }
    assert_eq!(provider.world.mails.to(unknown), 0);
}

/// Each call costs as many hashes for an account as for nobody.
#[tokio::test(flavor = "multi_thread")]
async fn t12_known_and_unknown_cost_the_same_hashes() {
    let provider = Provider::start().await;
    provider.teen("mia@example.org").await;
    provider
        .sign_up("max@example.org", json!([]))
        .await
        .unwrap();
    let mut costs = Vec::new();
    for address in ["mia@example.org", "max@example.org", "maya@example.org"] {
        let before = provider.world.cognito.computations();
        let all = answers(&provider, address).await;
        let after = provider.world.cognito.computations();
        let powers = after.exponentiations - before.exponentiations;
        costs.push((after.hashes - before.hashes, powers, all));
    }
    assert!(costs[0].0 >= 1, "a password is checked against something");
    assert_eq!(costs[0], costs[2]);
    assert_eq!(costs[1], costs[2]);
}

/// Limits count alike, or the place where they begin would tell.
#[tokio::test(flavor = "multi_thread")]
async fn t12_limits_begin_at_the_same_place() {
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
async fn t12_that_an_account_is_not_confirmed_is_told_to_its_owner_alone() {
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
