//! A store that gives each number of a session out once, and whose answers are lost now and then: what it
//! stored unheard took its numbers.

use std::{sync::Arc, time::Duration};

use innerworld_core::{conversation::store::ConversationStore, identity::consent::MemoryMode};
use innerworld_embedded::{Embedded, OsIds};
use innerworld_testkit::{
    FakeClock,
    fates::{Fate, Fated, Fates},
    reference::Reference,
    scripted_model::ScriptedModel,
};
use serde_json::Value;

use crate::{
    talk::{hello, message_id, say, settled, until},
    world::{Socket, World, receive, send, settings},
};

/// More calls than a message and its answer make.
const CALLS: u64 = 5;

/// A teen's token, and what becomes of calls to the store.
async fn world() -> (World, Arc<Fates>, String) {
    let fates = Arc::new(Fates::default());
    let planned = Arc::clone(&fates);
    let clock = Arc::new(FakeClock::default());
    let stores = Embedded::in_memory(Arc::clone(&clock) as _, Arc::new(OsIds)).unwrap();
    let model = Arc::new(ScriptedModel::saying("All is well."));
    let world = World::build(stores, clock, (model as _, settings()), |services, _| {
        let strict: Arc<dyn ConversationStore> = Arc::new(Reference::new());
        services.conversations = Arc::new(Fated::new(strict, planned));
    })
    .await;
    let teen = world.teen(1, MemoryMode::Off).await;
    let token = world.token(teen, Duration::from_secs(3_600));
    (world, fates, token)
}

/// Says it until it was answered, as a client does that is told to try again.
async fn answered(socket: &mut Socket, number: u32) -> Vec<Value> {
    say(socket, number, "good morning").await;
    let mut frames = Vec::new();
    loop {
        let frame = receive(socket).await.unwrap();
        let kind = frame["type"].as_str().unwrap_or_default().to_owned();
        let retry = kind == "error" && frame["ref"].is_string() && frame["retryable"] == true;
        frames.push(frame);
        if retry {
            say(socket, number, "good morning").await;
        }
        if kind == "turn.end" {
            return frames;
        }
    }
}

#[tokio::test]
async fn a_talk_goes_on_whichever_answer_of_the_store_is_lost() {
    for ahead in 0..CALLS {
        let (world, fates, token) = world().await;
        let mut socket = settled(&world, &token).await;
        fates.plan(ahead, Fate::FailsLate);
        let mut frames = answered(&mut socket, 1).await;
        frames.extend(answered(&mut socket, 2).await);
        let end = frames.last().unwrap();
        assert_eq!(end["finish"], "stop", "call {ahead}: {frames:?}");
        let numbers: Vec<u64> = frames
            .iter()
            .filter_map(|frame| frame["seq"].as_u64())
            .collect();
        assert!(numbers.is_sorted(), "call {ahead}: {numbers:?}");
        say(&mut socket, 3, "and good night").await;
        until(&mut socket, "turn.end").await;
    }
}

/// Comes back and hears the whole session again, then says the message unless it is in there, as a client
/// does; gives what came up to the end of its answer.
async fn answered_after_a_return(socket: &mut Socket, number: u32) -> Vec<Value> {
    send(socket, &hello()).await;
    let mut frames = until(socket, "welcome").await;
    let newest = frames.pop().and_then(|welcome| welcome["seq"].as_u64());
    let id = message_id(number);
    let accepts = |frame: &Value| frame["type"] == "accepted" && frame["id"] == id;
    while frames.last().and_then(|frame| frame["seq"].as_u64()) < newest {
        frames.push(receive(socket).await.unwrap());
    }
    if !frames.iter().any(accepts) {
        say(socket, number, "good morning").await;
        frames.extend(until(socket, "accepted").await);
    }
    let accepted = frames.iter().find(|frame| accepts(frame)).unwrap();
    let turn = accepted["turn"].clone();
    let ends = |frame: &Value| frame["type"] == "turn.end" && frame["turn"] == turn;
    while !frames.iter().any(ends) {
        frames.push(receive(socket).await.unwrap());
    }
    frames
}

#[tokio::test]
async fn a_message_that_was_stored_unheard_is_answered_when_its_teen_comes_back() {
    for ahead in 0..CALLS {
        let (world, fates, token) = world().await;
        let mut socket = settled(&world, &token).await;
        fates.plan(ahead, Fate::FailsLate);
        say(&mut socket, 1, "good morning").await;
        // It was accepted, or the teen is asked to say it again.
        loop {
            let frame = receive(&mut socket).await.unwrap();
            if frame["type"] == "accepted" || frame["type"] == "error" {
                break;
            }
        }
        drop(socket);
        fates.clear();
        let mut socket = world.socket(&token).await.unwrap();
        // What gets lost later ends the answer with an error.
        answered_after_a_return(&mut socket, 1).await;
        answered(&mut socket, 2).await;
    }
}
