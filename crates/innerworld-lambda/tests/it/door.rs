//! Who is let in.

use std::{sync::Arc, time::Duration};

use aws_lc_rs::digest;
use innerworld_aws::{CognitoTokenVerifier, UserPool};
use innerworld_core::{
    clock::Clock as _,
    identity::{
        account::Ticket,
        consent::{ConsentStore as _, Purpose},
        consents::Catalogue,
        profile::ProfileStore as _,
    },
    ids::TeenId,
};
use innerworld_lambda::authorizer::Door;
use innerworld_testkit::{
    FakeClock,
    records::{NOW, Records},
    reference::Reference,
    user_pool::{CLIENT_ID, POOL_ID, UserPoolDouble},
};

use crate::world::{Denied, denying, handshake};

const TEEN: TeenId = TeenId::from_subject_bits(7);

struct Setting {
    pool: UserPoolDouble,
    stores: Arc<Reference>,
    clock: Arc<FakeClock>,
    records: Records,
    door: Door,
}

impl Setting {
    async fn new(denied: Denied) -> Self {
        let pool = UserPoolDouble::start().await;
        let stores = Arc::new(Reference::new());
        let clock = Arc::new(FakeClock::default());
        let of = UserPool::new(POOL_ID, CLIENT_ID).unwrap();
        let of = of.reached_at(&pool.endpoint()).unwrap();
        let door = Door {
            verifier: Arc::new(CognitoTokenVerifier::new(of, denying(denied)).unwrap()),
            tickets: stores.clone(),
            denied: denying(denied),
            profiles: stores.clone(),
            consents: stores.clone(),
            catalogue: Catalogue::shipped(Vec::new()).unwrap(),
            clock: clock.clone(),
        };
        Self {
            pool,
            stores,
            clock,
            records: Records::named("door"),
            door,
        }
    }

    async fn complete(&self) {
        let profile = self.records.profile();
        self.stores.put(TEEN, &profile).await.unwrap();
    }

    async fn agree(&self) {
        let mut terms = self.records.consent(Purpose::Terms, 0);
        let version = self.door.catalogue.version(Purpose::Terms);
        version.clone_into(&mut terms.text_version);
        self.stores.append(TEEN, &[terms]).await.unwrap();
    }

    async fn try_in(&self, headers: &[(&str, &str)], ticket: Option<&str>) -> &'static str {
        match self.door.admit(&handshake(headers, ticket)).await {
            Ok(claims) => {
                assert_eq!(claims.teen, TEEN);
                "in"
            }
            Err(refusal) => refusal.as_str(),
        }
    }

    async fn with_token(&self) -> &'static str {
        let token = format!("Bearer {}", self.pool.token(TEEN, self.clock.now()));
        self.try_in(&[("Authorization", &token)], None).await
    }

    async fn buy_ticket(&self, name: &str, origin: &str) {
        let mut hash = [0; 32];
        hash.copy_from_slice(digest::digest(&digest::SHA256, name.as_bytes()).as_ref());
        let ticket = Ticket {
            hash,
            origin: origin.to_owned(),
            ..self.records.ticket(TEEN, NOW.plus(Duration::from_secs(30)))
        };
        innerworld_core::identity::account::TicketStore::put(&*self.stores, &ticket)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn profile_and_terms_are_needed() {
    let setting = Setting::new(Denied::Nobody).await;
    assert_eq!(setting.with_token().await, "profile_incomplete");
    setting.complete().await;
    assert_eq!(setting.with_token().await, "consent_required");
    let old = setting.records.consent(Purpose::Terms, 0);
    let old = innerworld_core::identity::consent::ConsentRecord {
        text_version: "an earlier text".to_owned(),
        ..old
    };
    setting.stores.append(TEEN, &[old]).await.unwrap();
    assert_eq!(setting.with_token().await, "consent_required");
    setting.agree().await;
    assert_eq!(setting.with_token().await, "in");
}

#[tokio::test]
async fn the_token_is_taken_from_the_header_then_from_the_sub_protocols() {
    let setting = Setting::new(Denied::Nobody).await;
    setting.complete().await;
    setting.agree().await;
    let token = setting.pool.token(TEEN, NOW);
    let header = format!("Bearer {token}");
    let offered = format!("innerworld.v1, bearer.{token}");
    assert_eq!(
        setting.try_in(&[("authorization", &header)], None).await,
        "in"
    );
    assert_eq!(
        setting
            .try_in(&[("Sec-WebSocket-Protocol", &offered)], None)
            .await,
        "in"
    );
    let both = [
        ("AUTHORIZATION", "Bearer x"),
        ("sec-websocket-protocol", &*offered),
    ];
    assert_eq!(setting.try_in(&both, None).await, "token_invalid");
    for nothing in ["", "Basic abc", "bearer x"] {
        let header = [("authorization", nothing)];
        assert_eq!(
            setting.try_in(&header, None).await,
            "no_credential",
            "{nothing}"
        );
    }
    // A token in the URL is none.
    assert_eq!(setting.try_in(&[], Some(&token)).await, "ticket_invalid");
    assert_eq!(setting.try_in(&[], None).await, "no_credential");
}

#[tokio::test]
async fn a_ticket_counts_once_for_half_a_minute_from_its_origin() {
    let setting = Setting::new(Denied::Nobody).await;
    setting.complete().await;
    setting.agree().await;
    let origin = "https://app.example.org";
    let from = [("Origin", origin)];
    setting.buy_ticket("one", origin).await;
    assert_eq!(setting.try_in(&from, Some("one")).await, "in");
    assert_eq!(setting.try_in(&from, Some("one")).await, "ticket_invalid");
    setting.buy_ticket("two", origin).await;
    let elsewhere = [("Origin", "https://evil.example")];
    assert_eq!(
        setting.try_in(&elsewhere, Some("two")).await,
        "ticket_invalid"
    );
    setting.buy_ticket("three", origin).await;
    assert_eq!(setting.try_in(&[], Some("three")).await, "ticket_invalid");
    setting.buy_ticket("four", origin).await;
    setting.clock.advance(Duration::from_secs(30));
    assert_eq!(setting.try_in(&from, Some("four")).await, "ticket_invalid");
    let long = "a".repeat(129);
    assert_eq!(setting.try_in(&from, Some(&long)).await, "ticket_invalid");
}

#[tokio::test]
async fn who_signed_out_stays_out_and_what_is_unknown_lets_nobody_in() {
    let later = NOW.plus(Duration::from_secs(1));
    for (denied, token, ticket) in [
        (Denied::Before(later), "token_revoked", "token_revoked"),
        (Denied::Unknown, "unavailable", "unavailable"),
    ] {
        let setting = Setting::new(denied).await;
        setting.complete().await;
        setting.agree().await;
        assert_eq!(setting.with_token().await, token);
        setting.buy_ticket("one", "").await;
        assert_eq!(setting.try_in(&[], Some("one")).await, ticket);
    }
}
