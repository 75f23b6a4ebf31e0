//! Who gets in, what survives a restart, and what a crisis needs.

use std::{sync::Arc, time::Duration};

use innerworld_core::{identity::consent::MemoryMode, ids::TeenId};
use innerworld_testkit::scripted_model::{ScriptedModel, ScriptedReply, Step};
use serde_json::json;

use crate::{
    guest::{ask, http},
    talk::{hello, message_id, say, settled, status, until},
    world::{Socket, World, receive, send, settings},
};

const HOUR: Duration = Duration::from_secs(3_600);

/// A socket on which a persona has been chosen.
async fn talking(world: &World, teen: TeenId) -> Socket {
    settled(world, &world.token(teen, HOUR)).await
}

async fn world(replies: impl IntoIterator<Item = ScriptedReply>) -> (World, Arc<ScriptedModel>) {
    let model = Arc::new(ScriptedModel::new(replies));
    (
        World::start(Arc::clone(&model) as _, settings()).await,
        model,
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_stay_outside() {
    let (world, _) = world([ScriptedReply::text("hi")]).await;
    let teen = world.teen(1, MemoryMode::Off).await;
    assert_eq!(status(world.socket("nonsense").await), 401);
    let late = world.token(teen, Duration::ZERO);
    assert_eq!(status(world.socket(&late).await), 401);
    // Somebody without a profile or consents.
    let stranger = world.token(TeenId::from_subject_bits(99), HOUR);
    assert_eq!(status(world.socket(&stranger).await), 403);
    // A web page of somebody else.
    let token = world.token(teen, HOUR);
    let with = |name: &'static str, value: &'static str| (name, value.to_owned());
    let foreign = world
        .raw_socket(&token, &[with("origin", "https://evil.example")])
        .await;
    assert_eq!(status(foreign), 403);
    let ours = world
        .raw_socket(&token, &[with("origin", "https://app.example.org")])
        .await;
    assert!(ours.is_ok());
    // No sub-protocol of ours.
    let old = world
        .raw_socket(&token, &[with("sec-websocket-protocol", "graphql-ws")])
        .await;
    assert_eq!(status(old), 426);
}

#[tokio::test(flavor = "multi_thread")]
async fn t06_another_teens_session_is_not_joined() {
    let (world, _) = world([ScriptedReply::text("hi")]).await;
    let (one, two) = (
        world.teen(1, MemoryMode::Off).await,
        world.teen(2, MemoryMode::Off).await,
    );
    let mut first = world.socket(&world.token(one, HOUR)).await.unwrap();
    send(&mut first, &hello()).await;
    let session = until(&mut first, "welcome").await.pop().unwrap()["session"].clone();
    let mut second = world.socket(&world.token(two, HOUR)).await.unwrap();
    let mut asking = hello();
    asking["session"] = session.clone();
    asking["last"] = json!({"epoch": "00000000000000ff", "seq": 1});
    send(&mut second, &asking).await;
    let welcome = until(&mut second, "welcome").await.pop().unwrap();
    assert_ne!(welcome["session"], session);
    assert_eq!(welcome["resumed"], "lost");
}

#[tokio::test(flavor = "multi_thread")]
async fn t06_another_teens_things_are_not_there_over_http_nor_to_be_cancelled() {
    let (world, model) = world([ScriptedReply::hanging_after("for one teen only")]).await;
    let (one, two) = (
        world.teen(1, MemoryMode::Off).await,
        world.teen(2, MemoryMode::Off).await,
    );
    let mut first = talking(&world, one).await;
    say(&mut first, 1, "only between us").await;
    let turn = until(&mut first, "turn.start").await.pop().unwrap()["turn"].clone();
    let ask = |teen, method: reqwest::Method, path: String| {
        let url = format!("http://{}{path}", world.address);
        let request = http().request(method, url);
        ask(request.bearer_auth(world.token(teen, HOUR)))
    };
    let get = reqwest::Method::GET;
    let sessions = ask(one, get.clone(), "/v1/sessions".to_owned()).await;
    let session = sessions.json()["items"][0]["id"].clone();
    let session = session.as_str().unwrap();
    let export = ask(one, reqwest::Method::POST, "/v1/me/export".to_owned()).await;
    let export = export.json()["id"].clone();
    let mine = [
        format!("/v1/sessions/{session}"),
        format!("/v1/sessions/{session}/turns"),
        format!("/v1/me/exports/{}", export.as_str().unwrap()),
    ];
    for path in mine {
        assert_eq!(
            ask(one, get.clone(), path.clone()).await.status,
            200,
            "{path}"
        );
        let refused = ask(two, get.clone(), path.clone()).await;
        assert_eq!(refused.status, 404, "{path}");
        assert!(!refused.text.contains("between us"), "{path}");
    }
    let none = ask(two, get, "/v1/sessions".to_owned()).await;
    assert_eq!(none.json()["items"], json!([]));
    let mut second = world.socket(&world.token(two, HOUR)).await.unwrap();
    send(&mut second, &hello()).await;
    until(&mut second, "disclosure").await;
    send(&mut second, &json!({"type": "cancel", "turn": turn})).await;
    send(&mut second, &json!({"type": "ping"})).await;
    until(&mut second, "pong").await;
    assert_eq!(model.open_streams(), 1, "the answer goes on");
}

#[tokio::test(flavor = "multi_thread")]
async fn t01_a_token_that_ends_closes_the_socket() {
    let (world, _) = world([ScriptedReply::text("hi")]).await;
    let teen = world.teen(1, MemoryMode::Off).await;
    let mut socket = world.socket(&world.token(teen, HOUR)).await.unwrap();
    send(&mut socket, &hello()).await;
    until(&mut socket, "disclosure").await;
    world.clock.advance(HOUR);
    send(&mut socket, &json!({"type": "ping"})).await;
    let error = until(&mut socket, "error").await.pop().unwrap();
    assert_eq!(
        (&error["code"], &error["close"]),
        (&json!("token_expired"), &json!(4401))
    );
    assert_eq!(receive(&mut socket).await, Err(4401));
}

#[tokio::test(flavor = "multi_thread")]
async fn t01_a_renewed_token_keeps_it_open_and_another_teens_does_not() {
    let (world, _) = world([ScriptedReply::text("hi")]).await;
    let (one, two) = (
        world.teen(1, MemoryMode::Off).await,
        world.teen(2, MemoryMode::Off).await,
    );
    let mut socket = world.socket(&world.token(one, HOUR)).await.unwrap();
    send(&mut socket, &hello()).await;
    until(&mut socket, "disclosure").await;
    world.clock.advance(HOUR);
    let fresh = world.token(one, HOUR);
    send(&mut socket, &json!({"type": "auth", "token": fresh})).await;
    send(&mut socket, &json!({"type": "ping", "t": "x"})).await;
    assert_eq!(until(&mut socket, "pong").await.pop().unwrap()["t"], "x");
    let other = world.token(two, HOUR);
    send(&mut socket, &json!({"type": "auth", "token": other})).await;
    assert_eq!(
        until(&mut socket, "error").await.pop().unwrap()["close"],
        4403
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_turn_outlives_its_socket_and_its_text_is_resumed() {
    let long = "word ".repeat(200);
    let (world, model) = world([ScriptedReply::text(&long)]).await;
    let teen = world.teen(1, MemoryMode::Off).await;
    let mut socket = talking(&world, teen).await;
    say(&mut socket, 1, "tell me something long").await;
    let start = until(&mut socket, "turn.start").await.pop().unwrap();
    drop(socket);
    let mut socket = world.socket(&world.token(teen, HOUR)).await.unwrap();
    send(&mut socket, &hello()).await;
    let frames = until(&mut socket, "welcome").await;
    assert_eq!(frames.last().unwrap()["state"], "active");
    let mut text = String::new();
    loop {
        let frame = receive(&mut socket).await.unwrap();
        if frame["turn"] == start["turn"] {
            match frame["type"].as_str().unwrap() {
                "turn.delta" => {
                    assert_eq!(frame["off"], text.chars().count());
                    text.push_str(frame["d"].as_str().unwrap());
                }
                "turn.end" => break,
                _ => {}
            }
        }
    }
    assert_eq!(text.trim_end(), long.trim_end());
    assert_eq!(model.calls().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_restart_a_paid_turn_is_interrupted_and_an_unpaid_one_is_answered() {
    // The first model hangs after some words: the process dies in the middle.
    let (world, model) = world([ScriptedReply::hanging_after("Hello sunny friend")]).await;
    let teen = world.teen(1, MemoryMode::Off).await;
    let mut socket = talking(&world, teen).await;
    say(&mut socket, 1, "the first").await;
    until(&mut socket, "turn.delta").await;
    say(&mut socket, 2, "the second").await;
    until(&mut socket, "accepted").await;
    let again = Arc::new(ScriptedModel::saying("an answer to the second"));
    let (stores, clock) = (world.stores.clone(), Arc::clone(&world.clock));
    let reborn = World::over(stores, clock, Arc::clone(&again) as _, settings()).await;
    let mut socket = reborn.socket(&reborn.token(teen, HOUR)).await.unwrap();
    send(&mut socket, &hello()).await;
    let mut ends = Vec::new();
    while ends.len() < 3 {
        ends.push(until(&mut socket, "turn.end").await.pop().unwrap()["finish"].clone());
    }
    assert_eq!(ends, [json!("stop"), json!("interrupted"), json!("stop")]);
    assert_eq!((model.calls().len(), again.calls().len()), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelling_stops_the_model_and_keeps_what_was_said() {
    let (world, model) = world([ScriptedReply::hanging_after("Hello sunny friend")]).await;
    let teen = world.teen(1, MemoryMode::Off).await;
    let mut socket = talking(&world, teen).await;
    say(&mut socket, 1, "go on").await;
    let turn = until(&mut socket, "turn.delta").await.pop().unwrap()["turn"].clone();
    send(&mut socket, &json!({"type": "cancel", "turn": turn})).await;
    let end = until(&mut socket, "turn.end").await.pop().unwrap();
    assert_eq!(end["finish"], "cancelled");
    assert_eq!(
        model.open_streams(),
        0,
        "the provider's connection was dropped"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_day_ends_after_its_time_and_a_crisis_is_still_answered() {
    let model = Arc::new(ScriptedModel::saying("ok"));
    let mut limits = settings();
    limits.limits.daily = Duration::from_secs(20);
    let world = World::start(Arc::clone(&model) as _, limits).await;
    let teen = world.teen(1, MemoryMode::Off).await;
    let mut socket = talking(&world, teen).await;
    world.clock.advance(Duration::from_secs(21));
    let ended = until(&mut socket, "session.ended").await.pop().unwrap();
    assert_eq!(
        (&ended["reason"], &ended["remaining_s"]),
        (&json!("daily_limit"), &json!(0))
    );
    say(&mut socket, 1, "i want to kill myself").await;
    let crisis = receive(&mut socket).await.unwrap();
    assert_eq!(
        (&crisis["type"], &crisis["seq"]),
        (&json!("safety.crisis"), &json!(0))
    );
    assert_eq!(model.calls().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crisis_stops_the_answer_and_closes_persona_chat() {
    let (world, model) = world([ScriptedReply::steps([Step::Hang])]).await;
    let teen = world.teen(1, MemoryMode::Full).await;
    let mut socket = talking(&world, teen).await;
    say(&mut socket, 1, "i want to kill myself").await;
    let frames = until(&mut socket, "turn.end").await;
    let kinds: Vec<&str> = frames
        .iter()
        .map(|frame| frame["type"].as_str().unwrap())
        .collect();
    assert_eq!(
        kinds,
        ["safety.crisis", "accepted", "turn.start", "turn.end"]
    );
    assert_eq!(frames[2]["origin"], "safety");
    assert_eq!(frames[2]["ai_generated"], false);
    assert_eq!(
        (&frames[3]["finish"], &frames[3]["len"]),
        (&json!("safety"), &json!(0))
    );
    assert!(
        frames[0]["resources"]
            .as_array()
            .unwrap()
            .iter()
            .any(|one| one["id"] == "us-988")
    );
    assert_eq!(model.calls().len(), 0, "no byte went to a model");
    let event = frames[0]["event"].clone();
    send(&mut socket, &json!({"type": "safety.ack", "event": event})).await;
    let state = until(&mut socket, "safety.state").await.pop().unwrap();
    assert_eq!(state["state"], "crisis");
    let state = until(&mut socket, "safety.state").await.pop().unwrap();
    assert_eq!(state["state"], "journal_only");
    say(&mut socket, 2, "can we talk about math").await;
    let refused = until(&mut socket, "error").await.pop().unwrap();
    assert_eq!(
        (&refused["code"], &refused["ref"]),
        (&json!("journal_only"), &json!(message_id(2)))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_session_knows_the_first() {
    let (world, model) = world([ScriptedReply::text("That sounds exciting.")]).await;
    let teen = world.teen(1, MemoryMode::Full).await;
    let mut socket = talking(&world, teen).await;
    say(
        &mut socket,
        1,
        "my best friend maya and i want to join the swim team",
    )
    .await;
    until(&mut socket, "turn.end").await;
    send(&mut socket, &json!({"type": "session.end"})).await;
    let ended = until(&mut socket, "session.ended").await.pop().unwrap();
    assert_eq!(ended["memory"], "pending");
    let updated = until(&mut socket, "memory.updated").await.pop().unwrap();
    assert!(updated["added"].as_u64().unwrap() > 0);
    drop(socket);
    let mut socket = talking(&world, teen).await;
    say(&mut socket, 2, "guess what happened today").await;
    until(&mut socket, "turn.end").await;
    let call = model.calls().pop().unwrap();
    let digest = call.prompt.digest.expect("there is a digest");
    assert!(digest.as_str().to_lowercase().contains("maya"));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_messages_run_one_after_the_other_and_a_third_has_to_wait() {
    let (world, _) = world([ScriptedReply::hanging_after("Hello sunny friend")]).await;
    let teen = world.teen(1, MemoryMode::Off).await;
    let mut socket = talking(&world, teen).await;
    say(&mut socket, 1, "one").await;
    until(&mut socket, "turn.delta").await;
    say(&mut socket, 2, "two").await;
    until(&mut socket, "accepted").await;
    say(&mut socket, 3, "three").await;
    let refused = until(&mut socket, "error").await.pop().unwrap();
    assert_eq!(
        (&refused["code"], &refused["ref"]),
        (&json!("turn_busy"), &json!(message_id(3)))
    );
}
