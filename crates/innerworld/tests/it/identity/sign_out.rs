//! Signing out, revoking and deleting end what is open, wherever it is in its life.

use innerworld_core::ids::TeenId;
use reqwest::StatusCode;
use serde_json::json;

use super::provider::{PASSWORD, Provider, Tokens, name};
use crate::{
    talk::{hello, status, until},
    world::{Socket, receive, send},
};

const MIA: &str = "mia@example.org";

async fn signed_in() -> (Provider, TeenId, Tokens) {
    let provider = Provider::start().await;
    let teen = provider.talking_teen(MIA).await;
    let tokens = provider.sign_in(MIA, PASSWORD).await.unwrap();
    (provider, teen, tokens)
}

async fn open(provider: &Provider, token: &str) -> Socket {
    let mut socket = provider.world.socket(token).await.unwrap();
    send(&mut socket, &hello()).await;
    until(&mut socket, "disclosure").await;
    socket
}

async fn sign_out(provider: &Provider, tokens: &Tokens) {
    let body = json!({"AccessToken": tokens.access});
    provider.call("GlobalSignOut", body).await.unwrap();
}

/// Reads on until the socket closes.
async fn close_code(socket: &mut Socket) -> u16 {
    loop {
        if let Err(code) = receive(socket).await {
            return code;
        }
    }
}

async fn is_out(provider: &Provider, tokens: &Tokens) {
    let (status_code, body) = provider.get("/v1/me", &tokens.access).await;
    assert_eq!(status_code, StatusCode::UNAUTHORIZED);
    assert_eq!(body["error"]["code"], "token_invalid");
    assert_eq!(status(provider.world.socket(&tokens.access).await), 401);
    let renewed = provider.refresh(&tokens.refresh).await;
    assert_eq!(name(renewed), "NotAuthorizedException");
}

#[tokio::test(flavor = "multi_thread")]
async fn t01_signing_out_everywhere_closes_sockets_and_ends_tokens() {
    let (provider, _, tokens) = signed_in().await;
    let other = provider.sign_in(MIA, PASSWORD).await.unwrap();
    let mut socket = open(&provider, &other.access).await;
    sign_out(&provider, &tokens).await;
    assert_eq!(close_code(&mut socket).await, 4_401);
    is_out(&provider, &tokens).await;
    is_out(&provider, &other).await;
    // Whoever knows the password comes back.
    provider.wait(std::time::Duration::from_secs(1));
    let again = provider.sign_in(MIA, PASSWORD).await.unwrap();
    open(&provider, &again.access).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t01_the_route_of_our_own_signs_out_as_well() {
    let (provider, _, tokens) = signed_in().await;
    let mut socket = open(&provider, &tokens.access).await;
    let (status_code, _) = provider.post("/v1/me/sign-out", &tokens.access).await;
    assert_eq!(status_code, StatusCode::NO_CONTENT);
    assert_eq!(close_code(&mut socket).await, 4_401);
    is_out(&provider, &tokens).await;
}

/// A socket that was let in before the sign-out and says hello after it.
#[tokio::test(flavor = "multi_thread")]
async fn t01_a_socket_between_handshake_and_hello_is_not_forgotten() {
    let (provider, _, tokens) = signed_in().await;
    let mut socket = provider.world.socket(&tokens.access).await.unwrap();
    sign_out(&provider, &tokens).await;
    send(&mut socket, &hello()).await;
    let error = until(&mut socket, "error").await.pop().unwrap();
    assert_eq!(
        (&error["code"], &error["close"]),
        (&json!("token_invalid"), &json!(4401))
    );
    assert_eq!(close_code(&mut socket).await, 4_401);
}

#[tokio::test(flavor = "multi_thread")]
async fn t02_a_ticket_does_not_outlive_the_sign_out() {
    let (provider, _, tokens) = signed_in().await;
    let (_, ticket) = provider.post("/v1/tickets", &tokens.access).await;
    let ticket = ticket["ticket"].as_str().unwrap().to_owned();
    sign_out(&provider, &tokens).await;
    assert_eq!(status(provider.world.socket_by_ticket(&ticket).await), 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn t02_a_ticket_works_once() {
    let (provider, _, tokens) = signed_in().await;
    let (_, ticket) = provider.post("/v1/tickets", &tokens.access).await;
    let ticket = ticket["ticket"].as_str().unwrap().to_owned();
    assert!(provider.world.socket_by_ticket(&ticket).await.is_ok());
    assert_eq!(status(provider.world.socket_by_ticket(&ticket).await), 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn t01_a_revoked_refresh_token_takes_its_access_tokens_and_sockets_along() {
    let (provider, _, tokens) = signed_in().await;
    let renewed = provider.refresh(&tokens.refresh).await.unwrap();
    let mut socket = open(&provider, &renewed).await;
    let other = provider.sign_in(MIA, PASSWORD).await.unwrap();
    let body = json!({"Token": tokens.refresh});
    provider.call("RevokeToken", body).await.unwrap();
    assert_eq!(close_code(&mut socket).await, 4_401);
    is_out(&provider, &tokens).await;
    assert_eq!(
        provider.get("/v1/me", &renewed).await.0,
        StatusCode::UNAUTHORIZED
    );
    // The other device comes back with its own token.
    open(&provider, &other.access).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t01_a_new_password_by_mail_ends_everything_that_the_old_one_began() {
    let (provider, _, tokens) = signed_in().await;
    let mut socket = open(&provider, &tokens.access).await;
    provider
        .call("ForgotPassword", json!({"Username": MIA}))
        .await
        .unwrap();
    let code = provider.world.mails.newest(MIA);
    let body =
        json!({"Username": MIA, "ConfirmationCode": code, "Password": "meadow cloud compass"});
    provider.call("ConfirmForgotPassword", body).await.unwrap();
    assert_eq!(close_code(&mut socket).await, 4_401);
    is_out(&provider, &tokens).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t01_a_deleted_account_is_nobody() {
    let (provider, teen, tokens) = signed_in().await;
    let mut socket = open(&provider, &tokens.access).await;
    let body = json!({"AccessToken": tokens.access});
    provider.call("DeleteUser", body).await.unwrap();
    assert_eq!(close_code(&mut socket).await, 4_403);
    is_out(&provider, &tokens).await;
    let signed_in = provider.sign_in(MIA, PASSWORD).await;
    assert_eq!(name(signed_in), "NotAuthorizedException");
    assert_eq!(
        provider.world.stores.accounts().by_id(teen).await.unwrap(),
        None
    );
}
