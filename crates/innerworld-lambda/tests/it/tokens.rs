//! Tokens of the user pool: what is believed and what is not.

use std::time::Duration;

use innerworld_aws::{CognitoTokenVerifier, UserPool};
use innerworld_core::{
    clock::Timestamp,
    identity::token::{TokenError, TokenVerifier},
    ids::TeenId,
};
use innerworld_testkit::{
    records::NOW,
    user_pool::{CLIENT_ID, Mood, POOL_ID, UserPoolDouble},
};
use serde_json::json;

use crate::world::{Denied, denying};

const TEEN: TeenId = TeenId::from_subject_bits(7);

fn verifier(double: &UserPoolDouble, denied: Denied) -> CognitoTokenVerifier {
    let pool = UserPool::new(POOL_ID, CLIENT_ID).unwrap();
    let pool = pool.reached_at(&double.endpoint()).unwrap();
    CognitoTokenVerifier::new(pool, denying(denied)).unwrap()
}

fn after(seconds: u64) -> Timestamp {
    NOW.plus(Duration::from_secs(seconds))
}

#[tokio::test]
async fn a_good_token_is_believed_until_it_ends() {
    let double = UserPoolDouble::start().await;
    let verifier = verifier(&double, Denied::Nobody);
    let token = double.token(TEEN, NOW);
    let claims = verifier.verify(&token, NOW).await.unwrap();
    assert_eq!(claims.teen, TEEN);
    assert_eq!(claims.jti, "a-token");
    assert_eq!(claims.expires_at.as_seconds(), NOW.as_seconds() + 3_600);
    assert_eq!(claims.scopes, ["aws.cognito.signin.user.admin"]);
    assert!(verifier.verify(&token, after(3_598)).await.is_ok());
    let ended = verifier.verify(&token, after(3_600)).await;
    assert_eq!(ended, Err(TokenError::Expired));
}

#[tokio::test]
async fn forged_tokens_are_refused() {
    let double = UserPoolDouble::start().await;
    let verifier = verifier(&double, Denied::Nobody);
    for (name, token) in double.forged(TEEN, NOW) {
        let found = verifier.verify(&token, NOW).await;
        assert_eq!(found, Err(TokenError::Invalid), "{name}");
    }
    // Nothing of it made the verifier read the keys over and over.
    assert_eq!(double.reads(), 1);
    assert!(verifier.verify(&double.token(TEEN, NOW), NOW).await.is_ok());
}

#[tokio::test]
async fn a_new_key_is_read_once_a_minute_at_most() {
    let mut double = UserPoolDouble::start().await;
    let verifier = verifier(&double, Denied::Nobody);
    let old = double.token(TEEN, NOW);
    assert!(verifier.verify(&old, NOW).await.is_ok());
    double.rotate("pool-2");
    let new = double.token(TEEN, NOW);
    let early = verifier.verify(&new, after(59)).await;
    assert_eq!(early, Err(TokenError::Invalid), "within the minute");
    assert_eq!(double.reads(), 1);
    assert!(verifier.verify(&new, after(60)).await.is_ok());
    assert!(
        verifier.verify(&old, after(61)).await.is_ok(),
        "the old key stays"
    );
    assert_eq!(double.reads(), 2);
}

#[tokio::test]
async fn unknown_keys_asked_for_at_once_cost_one_read() {
    let double = UserPoolDouble::start().await;
    let verifier = verifier(&double, Denied::Nobody);
    let token = double.token(TEEN, NOW);
    let (one, two, three) = tokio::join!(
        verifier.verify(&token, NOW),
        verifier.verify(&token, NOW),
        verifier.verify(&token, NOW)
    );
    assert!(one.is_ok() && two.is_ok() && three.is_ok());
    assert_eq!(double.reads(), 1);
}

#[tokio::test]
async fn without_keys_nobody_gets_in_and_known_keys_outlive_an_outage() {
    for mood in [Mood::Down, Mood::Garbage, Mood::Endless, Mood::Redirects] {
        let double = UserPoolDouble::start().await;
        let verifier = verifier(&double, Denied::Nobody);
        let token = double.token(TEEN, NOW);
        double.feel(mood);
        let found = verifier.verify(&token, NOW).await;
        assert_eq!(found, Err(TokenError::Unavailable), "{mood:?}");
        double.feel(Mood::Well);
        assert!(verifier.verify(&token, after(60)).await.is_ok(), "{mood:?}");
        double.feel(mood);
        let later = double.token(TEEN, after(3_700));
        let found = verifier.verify(&later, after(3_700)).await;
        assert!(found.is_ok(), "{mood:?}");
        assert_eq!(double.reads(), 3, "it was tried again after an hour");
    }
}

#[tokio::test]
async fn a_sign_out_ends_tokens_and_an_unknown_one_lets_nobody_in() {
    let double = UserPoolDouble::start().await;
    let token = double.token(TEEN, NOW);
    let at = |denied| {
        let verifier = verifier(&double, denied);
        let token = token.clone();
        async move { verifier.verify(&token, NOW).await }
    };
    let issued = Timestamp::from_millis(NOW.as_seconds() * 1_000);
    let one_later = Timestamp::from_millis(issued.as_millis() + 1);
    assert!(at(Denied::Before(issued)).await.is_ok());
    assert_eq!(
        at(Denied::Before(one_later)).await,
        Err(TokenError::Revoked)
    );
    assert_eq!(at(Denied::Unknown).await, Err(TokenError::Unavailable));
}

#[tokio::test]
async fn claims_of_odd_form_are_refused() {
    let double = UserPoolDouble::start().await;
    let verifier = verifier(&double, Denied::Nobody);
    for (name, value) in [
        ("exp", json!("soon")),
        ("exp", json!(null)),
        ("iat", json!(i64::MAX)),
        ("jti", json!({"a": 1})),
        ("token_use", json!(["access"])),
        ("client_id", json!([CLIENT_ID])),
        ("iss", json!(["https://example.org"])),
    ] {
        let mut claims = double.claims(TEEN, NOW);
        claims[name] = value;
        let found = verifier.verify(&double.sign(&claims), NOW).await;
        assert_eq!(found, Err(TokenError::Invalid), "{name}");
    }
}
