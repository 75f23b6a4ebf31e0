//! What Apple tells by itself: consents taken back, accounts deleted.

use std::time::Duration;

use innerworld_core::{
    identity::{
        account::AccountState,
        consent::{MemoryMode, Purpose, granted},
    },
    ids::TeenId,
};
use innerworld_testkit::apple::{
    BUNDLE_ID,
    store::{ChainFault, StoreDouble},
};
use reqwest::StatusCode;
use serde_json::json;

use super::house::{House, MIA, NOA, claims};
use crate::{
    identity::provider::{PASSWORD, Tokens, name},
    talk::{settled, status},
    world::{Socket, receive},
};

/// The id of an app transaction.
const FAMILY: &str = "704289572311513293";

async fn close_code(socket: &mut Socket) -> u16 {
    loop {
        if let Err(code) = receive(socket).await {
            return code;
        }
    }
}

fn teen(tokens: &Tokens) -> TeenId {
    TeenId::from_verified_subject(claims(&tokens.access)["sub"].as_str().unwrap()).unwrap()
}

impl House {
    /// Somebody who may talk, and let a company read along.
    async fn talking(&self, subject: &str) -> Tokens {
        let tokens = self.sign_in(subject).await;
        let world = &self.provider.world;
        world.admit(teen(&tokens), MemoryMode::Off).await;
        world
            .consent_to(teen(&tokens), (Purpose::ExtractionModel, "Acme"), true)
            .await;
        tokens
    }

    async fn state(&self, teen: TeenId) -> Option<AccountState> {
        let account = self.provider.world.stores.accounts().by_id(teen).await;
        account.unwrap().map(|account| account.state)
    }

    async fn is_suspended(&self, tokens: &Tokens) {
        let teen = teen(tokens);
        assert_eq!(self.state(teen).await, Some(AccountState::Suspended));
        let world = &self.provider.world;
        assert_eq!(status(world.socket(&tokens.access).await), 401);
        let (refused, _) = self.provider.get("/v1/me", &tokens.access).await;
        assert_eq!(refused, StatusCode::UNAUTHORIZED);
        assert!(self.provider.refresh(&tokens.refresh).await.is_err());
        let records = world.stores.consents().list(teen).await.unwrap();
        let version = world
            .app
            .services
            .catalogue
            .version(Purpose::ExtractionModel);
        assert!(granted(&records, Purpose::ExtractionModel, "Acme", version).is_none());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consent_that_was_revoked_at_apple_suspends_the_account() {
    let house = House::start().await;
    let mia = house.talking(MIA).await;
    let noa = house.talking(NOA).await;
    let mut socket = settled(&house.provider.world, &mia.access).await;
    let payload = house.apple.notification("one", "consent-revoked", MIA);
    let body = json!({"payload": payload});
    assert_eq!(house.notify(&body).await, StatusCode::OK);
    let closed = tokio::time::timeout(Duration::from_secs(60), close_code(&mut socket)).await;
    assert_eq!(closed.unwrap(), 4_403);
    house.is_suspended(&mia).await;
    let again = house.arrive(MIA).await;
    assert_eq!(again.error(), "access_denied");
    let why = again.told("error_description").unwrap();
    assert!(why.starts_with("account_suspended"), "{why}");
    // Nobody else is touched, and a repeat changes nothing.
    settled(&house.provider.world, &noa.access).await;
    assert_eq!(house.notify(&body).await, StatusCode::OK);
    let house = house.restart().await;
    assert_eq!(house.notify(&body).await, StatusCode::OK);
    house.is_suspended(&mia).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_from_before_the_suspension_gives_no_tokens() {
    let house = House::start().await;
    let code = house.code(MIA).await;
    let payload = house.apple.notification("one", "consent-revoked", MIA);
    assert_eq!(
        house.notify(&json!({"payload": payload})).await,
        StatusCode::OK
    );
    assert_eq!(house.exchange(&code, &[]).await.error(), "invalid_grant");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revocation_is_not_refused_for_its_age() {
    let house = House::start().await;
    let mia = house.talking(MIA).await;
    let payload = house.apple.notification("one", "consent-revoked", MIA);
    house.wait(3 * 365 * 24 * 3_600);
    assert_eq!(
        house.notify(&json!({"payload": payload})).await,
        StatusCode::OK
    );
    assert_eq!(house.state(teen(&mia)).await, Some(AccountState::Suspended));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_was_deleted_at_apple_is_erased_once() {
    for (number, kind) in ["account-delete", "account-deleted"].iter().enumerate() {
        let house = House::start().await;
        let mia = house.talking(MIA).await;
        let mut socket = settled(&house.provider.world, &mia.access).await;
        let payload = house.apple.notification(&format!("{number}"), kind, MIA);
        let body = json!({"payload": payload});
        assert_eq!(house.notify(&body).await, StatusCode::OK);
        assert_eq!(close_code(&mut socket).await, 4_403);
        assert_eq!(house.state(teen(&mia)).await, None);
        house.revoked(1).await;
        house.erased().await;
        // The same person comes back; the old message, sent again, is not about the new account.
        let again = house.sign_in(MIA).await;
        assert_eq!(house.notify(&body).await, StatusCode::OK);
        assert_eq!(
            house.state(teen(&again)).await,
            Some(AccountState::Confirmed)
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_apple_did_not_sign_changes_nothing() {
    let house = House::start().await;
    let mia = house.talking(MIA).await;
    for kind in ["consent-revoked", "account-delete"] {
        for (what, forged) in house.apple.forged_notifications(kind, MIA) {
            let status = house.notify(&json!({"payload": forged})).await;
            let refused = matches!(status, StatusCode::UNAUTHORIZED | StatusCode::BAD_REQUEST);
            assert!(refused, "{what}: {status}");
        }
    }
    let good = house.apple.notification("one", "consent-revoked", MIA);
    for wrong in [
        json!({}),
        json!([]),
        json!({"payload": ""}),
        json!({"payload": 1}),
        json!({"payload": "a.b.c"}),
        json!({"payload": "a".repeat(200_000)}),
        json!({"payload": "a".repeat(120_000)}),
        json!({"payload": good, "signedPayload": good}),
        json!({"signedPayload": good}),
    ] {
        let status = house.notify(&wrong).await;
        let refused = matches!(status, StatusCode::UNAUTHORIZED | StatusCode::BAD_REQUEST);
        assert!(refused, "{wrong}: {status}");
    }
    assert_eq!(house.state(teen(&mia)).await, Some(AccountState::Confirmed));
    let (status, _) = house.provider.get("/v1/me", &mia.access).await;
    assert_eq!(status, StatusCode::OK);
    for (kind, subject) in [
        ("email-disabled", MIA),
        ("consent-revoked", "000000.nobody"),
    ] {
        let payload = house.apple.notification(kind, kind, subject);
        assert_eq!(
            house.notify(&json!({"payload": payload})).await,
            StatusCode::OK
        );
    }
    assert_eq!(house.state(teen(&mia)).await, Some(AccountState::Confirmed));
}

#[tokio::test(flavor = "multi_thread")]
async fn forgeries_are_limited_and_true_messages_are_not() {
    let house = House::start().await;
    for number in 0..610 {
        let payload = house
            .apple
            .notification(&format!("{number}"), "email-enabled", MIA);
        let status = house.notify(&json!({"payload": payload})).await;
        assert_eq!(status, StatusCode::OK, "{number}");
    }
    for _ in 0..600 {
        let status = house.notify(&json!({"payload": "a.b.c"})).await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
    }
    let status = house.notify(&json!({"payload": "a.b.c"})).await;
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
}

impl House {
    /// The app hands over its transaction, signed by this store.
    async fn hand_over(&self, tokens: &Tokens, signed: &str) -> StatusCode {
        let body = json!({"app_transaction": signed});
        self.provider
            .patch("/v1/me/profile", &tokens.access, &body)
            .await
            .0
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parents_withdrawal_suspends_all_who_use_the_app_by_that_transaction() {
    let house = House::start().await;
    let signed = house
        .store
        .app_transaction(BUNDLE_ID, FAMILY, house.now_ms());
    let mia = house.talking(MIA).await;
    let noa = house.talking(NOA).await;
    assert_eq!(house.hand_over(&mia, &signed).await, StatusCode::OK);
    assert_eq!(
        house.hand_over(&mia, &signed).await,
        StatusCode::OK,
        "again"
    );
    // A sister who signed up with an address uses the same device.
    let address = "sam@example.org";
    house.provider.talking_teen(address).await;
    let sam = house.provider.sign_in(address, PASSWORD).await.unwrap();
    assert_eq!(house.hand_over(&sam, &signed).await, StatusCode::OK);
    let mut socket = settled(&house.provider.world, &sam.access).await;
    let notice = house
        .store
        .rescind(BUNDLE_ID, ("uuid-1", FAMILY), house.now_ms());
    let body = json!({"signedPayload": notice});
    // Years later it is still true, though the chain has not been renewed meanwhile.
    house.wait(365 * 24 * 3_600);
    assert_eq!(house.notify(&body).await, StatusCode::OK);
    assert_eq!(close_code(&mut socket).await, 4_403);
    for tokens in [&mia, &sam] {
        assert_eq!(
            house.state(teen(tokens)).await,
            Some(AccountState::Suspended)
        );
    }
    assert_eq!(house.state(teen(&noa)).await, Some(AccountState::Confirmed));
    let refused = house.provider.sign_in(address, PASSWORD).await.map(|_| ());
    assert_eq!(
        refused,
        Err(("NotAuthorizedException".into(), "User is disabled.".into()))
    );
    assert_eq!(house.notify(&body).await, StatusCode::OK, "again");
}

/// Notices that the store did not sign, or not for this app.
fn forged(
    house: &House,
    stranger: &StoreDouble,
    (payload, now): (&serde_json::Value, i64),
) -> Vec<(&'static str, String)> {
    let ids = ("uuid-1", FAMILY);
    let inner = |signed: String| {
        let mut payload = payload.clone();
        payload["appData"]["signedAppTransactionInfo"] = json!(signed);
        house.store.sign(&payload)
    };
    let two = &house.store.chain()[..2];
    let swapped = [
        stranger.chain()[0].clone(),
        house.store.chain()[1].clone(),
        house.store.root(),
    ];
    let mut untold = payload.clone();
    untold["appData"] = json!({"bundleId": BUNDLE_ID});
    let mut cases = vec![
        ("a stranger's chain", stranger.rescind(BUNDLE_ID, ids, now)),
        (
            "another app",
            house.store.rescind("org.example.other", ids, now),
        ),
        (
            "a stranger's signature",
            stranger.sign_under(&house.store, payload),
        ),
        (
            "two certificates",
            house.store.sign_with(two, "ES256", payload),
        ),
        (
            "a signer of another authority",
            stranger.sign_with(&swapped, "ES256", payload),
        ),
        (
            "another algorithm",
            house.store.sign_with(house.store.chain(), "RS256", payload),
        ),
        (
            "no algorithm",
            house.store.sign_with(house.store.chain(), "none", payload),
        ),
        (
            "no certificates",
            house.store.sign_with(&[], "ES256", payload),
        ),
        ("no transaction", house.store.sign(&untold)),
        (
            "a stranger's transaction",
            inner(stranger.app_transaction(BUNDLE_ID, FAMILY, now)),
        ),
        (
            "a transaction of another app",
            inner(
                house
                    .store
                    .app_transaction("org.example.other", FAMILY, now),
            ),
        ),
        (
            "Sign in with Apple's key",
            house.apple.notification("x", "consent-revoked", MIA),
        ),
    ];
    cases.push(("a letter changed", cases[1].1.replacen('A', "B", 1)));
    cases
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_store_did_not_sign_for_this_app_changes_nothing() {
    let house = House::start().await;
    let now = house.now_ms();
    let mia = house.talking(MIA).await;
    let good = house.store.app_transaction(BUNDLE_ID, FAMILY, now);
    assert_eq!(house.hand_over(&mia, &good).await, StatusCode::OK);
    let stranger = StoreDouble::default();
    let payload = json!({
        "notificationType": "RESCIND_CONSENT", "notificationUUID": "uuid-1", "signedDate": now,
        "appData": {"bundleId": BUNDLE_ID, "signedAppTransactionInfo": good},
    });
    for (what, signed) in forged(&house, &stranger, (&payload, now)) {
        let status = house.notify(&json!({"signedPayload": signed})).await;
        let refused = matches!(status, StatusCode::UNAUTHORIZED | StatusCode::BAD_REQUEST);
        assert!(refused, "{what}: {status}");
    }
    assert_eq!(house.state(teen(&mia)).await, Some(AccountState::Confirmed));
    for signed in [
        stranger.app_transaction(BUNDLE_ID, FAMILY, now),
        house
            .store
            .app_transaction("org.example.other", FAMILY, now),
        "a.b.c".to_owned(),
    ] {
        assert_eq!(
            house.hand_over(&mia, &signed).await,
            StatusCode::BAD_REQUEST
        );
    }
    // Other notifications are taken and change nothing.
    let other = json!({"notificationType": "TEST", "notificationUUID": "uuid-2",
        "data": {"bundleId": BUNDLE_ID}, "signedDate": now});
    let body = json!({"signedPayload": house.store.sign(&other)});
    assert_eq!(house.notify(&body).await, StatusCode::OK);
    assert_eq!(name(house.provider.user(&mia.access).await), "accepted");
}

/// Chains to the right root that are not for this.
#[test]
fn a_chain_must_be_for_the_app_store_and_valid_when_it_signed() {
    use innerworld_core::{
        clock::Timestamp,
        identity::apple::{Untrusted, store_notice::StoreTrust},
    };
    let at = |text| Timestamp::parse_rfc3339(text).unwrap();
    let now = at("2026-11-26T12:00:00Z");
    let signed = |fault: Option<ChainFault>, at: Timestamp| {
        let store = StoreDouble::new(fault);
        let trust = StoreTrust::new(&store.root(), BUNDLE_ID).unwrap();
        let notice = store.rescind(BUNDLE_ID, ("uuid", FAMILY), at.as_millis());
        trust
            .notice(&notice, now)
            .map(|notice| notice.rescinded.is_some())
    };
    assert_eq!(signed(None, now), Ok(true));
    for fault in [
        ChainFault::UnmarkedSigner,
        ChainFault::UnmarkedAuthority,
        ChainFault::NoAuthority,
        ChainFault::Ended,
    ] {
        assert_eq!(signed(Some(fault), now), Err(Untrusted::Chain), "{fault:?}");
    }
    // Signed while the certificate was good, and delivered long after.
    assert_eq!(
        signed(Some(ChainFault::Ended), at("2020-06-01T00:00:00Z")),
        Ok(true)
    );
    assert_eq!(
        signed(None, at("2019-06-01T00:00:00Z")),
        Err(Untrusted::Chain)
    );
}
