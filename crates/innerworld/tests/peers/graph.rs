//! The verbs of `graph` act through the public API, so they do the same where everything is kept in
//! tables.

use std::process::{Command, Output};

use serde_json::Value;

use crate::{place::Place, serving::Serving, stderr, stdout};

/// Signs up, gives the consents, says two things and ends the talk.
const TALK: &str = "up\nkim@example.org\nfour words are better\n\nKim\n2010-05-04\nus\n\nyes\nfull\nyes\n\
    yes\ncourage\nMy sister Lena plays the cello in an orchestra.\nLena and I went to the lake today.\n/end\n";

/// A verb as the teen, with the tokens of the last run.
fn as_teen(place: &Place, server: &Serving, words: &[&str]) -> Output {
    let mut command: Command = crate::innerworld(place.home.path());
    let url = server.url("http_url");
    command.args(words).args(["--url", &url]);
    command.output().unwrap()
}

fn json(output: &Output) -> Value {
    serde_json::from_str(&stdout(output)).unwrap_or_else(|_cause| panic!("{}", stderr(output)))
}

#[tokio::test]
async fn a_teen_sees_draws_saves_forgets_and_erases_what_lies_in_tables() {
    let place = Place::with_tables().await;
    let mut serve = place.home.serve();
    Place::reach(&mut serve);
    let server = Serving::spawn(serve);
    let mut chat = crate::innerworld(place.home.path());
    chat.args(["chat", "--url", &server.url("http_url")]);
    let talked = with_input(&mut chat, TALK);
    assert!(
        talked.status.success(),
        "{}{}",
        stdout(&talked),
        stderr(&talked)
    );

    let shown = json(&as_teen(&place, &server, &["graph", "show", "--json"]));
    let nodes = shown["nodes"].as_array().unwrap();
    let lena = nodes.iter().find(|node| node["name"] == "Lena");
    let lena = lena.unwrap_or_else(|| panic!("{shown}"))["id"]
        .as_str()
        .unwrap();
    let why = as_teen(&place, &server, &["graph", "why", "node", lena]);
    assert!(stdout(&why).contains("cello"), "{}", stderr(&why));
    let saved = as_teen(&place, &server, &["graph", "export", "--out", "mine.json"]);
    assert!(saved.status.success(), "{}", stderr(&saved));
    let drawn = as_teen(&place, &server, &["graph", "draw", "--from", "mine.json"]);
    assert!(stdout(&drawn).contains("Lena"), "{}", stderr(&drawn));
    let words = ["graph", "forget", "node", lena, "--yes", "--json"];
    let forgotten = as_teen(&place, &server, &words);
    assert!(forgotten.status.success(), "{}", stderr(&forgotten));
    let shown = json(&as_teen(&place, &server, &["graph", "show", "--json"]));
    assert!(!shown["nodes"].to_string().contains("Lena"), "{shown}");
    let erased = as_teen(&place, &server, &["graph", "erase", "--yes", "--json"]);
    assert_eq!(json(&erased)["erased"], true, "{}", stderr(&erased));
}

pub(crate) fn with_input(command: &mut Command, input: &str) -> Output {
    use std::{io::Write as _, process::Stdio};
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
