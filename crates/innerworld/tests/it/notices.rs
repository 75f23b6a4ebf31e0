//! What a teen is told about time: that no human is there, and that a break would be good.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use innerworld_core::{
    clock::{Clock as _, Timestamp},
    identity::consent::MemoryMode,
    ids::TeenId,
};
use innerworld_embedded::{Embedded, OsIds};
use innerworld_engine::services::Settings;
use innerworld_testkit::{FakeClock, scripted_model::ScriptedModel};
use serde_json::{Value, json};

use crate::{
    talk::{hello, message_id, open_talk, say, until},
    world::{Socket, World, receive, send, settings},
};

const DAY: Duration = Duration::from_secs(86_400);
const MINUTE: u64 = 60;

/// A teen who talks, and all they were told.
struct Talk {
    world: World,
    teen: TeenId,
    socket: Socket,
    said: u32,
    told: Vec<String>,
    /// Session and number of each: a new connection is shown the session's log again.
    seen: BTreeSet<(String, u64)>,
    session: String,
}

fn with_daily(minutes: u64) -> Settings {
    let mut settings = settings();
    settings.limits.daily = Duration::from_secs(minutes * MINUTE);
    settings.answers = false;
    settings.drain = Duration::ZERO;
    settings
}

impl Talk {
    async fn begin(daily_min: u64, now: Option<&str>) -> Self {
        let clock = Arc::new(FakeClock::default());
        if let Some(now) = now {
            clock.set(Timestamp::parse_rfc3339(now).unwrap());
        }
        let stores = Embedded::in_memory(Arc::clone(&clock) as _, Arc::new(OsIds)).unwrap();
        let model = Arc::new(ScriptedModel::saying("ok"));
        let world = World::over(stores, clock, model, with_daily(daily_min)).await;
        let teen = world.teen(1, MemoryMode::Off).await;
        let mut socket = greeted(&world, teen).await;
        let welcome = until(&mut socket, "welcome").await.pop().unwrap();
        let session = welcome["session"].as_str().unwrap().to_owned();
        open_talk(&mut socket).await;
        Self {
            world,
            teen,
            socket,
            said: 0,
            told: Vec::new(),
            seen: BTreeSet::new(),
            session,
        }
    }

    /// Talks on for so long, a word every fifty seconds.
    async fn talks(&mut self, minutes: u64) {
        let seconds = minutes * MINUTE;
        for _ in 0..seconds / 50 {
            self.world.clock.advance(Duration::from_secs(50));
            self.says("still here").await;
        }
        self.world.clock.advance(Duration::from_secs(seconds % 50));
        self.looked().await;
    }

    async fn says(&mut self, text: &str) {
        self.said += 1;
        say(&mut self.socket, self.said, text).await;
        // A new connection is first told again what was accepted before.
        let id = message_id(self.said);
        loop {
            let frame = receive(&mut self.socket).await.unwrap();
            self.note(&frame);
            assert_ne!(frame["type"], "error", "{frame}");
            if frame["type"] == "accepted" && frame["id"] == id {
                return;
            }
        }
    }

    async fn hears(&mut self, kind: &str) {
        for frame in until(&mut self.socket, kind).await {
            self.note(&frame);
        }
    }

    fn note(&mut self, frame: &Value) {
        if frame["type"] == "welcome" {
            frame["session"]
                .as_str()
                .unwrap()
                .clone_into(&mut self.session);
        }
        if frame["type"] == "notice"
            && self
                .seen
                .insert((self.session.clone(), frame["seq"].as_u64().unwrap()))
        {
            self.told.push(frame["kind"].as_str().unwrap().to_owned());
        }
    }

    /// Waits for the server's next two looks at the clock: it looks once a second.
    async fn looked(&mut self) {
        let looks = tokio::time::sleep(Duration::from_millis(2_100));
        tokio::pin!(looks);
        loop {
            tokio::select! {
                () = &mut looks => return,
                frame = receive(&mut self.socket) => self.note(&frame.unwrap()),
            }
        }
    }

    /// Goes on with another device.
    async fn changes_device(&mut self) {
        self.socket = greeted(&self.world, self.teen).await;
        self.hears("welcome").await;
    }

    /// The server is started anew.
    async fn restarts(&mut self) {
        let (stores, clock) = (self.world.stores.clone(), Arc::clone(&self.world.clock));
        let model = Arc::new(ScriptedModel::saying("ok"));
        let settings = self.world.app.settings.clone();
        self.world.app.drain().await;
        self.world = World::over(stores, clock, model, settings).await;
        self.changes_device().await;
    }

    /// Active milliseconds since the teen was last told, as stored.
    async fn since(&self) -> u64 {
        let clocks = self.world.stores.clocks();
        clocks.notices(self.teen).await.unwrap().since_not_human_ms
    }
}

async fn greeted(world: &World, teen: TeenId) -> Socket {
    let mut socket = world.socket(&world.token(teen, 30 * DAY)).await.unwrap();
    send(&mut socket, &hello()).await;
    socket
}

#[tokio::test(flavor = "multi_thread")]
async fn an_hour_is_told_once_over_devices_and_reconnects() {
    let mut talk = Talk::begin(240, None).await;
    talk.talks(20).await;
    talk.changes_device().await;
    talk.talks(15).await;
    talk.changes_device().await;
    talk.talks(15).await;
    talk.changes_device().await;
    talk.talks(9).await;
    assert!(talk.told.is_empty(), "{:?}", talk.told);
    let since = talk.since().await;
    assert!((58 * 60_000..60 * 60_000).contains(&since), "{since}");
    talk.talks(1).await;
    assert_eq!(talk.told, ["not_human"]);
    assert!(talk.since().await < 60_000);
    talk.talks(30).await;
    talk.changes_device().await;
    talk.talks(20).await;
    assert_eq!(talk.told, ["not_human"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_changes_nothing_about_the_hour() {
    let mut talk = Talk::begin(240, None).await;
    talk.talks(20).await;
    let (session, before) = (talk.session.clone(), talk.since().await);
    talk.restarts().await;
    assert_eq!(talk.session, session, "the session goes on");
    assert_eq!(talk.since().await, before);
    talk.talks(10).await;
    let since = talk.since().await;
    assert!((29 * 60_000..=30 * 60_000).contains(&since), "{since}");
}

#[tokio::test(flavor = "multi_thread")]
async fn midnight_neither_begins_the_hour_anew_nor_ends_it() {
    let mut talk = Talk::begin(240, Some("2026-11-24T23:30:00Z")).await;
    talk.talks(58).await;
    assert!(talk.told.is_empty(), "{:?}", talk.told);
    let since = talk.since().await;
    assert!((57 * 60_000..=58 * 60_000).contains(&since), "{since}");
    talk.talks(2).await;
    assert_eq!(talk.told, ["not_human"]);
    assert!(talk.world.clock.now() <= Timestamp::parse_rfc3339("2026-11-25T00:30:01Z").unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_session_says_it_itself() {
    let mut talk = Talk::begin(240, None).await;
    talk.talks(40).await;
    assert!(talk.since().await > 39 * 60_000);
    send(&mut talk.socket, &json!({"type": "session.end"})).await;
    talk.hears("session.ended").await;
    talk.changes_device().await;
    open_talk(&mut talk.socket).await;
    assert!(talk.since().await < 60_000);
    talk.talks(40).await;
    assert!(talk.told.is_empty(), "{:?}", talk.told);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_break_is_offered_at_half_of_the_days_time_once_a_day() {
    let mut talk = Talk::begin(20, Some("2026-11-24T08:00:00Z")).await;
    talk.talks(9).await;
    assert!(talk.told.is_empty(), "{:?}", talk.told);
    talk.talks(2).await;
    assert_eq!(talk.told, ["break"]);
    talk.restarts().await;
    talk.talks(5).await;
    assert_eq!(talk.told, ["break"]);
    // The next day it is offered again.
    talk.world.clock.advance(DAY);
    talk.changes_device().await;
    open_talk(&mut talk.socket).await;
    talk.talks(11).await;
    assert_eq!(talk.told, ["break", "break"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_notice_interrupts_a_crisis() {
    let mut talk = Talk::begin(240, None).await;
    talk.talks(59).await;
    talk.said += 1;
    say(&mut talk.socket, talk.said, "i want to kill myself").await;
    let frames = until(&mut talk.socket, "turn.end").await;
    let kinds: Vec<_> = frames.iter().map(|frame| frame["type"].clone()).collect();
    assert_eq!(
        kinds,
        ["safety.crisis", "accepted", "turn.start", "turn.end"]
    );
    for _ in 0..10 {
        talk.world.clock.advance(Duration::from_secs(50));
        send(&mut talk.socket, &json!({"type": "ping"})).await;
        talk.hears("pong").await;
    }
    talk.looked().await;
    assert!(talk.told.is_empty(), "{:?}", talk.told);
}
