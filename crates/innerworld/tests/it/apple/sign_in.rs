//! Signing in, from the app through the browser and back.

use innerworld_core::ids::TeenId;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::house::{APP, CHALLENGE, House, MIA, NOA, SITE, VERIFIER, claims, tokens};
use crate::{
    identity::provider::Provider,
    talk::status,
    world::{receive, send},
};
use innerworld_testkit::apple::CLIENT_ID;

fn subject(token: &str) -> TeenId {
    TeenId::from_verified_subject(claims(token)["sub"].as_str().unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn from_the_app_through_the_browser_and_back() {
    let house = House::start().await;
    let begun = house.begin(&[]).await;
    assert_eq!(begun.status, StatusCode::FOUND);
    let location = begun.location.clone().unwrap();
    let authorize = format!("{}/auth/authorize?", house.apple.issuer());
    assert!(location.starts_with(&authorize), "{location}");
    let told = |name: &str| begun.told(name).unwrap_or_default();
    assert_eq!(told("client_id"), CLIENT_ID);
    assert_eq!(told("response_type"), "code");
    assert_eq!(told("response_mode"), "form_post");
    let back = format!("{}/oauth2/idpresponse", house.base());
    assert_eq!(told("redirect_uri"), back);
    assert_eq!(told("scope"), "", "no name and no address is asked for");
    assert_ne!(told("state"), "the app's state", "ours");
    assert_ne!(told("nonce"), "the app's nonce", "ours");

    let code = house.apple.sign_in(MIA, &told("nonce"));
    let name = json!({"name": {"firstName": "Mia", "lastName": "Marker"}}).to_string();
    let form = [
        ("state", told("state")),
        ("code", code),
        ("user", name),
        ("id_token", "not.read.here".to_owned()),
    ];
    let form = form.each_ref().map(|(key, value)| (*key, value.as_str()));
    let arrived = house.answer(&form).await;
    assert_eq!(arrived.status, StatusCode::FOUND, "{arrived:?}");
    let location = arrived.location.clone().unwrap();
    assert!(location.starts_with(&format!("{APP}?code=")), "{location}");
    assert_eq!(arrived.told("state").unwrap(), "the app's state");

    let code = arrived.told("code").unwrap();
    let answer = house.exchange(&code, &[]).await;
    assert_eq!(answer.body["token_type"], "Bearer");
    assert_eq!(answer.body["expires_in"], 3_600);
    let tokens = tokens(&answer);
    let id = claims(&tokens.id);
    assert_eq!(id["nonce"], "the app's nonce");
    assert_eq!(id["cognito:username"], format!("SignInWithApple_{MIA}"));
    assert_eq!(id["email"], Value::Null, "Apple's address is not taken");
    let access = claims(&tokens.access);
    assert_eq!(access["token_use"], "access");
    assert_eq!(access["username"], format!("SignInWithApple_{MIA}"));
    let (status, me) = house.provider.get("/v1/me", &tokens.access).await;
    assert_eq!(
        (status, &me["state"]),
        (StatusCode::OK, &json!("profile_incomplete"))
    );
    assert_eq!(me["name"], Value::Null, "nobody's name is kept");
}

/// As it is with an address: without a birth date nobody talks.
#[tokio::test(flavor = "multi_thread")]
async fn without_a_profile_the_handshake_is_refused_and_with_one_it_opens() {
    let house = House::start().await;
    let signed_in = house.sign_in(MIA).await;
    let world = &house.provider.world;
    assert_eq!(status(world.socket(&signed_in.access).await), 403);
    let (_, ticket) = house.provider.post("/v1/tickets", &signed_in.access).await;
    let ticket = ticket["ticket"].as_str().unwrap();
    assert_eq!(status(world.socket_by_ticket(ticket).await), 403);
    let profile = json!({"birth_date": "2011-05-05", "country": "US", "locale": "en-US",
        "time_zone": "America/New_York", "name": "Mia"});
    let path = "/v1/me/profile";
    let (done, me) = house
        .provider
        .patch(path, &signed_in.access, &profile)
        .await;
    assert_eq!(done, StatusCode::OK, "{me}");
    assert_eq!(
        status(world.socket(&signed_in.access).await),
        403,
        "no terms yet"
    );
    let teen = subject(&signed_in.access);
    let memory = innerworld_core::identity::consent::MemoryMode::Off;
    world.admit(teen, memory).await;
    let mut socket = world.socket(&signed_in.access).await.unwrap();
    send(&mut socket, &crate::talk::hello()).await;
    assert_eq!(receive(&mut socket).await.unwrap()["type"], "welcome");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_again_is_the_same_and_who_else_comes_is_another() {
    let house = House::start().await;
    let first = subject(&house.sign_in(MIA).await.access);
    let again = subject(&house.sign_in(MIA).await.access);
    let other = subject(&house.sign_in(NOA).await.access);
    assert_eq!(first, again);
    assert_ne!(first, other);
    let house = house.restart().await;
    assert_eq!(subject(&house.sign_in(MIA).await.access), first);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_first_sign_ins_at_once_make_one_account() {
    let house = House::start().await;
    let (one, other) = tokio::join!(house.sign_in(MIA), house.sign_in(MIA));
    assert_eq!(subject(&one.access), subject(&other.access));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_by_query_and_another_address_of_the_app_do_as_well() {
    let house = House::start().await;
    let begun = house
        .begin(&[("redirect_uri", SITE), ("nonce", "-"), ("scope", "-")])
        .await;
    let code = house.apple.sign_in(MIA, &begun.told("nonce").unwrap());
    let state = begun.told("state").unwrap();
    let fields = [("state", state.as_str()), ("code", code.as_str())];
    let arrived = house.answer_by_query(&fields).await;
    let location = arrived.location.clone().unwrap();
    assert!(location.starts_with(&format!("{SITE}&code=")), "{location}");
    let code = arrived.told("code").unwrap();
    let signed_in = tokens(&house.exchange(&code, &[("redirect_uri", SITE)]).await);
    assert_eq!(claims(&signed_in.id)["nonce"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_in_the_middle_loses_nobody() {
    let house = House::start().await;
    let (state, code) = house.at_apple(MIA).await;
    let house = house.restart().await;
    let arrived = house.answer(&[("state", &state), ("code", &code)]).await;
    let code = arrived.told("code").unwrap();
    let house = house.restart().await;
    tokens(&house.exchange(&code, &[]).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_renewed_and_given_back_in_both_ways() {
    let house = House::start().await;
    let signed_in = house.sign_in(MIA).await;
    let renewal = [
        ("grant_type", "refresh_token"),
        ("refresh_token", signed_in.refresh.as_str()),
    ];
    let answer = house.post_token(&renewal).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    assert_eq!(answer.body["refresh_token"], Value::Null);
    let renewed = answer.body["access_token"].as_str().unwrap().to_owned();
    let by_api = house.provider.refresh(&signed_in.refresh).await.unwrap();
    for token in [&renewed, &by_api] {
        assert_eq!(house.provider.get("/v1/me", token).await.0, StatusCode::OK);
    }
    assert_eq!(house.give_back(&signed_in.refresh).await, StatusCode::OK);
    assert_eq!(house.give_back("unknown").await, StatusCode::OK);
    for token in [&renewed, &by_api, &signed_in.access] {
        let (status, _) = house.provider.get("/v1/me", token).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(house.post_token(&renewal).await.error(), "invalid_grant");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_out_ends_a_sign_in_with_apple_too() {
    let house = House::start().await;
    let signed_in = house.sign_in(MIA).await;
    let (status, _) = house
        .provider
        .post("/v1/me/sign-out", &signed_in.access)
        .await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    let (status, _) = house.provider.get("/v1/me", &signed_in.access).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_cancels_comes_back_with_that() {
    let house = House::start().await;
    let (state, _) = house.at_apple(MIA).await;
    let fields = [
        ("state", state.as_str()),
        ("error", "user_cancelled_authorize"),
    ];
    let arrived = house.answer(&fields).await;
    assert_eq!(arrived.error(), "access_denied");
    let why = arrived.told("error_description").unwrap();
    assert!(why.starts_with("user_cancelled_authorize"), "{why}");
    assert_eq!(arrived.told("state").unwrap(), "the app's state");
    assert_eq!(house.answer(&fields).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_are_told_whether_it_is_on() {
    let house = House::start().await;
    let (_, client) = house.provider.get("/v1/client", "").await;
    assert_eq!(client["sign_in_with_apple"], true);
    let pool = house.provider.world.cognito.pool().id.clone();
    let path = format!("/{pool}/.well-known/openid-configuration");
    let (_, document) = house.provider.get(&path, "").await;
    let base = house.base();
    assert_eq!(document["token_endpoint"], format!("{base}/oauth2/token"));
    assert_eq!(
        document["code_challenge_methods_supported"],
        json!(["S256"])
    );

    let off = Provider::start().await;
    let (_, client) = off.get("/v1/client", "").await;
    assert_eq!(client["sign_in_with_apple"], false);
    let authorize = format!("/oauth2/authorize?code_challenge={CHALLENGE}");
    for path in [authorize.as_str(), "/oauth2/idpresponse?state=a"] {
        assert_eq!(off.get(path, "").await.0, StatusCode::NOT_FOUND, "{path}");
    }
    for path in ["/oauth2/token", "/oauth2/revoke", "/v1/webhooks/apple"] {
        let body = json!({"code_verifier": VERIFIER});
        let (status, _) = off.post_json(path, "", &body).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn other_methods_are_refused() {
    let house = House::start().await;
    for (method, path) in [
        ("POST", "/oauth2/authorize"),
        ("PUT", "/oauth2/idpresponse"),
        ("GET", "/oauth2/token"),
        ("GET", "/oauth2/revoke"),
        ("GET", "/v1/webhooks/apple"),
    ] {
        let status = house.ask(method, path).await;
        assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
    }
}
