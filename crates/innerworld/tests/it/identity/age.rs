//! The age gate: at sign-up, where a birth date may come along, and at the profile, where it must.

use std::time::Duration;

use innerworld_core::{
    clock::Timestamp,
    identity::{age, profile::AgeBand},
};
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::provider::{PASSWORD, Provider, name};

fn born(date: &str) -> Value {
    json!([{"Name": "birthdate", "Value": date}])
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).unwrap()
}

/// Born on 25 November 2013 (or on a leap day), signing up around the thirteenth birthday. It
/// begins at noon UTC: at midnight of UTC-12, where the day comes last.
const BOUNDARIES: &[(&str, &str, bool)] = &[
    ("2013-11-25", "2026-11-24T12:00:00Z", false),
    ("2013-11-25", "2026-11-25T00:00:00Z", false),
    ("2013-11-25", "2026-11-25T11:59:59.999Z", false),
    ("2013-11-25", "2026-11-25T12:00:00Z", true),
    ("2013-11-25", "2026-11-26T12:00:00Z", true),
    ("2012-02-29", "2025-02-28T23:59:59Z", false),
    ("2012-02-29", "2025-03-01T11:59:59Z", false),
    ("2012-02-29", "2025-03-01T12:00:00Z", true),
    ("2015-03-01", "2028-02-29T12:00:00Z", false),
    ("2015-03-01", "2028-03-01T12:00:00Z", true),
];

#[tokio::test(flavor = "multi_thread")]
async fn the_thirteenth_birthday_at_sign_up() {
    let provider = Provider::start().await;
    for (number, (date, now, passes)) in BOUNDARIES.iter().enumerate() {
        provider.world.clock.set(at(now));
        let address = format!("teen{number}@example.org");
        let answer = provider.sign_up(&address, born(date)).await;
        let expected = if *passes {
            "accepted"
        } else {
            "UserLambdaValidationException"
        };
        assert_eq!(name(answer), expected, "born {date}, signing up at {now}");
        assert_eq!(provider.world.mails.to(&address), usize::from(*passes));
    }
}

fn profile(date: &str) -> Value {
    json!({"birth_date": date, "country": "US", "time_zone": "America/New_York", "locale": "en-US"})
}

#[tokio::test(flavor = "multi_thread")]
async fn the_thirteenth_birthday_at_the_profile() {
    let provider = Provider::start().await;
    for (number, (date, now, passes)) in BOUNDARIES.iter().enumerate() {
        provider.world.clock.set(at(now));
        let address = format!("teen{number}@example.org");
        let teen = provider.teen(&address).await;
        let tokens = provider.sign_in(&address, PASSWORD).await.unwrap();
        let (status, body) = provider
            .patch("/v1/me/profile", &tokens.access, &profile(date))
            .await;
        let case = format!("born {date}, at {now}");
        if *passes {
            assert_eq!(status, StatusCode::OK, "{case}: {body}");
            assert!(!body.to_string().contains(date), "the date is kept");
            let stored = provider.world.stores.profiles().load(teen).await.unwrap();
            assert_eq!(stored.unwrap().band, AgeBand::From13To15, "{case}");
        } else {
            assert_eq!(status, StatusCode::FORBIDDEN, "{case}: {body}");
            // Account and all are gone at once, and the address is refused.
            assert!(provider.user(&tokens.access).await.is_err());
            assert_eq!(
                name(provider.sign_in(&address, PASSWORD).await),
                "NotAuthorizedException"
            );
            let again = provider.sign_up(&address, born("2000-01-01")).await;
            assert_eq!(name(again), "UserLambdaValidationException", "{case}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_address_is_refused_for_thirty_days() {
    let provider = Provider::start().await;
    provider.world.clock.set(at("2026-11-01T12:00:00Z"));
    let child = provider
        .sign_up("mia@example.org", born("2013-11-25"))
        .await;
    assert_eq!(name(child), "UserLambdaValidationException");
    // Older by a lie, without a date, in other letters.
    for (address, attributes) in [
        ("mia@example.org", born("2000-01-01")),
        ("mia@example.org", json!([])),
        (" MIA@Example.org", json!([])),
    ] {
        let again = provider.sign_up(address, attributes).await;
        assert_eq!(name(again), "UserLambdaValidationException");
    }
    // Somebody else is not.
    assert!(provider.sign_up("noa@example.org", json!([])).await.is_ok());
    provider.wait(Duration::from_millis(30 * 24 * 3_600_000 - 1));
    let again = provider.sign_up("mia@example.org", json!([])).await;
    assert_eq!(name(again), "UserLambdaValidationException");
    provider.wait(Duration::from_millis(1));
    // Thirteen by now.
    let born = born("2013-11-25");
    assert!(provider.sign_up("mia@example.org", born).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_date_is_no_way_past() {
    let provider = Provider::start().await;
    for (number, date) in [
        "",
        "2013",
        "25.11.2013",
        "2013-02-30",
        "2031-01-01",
        "1800-01-01",
    ]
    .iter()
    .enumerate()
    {
        let address = format!("teen{number}@example.org");
        let answer = provider.sign_up(&address, born(date)).await;
        assert_eq!(name(answer), "InvalidParameterException", "{date}");
        assert_eq!(provider.world.mails.to(&address), 0);
    }
    // Two dates: the younger counts, in whichever order.
    for (number, dates) in [["2000-01-01", "2020-01-01"], ["2020-01-01", "2000-01-01"]]
        .iter()
        .enumerate()
    {
        let attributes: Vec<_> = dates
            .iter()
            .map(|date| json!({"Name": "birthdate", "Value": date}))
            .collect();
        let address = format!("two{number}@example.org");
        let answer = provider.sign_up(&address, json!(attributes)).await;
        assert_eq!(name(answer), "UserLambdaValidationException", "{dates:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_age_is_given_once() {
    let provider = Provider::start().await;
    provider.teen("mia@example.org").await;
    let tokens = provider.sign_in("mia@example.org", PASSWORD).await.unwrap();
    let path = "/v1/me/profile";
    let (status, _) = provider
        .patch(path, &tokens.access, &profile("2011-05-05"))
        .await;
    assert_eq!(status, StatusCode::OK);
    for change in [profile("2000-05-05"), json!({"age_band": "18+"})] {
        let (status, _) = provider.patch(path, &tokens.access, &change).await;
        assert_eq!(status, StatusCode::CONFLICT);
    }
    // Not even by moving to where one must be older.
    let (status, _) = provider
        .patch(path, &tokens.access, &json!({"country": "DE"}))
        .await;
    assert_eq!(status, StatusCode::CONFLICT);
}

/// The band rises at midnight of UTC-12 on the first of the month after the birthday.
#[tokio::test(flavor = "multi_thread")]
async fn the_band_rises_by_date() {
    let facts = age::from_birth_date("2010-12-15", "US", at("2026-11-25T12:00:00Z")).unwrap();
    let band = |now| age::band_now(facts.band, facts.next_band_on.as_deref(), at(now));
    assert_eq!(band("2027-01-01T11:59:59.999Z"), AgeBand::From13To15);
    assert_eq!(band("2027-01-01T12:00:00Z"), AgeBand::From16To17);
}
