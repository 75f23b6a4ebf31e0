//! The double of the graph database, for programs that Lambda gives its credentials.

use std::sync::Arc;

use async_trait::async_trait;
use innerworld_aws::{GraphWrites, neptune::statements};
use innerworld_core::{error::PortError, ids::TeenId};
use innerworld_testkit::{
    FakeClock,
    fake_neptune::{Caller, FakeNeptune},
};
use tempfile::TempDir;

use crate::place::wall_clock;

/// The double, and the file with its authority.
pub(crate) struct House {
    pub(crate) fake: FakeNeptune,
    home: TempDir,
}

impl House {
    pub(crate) async fn new() -> Self {
        let list = statements::all().map(|one| (one.name, one.text));
        let caller = Caller {
            access_key: "test".to_owned(),
            secret: "test".to_owned(),
            session_token: Some("test".to_owned()),
            region: "us-east-1".to_owned(),
        };
        let clock = Arc::new(FakeClock::new(wall_clock()));
        let fake = FakeNeptune::start(list.collect(), caller, clock).await;
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("ca.pem"), &fake.authority).unwrap();
        Self { fake, home }
    }

    /// What a function is told of it.
    pub(crate) fn variables(&self) -> [(&'static str, String); 5] {
        let ca = self.home.path().join("ca.pem");
        [
            ("NEPTUNE_ENDPOINT", self.fake.cluster.to_string()),
            ("NEPTUNE_READER_ENDPOINT", self.fake.readers.to_string()),
            ("NEPTUNE_PORT", "8182".to_owned()),
            ("NEPTUNE_IAM_AUTH", "true".to_owned()),
            ("NEPTUNE_CA_FILE", ca.to_str().unwrap().to_owned()),
        ]
    }
}

/// Tells no writer: the tests deliver the queue's messages.
#[derive(Debug)]
pub(crate) struct Silent;

#[async_trait]
impl GraphWrites for Silent {
    async fn patch_waits(&self, _teen: TeenId, _generation: u64) -> Result<(), PortError> {
        Ok(())
    }
}
