//! Order is a safety property: the frame comes first whatever is in the way, and what it changed is
//! kept, over stores that are away, repeats, and a second process.

use std::{sync::Arc, time::Duration};

use innerworld_core::{identity::consent::MemoryMode, ids::TeenId, safety::SafetyState};
use innerworld_embedded::{Embedded, OsIds};
use innerworld_engine::services::Settings;
use innerworld_testkit::{
    FakeClock,
    fates::{Fate, Fates},
    scripted_model::ScriptedModel,
};
use serde_json::{Value, json};

use crate::{
    talk::{hello, message_id, open_talk, say, until},
    world::{Socket, World, receive, send, settings},
};

const CRISIS: &str = "trigger ideation risk";

struct Scene {
    world: World,
    fates: Arc<Fates>,
    model: Arc<ScriptedModel>,
    teen: TeenId,
}

impl Scene {
    async fn new() -> Self {
        Self::with(settings()).await
    }

    async fn with(settings: Settings) -> Self {
        let clock = Arc::new(FakeClock::default());
        let stores = Embedded::in_memory(Arc::clone(&clock) as _, Arc::new(OsIds)).unwrap();
        Self::over(stores, clock, settings).await
    }

    async fn over(stores: Embedded, clock: Arc<FakeClock>, settings: Settings) -> Self {
        let (fates, model) = (
            Arc::new(Fates::default()),
            Arc::new(ScriptedModel::saying("ok")),
        );
        let parts = (Arc::clone(&model) as _, settings);
        let world = World::fated(stores, clock, parts, &fates).await;
        let teen = world.teen(1, MemoryMode::Off).await;
        Self {
            world,
            fates,
            model,
            teen,
        }
    }

    async fn joined(&self) -> Socket {
        let token = self.world.token(self.teen, Duration::from_secs(864_000));
        let mut socket = self.world.socket(&token).await.unwrap();
        send(&mut socket, &hello()).await;
        socket
    }

    async fn talking(&self) -> Socket {
        let mut socket = self.joined().await;
        open_talk(&mut socket).await;
        socket
    }

    async fn state(&self) -> Option<SafetyState> {
        let record = self.world.stores.safety().load(self.teen).await.unwrap();
        record.map(|record| record.state)
    }

    /// Every counter: action, tier, count.
    async fn counted(&self) -> Vec<(String, String, u64)> {
        let store = self.world.stores.safety();
        let counts = store.counts("0000-01-01", "9999-12-31").await.unwrap();
        let rows = counts.into_iter();
        rows.map(|(count, n)| (count.action, count.tier, n))
            .collect()
    }

    /// Waits until the store has this state: what waited is tried again once a second.
    async fn becomes(&self, state: SafetyState) {
        let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
        while self.state().await != Some(state) {
            assert!(tokio::time::Instant::now() < deadline, "never {state:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

fn crisis_once() -> Vec<(String, String, u64)> {
    vec![("crisis".to_owned(), "phrase".to_owned(), 1)]
}

async fn error(socket: &mut Socket) -> (Value, Value) {
    let frame = until(socket, "error").await.pop().unwrap();
    (frame["code"].clone(), frame["ref"].clone())
}

/// The frame that comes next; it must be this one.
async fn next(socket: &mut Socket, kind: &str) -> Value {
    let frame = receive(socket).await.unwrap();
    assert_eq!(frame["type"], kind, "{frame}");
    frame
}

#[tokio::test(flavor = "multi_thread")]
async fn t15_a_store_that_is_away_neither_holds_a_crisis_back_nor_loses_it() {
    let scene = Scene::new().await;
    let mut socket = scene.talking().await;
    scene.fates.plan(0, Fate::Fails);
    scene.fates.plan(1, Fate::Fails);
    say(&mut socket, 1, CRISIS).await;
    let crisis = next(&mut socket, "safety.crisis").await;
    assert_eq!(crisis["seq"], 0);
    assert_eq!(
        error(&mut socket).await,
        (json!("storage_unavailable"), json!(message_id(1)))
    );
    // The state is in force: nobody talks on as if nothing had been.
    say(&mut socket, 2, "and what about math").await;
    assert_eq!(error(&mut socket).await.0, "journal_only");
    // The same message again is taken, shows the same event, and counts once.
    say(&mut socket, 1, CRISIS).await;
    let again = next(&mut socket, "safety.crisis").await;
    assert_eq!(again["event"], crisis["event"]);
    let accepted = until(&mut socket, "accepted").await.pop().unwrap();
    assert_eq!(accepted["id"], message_id(1));
    scene.becomes(SafetyState::Crisis).await;
    assert_eq!(scene.counted().await, crisis_once());
    assert!(scene.model.calls().is_empty(), "no byte went to a model");
}

#[tokio::test(flavor = "multi_thread")]
async fn t15_with_store_and_spool_away_a_crisis_waits_in_memory() {
    let scene = Scene::new().await;
    let mut socket = scene.talking().await;
    scene.fates.set_away(true);
    say(&mut socket, 1, CRISIS).await;
    next(&mut socket, "safety.crisis").await;
    assert_eq!(error(&mut socket).await.0, "storage_unavailable");
    // Nothing is taken before what was shown is kept.
    say(&mut socket, 2, "hello?").await;
    assert_eq!(error(&mut socket).await.0, "storage_unavailable");
    assert_eq!(scene.state().await, None);
    scene.fates.set_away(false);
    // No frame of the teen is needed for it.
    scene.becomes(SafetyState::Crisis).await;
    assert_eq!(scene.counted().await, crisis_once());
    say(&mut socket, 3, "hello?").await;
    assert_eq!(error(&mut socket).await.0, "journal_only");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spooled_crisis_is_one_for_the_next_process() {
    let scene = Scene::new().await;
    let mut socket = scene.talking().await;
    // Accepting, then keeping alone.
    scene.fates.plan(0, Fate::Fails);
    scene.fates.plan(2, Fate::Fails);
    say(&mut socket, 1, CRISIS).await;
    let crisis = next(&mut socket, "safety.crisis").await;
    assert_eq!(error(&mut socket).await.0, "storage_unavailable");
    drop(socket);
    let (stores, clock) = (scene.world.stores.clone(), Arc::clone(&scene.world.clock));
    drop(scene);
    let scene = Scene::over(stores, clock, settings()).await;
    let mut socket = scene.joined().await;
    until(&mut socket, "welcome").await;
    let first = next(&mut socket, "safety.crisis").await;
    assert_eq!(first["event"], crisis["event"]);
    scene.becomes(SafetyState::Crisis).await;
    assert_eq!(scene.counted().await, crisis_once());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_message_is_screened_before_anything_refuses_it() {
    let scene = Scene::new().await;
    // Before a persona was chosen.
    let mut socket = scene.joined().await;
    until(&mut socket, "disclosure").await;
    say(&mut socket, 1, CRISIS).await;
    let first = next(&mut socket, "safety.crisis").await;
    assert_eq!(error(&mut socket).await.0, "persona_required");
    scene.becomes(SafetyState::Crisis).await;
    // A flood: each is answered with the frame, whatever else it is answered with.
    for number in 2..80 {
        say(&mut socket, number, CRISIS).await;
    }
    let mut shown = 0;
    while shown < 78 {
        let frame = receive(&mut socket).await.unwrap();
        if frame["type"] == "safety.crisis" {
            shown += 1;
            assert_eq!(frame["event"], first["event"]);
        }
    }
    assert_eq!(scene.counted().await, crisis_once());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_and_an_overlong_message_are_screened_and_then_refused() {
    let model = Arc::new(ScriptedModel::saying("ok"));
    let world = World::start(Arc::clone(&model) as _, settings()).await;
    let teen = world.teen(1, MemoryMode::Off).await;
    let token = world.token(teen, Duration::from_secs(3_600));
    let mut socket = world.socket(&token).await.unwrap();
    send(&mut socket, &hello()).await;
    open_talk(&mut socket).await;
    say(&mut socket, 1, "   ").await;
    assert_eq!(error(&mut socket).await.0, "invalid_message");
    let long = format!("i want to kill myself. {}", "and then ".repeat(1_900));
    assert!((16_000..32_000).contains(&long.len()));
    say(&mut socket, 2, &long).await;
    next(&mut socket, "safety.crisis").await;
    assert_eq!(
        error(&mut socket).await,
        (json!("message_too_long"), json!(message_id(2)))
    );
    let record = world.stores.safety().load(teen).await.unwrap().unwrap();
    assert_eq!(record.state, SafetyState::Crisis);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unconfirmed_frame_comes_again_and_first_after_each_welcome() {
    let scene = Scene::new().await;
    let mut socket = scene.talking().await;
    say(&mut socket, 1, CRISIS).await;
    let crisis = next(&mut socket, "safety.crisis").await;
    until(&mut socket, "turn.end").await;
    for wait in [2, 4, 8, 16, 30] {
        scene.world.clock.advance(Duration::from_secs(wait));
        let again = until(&mut socket, "safety.crisis").await.pop().unwrap();
        assert_eq!(again["event"], crisis["event"], "{wait}");
    }
    drop(socket);
    let mut socket = scene.joined().await;
    let welcome = receive(&mut socket).await.unwrap();
    assert_eq!(welcome["type"], "welcome");
    let first = next(&mut socket, "safety.crisis").await;
    assert_eq!(first["event"], crisis["event"]);
    send(
        &mut socket,
        &json!({"type": "safety.ack", "event": crisis["event"]}),
    )
    .await;
    let ask = until(&mut socket, "safety.checkin").await.pop().unwrap();
    assert_eq!(ask["intensity"], "ask");
    scene.becomes(SafetyState::JournalOnly).await;
    // The question waits for its own confirmation.
    scene.world.clock.advance(Duration::from_secs(2));
    let again = until(&mut socket, "safety.checkin").await.pop().unwrap();
    assert_eq!(again["event"], ask["event"]);
    assert_eq!(scene.counted().await, crisis_once());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_lose_no_event_of_a_teen() {
    let clock = Arc::new(FakeClock::default());
    let stores = Embedded::in_memory(Arc::clone(&clock) as _, Arc::new(OsIds)).unwrap();
    let first = Scene::over(stores.clone(), Arc::clone(&clock), settings()).await;
    let mut one = first.talking().await;
    let second = Scene::over(stores, clock, settings()).await;
    let mut two = second.joined().await;
    until(&mut two, "welcome").await;
    say(&mut one, 1, "trigger abuse risk").await;
    next(&mut one, "safety.checkin").await;
    until(&mut one, "accepted").await;
    // This process still believes that nothing happened.
    say(&mut two, 2, "trigger intent_plan danger").await;
    let crisis = until(&mut two, "safety.crisis").await.pop().unwrap();
    assert_eq!(crisis["level"], "danger");
    first.becomes(SafetyState::Crisis).await;
    let mut counted = first.counted().await;
    counted.sort();
    assert_eq!(
        counted,
        [
            ("ask".to_owned(), "phrase".to_owned(), 1),
            ("crisis".to_owned(), "phrase".to_owned(), 1)
        ]
    );
    // And the other one believes that a question is open: it is told otherwise before it answers.
    say(&mut one, 3, "trigger eating concern").await;
    until(&mut one, "safety.crisis").await;
    assert_eq!(first.state().await, Some(SafetyState::Crisis));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quiet_offer_is_counted_with_its_message_and_a_language_once_a_session() {
    let scene = Scene::new().await;
    let mut socket = scene.talking().await;
    say(&mut socket, 1, "escalate ideation 0 language").await;
    let soft = next(&mut socket, "safety.checkin").await;
    assert_eq!(soft["intensity"], "soft");
    until(&mut socket, "turn.end").await;
    let by_language = |n| vec![("soft".to_owned(), "language".to_owned(), n)];
    assert_eq!(scene.counted().await, by_language(1));
    scene.world.clock.advance(Duration::from_secs(20 * 60));
    say(&mut socket, 2, "escalate ideation 0 language").await;
    let frames = until(&mut socket, "accepted").await;
    assert!(frames.iter().all(|frame| frame["type"] != "safety.checkin"));
    // Nor is a repeat an offer.
    say(&mut socket, 1, "escalate ideation 0 language").await;
    until(&mut socket, "accepted").await;
    assert_eq!(scene.counted().await, by_language(1));
    send(&mut socket, &json!({"type": "session.end"})).await;
    until(&mut socket, "session.ended").await;
    let mut socket = scene.talking().await;
    say(&mut socket, 3, "escalate ideation 0 language").await;
    until(&mut socket, "safety.checkin").await;
    until(&mut socket, "accepted").await;
    assert_eq!(scene.counted().await, by_language(2));
}
