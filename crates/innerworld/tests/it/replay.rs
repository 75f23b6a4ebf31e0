//! One message sent again and again, over several sockets.

use std::{sync::Arc, time::Duration};

use innerworld_core::{
    clock::Clock as _,
    conversation::record::{TurnRecord, TurnState},
    identity::consent::MemoryMode,
    ids::TeenId,
};
use innerworld_embedded::{Embedded, OsIds};
use innerworld_testkit::{
    FakeClock,
    reference::{Defect, Reference},
    scripted_model::ScriptedModel,
};
use serde_json::json;

use crate::{
    talk::{eventually, hello, message_id, open_talk, say, until},
    world::{Socket, World, send, settings},
};

const HOUR: Duration = Duration::from_secs(3_600);
const SOCKETS: usize = 4;
/// On each of them.
const TIMES: usize = 25;

/// A server whose talk lies in `store`, if that is given.
async fn world(store: Option<Reference>) -> (World, Arc<ScriptedModel>) {
    let model = Arc::new(ScriptedModel::saying("I hear you."));
    let clock = Arc::new(FakeClock::default());
    let stores = Embedded::in_memory(Arc::clone(&clock) as _, Arc::new(OsIds)).unwrap();
    let mut settings = settings();
    // One attack at a time: rates are another control.
    (settings.limits.messages_burst, settings.limits.frames_burst) = (1_000, 1_000);
    let parts = (Arc::clone(&model) as _, settings);
    let world = World::build(stores, clock, parts, |services, _cognito| {
        if let Some(store) = store.map(Arc::new) {
            services.conversations = Arc::clone(&store) as _;
            services.safety = Arc::clone(&store) as _;
            services.jobs = store;
        }
    });
    (world.await, model)
}

/// Says `text` a hundred times with one id, over four sockets of one teen, the later ones while the
/// answer is given and after it.
async fn attack(world: &World, text: &str) -> TeenId {
    let teen = world.teen(1, MemoryMode::Off).await;
    let mut open: Vec<Socket> = Vec::new();
    for number in 0..SOCKETS {
        let mut socket = world.socket(&world.token(teen, HOUR)).await.unwrap();
        send(&mut socket, &hello()).await;
        if number == 0 {
            open_talk(&mut socket).await;
        } else {
            until(&mut socket, "welcome").await;
        }
        for _ in 0..TIMES {
            say(&mut socket, 1, text).await;
        }
        open.push(socket);
    }
    // What was sent before it is done when this is answered.
    let mut last = open.pop().unwrap();
    send(&mut last, &json!({"type": "ping", "t": "all said"})).await;
    while until(&mut last, "pong").await.pop().unwrap()["t"] != "all said" {}
    eventually(async || {
        let turns = live_turns(world, teen).await;
        turns.iter().all(|turn| turn.state == TurnState::Ended)
    })
    .await;
    teen
}

async fn live_turns(world: &World, teen: TeenId) -> Vec<TurnRecord> {
    let store = &world.app.services.conversations;
    let live = store.live_session(teen, world.clock.now()).await.unwrap();
    live.unwrap().turns
}

/// How many turns this message has.
async fn turns(world: &World, teen: TeenId) -> usize {
    let turns = live_turns(world, teen).await.into_iter();
    let ids = turns.filter_map(|turn| turn.message.map(|message| message.id.to_string()));
    ids.filter(|id| *id == message_id(1)).count()
}

/// How often a referral was counted.
async fn counted(world: &World) -> u64 {
    let store = &world.app.services.safety;
    let counts = store.counts("1970-01-01", "2100-01-01").await.unwrap();
    counts.into_iter().map(|(_, n)| n).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn t03_a_message_a_hundred_times_on_four_sockets_is_one_call_and_one_turn() {
    let (world, model) = world(None).await;
    let teen = attack(&world, "today was long").await;
    assert_eq!((model.calls().len(), turns(&world, teen).await), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn t03_a_crisis_a_hundred_times_on_four_sockets_is_one_turn_and_counted_once() {
    let (world, model) = world(None).await;
    let teen = attack(&world, "i want to kill myself").await;
    assert_eq!((model.calls().len(), turns(&world, teen).await), (0, 1));
    assert_eq!(counted(&world).await, 1);
}

/// What makes them one is that the store knows the id.
#[tokio::test(flavor = "multi_thread")]
async fn t03_where_ids_are_forgotten_the_same_message_is_many() {
    let forgets = || Some(Reference::with(Defect::RepeatsAreNew));
    let (world, model) = world(forgets()).await;
    let teen = attack(&world, "today was long").await;
    assert!(turns(&world, teen).await > 1);
    assert!(!model.calls().is_empty());
}

/// The plain stores, which know it, are not what differs.
#[tokio::test(flavor = "multi_thread")]
async fn t03_the_same_stores_without_the_defect_keep_it_one() {
    let (world, model) = world(Some(Reference::new())).await;
    let teen = attack(&world, "today was long").await;
    assert_eq!((model.calls().len(), turns(&world, teen).await), (1, 1));
}
