//! Accounts of Apple beside accounts of addresses, and the age gate before both.

use innerworld_core::{clock::Timestamp, ids::TeenId};
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::house::{House, MIA, NOA, claims};
use crate::identity::provider::{PASSWORD, name};

/// The address that the double writes into every id token.
const ADDRESS: &str = "mia@example.org";

fn teen(token: &str) -> TeenId {
    TeenId::from_verified_subject(claims(token)["sub"].as_str().unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_of_the_same_address_stays_its_own() {
    let house = House::start().await;
    let provider = &house.provider;
    // Apple first: the address is nobody's.
    let of_apple = teen(&house.sign_in(MIA).await.access);
    let of_address = provider.teen(ADDRESS).await;
    assert_ne!(of_apple, of_address);
    let by_password = provider.sign_in(ADDRESS, PASSWORD).await.unwrap();
    assert_eq!(teen(&by_password.access), of_address);
    // And the address first: whoever comes from Apple with it is somebody else, and is told nothing.
    let other = house.sign_in(NOA).await;
    assert_ne!(teen(&other.access), of_address);
    assert_ne!(teen(&other.access), of_apple);
    let (_, me) = provider.get("/v1/me", &other.access).await;
    assert_eq!(me["state"], "profile_incomplete");
    assert!(!me.to_string().contains(ADDRESS));
    let user = provider.user(&other.access).await.unwrap();
    assert_eq!(user["Username"], format!("SignInWithApple_{NOA}"));
    assert!(!user.to_string().contains(ADDRESS));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_of_apple_has_no_password_and_gets_no_mail() {
    let house = House::start().await;
    let provider = &house.provider;
    let of_apple = teen(&house.sign_in(MIA).await.access);
    let unknown = TeenId::from_subject_bits(7);
    for username in [
        format!("SignInWithApple_{MIA}"),
        of_apple.to_string(),
        unknown.to_string(),
    ] {
        let signed_in = provider.sign_in(&username, PASSWORD).await;
        assert_eq!(name(signed_in), "NotAuthorizedException", "{username}");
        let forgot = provider
            .call("ForgotPassword", json!({"Username": username}))
            .await;
        assert!(forgot.is_ok(), "{username}: as for anybody");
        let body = json!({"Username": username, "ConfirmationCode": "123456",
            "Password": PASSWORD});
        let confirmed = provider.call("ConfirmForgotPassword", body).await;
        assert_eq!(name(confirmed), "CodeMismatchException", "{username}");
        assert_eq!(provider.world.mails.to(&username), 0);
    }
    assert_eq!(provider.world.mails.to(""), 0);
    // Nobody takes its name by signing up with it.
    let taken = provider
        .sign_up(&format!("SignInWithApple_{MIA}"), json!([]))
        .await;
    assert_eq!(name(taken), "InvalidParameterException");
}

fn born(date: &str) -> Value {
    json!({"birth_date": date, "country": "US", "time_zone": "America/New_York",
        "locale": "en-US"})
}

/// Born on 25 November 2013: the birthday begins at noon UTC, at midnight of UTC-12.
#[tokio::test(flavor = "multi_thread")]
async fn the_thirteenth_birthday_counts_for_accounts_of_apple() {
    let house = House::start().await;
    for (number, now, passes) in [
        (0, "2026-11-24T12:00:00Z", false),
        (1, "2026-11-25T11:59:59.999Z", false),
        (2, "2026-11-25T12:00:00Z", true),
        (3, "2026-11-26T12:00:00Z", true),
    ] {
        let now = Timestamp::parse_rfc3339(now).unwrap();
        house.provider.world.clock.set(now);
        let signed_in = house.sign_in(&format!("00000{number}.birthday")).await;
        let path = "/v1/me/profile";
        let (status, body) = house
            .provider
            .patch(path, &signed_in.access, &born("2013-11-25"))
            .await;
        let expected = if passes {
            StatusCode::OK
        } else {
            StatusCode::FORBIDDEN
        };
        assert_eq!(status, expected, "{number}: {body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_too_young_is_refused_for_thirty_days_and_nothing_is_kept() {
    let house = House::start().await;
    let start = Timestamp::parse_rfc3339("2026-11-01T12:00:00Z").unwrap();
    house.provider.world.clock.set(start);
    let child = house.sign_in(MIA).await;
    let path = "/v1/me/profile";
    let (status, _) = house
        .provider
        .patch(path, &child.access, &born("2013-11-25"))
        .await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    let (status, _) = house.provider.get("/v1/me", &child.access).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    for seconds in [0, 30 * 24 * 3_600 - 1] {
        house.provider.world.clock.set(start);
        house.wait(seconds);
        let again = house.arrive(MIA).await;
        assert_eq!(again.error(), "access_denied");
        let why = again.told("error_description").unwrap();
        assert!(why.starts_with("age_requirement"), "{why}");
    }
    house.erased().await;
    // Somebody else is not, and after a month the same person may be thirteen.
    house.sign_in(NOA).await;
    house.wait(1);
    let now = house.sign_in(MIA).await;
    let (status, _) = house
        .provider
        .patch(path, &now.access, &born("2013-11-25"))
        .await;
    assert_eq!(status, StatusCode::OK);
    // What Apple gave to those who were refused was given back.
    house.revoked(3).await;
}
