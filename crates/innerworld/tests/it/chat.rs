//! `chat` and `graph` as scripts use them, against a server whose answers are fixed: what is
//! asked, in which order, and how it looks.

mod scripted_server;
mod sign_in;

use std::{
    io::Write as _,
    process::{Command, Output, Stdio},
};

use serde_json::{Value, json};

use self::scripted_server::start;
use super::{innerworld, stderr, stdout};

pub(crate) fn run(command: &mut Command, input: &str) -> Output {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    child.wait_with_output().unwrap()
}

const FIRST: &str = "up\nkim@example.org\nfour words are better\n\nKim\n2010-05-04\nus\n\nyes\nno\nfull\n\
    yes\ncourage\nI froze again today\n/memory\n/time\nhelp me\n/not-safe\n/nonsense\n/end\n";

#[test]
fn a_newcomer_signs_up_talks_and_comes_back() {
    let (url, world) = start();
    let home = tempfile::tempdir().unwrap();
    let chat = || {
        let mut command = innerworld(home.path());
        command.args(["chat", "--url", &url]);
        command
    };
    let output = run(&mut chat(), FIRST);
    assert!(output.status.success(), "{}", stderr(&output));
    insta::assert_snapshot!(
        "chat_first",
        stdout(&output).replace(&url, "http://127.0.0.1:8787")
    );

    let profile = world.profile.lock().unwrap().clone().unwrap();
    assert_eq!(profile["birth_date"], "2010-05-04");
    assert_eq!(
        (&profile["country"], &profile["locale"]),
        (&json!("US"), &json!("en-US"))
    );
    let consents = world.consents.lock().unwrap().clone();
    let granted: Vec<_> = consents
        .iter()
        .map(|record| {
            (
                record["purpose"].as_str().unwrap(),
                record["granted"].as_bool().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        granted,
        [("terms", true), ("chat_model", false), ("memory", true)]
    );
    assert_eq!(consents[2]["mode"], "full");
    let frames = world.frames.lock().unwrap().clone();
    assert_eq!(
        frames,
        [
            "hello",
            "disclosure.ack",
            "persona.choose",
            "message",
            "message",
            "safety.ack",
            "safety.reply",
            "session.end"
        ]
    );

    // The password was sent to make the account, and not to sign in.
    let sent = world.sign_in.bodies.lock().unwrap().clone();
    assert_eq!(sent.len(), 2);
    assert!(!sent.concat().contains("four words are better"));

    // The second run signs in by itself and asks nothing that was answered.
    world.calls.lock().unwrap().clear();
    let output = run(chat().args(["--persona", "courage"]), "yes\nhello again\n");
    assert!(output.status.success(), "{}", stderr(&output));
    insta::assert_snapshot!(
        "chat_second",
        stdout(&output).replace(&url, "http://127.0.0.1:8787")
    );
    assert!(world.calls.lock().unwrap().is_empty());
}

#[test]
fn a_wrong_password_is_refused_without_having_been_sent() {
    let (url, world) = start();
    let home = tempfile::tempdir().unwrap();
    let up = FIRST.replace("/nonsense\n", "");
    let chat = || {
        let mut command = innerworld(home.path());
        command.args(["chat", "--url", &url, "--no-store"]);
        command
    };
    let output = run(&mut chat(), &up);
    assert!(output.status.success(), "{}", stderr(&output));
    world.sign_in.bodies.lock().unwrap().clear();
    let output = run(&mut chat(), "in\nkim@example.org\nfour other words here\n");
    assert!(!output.status.success());
    assert!(
        stderr(&output).contains("Incorrect username or password."),
        "{}",
        stderr(&output)
    );
    let sent = world.sign_in.bodies.lock().unwrap().concat();
    assert!(!sent.contains("four other words here"));
}

#[test]
fn frames_go_to_standard_output_alone() {
    let (url, _) = start();
    let home = tempfile::tempdir().unwrap();
    let output = run(
        innerworld(home.path()).args(["chat", "--json-frames", "--url", &url]),
        FIRST,
    );
    assert!(output.status.success(), "{}", stderr(&output));
    let kinds: Vec<String> = stdout(&output)
        .lines()
        .map(|line| {
            serde_json::from_str::<Value>(line).unwrap()["type"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    assert_eq!(kinds.first().map(String::as_str), Some("welcome"));
    assert_eq!(kinds.last().map(String::as_str), Some("memory.updated"));
}

#[test]
fn a_teen_sees_and_forgets() {
    let (url, _) = start();
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("token"), "access\n").unwrap();
    let graph = |arguments: &[&str], input: &str| {
        let mut command = innerworld(home.path());
        command
            .arg("graph")
            .args(arguments)
            .args(["--token-file", "token", "--url", &url]);
        run(&mut command, input)
    };
    insta::assert_snapshot!("graph_show", stdout(&graph(&["show"], "")));
    let shown: Value = serde_json::from_str(&stdout(&graph(&["show", "--json"], ""))).unwrap();
    assert_eq!(shown["nodes"][0]["name"], "Lena");
    let on = graph(
        &["show", "--search", "len", "--on", "2026-03-01", "--json"],
        "",
    );
    assert!(stdout(&on).contains("Lena"));
    let none = graph(&["show", "--search", "maya"], "");
    assert_eq!(stdout(&none), "Nothing is remembered.\n");
    assert!(stderr(&graph(&["show", "--on", "march"], "")).contains("--on"));
    insta::assert_snapshot!("graph_why", stdout(&graph(&["why", "node", "9f2c"], "")));
    let corrected = graph(&["correct", "77aa", "--instead", "Lea"], "");
    assert!(stdout(&corrected).contains("forget turn 01K00000000000000000000002"));
    let parted = graph(&["unmerge", "9f2c", "lee", "--json"], "");
    let parted: Value = serde_json::from_str(&stdout(&parted)).unwrap();
    assert_eq!(parted["corrected"]["name"], "lee");
    assert!(stderr(&graph(&["correct", "../x"], "")).contains("letters and digits"));
    let forgotten = graph(&["forget", "node", "9f2c"], "yes\n");
    assert!(forgotten.status.success());
    insta::assert_snapshot!("graph_forget", stdout(&forgotten));
    let kept = graph(&["forget", "node", "9f2c"], "no\n");
    assert!(stderr(&kept).contains("nothing was forgotten"));
    assert!(graph(&["erase"], "erase\n").status.success());
    assert!(!graph(&["erase"], "y\n").status.success());
}

#[test]
fn failures_say_what_to_do() {
    let home = tempfile::tempdir().unwrap();
    let closed = "http://127.0.0.1:9";
    let output = run(innerworld(home.path()).args(["chat", "--url", closed]), "");
    assert!(
        stderr(&output).contains("innerworld serve"),
        "{}",
        stderr(&output)
    );
    let output = run(
        innerworld(home.path()).args(["chat", "--url", "example.org"]),
        "",
    );
    assert!(
        stderr(&output).contains("must begin with http"),
        "{}",
        stderr(&output)
    );
    let (url, _) = start();
    let output = run(
        innerworld(home.path()).args(["chat", "--url", &url]),
        "up\n",
    );
    assert!(
        stderr(&output).contains("the input ended at the question: E-mail:"),
        "{}",
        stderr(&output)
    );
}
