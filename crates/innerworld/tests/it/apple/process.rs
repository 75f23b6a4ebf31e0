//! The whole sign-in through the real process, at the most talkative log level: nothing of it is
//! in the log, in a file or in an address.

use std::sync::Arc;

use innerworld_embedded::SystemClock;
use innerworld_testkit::apple::{AppleDouble, BUNDLE_ID, CLIENT_ID, KEY_ID, TEAM_ID};
use reqwest::{Client, Url, header, redirect::Policy};
use serde_json::{Value, json};

use super::house::{APP, CHALLENGE, VERIFIER, claims};
use crate::{canary::scan::Scanner, serving::Home};

/// How Apple knows the teen of this test, and what else comes with their sign-in.
const SUBJECT: &str = "004417.brackenfoldapple.9035";
const NAME: &str = "Thistlewyn";
const STATE: &str = "quillandra-state";

fn config(apple: &AppleDouble) -> String {
    format!(
        "[telemetry]\nfilter = \"trace\"\n[auth.apple]\nteam_id = \"{TEAM_ID}\"\n\
         key_id = \"{KEY_ID}\"\nclient_id = \"{CLIENT_ID}\"\nbundle_id = \"{BUNDLE_ID}\"\n\
         private_key_file = \"apple.p8\"\nredirect_uris = [\"{APP}\"]\nissuer = \"{}\"\n\
         allow_private = true\n",
        apple.issuer()
    )
}

/// The addresses that the browser is sent to on its way, and the tokens that the app gets.
async fn sign_in(base: &str, client_id: &str, apple: &AppleDouble) -> (Vec<String>, Value) {
    let browser = Client::builder().redirect(Policy::none()).build().unwrap();
    let query = [
        ("response_type", "code"),
        ("client_id", client_id),
        ("redirect_uri", APP),
        ("state", STATE),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
        ("identity_provider", "SignInWithApple"),
    ];
    let url = Url::parse_with_params(&format!("{base}/oauth2/authorize"), query).unwrap();
    let sent = |response: &reqwest::Response| {
        let location = response.headers().get(header::LOCATION).unwrap();
        location.to_str().unwrap().to_owned()
    };
    let begun = browser.get(url).send().await.unwrap();
    let to_apple = sent(&begun);
    let told = |url: &str, name: &str| {
        let url = Url::parse(url).unwrap();
        let found = url.query_pairs().find(|(key, _)| key == name);
        found.unwrap().1.into_owned()
    };
    let code = apple.sign_in(SUBJECT, &told(&to_apple, "nonce"));
    let user = json!({"name": {"firstName": NAME}, "email": "mia@example.org"}).to_string();
    let state = told(&to_apple, "state");
    let form = [("state", state.as_str()), ("code", &code), ("user", &user)];
    let post = |path: &str, form: &[(&str, &str)]| {
        let url = Url::parse_with_params("http://form/", form).unwrap();
        browser
            .post(format!("{base}{path}"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(url.query().unwrap_or_default().to_owned())
            .send()
    };
    let to_app = sent(&post("/oauth2/idpresponse", &form).await.unwrap());
    let code = told(&to_app, "code");
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", client_id),
        ("code", &code),
        ("redirect_uri", APP),
        ("code_verifier", VERIFIER),
    ];
    let answer = post("/oauth2/token", &form).await.unwrap();
    let tokens = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    (vec![to_apple, to_app], tokens)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_leaves_nothing_behind_that_somebody_could_read() {
    let apple = AppleDouble::start(Arc::new(SystemClock)).await;
    let home = Home::new(&config(&apple));
    home.secret("apple.p8", &apple.private_key());
    let server = home.start();
    let (base, client_id) = (server.url("http_url"), server.url("client_id"));
    let (addresses, tokens) = sign_in(&base, &client_id, &apple).await;
    let access = tokens["access_token"].as_str().unwrap();
    let refresh = tokens["refresh_token"].as_str().unwrap();
    assert_eq!(
        claims(access)["username"],
        format!("SignInWithApple_{SUBJECT}")
    );

    let http = Client::builder().build().unwrap();
    let forged = apple.forged_notifications("consent-revoked", SUBJECT);
    for (_, payload) in &forged {
        let body = json!({"payload": payload});
        let request = http.post(format!("{base}/v1/webhooks/apple")).json(&body);
        assert!(request.send().await.unwrap().status().is_client_error());
    }
    // The operator erases for somebody who cannot sign in any more.
    let token = std::fs::read_to_string(home.data().join("admin.token")).unwrap();
    let erase = format!("{}/admin/v1/erase", server.url("admin_url"));
    let subject = claims(access)["sub"].clone();
    for (token, body, expected) in [
        ("wrong", json!({"sub": subject}), 401),
        (token.trim(), json!({"sub": "somebody"}), 400),
        (token.trim(), json!({"sub": subject}), 202),
    ] {
        let request = http.post(&erase).bearer_auth(token).json(&body);
        assert_eq!(request.send().await.unwrap().status().as_u16(), expected);
    }
    let me = http.get(format!("{base}/v1/me")).bearer_auth(access);
    assert_eq!(me.send().await.unwrap().status().as_u16(), 401);
    server.terminate();
    let (status, output) = server.wait();
    assert!(status.success(), "{status}");

    let signature = |token: &str| token.rsplit('.').next().unwrap().to_owned();
    let (access, payload) = (signature(access), signature(&forged[0].1));
    let words = [
        ("the subject at Apple", SUBJECT),
        ("the name", NAME),
        ("the address", "mia@example.org"),
        ("Apple's code", "apple-code-1"),
        ("Apple's refresh token", "refresh-of-apple-code-1"),
        ("our access token", access.as_str()),
        ("our refresh token", refresh),
        ("the verifier", VERIFIER),
        ("the app's state", STATE),
        ("a message to the webhook", payload.as_str()),
    ];
    let text = String::from_utf8_lossy(&output);
    assert!(text.contains("TRACE"), "the log is what it should be");
    let scanner = Scanner::new(&words);
    scanner.clean("the log", &output);
    scanner.clean_folder(&home.data());
    // Of all this the addresses hold the app's own state, and one-time values of ours.
    let scanner = Scanner::new(&words[..8]);
    for address in addresses {
        scanner.clean("an address", address);
    }
}
