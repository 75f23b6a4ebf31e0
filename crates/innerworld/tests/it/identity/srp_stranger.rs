//! T12 for sign-in by SRP: whoever asks cannot tell whether there is an account, and guesses are
//! counted as those of passwords are.

use std::time::Duration;

use futures_util::future::join_all;
use innerworld_server::cognito::Computations;
use num_bigint::BigUint;
use serde_json::{Value, json};

use super::{
    provider::{PASSWORD, Provider, Refused, name},
    srp::prime,
    srp_challenge::{Asked, respond, sign_in},
};

const KNOWN: &str = "mia@example.org";
const UNKNOWN: &str = "maya@example.org";
const WRONG: &str = "Incorrect username or password.";

/// The names of all fields, and how long their values are. Numbers may lack leading zeros.
fn shape(value: &Value) -> Vec<(String, usize)> {
    let fields = value.as_object().unwrap().iter();
    fields
        .map(|(name, value)| {
            let text = value.as_str().unwrap();
            let length = match name.as_str() {
                "SALT" => text.len().div_ceil(8),
                "SRP_B" => text.len().div_ceil(128),
                _ => text.len(),
            };
            (name.clone(), length)
        })
        .collect()
}

/// A challenge and a wrong answer to it, with what each made the server compute.
async fn watched(provider: &Provider, address: &str) -> (Value, Refused, [Computations; 2]) {
    let cognito = &provider.world.cognito;
    let before = cognito.computations();
    let asked = Asked::new(provider, address).await.unwrap();
    let between = cognito.computations();
    let now = provider.world.app.now();
    let answer = respond(provider, asked.answer(provider, "not the password", now)).await;
    let after = cognito.computations();
    let costs = [(before, between), (between, after)].map(|(from, to)| Computations {
        hashes: to.hashes - from.hashes,
        exponentiations: to.exponentiations - from.exponentiations,
    });
    (asked.parameters, answer.unwrap_err(), costs)
}

#[tokio::test(flavor = "multi_thread")]
async fn t12_known_and_unknown_get_the_same_answers_for_the_same_work() {
    let provider = Provider::start().await;
    provider.teen(KNOWN).await;
    provider
        .sign_up("max@example.org", json!([]))
        .await
        .unwrap();
    let unknown = watched(&provider, UNKNOWN).await;
    let [asked, answered] = &unknown.2;
    assert_eq!((asked.hashes, asked.exponentiations), (0, 1));
    assert_eq!((answered.hashes, answered.exponentiations), (0, 3));
    for address in [KNOWN, "max@example.org"] {
        let known = watched(&provider, address).await;
        assert_eq!(shape(&known.0), shape(&unknown.0), "{address}");
        assert_eq!((&known.1, &known.2), (&unknown.1, &unknown.2), "{address}");
    }
    assert_eq!(unknown.1.1, WRONG);
}

/// Salt, subject and B are the same whenever and however often one asks, for somebody unknown as
/// for an account: what changed from call to call would tell.
#[tokio::test(flavor = "multi_thread")]
async fn t12_what_is_shown_of_somebody_stays_the_same() {
    let mut provider = Provider::start().await;
    provider.teen(KNOWN).await;
    for address in [KNOWN, UNKNOWN] {
        let first = Asked::new(&provider, address).await.unwrap();
        let subject = first.text("USER_ID_FOR_SRP").to_owned();
        assert_eq!(first.text("USERNAME"), subject);
        assert_eq!(subject.as_bytes()[14], b'4', "a UUID of version 4");
        provider = provider.restart().await;
        for again in [address, &address.to_uppercase(), &subject] {
            let asked = Asked::new(&provider, again).await.unwrap();
            for field in ["SALT", "SRP_B", "USER_ID_FOR_SRP", "USERNAME"] {
                assert_eq!(asked.text(field), first.text(field), "{again} {field}");
            }
            assert_ne!(asked.text("SECRET_BLOCK"), first.text("SECRET_BLOCK"));
        }
    }
}

/// In this group every second wrong password can be told from B, and B alone, to be wrong: a B that
/// is new each time would let somebody who only asks sort out a list of passwords.
#[tokio::test(flavor = "multi_thread")]
async fn t12_challenges_do_not_sort_out_passwords() {
    let provider = Provider::start().await;
    provider.teen(KNOWN).await;
    let mut values = std::collections::BTreeSet::new();
    for _ in 0..9 {
        let asked = Asked::new(&provider, KNOWN).await.unwrap();
        values.insert(asked.text("SRP_B").to_owned());
    }
    assert_eq!(values.len(), 1);
    // The weakness itself: the generator is a square.
    let (prime, one) = (prime(), BigUint::from(1_u32));
    let half: BigUint = (&prime - &one) / 2_u32;
    assert_eq!(BigUint::from(2_u32).modpow(&half, &prime), one);
}

/// A subject from a challenge must not tell by way of another call what the challenge does not.
#[tokio::test(flavor = "multi_thread")]
async fn t12_a_subject_tells_no_more_than_its_address() {
    let provider = Provider::start().await;
    provider.teen(KNOWN).await;
    provider.wait(Duration::from_secs(3_600));
    let asking = [KNOWN, UNKNOWN].map(async |address| {
        let asked = Asked::new(&provider, address).await.unwrap();
        let subject = asked.text("USERNAME").to_owned();
        let mut all = Vec::new();
        // Limits count an address and its subject as one, so both end together.
        for round in 0..11 {
            let named = if round % 2 == 0 { &subject } else { address };
            let wrong = provider.sign_in(named, "not the password").await;
            all.push(wrong.map(|_| Value::Null));
            for operation in ["ForgotPassword", "ResendConfirmationCode"] {
                all.push(provider.call(operation, json!({"Username": named})).await);
            }
            let body = json!({"Username": named, "ConfirmationCode": "123"});
            all.push(provider.call("ConfirmSignUp", body).await);
        }
        all
    });
    let [known, unknown]: [Vec<_>; 2] = join_all(asking).await.try_into().unwrap();
    assert_eq!(known, unknown);
    assert!(known.iter().any(|one| {
        one.as_ref()
            .is_err_and(|(_, sentence)| sentence == "Password attempts exceeded")
    }));
    assert_eq!(provider.world.mails.to(UNKNOWN), 0);
}

/// Ten tries, whichever way: a challenge is one as soon as it is asked for.
#[tokio::test(flavor = "multi_thread")]
async fn t12_both_ways_to_sign_in_share_ten_tries() {
    let provider = Provider::start().await;
    provider.teen(KNOWN).await;
    let exceeded = (
        "NotAuthorizedException".to_owned(),
        "Password attempts exceeded".to_owned(),
    );
    for address in [KNOWN, UNKNOWN] {
        let early = Asked::new(&provider, address).await.unwrap();
        for _ in 0..3 {
            assert_eq!(
                name(provider.sign_in(address, "not it").await),
                "NotAuthorizedException"
            );
            let refused = sign_in(&provider, address, "not the password").await;
            assert_eq!(refused.unwrap_err().1, WRONG);
            Asked::new(&provider, address).await.map(drop).unwrap();
        }
        assert_eq!(
            sign_in(&provider, address, PASSWORD).await.unwrap_err(),
            exceeded
        );
        let refused = provider.sign_in(address, PASSWORD).await;
        assert_eq!(refused.map(drop).unwrap_err(), exceeded);
        // Counted when it was asked for, so that it may still be answered.
        let answer = early.answer(&provider, PASSWORD, provider.world.app.now());
        assert_eq!(respond(&provider, answer).await.is_ok(), address == KNOWN);
    }
    // Which took the wrong ones back.
    assert!(sign_in(&provider, KNOWN, PASSWORD).await.is_ok());
    provider.wait(Duration::from_secs(15 * 60));
    assert!(Asked::new(&provider, UNKNOWN).await.is_ok());
}

/// As right passwords: a school signs in from one address.
#[tokio::test(flavor = "multi_thread")]
async fn t12_one_address_asks_for_two_hundred_challenges_that_nobody_answers() {
    let provider = Provider::start().await;
    provider.teen(KNOWN).await;
    assert!(sign_in(&provider, KNOWN, PASSWORD).await.is_ok());
    let names: Vec<String> = (0..210)
        .map(|number| format!("t{number}@example.org"))
        .collect();
    let asking = names.iter().map(|address| Asked::new(&provider, address));
    let refused = join_all(asking)
        .await
        .into_iter()
        .filter_map(Result::err)
        .count();
    assert_eq!(refused, 10);
}
