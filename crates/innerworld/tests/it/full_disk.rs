//! A disk on which nothing more fits, under the real process: the operating system refuses every
//! write beyond a limit (`RLIMIT_FSIZE`), as it does on a full disk, until the limit is lifted.

use innerworld_testkit::hostile_upstream::{HostileUpstream, Wire};
use rustix::process::{Pid, Resource, Rlimit, prlimit};
use serde_json::json;

use crate::{
    guest::{Guest, ask, http},
    life::{provider, stored},
    serving::{Home, Serving},
    talk::{hello, message_id, say, until},
    world::{Socket, receive, send},
};

/// A server that gets an error from a refused write instead of a deadly signal: the shell ignores
/// it, and what is ignored stays so across `exec`.
pub(crate) fn start(home: &Home) -> Serving {
    Serving::spawn(home.serve_after("trap '' XFSZ"))
}

/// Sets or lifts the limit of the running process.
pub(crate) fn limit(server: &Serving, bytes: Option<u64>) {
    let process = Pid::from_raw(server.pid().try_into().unwrap()).unwrap();
    let limits = Rlimit {
        current: bytes,
        maximum: None,
    };
    prlimit(Some(process), Resource::Fsize, limits).unwrap();
}

/// What a message is answered while nothing can be stored: `accepted`, or the error's code.
async fn outcome(socket: &mut Socket) -> String {
    loop {
        let frame = receive(socket).await.unwrap();
        match frame["type"].as_str().unwrap() {
            "accepted" => return "accepted".to_owned(),
            "error" => {
                assert_eq!(frame["retryable"], true, "{frame}");
                return frame["code"].as_str().unwrap().to_owned();
            }
            _ => {}
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn t15_a_full_disk_is_said_clearly_and_loses_nothing_that_was_acknowledged() {
    let home = Home::new("");
    let mut server = start(&home);
    let mut guest = Guest::arrive(&server, "robin@example.org", "Robin").await;
    let mut socket = guest.talking().await;
    for number in 1..=3 {
        say(&mut socket, number, "before the disk was full").await;
        until(&mut socket, "turn.end").await;
    }

    limit(&server, Some(0));
    say(&mut socket, 4, "nowhere to put this").await;
    assert_eq!(outcome(&mut socket).await, "storage_unavailable");
    let ready = ask(http().get(format!("{}/readyz", guest.base))).await;
    assert_eq!(ready.status, 503);
    let health = ask(http().get(format!("{}/health", guest.base))).await;
    assert_eq!(
        (health.status, &health.json()["status"]),
        (503, &json!("down"))
    );
    let live = ask(http().get(format!("{}/healthz", guest.base))).await;
    assert_eq!(live.status, 200, "a restart would not help");
    let profile = json!({"name": "Rob"});
    let patched = ask(guest
        .request(reqwest::Method::PATCH, "/v1/me/profile")
        .json(&profile))
    .await;
    assert_eq!(
        (patched.status, &patched.json()["error"]["code"]),
        (503, &json!("storage_unavailable"))
    );
    // Reading goes on, and so does the way to help.
    assert_eq!(stored(&guest).await.len(), 4);
    say(&mut socket, 5, "i want to kill myself").await;
    until(&mut socket, "safety.crisis").await;
    assert!(server.is_alive());

    limit(&server, None);
    let ready = ask(http().get(format!("{}/readyz", guest.base))).await;
    assert_eq!(ready.status, 200, "no restart is needed: {}", ready.text);
    server.kill();

    let server = start(&home);
    guest.follow(&server);
    let texts: Vec<_> = stored(&guest)
        .await
        .into_iter()
        .map(|turn| turn["text"].clone())
        .collect();
    let said = texts
        .iter()
        .filter(|text| **text == json!("before the disk was full"));
    assert_eq!(said.count(), 3);
    assert!(
        !texts.contains(&json!("nowhere to put this")),
        "what was refused is not there"
    );
}

/// Logs often lie on the same disk: nothing can be said of the failure there either.
#[tokio::test(flavor = "multi_thread")]
async fn t15_help_comes_when_not_even_a_line_of_the_log_can_be_written() {
    let home = Home::new("");
    let to_a_file = "trap '' XFSZ; exec 2>server.log";
    let mut server = Serving::spawn(home.serve_after(to_a_file));
    let guest = Guest::arrive(&server, "robin@example.org", "Robin").await;
    let mut socket = guest.talking().await;
    limit(&server, Some(0));
    for number in 1..=30 {
        say(&mut socket, number, "i want to kill myself").await;
        until(&mut socket, "safety.crisis").await;
    }
    assert!(server.is_alive());
}

#[tokio::test(flavor = "multi_thread")]
async fn t15_an_answer_that_cannot_be_stored_ends_with_an_error_and_not_in_silence() {
    let slow = {
        use innerworld_testkit::hostile_upstream::Act;
        let mut script = Wire::new().token("The first words. ").open();
        script.push(Act::Pause(std::time::Duration::from_millis(700)));
        let end = Wire::new().token("The last words.").finish("stop").done();
        script.extend([Act::Send(end.body()), Act::Close]);
        script
    };
    let upstream = HostileUpstream::start([slow, Wire::good().closing()]).await;
    let home = Home::new(&provider(&upstream, ""));
    let server = start(&home);
    let mut guest = Guest::arrive(&server, "robin@example.org", "Robin").await;
    let mut socket = guest.talking().await;
    say(&mut socket, 1, "an acknowledged message").await;
    let start_frame = until(&mut socket, "turn.start").await.pop().unwrap();
    limit(&server, Some(0));
    server.says("an answer could not be stored").await;
    // The teen hears of it.
    let error = loop {
        let frame = receive(&mut socket).await.unwrap();
        if frame["type"] == "error" {
            break frame;
        }
    };
    assert_eq!(
        (&error["code"], &error["ref"]),
        (&json!("storage_unavailable"), &start_frame["turn"])
    );
    limit(&server, None);
    // Space is back: the answer is stored after all, and the talk goes on without a restart.
    let kept = until(&mut socket, "turn.end").await.pop().unwrap();
    assert_eq!(kept["turn"], start_frame["turn"]);
    say(&mut socket, 2, "and now").await;
    let frames = until(&mut socket, "turn.end").await;
    assert_eq!(frames.last().unwrap()["finish"], "stop", "{frames:?}");
    server.kill();
    let server = start_again(&home, &mut guest);
    let mut socket = guest.socket().await.unwrap();
    send(&mut socket, &hello()).await;
    until(&mut socket, "welcome").await;
    let turns = stored(&guest).await;
    for (number, text) in [(1, "an acknowledged message"), (2, "and now")] {
        let found: Vec<_> = turns
            .iter()
            .filter(|turn| turn["message"] == message_id(number))
            .collect();
        assert_eq!((found.len(), &found[0]["text"]), (1, &json!(text)));
        assert!(!found[0]["finish"].is_null(), "it has an end: {}", found[0]);
    }
    drop(server);
}

fn start_again(home: &Home, guest: &mut Guest) -> Serving {
    let server = start(home);
    guest.follow(&server);
    server
}
