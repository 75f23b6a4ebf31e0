//! What is wrong at any step, and what comes of it: nothing.

use std::time::Duration;

use innerworld_testkit::apple::Misbehaviour;
use reqwest::StatusCode;

use super::house::{APP, CHALLENGE, House, MIA, SITE, VERIFIER, tokens};

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_sent_to_an_address_that_was_not_configured() {
    let house = House::start().await;
    for uri in [
        "-",
        "",
        "https://evil.example.org/",
        "org.example.app://signed-in/",
        "org.example.app://signed-in/../other",
        "org.example.app://signed-in#x",
        "ORG.example.app://signed-in",
        "https://app.example.org/in",
        "https://app.example.org/in?via=apple&next=https://evil.example.org",
        "https://app.example.org@evil.example.org/in?via=apple",
    ] {
        let answer = house.begin(&[("redirect_uri", uri)]).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{uri}");
        assert_eq!(answer.location, None, "{uri}");
    }
    let answer = house.begin(&[("client_id", "another")]).await;
    assert_eq!(
        (answer.status, answer.location),
        (StatusCode::BAD_REQUEST, None)
    );
    let twice = format!("/oauth2/authorize?redirect_uri={APP}&redirect_uri=https://evil.example");
    assert_eq!(house.ask("GET", &twice).await, StatusCode::BAD_REQUEST);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_request_goes_back_to_the_app_with_what_is_wrong() {
    let house = House::start().await;
    let long = "a".repeat(1_025);
    for (name, value, error) in [
        ("response_type", "token", "unsupported_response_type"),
        ("response_type", "-", "unsupported_response_type"),
        ("code_challenge", "-", "invalid_request"),
        ("code_challenge", "short", "invalid_request"),
        ("code_challenge_method", "plain", "invalid_request"),
        ("code_challenge_method", "-", "invalid_request"),
        ("state", "-", "invalid_request"),
        ("state", long.as_str(), "invalid_request"),
        ("nonce", long.as_str(), "invalid_request"),
        ("scope", "openid everything", "invalid_scope"),
        ("identity_provider", "Google", "invalid_request"),
        ("identity_provider", "-", "invalid_request"),
    ] {
        let answer = house.begin(&[(name, value)]).await;
        assert_eq!(answer.status, StatusCode::FOUND, "{name}");
        assert!(answer.location.as_ref().unwrap().starts_with(APP), "{name}");
        assert_eq!(answer.error(), error, "{name}={value}");
        if name != "state" {
            assert_eq!(answer.told("state").unwrap(), "the app's state");
        }
    }
    assert_eq!(house.apple.calls(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_is_good_once_and_for_ten_minutes() {
    let house = House::start().await;
    let (state, code) = house.at_apple(MIA).await;
    let fields = [("state", state.as_str()), ("code", code.as_str())];
    assert!(house.answer(&fields).await.told("code").is_some());
    let again = house.answer(&fields).await;
    assert_eq!(
        (again.status, again.location),
        (StatusCode::BAD_REQUEST, None)
    );
    let (state, code) = house.at_apple(MIA).await;
    house.wait(600);
    let late = house.answer(&[("state", &state), ("code", &code)]).await;
    assert_eq!(
        (late.status, late.location),
        (StatusCode::BAD_REQUEST, None)
    );
    let (state, code) = house.at_apple(MIA).await;
    house.wait(599);
    assert!(
        house
            .answer(&[("state", &state), ("code", &code)])
            .await
            .told("code")
            .is_some()
    );
    for state in ["", "made up"] {
        let answer = house.answer(&[("state", state), ("code", "code")]).await;
        assert_eq!(
            (answer.status, answer.location),
            (StatusCode::BAD_REQUEST, None)
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_cannot_be_read_is_refused() {
    let house = House::start().await;
    let (state, code) = house.at_apple(MIA).await;
    let twice = [("state", state.as_str()), ("code", &code), ("code", &code)];
    assert_eq!(house.answer(&twice).await.status, StatusCode::BAD_REQUEST);
    let large = "a".repeat(20_000);
    let large = [("state", state.as_str()), ("user", &large)];
    assert_eq!(house.answer(&large).await.status, StatusCode::BAD_REQUEST);
    // Neither used it up.
    assert!(
        house
            .answer(&[("state", &state), ("code", &code)])
            .await
            .told("code")
            .is_some()
    );
    let (state, _) = house.at_apple(MIA).await;
    assert_eq!(
        house.answer(&[("state", &state)]).await.error(),
        "access_denied"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_apple_that_misbehaves_signs_nobody_in() {
    let house = House::start().await;
    for (how, error) in [
        (Misbehaviour::WrongNonce, "access_denied"),
        (Misbehaviour::NoNonce, "access_denied"),
        (Misbehaviour::WrongAudience, "access_denied"),
        (Misbehaviour::WrongIssuer, "access_denied"),
        (Misbehaviour::Expired, "access_denied"),
        (Misbehaviour::Early, "access_denied"),
        (Misbehaviour::AlgNone, "access_denied"),
        (Misbehaviour::Hs256WithPublicKey, "access_denied"),
        (Misbehaviour::UnknownKid, "access_denied"),
        (Misbehaviour::StolenKid, "access_denied"),
        (Misbehaviour::OddSubject, "access_denied"),
        (Misbehaviour::RefusesCode, "access_denied"),
        (Misbehaviour::Garbage, "temporarily_unavailable"),
        (Misbehaviour::Endless, "temporarily_unavailable"),
        (Misbehaviour::Redirects, "temporarily_unavailable"),
        (Misbehaviour::Fails, "temporarily_unavailable"),
    ] {
        house.apple.misbehave(how);
        let arrived = house.arrive(MIA).await;
        assert_eq!(arrived.status, StatusCode::FOUND, "{how:?}");
        assert_eq!(arrived.told("code"), None, "{how:?}");
        assert_eq!(arrived.error(), error, "{how:?}");
        house.wait(61);
    }
    let name = format!("SignInWithApple_{MIA}");
    let accounts = house.provider.world.stores.accounts();
    assert_eq!(accounts.by_email(&name).await.unwrap(), None);
    // A slow one does.
    house
        .apple
        .misbehave(Misbehaviour::Slow(Duration::from_millis(300)));
    house.sign_in(MIA).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_apple_did_not_give_for_this_sign_in_is_refused() {
    let house = House::start().await;
    // Somebody puts the code of their own sign-in behind the state of another's.
    let (_, thiefs) = house.at_apple("000001.thief").await;
    let (state, _) = house.at_apple(MIA).await;
    let arrived = house.answer(&[("state", &state), ("code", &thiefs)]).await;
    assert_eq!(arrived.error(), "access_denied");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_unknown_keys_reads_the_key_set_once_a_minute() {
    let house = House::start().await;
    house.apple.misbehave(Misbehaviour::UnknownKid);
    for _ in 0..20 {
        assert_eq!(house.arrive(MIA).await.error(), "access_denied");
    }
    assert_eq!(house.apple.key_reads(), 1);
    house.wait(59);
    house.arrive(MIA).await;
    assert_eq!(house.apple.key_reads(), 1);
    house.wait(1);
    house.arrive(MIA).await;
    assert_eq!(house.apple.key_reads(), 2);
    // Who has a known key is not held up.
    house.apple.misbehave(None);
    house.sign_in(MIA).await;
    assert_eq!(house.apple.key_reads(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_good_for_its_app_alone() {
    let house = House::start().await;
    let other = VERIFIER.replacen('d', "e", 1);
    for changes in [
        [("code_verifier", other.as_str())],
        [("code_verifier", CHALLENGE)],
        [("code_verifier", "")],
        [("redirect_uri", SITE)],
        [("redirect_uri", "")],
    ] {
        let code = house.code(MIA).await;
        let answer = house.exchange(&code, &changes).await;
        assert_eq!(answer.error(), "invalid_grant", "{changes:?}");
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        // It is used up: nobody tries verifiers.
        assert_eq!(house.exchange(&code, &[]).await.error(), "invalid_grant");
    }
    let code = house.code(MIA).await;
    let answer = house.exchange(&code, &[("client_id", "another")]).await;
    assert_eq!(answer.error(), "invalid_client");
    let answer = house.exchange(&code, &[("grant_type", "password")]).await;
    assert_eq!(answer.error(), "unsupported_grant_type");
    tokens(&house.exchange(&code, &[]).await);
    for code in ["", "made up", &"a".repeat(600)] {
        assert_eq!(house.exchange(code, &[]).await.error(), "invalid_grant");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_good_for_five_minutes() {
    let house = House::start().await;
    let code = house.code(MIA).await;
    house.wait(300);
    assert_eq!(house.exchange(&code, &[]).await.error(), "invalid_grant");
    let code = house.code(MIA).await;
    house.wait(299);
    tokens(&house.exchange(&code, &[]).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_use_of_a_code_takes_back_what_the_first_was_given() {
    let house = House::start().await;
    let code = house.code(MIA).await;
    let first = tokens(&house.exchange(&code, &[]).await);
    assert_eq!(
        house.provider.get("/v1/me", &first.access).await.0,
        StatusCode::OK
    );
    let second = house.exchange(&code, &[]).await;
    assert_eq!(second.error(), "invalid_grant");
    let (status, _) = house.provider.get("/v1/me", &first.access).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert!(house.provider.refresh(&first.refresh).await.is_err());
    // Another sign-in of the same teen is not touched.
    let other = house.sign_in(MIA).await;
    house.exchange(&code, &[]).await;
    assert_eq!(
        house.provider.get("/v1/me", &other.access).await.0,
        StatusCode::OK
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn of_uses_at_once_none_keeps_its_tokens() {
    let house = House::start().await;
    let code = house.code(MIA).await;
    let uses = (0..6).map(|_| house.exchange(&code, &[]));
    let answers = futures_util::future::join_all(uses).await;
    let good: Vec<_> = answers
        .iter()
        .filter(|one| one.status == StatusCode::OK)
        .collect();
    assert_eq!(good.len(), 1);
    let (status, _) = house.provider.get("/v1/me", &tokens(good[0]).access).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_begins_so_many_sign_ins_in_an_hour() {
    let house = House::start().await;
    for _ in 0..300 {
        assert_eq!(house.begin(&[]).await.status, StatusCode::FOUND);
    }
    let answer = house.begin(&[]).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    house.wait(3_600);
    assert_eq!(house.begin(&[]).await.status, StatusCode::FOUND);
}
