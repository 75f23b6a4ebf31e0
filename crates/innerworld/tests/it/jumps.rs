//! A wall clock that jumps, forwards and back, under running sessions.

use std::{sync::Arc, time::Duration};

use innerworld_core::{clock::Clock as _, identity::consent::MemoryMode, ids::TeenId};
use innerworld_testkit::scripted_model::ScriptedModel;
use serde_json::json;

use crate::{
    guest::{ask, http},
    talk::{hello, say, settled, until},
    world::{Socket, World, receive, send, settings},
};

const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(24 * 3_600);

async fn world(daily: Duration) -> World {
    let mut settings = settings();
    settings.limits.daily = daily;
    World::start(Arc::new(ScriptedModel::saying("ok")), settings).await
}

async fn talking(world: &World, teen: TeenId) -> Socket {
    settled(world, &world.token(teen, 30 * DAY)).await
}

/// Seconds left today, as the API says.
async fn left(world: &World, teen: TeenId) -> u64 {
    let url = format!("http://{}/v1/me/time", world.address);
    let token = world.token(teen, HOUR);
    let answer = ask(http().get(url).bearer_auth(token)).await;
    answer.json()["remaining_s"].as_u64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn back_by_an_hour_gives_no_time_and_takes_none() {
    let world = world(Duration::from_secs(20)).await;
    let teen = world.teen(1, MemoryMode::Off).await;
    let mut socket = talking(&world, teen).await;
    world.clock.set(world.clock.now().minus(HOUR));
    // The server looks at its clock once a second; a message makes it look now.
    say(&mut socket, 1, "still here").await;
    until(&mut socket, "turn.end").await;
    assert_eq!(left(&world, teen).await, 20);
    world.clock.advance(Duration::from_secs(21));
    let ended = until(&mut socket, "session.ended").await.pop().unwrap();
    assert_eq!(ended["reason"], "daily_limit");
}

#[tokio::test(flavor = "multi_thread")]
async fn back_by_an_hour_while_nobody_says_anything_gives_no_time_either() {
    let world = world(Duration::from_secs(20)).await;
    let teen = world.teen(1, MemoryMode::Off).await;
    let mut socket = talking(&world, teen).await;
    world.clock.set(world.clock.now().minus(HOUR));
    // Only ticks from here on: the day ends though no frame asks for it.
    let step = async {
        loop {
            world.clock.advance(Duration::from_secs(7));
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    };
    let ended = async { until(&mut socket, "session.ended").await.pop().unwrap() };
    let ended = tokio::select! { ended = ended => ended, () = step => unreachable!() };
    assert_eq!(ended["reason"], "daily_limit");
}

#[tokio::test(flavor = "multi_thread")]
async fn forward_by_an_hour_costs_a_minute_at_most() {
    let world = world(Duration::from_secs(1_200)).await;
    let teen = world.teen(1, MemoryMode::Off).await;
    let mut socket = talking(&world, teen).await;
    world.clock.advance(HOUR);
    say(&mut socket, 1, "where did the hour go").await;
    until(&mut socket, "turn.end").await;
    let left = left(&world, teen).await;
    assert!((1_140..=1_200).contains(&left), "{left}");
}

#[tokio::test(flavor = "multi_thread")]
async fn forward_by_a_day_and_back_leaves_each_day_its_own_time() {
    let world = world(Duration::from_secs(1_200)).await;
    let teen = world.teen(1, MemoryMode::Off).await;
    let mut socket = talking(&world, teen).await;
    let spend = |seconds| world.clock.advance(Duration::from_secs(seconds));
    spend(50);
    say(&mut socket, 1, "today").await;
    until(&mut socket, "turn.end").await;
    let (before, today) = (left(&world, teen).await, world.clock.now());
    assert_eq!(before, 1_150);
    world.clock.set(today.plus(DAY.checked_sub(HOUR).unwrap()));
    say(&mut socket, 2, "tomorrow, says the clock").await;
    until(&mut socket, "turn.end").await;
    spend(40);
    say(&mut socket, 3, "still tomorrow").await;
    until(&mut socket, "turn.end").await;
    world.clock.set(today);
    say(&mut socket, 4, "today again").await;
    until(&mut socket, "turn.end").await;
    spend(30);
    say(&mut socket, 5, "today goes on").await;
    until(&mut socket, "turn.end").await;
    assert_eq!(left(&world, teen).await, before - 30);
}

#[tokio::test(flavor = "multi_thread")]
async fn forward_beyond_the_life_of_token_and_session_begins_anew() {
    let world = world(Duration::from_secs(1_200)).await;
    let teen = world.teen(1, MemoryMode::Off).await;
    let mut socket = world.socket(&world.token(teen, HOUR)).await.unwrap();
    send(&mut socket, &hello()).await;
    let first = until(&mut socket, "welcome").await.pop().unwrap();
    until(&mut socket, "disclosure").await;
    world.clock.advance(2 * DAY);
    send(&mut socket, &json!({"type": "ping"})).await;
    let error = until(&mut socket, "error").await.pop().unwrap();
    assert_eq!(error["code"], "token_expired");
    assert_eq!(receive(&mut socket).await, Err(4_401));
    let mut socket = world.socket(&world.token(teen, HOUR)).await.unwrap();
    let mut again = hello();
    again["session"] = first["session"].clone();
    again["last"] = json!({"epoch": first["epoch"], "seq": 1});
    send(&mut socket, &again).await;
    let second = until(&mut socket, "welcome").await.pop().unwrap();
    assert_ne!(second["session"], first["session"]);
    assert_eq!(
        (&second["resumed"], &second["seq"]),
        (&json!("lost"), &json!(1))
    );
    assert_eq!(second["remaining_s"], 1_200);
    let _socket = talking(&world, teen).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn back_by_a_day_a_session_is_taken_up_ended_and_remembered() {
    let world = world(Duration::from_secs(1_200)).await;
    let teen = world.teen(1, MemoryMode::Full).await;
    let mut socket = talking(&world, teen).await;
    say(&mut socket, 1, "my best friend maya is moving to Lisbon").await;
    until(&mut socket, "turn.end").await;
    drop(socket);
    world.clock.set(world.clock.now().minus(DAY));
    let mut socket = world.socket(&world.token(teen, HOUR)).await.unwrap();
    send(&mut socket, &hello()).await;
    let welcome = until(&mut socket, "welcome").await.pop().unwrap();
    assert_eq!(welcome["state"], "active");
    until(&mut socket, "turn.end").await;
    for number in 2..5 {
        say(&mut socket, number, "she is leaving in summer").await;
        until(&mut socket, "turn.end").await;
    }
    send(&mut socket, &json!({"type": "session.end"})).await;
    until(&mut socket, "session.ended").await;
    let updated = until(&mut socket, "memory.updated").await.pop().unwrap();
    assert!(updated["added"].as_u64().unwrap() > 0);
}
