//! What Apple tells of people whose accounts are in the user pool.

use std::sync::Arc;

use innerworld_core::identity::consent::Purpose;
use innerworld_testkit::apple::{AppleDouble, BUNDLE_ID, CLIENT_ID};
use serde_json::json;

use super::{Api, Asked, NAME, closed, signed};
use crate::{
    functions::TEEN,
    place::wall_clock,
    privacy::WallClock,
    talk::{Deployed, opened},
};

const SUBJECT: &str = "000123.abc";

fn names() -> String {
    format!("{CLIENT_ID},{BUNDLE_ID}")
}

/// The function, known to this Apple by these names.
async fn told<'a>(deployed: &'a Deployed, apple: &AppleDouble, names: &str) -> Api<'a> {
    let (place, service) = (&deployed.place, &deployed.service);
    let also = [
        ("APPLE_CLIENT_IDS", names.to_owned()),
        ("APPLE_ISSUER", apple.issuer().to_owned()),
    ];
    let gateway = deployed.gateway.management_endpoint();
    let name = format!("SignInWithApple_{SUBJECT}");
    place.pool.federate(TEEN, &name);
    Api::told(place, service, &gateway, &also).await
}

fn news(payload: &str) -> Asked {
    Asked::new("POST", "/v1/webhooks/apple").with(&json!({"payload": payload}))
}

#[tokio::test]
async fn who_takes_back_the_consent_at_apple_is_shut_out_and_keeps_what_they_had() {
    let apple = AppleDouble::start(Arc::new(WallClock)).await;
    let deployed = Deployed::new().await;
    let api = told(&deployed, &apple, &names()).await;
    let mut talking = opened(&deployed).await;
    for (fault, payload) in apple.forged_notifications("consent-revoked", SUBJECT) {
        let told = api.ask(&news(&payload)).await;
        assert!((400..500).contains(&told.status), "{fault}: {told:?}");
    }
    let of_nobody = apple.notification("n-0", "consent-revoked", "000999.zzz");
    assert_eq!(api.ask(&news(&of_nobody)).await.status, 200);
    assert_eq!(deployed.place.pool.signed_out(), [""; 0]);

    let payload = apple.notification("n-1", "consent-revoked", SUBJECT);
    for _again in 0..2 {
        assert_eq!(api.ask(&news(&payload)).await.status, 200);
    }
    let (code, _close) = closed(&mut talking).await;
    assert_eq!(code, "forbidden");
    let place = &deployed.place;
    let name = format!("SignInWithApple_{SUBJECT}");
    assert_eq!(place.pool.signed_out(), [name], "once, though told twice");
    let records = place.aws.consents().list(TEEN).await.unwrap();
    let mut terms = records
        .iter()
        .filter(|record| record.purpose == Purpose::Terms);
    assert!(terms.next_back().is_some_and(|terms| !terms.granted));
    assert_eq!(deployed.refused(wall_clock()).await, 403);
    assert!(place.aws.profiles().load(TEEN).await.unwrap().is_some());
    let written = deployed.service.written(NAME);
    assert!(!written.contains(SUBJECT) && !written.contains("ERROR"));
}

#[tokio::test]
async fn who_deletes_the_account_at_apple_is_erased_here() {
    let apple = AppleDouble::start(Arc::new(WallClock)).await;
    let deployed = Deployed::new().await;
    let api = told(&deployed, &apple, &names()).await;
    let payload = apple.notification("n-2", "account-delete", SUBJECT);
    assert_eq!(api.ask(&news(&payload)).await.status, 200);
    assert_eq!(api.job().await["kind"], "erase");
    let me = signed(&deployed, "GET", "/v1/me", wall_clock());
    assert_eq!(api.ask(&me).await.status, 401);
}

#[tokio::test]
async fn a_deployment_without_apple_has_no_such_route() {
    let apple = AppleDouble::start(Arc::new(WallClock)).await;
    let deployed = Deployed::new().await;
    let api = told(&deployed, &apple, "none").await;
    let payload = apple.notification("n-3", "consent-revoked", SUBJECT);
    assert_eq!(api.ask(&news(&payload)).await.status, 404);
    assert_eq!(apple.calls(), 0, "nobody is asked for keys");
}
