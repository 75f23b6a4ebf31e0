//! Tokens that somebody made up, bent or stole get in nowhere.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::json;

use super::{
    forgery::{bent, claims, hostile},
    provider::{PASSWORD, Provider, name},
};
use crate::{
    talk::{hello, status, until},
    world::{receive, send},
};

const HOUR: Duration = Duration::from_secs(3_600);

/// The forger's means are good: what it signs unchanged is believed. So each change is refused for
/// itself.
#[tokio::test(flavor = "multi_thread")]
async fn t01_true_claims_signed_by_the_true_key_are_believed() {
    let provider = Provider::start().await;
    provider.teen("mia@example.org").await;
    let tokens = provider.sign_in("mia@example.org", PASSWORD).await.unwrap();
    let ring = provider.forger().await;
    let copy = bent(&ring, &claims(&tokens.access), &[("event_id", json!("x"))]);
    assert_eq!(provider.get("/v1/me", &copy).await.0, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn t01_hostile_tokens_open_no_route() {
    let provider = Provider::start().await;
    provider.talking_teen("mia@example.org").await;
    let good = provider.sign_in("mia@example.org", PASSWORD).await.unwrap();
    assert_eq!(provider.get("/v1/me", &good.access).await.0, StatusCode::OK);
    for (what, token) in hostile(&provider).await {
        let (status, body) = provider.get("/v1/me", &token).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{what}");
        assert_eq!(body["error"]["code"], "token_invalid", "{what}");
        assert_eq!(
            provider.post("/v1/tickets", &token).await.0,
            StatusCode::UNAUTHORIZED,
            "{what}"
        );
        for operation in ["GetUser", "GlobalSignOut", "DeleteUser"] {
            let answer = provider
                .call(operation, json!({"AccessToken": token}))
                .await;
            assert_eq!(
                name(answer),
                "NotAuthorizedException",
                "{what}: {operation}"
            );
        }
    }
    // None of them did anything.
    assert!(provider.user(&good.access).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn t01_hostile_tokens_open_no_socket() {
    let provider = Provider::start().await;
    provider.talking_teen("mia@example.org").await;
    for (what, token) in hostile(&provider).await {
        assert_eq!(status(provider.world.socket(&token).await), 401, "{what}");
    }
    let good = provider.sign_in("mia@example.org", PASSWORD).await.unwrap();
    assert!(provider.world.socket(&good.access).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn t01_a_hostile_renewal_closes_the_socket() {
    let provider = Provider::start().await;
    provider.talking_teen("mia@example.org").await;
    let good = provider.sign_in("mia@example.org", PASSWORD).await.unwrap();
    for (what, token) in hostile(&provider).await {
        let mut socket = provider.world.socket(&good.access).await.unwrap();
        send(&mut socket, &hello()).await;
        until(&mut socket, "disclosure").await;
        send(&mut socket, &json!({"type": "auth", "token": token})).await;
        let error = until(&mut socket, "error").await.pop().unwrap();
        assert_eq!(
            (&error["code"], &error["close"]),
            (&json!("token_invalid"), &json!(4401)),
            "{what}"
        );
        assert_eq!(receive(&mut socket).await, Err(4401), "{what}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn t01_another_teens_true_token_is_no_renewal() {
    let provider = Provider::start().await;
    for address in ["mia@example.org", "noa@example.org"] {
        provider.talking_teen(address).await;
    }
    let mia = provider.sign_in("mia@example.org", PASSWORD).await.unwrap();
    let noa = provider.sign_in("noa@example.org", PASSWORD).await.unwrap();
    let mut socket = provider.world.socket(&mia.access).await.unwrap();
    send(&mut socket, &hello()).await;
    until(&mut socket, "disclosure").await;
    send(&mut socket, &json!({"type": "auth", "token": noa.access})).await;
    until(&mut socket, "error").await;
    assert_eq!(receive(&mut socket).await, Err(4403));
}

#[tokio::test(flavor = "multi_thread")]
async fn t01_a_token_ends_with_its_hour() {
    let provider = Provider::start().await;
    provider.talking_teen("mia@example.org").await;
    let tokens = provider.sign_in("mia@example.org", PASSWORD).await.unwrap();
    provider.wait(Duration::from_millis(3_599_999));
    assert_eq!(
        provider.get("/v1/me", &tokens.access).await.0,
        StatusCode::OK
    );
    provider.wait(Duration::from_millis(1));
    let (status_code, body) = provider.get("/v1/me", &tokens.access).await;
    assert_eq!(status_code, StatusCode::UNAUTHORIZED);
    assert_eq!(body["error"]["code"], "token_expired");
    assert_eq!(status(provider.world.socket(&tokens.access).await), 401);
    let (name, sentence) = provider.user(&tokens.access).await.unwrap_err();
    assert_eq!(name, "NotAuthorizedException");
    assert!(sentence.contains("expired"));
    // The refresh token lives on, for 30 days.
    let renewed = provider.refresh(&tokens.refresh).await.unwrap();
    assert!(provider.user(&renewed).await.is_ok());
    provider.wait(HOUR * 24 * 30);
    assert_eq!(
        name_of_refresh(&provider, &tokens.refresh).await,
        "NotAuthorizedException"
    );
}

async fn name_of_refresh(provider: &Provider, token: &str) -> String {
    name(provider.refresh(token).await)
}

/// A megabyte where a token belongs is refused early, and the server goes on.
#[tokio::test(flavor = "multi_thread")]
async fn t01_a_token_of_a_megabyte_is_refused() {
    let provider = Provider::start().await;
    provider.talking_teen("mia@example.org").await;
    let huge = "A".repeat(1 << 20);
    let (status, _) = provider
        .raw("GetUser", json!({"AccessToken": huge}).to_string())
        .await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    let good = provider.sign_in("mia@example.org", PASSWORD).await.unwrap();
    let mut socket = provider.world.socket(&good.access).await.unwrap();
    send(&mut socket, &hello()).await;
    until(&mut socket, "disclosure").await;
    let frame = json!({"type": "auth", "token": huge});
    // The server may be gone before the last byte is sent.
    futures_util::SinkExt::send(
        &mut socket,
        tokio_tungstenite::tungstenite::Message::text(frame.to_string()),
    )
    .await
    .ok();
    let code = loop {
        match receive(&mut socket).await {
            Ok(_) => {}
            Err(code) => break code,
        }
    };
    assert!([1_009, 1_006].contains(&code), "{code}");
    // In a header it does not even fit; the connection may be cut while it is still being sent.
    match provider.world.socket(&huge).await {
        Err(tokio_tungstenite::tungstenite::Error::Http(response)) => {
            assert!(response.status().is_client_error());
        }
        Err(_cut) => {}
        Ok(_) => panic!("the socket opened"),
    }
    assert!(provider.user(&good.access).await.is_ok());
}
