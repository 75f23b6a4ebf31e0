//! Conversations as data: every file of `tests/scenarios/` through the socket server.

use std::{path::Path, sync::Arc, time::Duration};

use innerworld_core::ids::TeenId;
use innerworld_testkit::{
    scenario::{Scenario, Stage},
    scripted_model::{ScriptedModel, ScriptedReply},
};

use crate::world::{Socket, World, settings};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/scenarios");

/// The socket server.
struct Server {
    world: World,
    teen: TeenId,
}

#[async_trait::async_trait]
impl Stage for Server {
    async fn connect(&mut self) -> Socket {
        let token = self.world.token(self.teen, Duration::from_secs(3_600));
        self.world.socket(&token).await.unwrap()
    }

    async fn settled(&mut self) {}

    fn is_behind_a_gateway(&self) -> bool {
        false
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_scenario_runs_through_the_socket_server() {
    for (name, scenario) in Scenario::all(Path::new(FOLDER)) {
        Box::pin(play(&name, &scenario)).await;
    }
}

async fn play(name: &str, scenario: &Scenario) {
    let replies = scenario.replies.iter();
    let replies = replies.map(|text| ScriptedReply::text(text));
    let model = Arc::new(ScriptedModel::new(replies));
    let world = World::start(Arc::clone(&model) as _, settings()).await;
    let teen = world.teen(1, scenario.memory).await;
    let mut server = Server { world, teen };
    let frames = scenario.play(name, &mut server).await;
    // The functions must send the same frames: they compare with the same file.
    insta::with_settings!({
        snapshot_path => Path::new(FOLDER).join("frames"),
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        insta::assert_json_snapshot!(name, frames);
    });
    assert!(
        model.most_calls_per_message() <= 1,
        "{name}: a message was paid for twice"
    );
}
