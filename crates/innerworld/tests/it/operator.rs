//! T16: who runs the server, and has every verb, every route of the admin listener and its token, reads
//! nothing of what a teen said.

use reqwest::Method;
use serde_json::json;

use crate::{
    canary::{export, scan::Scanner},
    guest::{Guest, ask, http},
    serving::{Home, Serving},
    talk::{message_id, say, until},
    world::send,
};

const EMAIL: &str = "tamsin.brackenfold@example.org";
const NAME: &str = "Thistlewyn";
const FRIEND: &str = "Quillandra";
const SAID: &str = "flomberwick juddering";
const JOURNAL: &str = "skendleboth evening";

fn words() -> Scanner {
    Scanner::new(&[
        ("the name", NAME),
        ("a friend", FRIEND),
        ("what was said", SAID),
        ("the journal", JOURNAL),
    ])
}

/// A teen who talked, is remembered and wrote a journal.
async fn teen(server: &Serving) -> Guest {
    let teen = Guest::arrive(server, EMAIL, NAME).await;
    let mut socket = teen.talking().await;
    say(
        &mut socket,
        1,
        &format!("my best friend {FRIEND} says {SAID}"),
    )
    .await;
    until(&mut socket, "turn.end").await;
    send(&mut socket, &json!({"type": "session.end"})).await;
    until(&mut socket, "memory.updated").await;
    let entry = json!({"id": message_id(1), "text": JOURNAL});
    let kept = ask(teen.request(Method::POST, "/v1/me/journal").json(&entry)).await;
    assert!(kept.status < 300, "{}", kept.text);
    teen
}

/// All that verbs print which open the data folder.
fn printed(home: &Home) -> Vec<(String, Vec<u8>)> {
    let verbs: [(&str, &[&str]); 8] = [
        ("check-config", &[]),
        ("check-config", &["--json"]),
        ("doctor", &[]),
        ("doctor", &["--json"]),
        ("outbox", &[]),
        ("outbox", &["--json"]),
        ("report", &["--year", "2026", "--authority"]),
        ("report", &["--year", "2026", "--authority", "--json"]),
    ];
    let run = |(verb, arguments): (&str, &[&str])| {
        let output = home.verb(verb).args(arguments).output().unwrap();
        assert!(output.status.code().is_some_and(|code| code != 2), "{verb}");
        let name = format!("{verb} {arguments:?}");
        (name, [output.stdout, output.stderr].concat())
    };
    verbs.into_iter().map(run).collect()
}

/// Routes at which the teen reads their own words.
const OWN: [&str; 6] = [
    "/v1/me",
    "/v1/me/time",
    "/v1/me/memory?view=nodes",
    "/v1/me/journal",
    "/v1/me/consents",
    "/v1/sessions",
];

#[tokio::test(flavor = "multi_thread")]
async fn t16_whoever_runs_the_server_reads_nothing() {
    let home = Home::new("");
    let server = home.start();
    let teen = teen(&server).await;
    let words = words();
    for (verb, text) in printed(&home) {
        words.clean(&verb, text);
    }
    let token = std::fs::read_to_string(home.data().join("admin.token")).unwrap();
    let (public, admin) = (server.url("http_url"), server.url("admin_url"));
    // The token of the admin listener is none of a teen's, and that listener has no route to words.
    for path in OWN {
        for base in [&public, &admin] {
            let answer = ask(http()
                .get(format!("{base}{path}"))
                .bearer_auth(token.trim()))
            .await;
            assert!(answer.status >= 400, "{base}{path}: {}", answer.text);
            words.clean(path, answer.text);
        }
    }
    for path in [
        "/",
        "/metrics",
        "/admin/v1",
        "/admin/v1/teens",
        "/admin/v1/sessions",
    ] {
        let answer = ask(http()
            .get(format!("{admin}{path}"))
            .bearer_auth(token.trim()))
        .await;
        words.clean(path, answer.text);
    }
    // The verbs that show words ask for the teen's own sign-in.
    for verb in ["show", "export", "draw"] {
        let mut command = crate::innerworld(home.path());
        let output = command
            .args(["graph", verb, "--url", &public, "--token-file"])
            .arg(home.data().join("admin.token"))
            .stdin(std::process::Stdio::null())
            .output()
            .unwrap();
        assert!(!output.status.success(), "graph {verb}");
        words.clean(verb, [output.stdout, output.stderr].concat());
    }
    drop(teen);
    server.terminate();
    let (_, log) = server.wait();
    words.clean("the log", log);
    for (verb, text) in printed(&home) {
        words.clean(&verb, text);
    }
}

/// With the teen's own sign-in each of these words is found by the same look: they are there to be read.
#[tokio::test(flavor = "multi_thread")]
async fn t16_with_the_teens_own_sign_in_the_same_look_finds_it_all() {
    let home = Home::new("");
    let server = home.start();
    let teen = teen(&server).await;
    let mut seen = export(&teen).await;
    for path in OWN {
        let answer = teen.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        seen.push_str(&answer.text);
    }
    let found = words().find(seen.as_bytes());
    assert_eq!(
        found,
        ["the name", "a friend", "what was said", "the journal"]
    );
}
