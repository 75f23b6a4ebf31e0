//! A teen's time, spent by many sockets at once and over a restart.
//!
//! What a day may cost in money has no limit yet, so nothing is tested of it.

use std::{sync::Arc, time::Duration};

use futures_util::future::join_all;
use innerworld_core::{identity::consent::MemoryMode, ids::TeenId};
use innerworld_embedded::{Embedded, OsIds};
use innerworld_testkit::{FakeClock, scripted_model::ScriptedModel, weakened::NeverSpent};
use serde_json::{Value, json};

use crate::{
    talk::{hello, message_id, until},
    world::{World, receive, send, settings},
};

const HOUR: Duration = Duration::from_secs(3_600);
const SOCKETS: u32 = 20;
const DAY: Duration = Duration::from_secs(20);
const STEP: Duration = Duration::from_secs(5);

/// Servers on the same data, one after the other, and everything that their models were asked.
struct Attack {
    stores: Embedded,
    clock: Arc<FakeClock>,
    model: Arc<ScriptedModel>,
    /// Whether the store forgets the time that was used.
    forgets: bool,
    said: u32,
}

impl Attack {
    fn new(forgets: bool) -> Self {
        let clock = Arc::new(FakeClock::default());
        Self {
            stores: Embedded::in_memory(Arc::clone(&clock) as _, Arc::new(OsIds)).unwrap(),
            clock,
            model: Arc::new(ScriptedModel::saying("go on")),
            forgets,
            said: 0,
        }
    }

    async fn server(&self) -> World {
        let mut settings = settings();
        settings.limits.daily = DAY;
        // One attack at a time: rates are another control.
        settings.limits.messages_burst = 10_000;
        let parts = (Arc::clone(&self.model) as _, settings);
        let (stores, clock) = (self.stores.clone(), Arc::clone(&self.clock));
        World::build(stores, clock, parts, |services, _cognito| {
            if self.forgets {
                services.clocks = Arc::new(NeverSpent);
            }
        })
        .await
    }

    /// Twenty sockets at once, each of which wants to talk, every five seconds for as long as the
    /// day has time.
    async fn spend(&mut self, world: &World, teen: TeenId, version: &Value) {
        let token = world.token(teen, HOUR);
        let mut passed = Duration::ZERO;
        while passed <= DAY {
            let numbers = self.said..self.said + SOCKETS;
            join_all(numbers.map(|number| push(world, &token, (number, version)))).await;
            self.said += SOCKETS;
            self.clock.advance(STEP);
            passed += STEP;
        }
    }

    /// How many calls the model got while there was time, and after that.
    async fn run(&mut self) -> (usize, usize) {
        let world = self.server().await;
        let teen = world.teen(1, MemoryMode::Off).await;
        let mut first = world.socket(&world.token(teen, HOUR)).await.unwrap();
        send(&mut first, &hello()).await;
        let version = until(&mut first, "disclosure").await.pop().unwrap()["version"].clone();
        self.spend(&world, teen, &version).await;
        let in_time = self.model.calls().len();
        self.spend(&world, teen, &version).await;
        drop(world);
        let world = self.server().await;
        self.spend(&world, teen, &version).await;
        (in_time, self.model.calls().len() - in_time)
    }
}

/// Opens a socket, does all that a talk needs, says something, and reads until it was answered in
/// any way or another socket took the place.
async fn push(world: &World, token: &str, (number, version): (u32, &Value)) {
    let Ok(mut socket) = world.socket(token).await else {
        return;
    };
    let id = message_id(number);
    for frame in [
        hello(),
        json!({"type": "disclosure.ack", "version": version}),
        json!({"type": "persona.choose", "persona": "courage"}),
        json!({"type": "message", "id": id, "text": "and then?"}),
    ] {
        // It may have been closed already.
        let text = frame.to_string();
        let message = tokio_tungstenite::tungstenite::Message::text(text);
        if futures_util::SinkExt::send(&mut socket, message)
            .await
            .is_err()
        {
            return;
        }
    }
    while let Ok(frame) = receive(&mut socket).await {
        let about = frame["ref"] == *id || frame["id"] == *id;
        if about || frame["fatal"] == true {
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn t05_twenty_sockets_exceed_the_days_time_by_one_turn_at_most() {
    let (in_time, after) = Attack::new(false).run().await;
    assert!(in_time > 0, "there was time");
    assert!(after <= 1, "{after} calls after the time was spent");
}

/// What stops them, over a restart too, is that the store keeps the time.
#[tokio::test(flavor = "multi_thread")]
async fn t05_where_the_time_is_not_kept_it_begins_anew() {
    let (_, after) = Attack::new(true).run().await;
    assert!(after > 1, "{after} calls");
}
