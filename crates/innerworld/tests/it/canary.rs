//! No personal data anywhere: a teen's whole life through the real process at the most talkative
//! log level, with words that appear nowhere else, which are then looked for in everything that
//! the process left behind.

mod models;
pub(crate) mod scan;

use innerworld_testkit::hostile_upstream::{HostileUpstream, Script, Wire, response};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::{self, Message, client::IntoClientRequest as _};

use self::scan::{Scanner, holds_code};
use crate::{
    guest::{Answer, Guest, ask, http},
    life::provider,
    serving::{Home, PATIENCE, Serving},
    talk::{message_id, raw, say, until},
    world::{receive, send},
};

const EMAIL: &str = "tamsin.brackenfold@example.org";
const NAME: &str = "Thistlewyn";
const PASSWORD: &str = "Grimblewhip 4417 Oskelvane";
const NEW_PASSWORD: &str = "Marlowinth 9035 Dreschkov";
const WRONG_PASSWORD: &str = "Pellorwight 6621 Fanquist";
/// Somebody in a message who becomes a node of memory.
const FRIEND: &str = "Quillandra";
/// What is said and never becomes more than a turn.
const SAID: &str = "flomberwick juddering";
const JOURNAL: &str = "skendleboth evening";
/// Words of the model.
const ANSWER: &str = "vorquandish lanterns";
/// Quoted by a provider in an error.
const QUOTED: &str = "hexaplindle quote";
const API_KEY: &str = "sk-test-Uxbridlewom8841";
/// In bad frames, bodies, paths, headers and queries.
const TYPED: &str = "brimwexford";
const FALSE_TOKEN: &str = "eyJhbGciOiJSUzI1NiJ9.cragnethorpe.siglawbrooks";
const CONTACT: &str = "ossquint.fell@example.com";

/// A good answer, then every way to fail with words in it; the last goes on for ever.
fn scripts() -> Vec<Script> {
    let body = json!({"error": {"message": QUOTED, "code": 400, "metadata": {"raw": QUOTED}}});
    let fail = |status: &str| {
        response(
            status,
            &["content-type: application/json"],
            body.to_string(),
        )
    };
    let good = Wire::saying(&["I heard of ", &format!("{ANSWER}. "), "Tell me more."]);
    vec![
        good.closing(),
        good.closing(),
        Wire::new()
            .data(json!({"error": {"message": QUOTED}}).to_string())
            .closing(),
        fail("400 Bad Request"),
        response(
            "502 Bad Gateway",
            &["content-type: text/html"],
            format!("<p>{QUOTED}</p>"),
        ),
        fail("500 Internal Server Error"),
    ]
}

/// Everything that was answered with an error, and everything that somebody else could read.
#[derive(Default)]
struct Seen(Vec<(String, String)>);

impl Seen {
    fn refused(&mut self, what: &str, answer: Answer) {
        assert!(
            answer.status >= 400,
            "{what} was not refused: {}",
            answer.text
        );
        self.0.push((format!("the answer to {what}"), answer.text));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn t09_nothing_personal_is_left_anywhere() {
    let upstream = HostileUpstream::start(scripts()).await;
    let home = Home::new(&provider(&upstream, "[telemetry]\nfilter = \"trace\"\n"));
    home.secret("model.key", API_KEY);
    let server = home.start();
    let mut seen = Seen::default();

    let mut teen = Guest::with_password(&server, (EMAIL, PASSWORD), NAME).await;
    let codes = passwords(&home, &mut teen, &mut seen).await;
    let ticket = first_talk(&teen, &mut seen).await;
    let nodes = memory_and_journal(&teen, &mut seen).await;
    second_talk(&teen, &upstream).await;
    nonsense(&teen, &mut seen).await;
    let words = words(&teen, &ticket);
    let scanner = Scanner::new(&words);

    // The teen sees all of it; else the test would look for what was never there.
    let export = export(&teen).await;
    for word in [EMAIL, NAME, FRIEND, SAID, ANSWER] {
        assert!(
            export.contains(word),
            "{word} is not in the export: {export}"
        );
    }
    assert!(
        nodes.to_lowercase().contains(&FRIEND.to_lowercase()),
        "{nodes}"
    );
    let asked = upstream.requests();
    assert!(
        asked.len() >= 6,
        "the provider failed in every way: {}",
        asked.len()
    );

    scanner.clean_folder(&home.data());
    readable(&server, &mut seen).await;
    forget_and_erase(&teen, &mut seen).await;
    let arguments = std::fs::read(format!("/proc/{}/cmdline", server.pid()));
    seen.0.push((
        "the arguments".to_owned(),
        String::from_utf8(arguments.unwrap()).unwrap(),
    ));
    server.terminate();
    let (status, output) = server.wait();
    assert!(status.success(), "{status}");

    let text = String::from_utf8_lossy(&output);
    assert!(
        text.contains("TRACE") && text.contains("session ended"),
        "the log is what it should be"
    );
    scanner.clean("the log", &output);
    scanner.clean_folder(&home.data());
    for code in codes {
        assert!(!holds_code(&output, &code), "the log holds a code");
    }
    for (place, text) in seen.0 {
        scanner.clean(&place, text);
    }
    let doctor = home.verb("doctor").output().unwrap();
    scanner.clean("doctor", [doctor.stdout, doctor.stderr].concat());
}

fn words<'a>(teen: &'a Guest, ticket: &'a str) -> Vec<(&'static str, &'a str)> {
    let signature = teen.access.rsplit('.').next().unwrap();
    vec![
        ("the address", EMAIL),
        ("a part of the address", "brackenfold"),
        ("the name", NAME),
        ("the password", PASSWORD),
        ("the new password", NEW_PASSWORD),
        ("a wrong password", WRONG_PASSWORD),
        ("a friend", FRIEND),
        ("what was said", SAID),
        ("a word of it", "flomberwick"),
        ("the journal", JOURNAL),
        ("the answer", ANSWER),
        ("a word of the answer", "vorquandish"),
        ("the provider's words", QUOTED),
        ("the provider's key", API_KEY),
        ("what was typed", TYPED),
        ("a false token", FALSE_TOKEN),
        ("a contact", CONTACT),
        ("the access token", signature),
        ("the refresh token", &teen.refresh),
        ("the ticket", ticket),
    ]
}

/// Wrong and forgotten passwords; the codes that were mailed.
async fn passwords(home: &Home, teen: &mut Guest, seen: &mut Seen) -> Vec<String> {
    seen.refused("a wrong password", teen.try_sign_in(WRONG_PASSWORD).await);
    let mut codes = vec![teen.code.clone()];
    let named = |more: Value| {
        let mut body = json!({"ClientId": teen.client_id, "Username": EMAIL});
        body.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        body
    };
    assert_eq!(
        teen.cognito("ForgotPassword", &named(json!({})))
            .await
            .status,
        200
    );
    let code = newest_code(home);
    let with = |code: &str| named(json!({"ConfirmationCode": code, "Password": NEW_PASSWORD}));
    let wrong = if code == "000000" { "000001" } else { "000000" };
    seen.refused(
        "a wrong code",
        teen.cognito("ConfirmForgotPassword", &with(wrong)).await,
    );
    seen.refused(
        "a code with words",
        teen.cognito("ConfirmForgotPassword", &with(TYPED)).await,
    );
    let done = teen.cognito("ConfirmForgotPassword", &with(&code)).await;
    assert_eq!(done.status, 200, "{}", done.text);
    codes.push(code);
    teen.password = NEW_PASSWORD.into();
    teen.sign_in().await;
    let again = json!({"ClientId": teen.client_id, "Username": EMAIL, "Password": NEW_PASSWORD,
        "UserAttributes": [{"Name": "email", "Value": EMAIL}, {"Name": TYPED, "Value": TYPED}]});
    seen.refused("a second sign-up", teen.cognito("SignUp", &again).await);
    seen.refused("an unknown operation", teen.cognito(TYPED, &again).await);
    seen.refused("a broken body", teen.cognito("SignUp", &json!(TYPED)).await);
    codes
}

/// As the operator of a development server reads it.
fn newest_code(home: &Home) -> String {
    let output = home
        .verb("outbox")
        .args(["--json", "--to", EMAIL])
        .output()
        .unwrap();
    let lines = String::from_utf8(output.stdout).unwrap();
    let newest: Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    newest["code"].as_str().unwrap().to_owned()
}

/// A ticket, a talk with bad frames in it, an end that is remembered. The ticket.
async fn first_talk(teen: &Guest, seen: &mut Seen) -> String {
    let ticket = ask(teen.request(Method::POST, "/v1/tickets")).await.json();
    let ticket = ticket["ticket"].as_str().unwrap().to_owned();
    let mut socket = teen.talking().await;
    for text in [
        format!(r#"{{"type":"message","id":"{TYPED}","text":"{SAID}"}}"#),
        format!(r#"{{"type":"{TYPED}"}}"#),
    ] {
        raw(&mut socket, Message::text(text)).await;
        let error = until(&mut socket, "error").await.pop().unwrap();
        seen.0
            .push(("an error frame".to_owned(), error.to_string()));
    }
    let text = format!("my best friend {FRIEND} says {SAID}, write to {CONTACT}");
    say(&mut socket, 1, &text).await;
    until(&mut socket, "turn.end").await;
    say(&mut socket, 1, TYPED).await;
    let error = until(&mut socket, "error").await.pop().unwrap();
    seen.0
        .push(("an error frame".to_owned(), error.to_string()));
    say(
        &mut socket,
        2,
        &format!("i want to visit {FRIEND} in summer"),
    )
    .await;
    until(&mut socket, "turn.end").await;
    send(
        &mut socket,
        &json!({"type": "session.end", "reason": TYPED}),
    )
    .await;
    until(&mut socket, "memory.updated").await;
    ticket
}

/// Looking into memory by name, a correction that is wrong, a journal. The nodes.
async fn memory_and_journal(teen: &Guest, seen: &mut Seen) -> String {
    let nodes = teen
        .get(&format!("/v1/me/memory?view=nodes&q={FRIEND}"))
        .await;
    assert_eq!(nodes.status, 200, "{}", nodes.text);
    teen.get(&format!("/v1/me/memory?view=timeline&true_on={TYPED}"))
        .await;
    seen.refused(
        "an unknown thing",
        teen.get(&format!("/v1/me/memory/node/{TYPED}")).await,
    );
    for path in [
        "/v1/me/memory/forget",
        "/v1/me/memory/corrections",
        "/v1/me/journal",
    ] {
        let body = format!("{{\"text\": \"{TYPED}\", \"{TYPED}\":");
        seen.refused(path, ask(teen.request(Method::POST, path).body(body)).await);
    }
    let entry = json!({"id": message_id(1), "text": JOURNAL});
    let kept = ask(teen.request(Method::POST, "/v1/me/journal").json(&entry)).await;
    assert!(kept.status < 300, "{}", kept.text);
    nodes.text
}

/// Remembered words go to the provider, which fails with words of its own; then a crisis.
async fn second_talk(teen: &Guest, upstream: &HostileUpstream) {
    let mut socket = teen.talking().await;
    let asked = upstream.requests().len();
    for number in 3..=5 {
        say(
            &mut socket,
            number,
            &format!("{FRIEND} called, {SAID} again"),
        )
        .await;
        until(&mut socket, "turn.end").await;
    }
    assert!(upstream.requests().len() > asked);
    say(&mut socket, 6, &format!("{SAID} and i want to kill myself")).await;
    until(&mut socket, "safety.crisis").await;
}

/// Everything wrong that a client can send around the talk.
async fn nonsense(teen: &Guest, seen: &mut Seen) {
    let plain = |path: &str| http().get(format!("{}{path}", teen.base));
    let false_token = plain("/v1/me").bearer_auth(FALSE_TOKEN);
    seen.refused("a false token", ask(false_token).await);
    let access = &teen.access;
    for path in [
        format!("/v1/{TYPED}"),
        format!("/{TYPED}?{TYPED}={TYPED}"),
        format!("/v1/me?token={access}"),
        format!("/v1/me?access_token={FALSE_TOKEN}"),
        format!("/v1/ws?access_token={access}"),
        format!("/v1/ws?ticket={TYPED}"),
        format!("/v1/ws?ticket={TYPED}&ticket={TYPED}"),
        format!("/v1/sessions/{TYPED}"),
        format!("/v1/sessions/{TYPED}/turns?after={TYPED}"),
        format!("/v1/me/exports/{TYPED}"),
        format!("/v1/me/exports/%ff{TYPED}"),
        format!("/v1/dev/code?sub={TYPED}"),
        format!("/v1/dev/code?sub={TYPED}&sub={TYPED}"),
    ] {
        seen.refused(&path.replace(access.as_str(), "…"), ask(plain(&path)).await);
    }
    let signed_in = format!("/v1/sessions?cursor={TYPED}");
    seen.refused("a wrong cursor", teen.get(&signed_in).await);
    for (method, path) in [
        (Method::PATCH, "/v1/me/profile"),
        (Method::PUT, "/v1/me/consents"),
        (Method::PUT, "/v1/me/memory/settings"),
    ] {
        let wrong = json!({"birth_date": TYPED, "country": TYPED, "consents": [{"purpose": TYPED}], "mode": TYPED});
        seen.refused(
            path,
            ask(teen.request(method.clone(), path).json(&wrong)).await,
        );
        // The server need not read all of what it refuses: the answer may be cut off.
        let long = format!("{{\"{TYPED}\":\"{}\"}}", TYPED.repeat(10_000));
        let url = format!("{}{path}", teen.base);
        let request = http().request(method, url).bearer_auth(&teen.access);
        if let Ok(answer) = request.body(long).send().await {
            assert!(answer.status().is_client_error(), "{path}");
            let text = answer.text().await.unwrap_or_default();
            seen.0
                .push((format!("the answer to a long body for {path}"), text));
        }
    }
    seen.refused(
        "a wrong method",
        ask(teen.request(Method::DELETE, &format!("/v1/client?{TYPED}"))).await,
    );
    handshakes(teen, seen).await;
}

async fn handshakes(teen: &Guest, seen: &mut Seen) {
    let bearer = format!("Bearer {}", teen.access);
    let offered = format!("innerworld.v1, bearer.{FALSE_TOKEN}");
    for (authorization, protocol, origin) in [
        (
            format!("Bearer {FALSE_TOKEN}").as_str(),
            "innerworld.v1",
            "https://app.example.org",
        ),
        (TYPED, offered.as_str(), ""),
        (bearer.as_str(), TYPED, ""),
        (
            bearer.as_str(),
            "innerworld.v1",
            "https://brimwexford.example",
        ),
    ] {
        let url = format!("{}/v1/ws", teen.base.replacen("http", "ws", 1));
        let mut request = url.into_client_request().unwrap();
        let headers = request.headers_mut();
        headers.insert("authorization", authorization.parse().unwrap());
        headers.insert("sec-websocket-protocol", protocol.parse().unwrap());
        if !origin.is_empty() {
            headers.insert("origin", origin.parse().unwrap());
        }
        match tokio_tungstenite::connect_async(request).await {
            Err(tungstenite::Error::Http(refused)) => {
                let body = refused.into_body().unwrap_or_default();
                seen.0.push((
                    "a refused handshake".to_owned(),
                    String::from_utf8(body).unwrap(),
                ));
            }
            other => panic!("a handshake was not refused: {}", other.is_ok()),
        }
    }
    // A token that is none, on a live socket.
    let (mut socket, _) = teen.greeted().await;
    send(&mut socket, &json!({"type": "auth", "token": FALSE_TOKEN})).await;
    let error = until(&mut socket, "error").await.pop().unwrap();
    seen.0
        .push(("an error frame".to_owned(), error.to_string()));
    assert_eq!(receive(&mut socket).await, Err(4_401));
}

pub(crate) async fn export(teen: &Guest) -> String {
    let begun = ask(teen.request(Method::POST, "/v1/me/export"))
        .await
        .json();
    let path = format!("/v1/me/exports/{}", begun["id"].as_str().unwrap());
    let export = teen.get(&path).await;
    assert_eq!(export.status, 200, "{}", export.text);
    export.text
}

/// What an operator, or anybody, can read while the server runs.
async fn readable(server: &Serving, seen: &mut Seen) {
    let metrics = format!("{}/metrics", server.url("admin_url"));
    let base = server.url("http_url");
    let public = [
        "/health",
        "/healthz",
        "/readyz",
        "/v1/client",
        "/v1/personas",
        "/v1/protocol",
    ];
    for url in public
        .iter()
        .map(|path| format!("{base}{path}"))
        .chain([metrics])
    {
        let answer = ask(http().get(&url)).await;
        assert_eq!(answer.status, 200, "{url}: {}", answer.text);
        seen.0.push((url, answer.text));
    }
}

/// One thing forgotten, then everything; the files are looked at again after it.
async fn forget_and_erase(teen: &Guest, seen: &mut Seen) {
    let nodes = teen.get("/v1/me/memory?view=nodes").await.json();
    let id = nodes["items"][0]["id"].as_str().unwrap();
    let forgotten = ask(teen.request(Method::DELETE, &format!("/v1/me/memory/node/{id}"))).await;
    assert!(forgotten.status < 300, "{}", forgotten.text);
    let erased = ask(teen.request(Method::DELETE, "/v1/me")).await;
    assert_eq!(erased.status, 202, "{}", erased.text);
    let deadline = Instant::now() + PATIENCE;
    loop {
        let answer = teen.try_sign_in(NEW_PASSWORD).await;
        if answer.status != 200 {
            seen.refused("somebody who was erased", answer);
            break;
        }
        assert!(Instant::now() < deadline, "the account is still there");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    seen.refused(
        "a token of somebody who was erased",
        teen.get("/v1/me").await,
    );
}
