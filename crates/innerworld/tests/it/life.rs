//! How a server starts, dies and ends: a second one on the same data, a damaged file, SIGKILL in
//! the middle, SIGTERM.

use std::fs;

use innerworld_testkit::hostile_upstream::{Act, HostileUpstream, Wire};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::{
    guest::{Guest, ask, http},
    serving::{Home, PATIENCE, eventually},
    stderr,
    talk::{message_id, say, until},
    world::{Socket, receive, send},
};

/// A model server on this machine, and the clocks that watch it.
pub(crate) fn provider(upstream: &HostileUpstream, rest: &str) -> String {
    format!(
        "[[providers]]\nname = \"local\"\ncompany = \"Local Models\"\ndialect = \"openai\"\n\
         privacy = \"contract\"\nagreement = \"test\"\nallow_private = true\n\
         primary = \"test/one\"\nfallback = \"test/two\"\napi_key_file = \"model.key\"\nbase_url = \"{}\"\n{rest}",
        upstream.base_url()
    )
}

/// The texts that the server still has of the newest session, message and answer by message id.
pub(crate) async fn stored(guest: &Guest) -> Vec<Value> {
    let sessions = guest.get("/v1/sessions").await.json();
    let mut turns = Vec::new();
    for session in sessions["items"].as_array().unwrap() {
        let path = format!("/v1/sessions/{}/turns", session["id"].as_str().unwrap());
        let page = guest.get(&path).await.json();
        turns.extend(page["items"].as_array().unwrap().iter().cloned());
    }
    turns
}

#[test]
fn a_second_server_on_the_same_data_is_refused_and_told_what_to_do() {
    let home = Home::new("");
    let mut first = home.start();
    let second = home.refused();
    assert_eq!(second.status.code(), Some(1));
    let said = stderr(&second);
    assert!(said.contains("is in use by process"), "{said}");
    assert!(said.contains("stop it first"), "{said}");
    assert!(first.is_alive());
    first.terminate();
    assert!(first.wait().0.success());
}

#[test]
fn a_damaged_file_is_refused_by_name_and_left_as_it_is() {
    let home = Home::new("");
    let server = home.start();
    server.terminate();
    assert!(server.wait().0.success());
    for file in ["live.db", "memory.db", "keys.db"] {
        let path = home.data().join(file);
        let good = fs::read(&path).unwrap();
        let mut bad = good.clone();
        bad[4_096..16_384].fill(0xA5);
        fs::write(&path, &bad).unwrap();
        let refused = home.refused();
        assert_eq!(refused.status.code(), Some(1));
        let said = stderr(&refused);
        assert!(said.contains(&format!("{file} is damaged")), "{said}");
        assert!(said.contains("restore the file from a backup"), "{said}");
        assert_eq!(fs::read(&path).unwrap(), bad, "nothing was changed");
        fs::write(&path, good).unwrap();
    }
    let whole = home.start();
    whole.terminate();
    assert!(whole.wait().0.success(), "the restored files serve again");
}

#[test]
fn a_taken_port_is_named() {
    let home = Home::new("");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = home
        .verb("serve")
        .args(["--listen", &address])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = stderr(&output);
    assert!(
        said.contains(&address) && said.contains("--listen"),
        "{said}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_kill_all_that_was_acknowledged_is_there() {
    let hanging = {
        let mut script = Wire::new()
            .token("Half an")
            .token(" answer. And then")
            .open();
        script.push(Act::Hang);
        script
    };
    let upstream = HostileUpstream::start([Wire::good().closing(), hanging]).await;
    let home = Home::new(&provider(&upstream, ""));
    let server = home.start();
    let mut guest = Guest::arrive(&server, "robin@example.org", "Robin").await;
    let mut socket = guest.talking().await;
    say(&mut socket, 1, "the first message").await;
    until(&mut socket, "turn.end").await;
    say(&mut socket, 2, "the second message").await;
    until(&mut socket, "turn.start").await;
    say(&mut socket, 3, "the third message").await;
    until(&mut socket, "accepted").await;
    server.kill();

    let server = home.start();
    guest.follow(&server);
    let mut socket = guest.greeted().await.0;
    let mut ends = Vec::new();
    // The opening line, the answered, the interrupted and the one that nobody was asked about.
    while ends.len() < 4 {
        ends.push(until(&mut socket, "turn.end").await.pop().unwrap()["finish"].clone());
        if ends.len() == 3 {
            // Cancelled sooner, nobody would be asked about it at all.
            eventually("the third message is asked", || {
                upstream.requests().len() == 3
            })
            .await;
            let id = json!({"type": "cancel", "turn": running(&guest).await});
            send(&mut socket, &id).await;
        }
    }
    assert_eq!(
        ends[..3],
        [json!("stop"), json!("stop"), json!("interrupted")]
    );
    let turns = stored(&guest).await;
    for (number, text) in [
        (1, "the first message"),
        (2, "the second message"),
        (3, "the third message"),
    ] {
        let found = turns
            .iter()
            .filter(|turn| turn["message"] == message_id(number));
        let texts: Vec<_> = found.map(|turn| turn["text"].as_str().unwrap()).collect();
        assert_eq!(texts, [text], "once, and as it was said");
    }
    assert_eq!(upstream.requests().len(), 3, "nothing was asked twice");
}

/// The turn that has no end yet.
async fn running(guest: &Guest) -> Value {
    let turns = stored(guest).await;
    let open = turns.iter().find(|turn| turn["finish"].is_null());
    open.map_or(json!("01JD8Q2TZ3V0C9X8B7N6000000"), |turn| {
        turn["id"].clone()
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_lets_a_running_answer_end_and_takes_nobody_in() {
    let slow = {
        let mut script = Wire::new().token("A slow answer, ").open();
        script.push(Act::Pause(std::time::Duration::from_millis(900)));
        let end = Wire::new().token("but a whole one.").finish("stop").done();
        script.extend([Act::Send(end.body()), Act::Close]);
        script
    };
    let upstream = HostileUpstream::start([slow]).await;
    let home = Home::new(&provider(&upstream, ""));
    let server = home.start();
    let mut guest = Guest::arrive(&server, "robin@example.org", "Robin").await;
    let mut socket = guest.talking().await;
    say(&mut socket, 1, "take your time").await;
    until(&mut socket, "turn.start").await;
    let before = Instant::now();
    server.terminate();
    let told = until(&mut socket, "going_away").await;
    assert_eq!(told.last().unwrap()["reason"], "drain");
    let ready = ask(http().get(format!("{}/readyz", guest.base))).await;
    assert_eq!((ready.status, ready.text.as_str()), (503, "draining\n"));
    match guest.socket().await {
        Err(tokio_tungstenite::tungstenite::Error::Http(refused)) => {
            assert_eq!(refused.status(), 503);
            assert!(refused.headers().contains_key("retry-after"));
        }
        other => panic!("a draining server took a connection: {}", other.is_ok()),
    }
    assert_eq!(ending(&mut socket).await, (json!("stop"), 1012));
    let (status, _) = server.wait();
    assert!(status.success(), "no answer was cut short: {status}");
    assert!(before.elapsed() < PATIENCE);

    let server = home.start();
    guest.follow(&server);
    let turns = stored(&guest).await;
    let turn = turns
        .iter()
        .find(|turn| turn["message"] == message_id(1))
        .unwrap();
    assert_eq!(turn["answer"], "A slow answer, but a whole one.");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_outlasts_the_drain_is_interrupted_and_the_exit_code_says_so() {
    let hanging = {
        let mut script = Wire::new().token("Never ending. Really").open();
        script.push(Act::Hang);
        script
    };
    let upstream = HostileUpstream::start([hanging]).await;
    let home = Home::new(&provider(&upstream, "[http]\ndrain_s = 1\n"));
    let server = home.start();
    let guest = Guest::arrive(&server, "robin@example.org", "Robin").await;
    let mut socket = guest.talking().await;
    say(&mut socket, 1, "go on").await;
    until(&mut socket, "turn.start").await;
    server.terminate();
    assert_eq!(ending(&mut socket).await, (json!("interrupted"), 1012));
    assert_eq!(server.wait().0.code(), Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ended_just_before_the_stop_is_remembered_after_it() {
    let home = Home::new("");
    let server = home.start();
    let mut guest = Guest::arrive(&server, "robin@example.org", "Robin").await;
    let mut socket = guest.talking().await;
    say(
        &mut socket,
        1,
        "my best friend maya and i joined the swim team",
    )
    .await;
    until(&mut socket, "turn.end").await;
    send(&mut socket, &json!({"type": "session.end"})).await;
    until(&mut socket, "session.ended").await;
    server.kill();
    let server = home.start();
    guest.follow(&server);
    let deadline = Instant::now() + PATIENCE;
    loop {
        let nodes = guest.get("/v1/me/memory?view=nodes").await.text;
        if nodes.to_lowercase().contains("maya") {
            break;
        }
        assert!(
            Instant::now() < deadline,
            "the session was forgotten: {nodes}"
        );
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

/// How the next turn ends, and the close code after it.
async fn ending(socket: &mut Socket) -> (Value, u16) {
    let finish = until(socket, "turn.end").await.pop().unwrap()["finish"].clone();
    loop {
        if let Err(code) = receive(socket).await {
            return (finish, code);
        }
    }
}
