//! The same forgeries at servers that check less, and a flood of keys that nobody has.

use std::{sync::Arc, time::Duration};

use innerworld_core::{
    clock::{Clock as _, Timestamp},
    identity::token::{TokenError, TokenVerifier},
};
use innerworld_embedded::{Embedded, OsIds};
use innerworld_server::cognito::{KeyRing, Pool, verify::LocalTokenVerifier};
use innerworld_testkit::{
    FakeClock,
    reference::Reference,
    scripted_model::ScriptedModel,
    weakened::{AsksForEveryKey, BelievesAll},
};
use reqwest::StatusCode;
use serde_json::json;

use super::{
    forgery::{hostile, unsigned},
    provider::{PASSWORD, Provider},
};
use crate::{
    talk::{hello, until},
    world::{World, receive, send, settings},
};

const HOUR: Duration = Duration::from_secs(3_600);
/// Tokens of a flood.
const FLOOD: u32 = 5_000;

/// A server that believes what this verifier believes.
async fn believing(verifier: Arc<dyn TokenVerifier>) -> Provider {
    let clock = Arc::new(FakeClock::default());
    let stores = Embedded::in_memory(Arc::clone(&clock) as _, Arc::new(OsIds)).unwrap();
    let parts = (Arc::new(ScriptedModel::saying("hello")) as _, settings());
    let world = World::build(stores, clock, parts, |services, _cognito| {
        services.verifier = verifier;
    });
    Provider::at(world.await)
}

/// What stops the forgeries is the check of signature and claims.
#[tokio::test(flavor = "multi_thread")]
async fn t01_where_nothing_is_checked_the_forgeries_get_in() {
    let provider = believing(Arc::new(BelievesAll)).await;
    provider.talking_teen("mia@example.org").await;
    let mut in_with = Vec::new();
    for (what, token) in hostile(&provider).await {
        let (status, _) = provider.get("/v1/me", &token).await;
        if status == StatusCode::OK {
            assert!(provider.world.socket(&token).await.is_ok(), "{what}");
            in_with.push(what);
        }
    }
    for what in [
        "alg none",
        "an id token",
        "an unknown key",
        "a known key's name",
        "another issuer",
        "another client",
        "the use of an id token",
        "not valid yet",
        "a session that never was",
        "without its signature",
        "HS256 with the key's DER form",
    ] {
        assert!(in_with.contains(&what), "{what}: {in_with:?}");
    }
}

/// Its end closes a socket on which nobody says anything, after it was announced.
#[tokio::test(flavor = "multi_thread")]
async fn t01_a_token_that_ends_closes_a_silent_socket_within_a_minute() {
    let provider = Provider::start().await;
    provider.talking_teen("mia@example.org").await;
    let tokens = provider.sign_in("mia@example.org", PASSWORD).await.unwrap();
    let mut socket = provider.world.socket(&tokens.access).await.unwrap();
    send(&mut socket, &hello()).await;
    until(&mut socket, "disclosure").await;
    provider.wait(Duration::from_secs(3_570));
    let told = until(&mut socket, "auth.expiring").await.pop().unwrap();
    assert_eq!(told["expires_in_s"], 30);
    provider.wait(Duration::from_secs(30));
    let error = until(&mut socket, "error").await.pop().unwrap();
    assert_eq!(error["code"], "token_expired");
    assert_eq!(receive(&mut socket).await, Err(4401));
}

#[tokio::test(flavor = "multi_thread")]
async fn t01_where_no_end_is_read_the_socket_stays_open() {
    let provider = believing(Arc::new(BelievesAll)).await;
    provider.talking_teen("mia@example.org").await;
    let tokens = provider.sign_in("mia@example.org", PASSWORD).await.unwrap();
    let mut socket = provider.world.socket(&tokens.access).await.unwrap();
    send(&mut socket, &hello()).await;
    until(&mut socket, "disclosure").await;
    provider.wait(HOUR);
    send(&mut socket, &json!({"type": "ping"})).await;
    until(&mut socket, "pong").await;
}

/// Tokens that name keys which do not exist, each another one; how many calls of the store they
/// cost `verifier`.
async fn flood(verifier: &dyn TokenVerifier, store: &Reference, now: Timestamp) -> u64 {
    let before = store.calls();
    for number in 0..FLOOD {
        let header = json!({"alg": "RS256", "kid": format!("key-{number}")});
        let token = format!("{}AAAA", unsigned(&header, &json!({"sub": "nobody"})));
        let refused = verifier.verify(&token, now).await;
        assert_eq!(refused.map(drop), Err(TokenError::Invalid));
    }
    store.calls() - before
}

/// Our keys are in RAM: there is no set of somebody else's to read anew.
#[tokio::test(flavor = "multi_thread")]
async fn t01_a_flood_of_unknown_keys_reads_no_store() {
    let (store, now) = (Arc::new(Reference::new()), FakeClock::default().now());
    let ring = KeyRing::open(Arc::clone(&store) as _, Arc::new(OsIds), now);
    let pool = Pool {
        id: "zz-local-1_pool".to_owned(),
        client_id: "client".to_owned(),
        issuer: "http://127.0.0.1/zz-local-1_pool".to_owned(),
    };
    let (accounts, erasure) = (Arc::clone(&store), Arc::clone(&store));
    let ring = Arc::new(ring.await.unwrap());
    let verifier = LocalTokenVerifier::new(pool, ring, accounts, erasure);
    assert_eq!(flood(&verifier, &store, now).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn t01_a_verifier_that_asks_for_every_key_pays_for_the_flood() {
    let (store, now) = (Arc::new(Reference::new()), FakeClock::default().now());
    let verifier = AsksForEveryKey::new(Arc::clone(&store) as _);
    assert_eq!(flood(&verifier, &store, now).await, u64::from(FLOOD));
}
