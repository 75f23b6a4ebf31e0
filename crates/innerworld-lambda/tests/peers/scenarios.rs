//! Conversations as data: every file of `tests/scenarios/` through gateway, functions and tables. The
//! frames are those of the socket server.

use std::path::Path;

use async_trait::async_trait;
use innerworld_core::ids::TeenId;
use innerworld_testkit::{
    hostile_upstream::{HostileUpstream, Wire},
    scenario::{Scenario, Socket, Stage},
};

use crate::{
    functions::complete_as,
    place::Place,
    talk::{Deployed, socket},
};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/scenarios");

/// A deployment with a teen.
struct Functions<'a> {
    deployed: &'a Deployed,
    teen: TeenId,
}

#[async_trait]
impl Stage for Functions<'_> {
    async fn connect(&mut self) -> Socket {
        socket(self.deployed, self.teen).await
    }

    async fn settled(&mut self) {
        self.deployed.gateway.settled().await;
        self.deployed.service.settled().await;
    }

    fn is_behind_a_gateway(&self) -> bool {
        true
    }
}

#[tokio::test]
async fn every_scenario_runs_through_the_functions_with_the_same_frames() {
    let all = Scenario::all(Path::new(FOLDER));
    let replies = all.iter().flat_map(|(_, scenario)| &scenario.replies);
    let scripts = replies.map(|text| Wire::saying(&[text]).closing());
    let upstream = HostileUpstream::start(scripts).await;
    let place = Place::with_model(&upstream.base_url()).await;
    let allowed = upstream.address().to_string();
    let deployed = Deployed::over(place, &[("MODEL_ALLOWED_HOSTS", allowed)]).await;
    for ((name, scenario), number) in all.iter().zip(100..) {
        let teen = TeenId::from_subject_bits(number);
        complete_as(&deployed.place, teen, scenario.memory).await;
        let mut functions = Functions {
            deployed: &deployed,
            teen,
        };
        let frames = Box::pin(scenario.play(name, &mut functions)).await;
        assert_eq!(
            frames,
            Scenario::expected(Path::new(FOLDER), name),
            "{name}"
        );
    }
    let paid: usize = all.iter().map(|(_, scenario)| scenario.replies.len()).sum();
    assert_eq!(upstream.requests().len(), paid, "one call for each answer");
}
