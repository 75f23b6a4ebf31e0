//! T15: whatever becomes of the second look, the teen is asked and shown help: never an unlooked-at
//! answer, never silence.

use std::time::Duration;

use futures_util::future::join_all;
use innerworld_testkit::{
    hostile_upstream::{Act, HostileUpstream, Script, Wire, scripts},
    scripted_look::{ScriptedLook, finding},
};
use serde_json::Value;

use super::{Scene, UNSURE, first, kinds, shown};
use crate::{
    full_disk,
    guest::Guest,
    life::provider,
    serving::Home,
    talk::{say, until},
};

/// No persona turn, and a question with help.
fn asked_instead(frames: &[Value], what: &str) {
    let question = first(frames, "safety.checkin").unwrap_or_else(|| panic!("{what}: {frames:?}"));
    assert_eq!(question["intensity"], "ask", "{what}");
    assert!(!question["resources"].as_array().unwrap().is_empty());
    let starts: Vec<_> = frames
        .iter()
        .filter(|frame| frame["type"] == "turn.start")
        .collect();
    assert_eq!(starts.len(), 1, "{what}");
    assert_eq!(starts[0]["origin"], "safety", "{what}: {frames:?}");
    assert_eq!(shown(frames), question["text"].as_str().unwrap(), "{what}");
    assert_eq!(frames.last().unwrap()["finish"], "safety", "{what}");
}

#[tokio::test]
async fn t15_every_failure_of_the_look_asks_instead() {
    for name in ["timeout", "unavailable", "refused", "malformed"] {
        let mut scene = Scene::new(ScriptedLook::new([finding(name)])).await;
        say(&mut scene.socket, 1, UNSURE).await;
        let frames = until(&mut scene.socket, "turn.end").await;
        asked_instead(&frames, name);
        // The next one fails within the pause between questions: not silence either.
        say(&mut scene.socket, 2, UNSURE).await;
        let frames = until(&mut scene.socket, "turn.end").await;
        assert!(
            !kinds(&frames).contains(&"safety.checkin"),
            "asked a moment ago"
        );
        assert!(
            shown(&frames).len() > 20,
            "{name}: the question stands in place of the answer"
        );
        assert_eq!(frames.last().unwrap()["finish"], "safety");
    }
}

#[tokio::test]
async fn t15_a_look_that_never_ends_is_not_waited_for() {
    let mut scene = Scene::new(ScriptedLook::held([finding("none")])).await;
    say(&mut scene.socket, 1, UNSURE).await;
    asked_instead(&until(&mut scene.socket, "turn.end").await, "hangs");
}

fn replies(text: &str) -> Script {
    Wire::saying(&[text]).chunked()
}

/// Where a server has a model that answers well and this one for a second look.
fn home(model: &HostileUpstream, guard: &HostileUpstream) -> Home {
    let second = format!(
        "[[providers]]\nname = \"guard\"\ncompany = \"Guards\"\ndialect = \"openai\"\n\
         privacy = \"contract\"\nagreement = \"test\"\nallow_private = true\n\
         api_key_file = \"model.key\"\nbase_url = \"{}\"\n\
         [safety.model]\nprovider = \"guard\"\nmodel = \"test/guard\"\nfallback = \"test/guard\"\n\
         deadline_ms = 700\n[extraction]\nenabled = false\n",
        guard.base_url()
    );
    Home::new(&provider(model, &second))
}

/// A real server whose model and safety model are these.
async fn talk(guard: Script) -> (Vec<Value>, HostileUpstream) {
    let model = HostileUpstream::start([Wire::good().chunked()]).await;
    let guard = HostileUpstream::start([guard]).await;
    let home = home(&model, &guard);
    let server = home.start();
    let guest = Guest::arrive(&server, "robin@example.org", "Robin").await;
    let mut socket = guest.talking().await;
    say(&mut socket, 1, UNSURE).await;
    (until(&mut socket, "turn.end").await, guard)
}

/// Every way in which a provider of looks fails.
fn hostile() -> Vec<(&'static str, Script)> {
    let status = |status: &str| scripts::h07_status(status, &[], false);
    vec![
        ("hangs", vec![Act::Hang]),
        ("429", status("429 Too Many Requests")),
        ("500", status("500 Internal Server Error")),
        ("no JSON", replies("all fine here")),
        ("another JSON", replies("{\"level\":\"none\"}")),
        ("refusal", replies("I'm sorry, I can't help with that.")),
        (
            "drips",
            scripts::h10_one_byte_at_a_time(Duration::from_millis(50)),
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn t15_a_provider_that_fails_in_any_way_is_not_believed() {
    for (what, script) in hostile() {
        let (frames, guard) = talk(script).await;
        asked_instead(&frames, what);
        assert!(!guard.requests().is_empty(), "{what}: it was asked");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_answers_is_heard_and_told_no_more_than_it_must_know() {
    let verdict = "{\"level\":\"none\",\"category\":\"none\",\"about\":\"self\"}";
    let (frames, guard) = talk(replies(verdict)).await;
    assert!(
        !kinds(&frames)
            .iter()
            .any(|kind| kind.starts_with("safety.")),
        "{frames:?}"
    );
    assert_eq!(first(&frames, "turn.start").unwrap()["origin"], "model");
    let body = guard.requests()[0].json();
    assert_eq!(
        (&body["model"], &body["max_tokens"]),
        (&"test/guard".into(), &60.into())
    );
    let prompt = body["messages"].to_string();
    assert!(prompt.contains("already not here") && !prompt.contains("Robin"));
    assert!(!prompt.contains("robin@example.org"));
}

/// The same while the disk runs full under a message that was taken.
async fn talk_on_a_full_disk(what: &str, mut guard: Script) {
    // Late enough that the disk is full by then.
    guard.insert(0, Act::Pause(Duration::from_millis(350)));
    let model = HostileUpstream::start([Wire::good().chunked()]).await;
    let guard = HostileUpstream::start([guard]).await;
    let home = home(&model, &guard);
    let server = full_disk::start(&home);
    let guest = Guest::arrive(&server, "robin@example.org", "Robin").await;
    let mut socket = guest.talking().await;
    say(&mut socket, 1, UNSURE).await;
    until(&mut socket, "accepted").await;
    full_disk::limit(&server, Some(0));
    let mut frames = until(&mut socket, "safety.checkin").await;
    full_disk::limit(&server, None);
    frames.extend(until(&mut socket, "turn.end").await);
    let question = first(&frames, "safety.checkin").unwrap();
    assert_eq!(question["intensity"], "ask", "{what}");
    assert!(!question["resources"].as_array().unwrap().is_empty());
    // The question stands in place of an answer where that could be stored.
    let shown = shown(&frames);
    let in_its_place = shown == question["text"].as_str().unwrap();
    let end = frames.last().unwrap();
    let is_error = shown.is_empty() && end["code"] == "storage_unavailable";
    assert!(in_its_place || is_error, "{what}: {frames:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn t15_a_look_that_fails_in_any_way_while_the_disk_is_full_asks_instead() {
    let talks = hostile().into_iter();
    join_all(talks.map(|(what, script)| talk_on_a_full_disk(what, script))).await;
}
