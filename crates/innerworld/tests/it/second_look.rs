//! A model's second look at messages that may tell of danger: what a teen sees meanwhile and after.

mod failures;
mod over_a_talk;
mod stores;

use std::sync::Arc;

use innerworld_core::identity::consent::{MemoryMode, Purpose};
use innerworld_embedded::{Embedded, OsIds};
use innerworld_testkit::{FakeClock, scripted_look::ScriptedLook, scripted_model::ScriptedModel};
use serde_json::Value;

use crate::{
    talk::settled,
    world::{Socket, World, settings},
};

/// Worth a second look, and no more, to the local tier.
pub(crate) const UNSURE: &str =
    "lately i look at the others and feel like i'm already not here, and that is okay";
/// Nothing, to the local tier.
const PLAIN: &str = "we painted the door of the shed green today";
const ANSWER: &str = "Green is a brave colour for a door.";

/// A teen who agreed that the scripted company looks, on a socket of a talk.
struct Scene {
    world: World,
    look: Arc<ScriptedLook>,
    model: Arc<ScriptedModel>,
    token: String,
    socket: Socket,
}

impl Scene {
    async fn new(look: ScriptedLook) -> Self {
        Self::with(look, ScriptedModel::saying(ANSWER), 40).await
    }

    async fn with(look: ScriptedLook, model: ScriptedModel, looks_a_day: u32) -> Self {
        let clock = Arc::new(FakeClock::default());
        let stores = Embedded::in_memory(Arc::clone(&clock) as _, Arc::new(OsIds)).unwrap();
        let (look, model) = (Arc::new(look), Arc::new(model));
        let settings = innerworld_engine::services::Settings {
            looks_a_day,
            ..settings()
        };
        let parts = (stores, clock);
        let world = World::looked_at_by(
            Arc::clone(&look) as _,
            parts,
            Arc::clone(&model) as _,
            settings,
        )
        .await;
        let teen = world.teen(7, MemoryMode::Full).await;
        let to = (Purpose::SafetyModel, ScriptedLook::COMPANY);
        world.consent_to(teen, to, true).await;
        let token = world.token(teen, std::time::Duration::from_secs(86_400 * 3));
        let socket = settled(&world, &token).await;
        Self {
            world,
            look,
            model,
            token,
            socket,
        }
    }
}

fn kinds(frames: &[Value]) -> Vec<&str> {
    frames
        .iter()
        .filter_map(|frame| frame["type"].as_str())
        .collect()
}

fn first<'a>(frames: &'a [Value], kind: &str) -> Option<&'a Value> {
    frames.iter().find(|frame| frame["type"] == kind)
}

/// What of an answer was shown.
fn shown(frames: &[Value]) -> String {
    let deltas = frames.iter().filter(|frame| frame["type"] == "turn.delta");
    deltas.filter_map(|frame| frame["d"].as_str()).collect()
}
