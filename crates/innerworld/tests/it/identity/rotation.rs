//! New signing keys while people are signed in.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::Value;

use super::provider::{PASSWORD, Provider};

const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(24 * 3_600);

fn kids(jwks: &Value) -> Vec<String> {
    let keys = jwks["keys"].as_array().unwrap();
    keys.iter()
        .map(|key| key["kid"].as_str().unwrap().to_owned())
        .collect()
}

fn kid_of(token: &str) -> String {
    jsonwebtoken::decode_header(token).unwrap().kid.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn old_tokens_outlive_their_key_and_new_ones_name_the_new_key() {
    let provider = Provider::start().await;
    provider.talking_teen("mia@example.org").await;
    let old = provider.sign_in("mia@example.org", PASSWORD).await.unwrap();
    let first = kids(&provider.jwks().await);
    assert_eq!(first, [kid_of(&old.access)]);

    provider.world.cognito.rotate_keys().await.unwrap();
    let both = kids(&provider.jwks().await);
    assert_eq!(both.len(), 2);
    assert!(both.contains(&first[0]));
    let new = provider.sign_in("mia@example.org", PASSWORD).await.unwrap();
    assert_ne!(kid_of(&new.access), first[0]);
    assert!(both.contains(&kid_of(&new.access)));
    assert_eq!(kid_of(&new.access), kid_of(&new.id));

    provider.wait(Duration::from_secs(3_599));
    assert_eq!(provider.get("/v1/me", &old.access).await.0, StatusCode::OK);
    assert!(provider.world.socket(&old.access).await.is_ok());
    provider.wait(Duration::from_secs(1));
    assert_eq!(
        provider.get("/v1/me", &old.access).await.0,
        StatusCode::UNAUTHORIZED
    );
    // A session outlives any key: it is renewed under the new one.
    let renewed = provider.refresh(&old.refresh).await.unwrap();
    assert_eq!(kid_of(&renewed), kid_of(&new.access));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retired_key_leaves_the_set_once_its_tokens_ended() {
    let provider = Provider::start().await;
    provider.teen("mia@example.org").await;
    let old = provider.sign_in("mia@example.org", PASSWORD).await.unwrap();
    provider.world.cognito.rotate_keys().await.unwrap();
    provider.wait(HOUR);
    provider.refresh(&old.refresh).await.unwrap();
    assert_eq!(kids(&provider.jwks().await).len(), 2);
    provider.wait(4 * HOUR);
    // The next token that is issued looks after the keys.
    let renewed = provider.refresh(&old.refresh).await.unwrap();
    assert_eq!(kids(&provider.jwks().await), [kid_of(&renewed)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_grew_old_is_replaced_without_being_asked() {
    let provider = Provider::start().await;
    provider.teen("mia@example.org").await;
    let first = provider.sign_in("mia@example.org", PASSWORD).await.unwrap();
    provider.wait(89 * DAY);
    let second = provider.sign_in("mia@example.org", PASSWORD).await.unwrap();
    assert_eq!(kid_of(&first.access), kid_of(&second.access));
    provider.wait(DAY);
    // Whoever checks tokens hears of the next key an hour before it signs.
    let third = provider.sign_in("mia@example.org", PASSWORD).await.unwrap();
    assert_eq!(kid_of(&second.access), kid_of(&third.access));
    let announced = kids(&provider.jwks().await);
    assert_eq!(announced.len(), 2);
    provider.wait(HOUR);
    let fourth = provider.sign_in("mia@example.org", PASSWORD).await.unwrap();
    assert_ne!(kid_of(&third.access), kid_of(&fourth.access));
    assert!(announced.contains(&kid_of(&fourth.access)));
    assert_eq!(kids(&provider.jwks().await), announced);
    assert!(provider.user(&third.access).await.is_err(), "it ended");
    assert!(provider.user(&fourth.access).await.is_ok());
    // And so on, with one key at a time.
    provider.wait(4 * HOUR);
    let fifth = provider.sign_in("mia@example.org", PASSWORD).await.unwrap();
    assert_eq!(kids(&provider.jwks().await), [kid_of(&fifth.access)]);
    assert_eq!(kid_of(&fifth.access), kid_of(&fourth.access));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_keeps_pool_client_and_keys() {
    let provider = Provider::start().await;
    provider.talking_teen("mia@example.org").await;
    let tokens = provider.sign_in("mia@example.org", PASSWORD).await.unwrap();
    let (pool, jwks) = (provider.world.cognito.pool().clone(), provider.jwks().await);
    let provider = provider.restart().await;
    assert_eq!(provider.world.cognito.pool(), &pool);
    assert_eq!(provider.jwks().await, jwks);
    assert!(provider.user(&tokens.access).await.is_ok());
    assert!(provider.refresh(&tokens.refresh).await.is_ok());
}
