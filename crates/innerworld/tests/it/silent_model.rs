//! A model server that takes the call and never answers: each clock ends the turn with a clear
//! frame, through the real process with shortened clocks.

use std::time::Duration;

use innerworld_testkit::hostile_upstream::{Act, HostileUpstream, Script, Wire};
use serde_json::{Value, json};

use crate::{
    guest::Guest,
    life::provider,
    serving::Home,
    talk::{say, until},
};

/// Each far below its default; `total_ms` is the last resort.
const CLOCKS: &str = "[models]\nconnect_ms = 300\nheaders_ms = 300\nfirst_token_ms = 500\n\
     idle_ms = 400\nliveness_ms = 600\ntotal_ms = 1500\n\
     [safety.model]\nenabled = false\n";

async fn turn(upstream: HostileUpstream) -> (Vec<Value>, HostileUpstream) {
    let home = Home::new(&provider(&upstream, CLOCKS));
    let server = home.start();
    let guest = Guest::arrive(&server, "robin@example.org", "Robin").await;
    let mut socket = guest.talking().await;
    say(&mut socket, 1, "is anybody there").await;
    let frames = until(&mut socket, "turn.end").await;
    (frames, upstream)
}

fn of_kind<'a>(frames: &'a [Value], kind: &'a str) -> Vec<&'a Value> {
    frames
        .iter()
        .filter(|frame| frame["type"] == kind)
        .collect()
}

/// Nobody said a word: the offline persona answers, and the teen is told.
fn offline(frames: &[Value]) {
    let start = of_kind(frames, "turn.start")[0];
    assert_eq!(start["origin"], "offline", "{frames:?}");
    assert_eq!(of_kind(frames, "notice")[0]["kind"], "offline");
    assert!(
        of_kind(frames, "turn.status")
            .iter()
            .any(|status| status["status"] == "fallback")
    );
    assert_eq!(frames.last().unwrap()["finish"], "stop");
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_before_the_headers_ends_in_the_offline_persona() {
    let (frames, upstream) = turn(HostileUpstream::start([vec![Act::Hang]]).await).await;
    offline(&frames);
    assert!(!upstream.requests().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn comments_for_ever_do_not_count_as_an_answer() {
    let every = Duration::from_millis(50);
    let script = innerworld_testkit::hostile_upstream::scripts::h01_comments_only(every);
    let (frames, _upstream) = turn(HostileUpstream::start([script]).await).await;
    offline(&frames);
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_in_the_middle_ends_the_turn_and_says_that_it_was_cut() {
    let mut script: Script = Wire::new()
        .token("I am just about")
        .token(" to say something")
        .open();
    script.push(Act::Hang);
    let (frames, upstream) = turn(HostileUpstream::start([script]).await).await;
    let end = frames.last().unwrap();
    assert_eq!(
        (&end["finish"], &end["code"]),
        (&json!("timeout"), &json!("model_unavailable"))
    );
    assert!(end["len"].as_u64().unwrap() > 0, "what was said stays");
    assert_eq!(
        upstream.requests().len(),
        1,
        "nothing was asked again behind the teen's back"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_listening_at_all_ends_in_the_offline_persona() {
    let upstream = HostileUpstream::start([Wire::good().closing()]).await;
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = closed.local_addr().unwrap();
    drop(closed);
    let config =
        provider(&upstream, CLOCKS).replace(&upstream.address().to_string(), &address.to_string());
    let home = Home::new(&config);
    let server = home.start();
    let guest = Guest::arrive(&server, "robin@example.org", "Robin").await;
    let mut socket = guest.talking().await;
    say(&mut socket, 1, "hello").await;
    offline(&until(&mut socket, "turn.end").await);
}
