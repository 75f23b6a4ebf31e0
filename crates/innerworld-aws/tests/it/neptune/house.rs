//! A double with clients that may call it.

use std::sync::Arc;

use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use innerworld_aws::neptune::{
    engine::Engine,
    graph::NeptuneGraph,
    http::{Endpoint, HttpEngine},
    retrying::Retrying,
    statements,
};
use innerworld_core::ids::IdSource;
use innerworld_testkit::{
    FakeClock,
    fake_neptune::{Caller, FakeNeptune},
};
use tempfile::TempDir;

use crate::graph_suite::Engines;

const REGION: &str = "us-east-1";

/// Random bytes that are all the same: 0 waits for nothing, 255 as long as may be.
#[derive(Debug)]
pub(crate) struct Constant(pub(crate) u8);

impl IdSource for Constant {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(self.0);
    }
}

/// The double, and what its clients know.
pub(crate) struct House {
    pub(crate) fake: FakeNeptune,
    pub(crate) clients: Arc<FakeClock>,
    home: TempDir,
}

impl House {
    pub(crate) async fn new() -> Self {
        let list = statements::all().map(|one| (one.name, one.text));
        let caller = Caller {
            access_key: "AKIDEXAMPLE".to_owned(),
            secret: "a-secret-of-tests".to_owned(),
            session_token: Some("a-token-of-tests".to_owned()),
            region: REGION.to_owned(),
        };
        let fake = FakeNeptune::start(list.collect(), caller, Arc::new(FakeClock::default())).await;
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("ca.pem"), &fake.authority).unwrap();
        Self {
            fake,
            clients: Arc::default(),
            home,
        }
    }

    /// Where the double is, for those who believe it.
    pub(crate) fn endpoint(&self, is_reader: bool) -> Endpoint {
        let address = if is_reader {
            self.fake.readers
        } else {
            self.fake.cluster
        };
        Endpoint {
            host: address.ip().to_string(),
            port: address.port(),
            region: REGION.to_owned(),
            ca_file: Some(self.home.path().join("ca.pem")),
        }
    }

    /// A client with these secrets.
    pub(crate) fn client(
        &self,
        endpoint: &Endpoint,
        (secret, token): (&str, Option<&str>),
    ) -> HttpEngine {
        let token = token.map(str::to_owned);
        let key = Credentials::new("AKIDEXAMPLE", secret, token, None, "tests");
        let credentials = SharedCredentialsProvider::new(key);
        HttpEngine::new(endpoint, credentials, self.clients.clone()).unwrap()
    }

    /// A client of the cluster that tries once.
    pub(crate) fn once(&self) -> HttpEngine {
        self.client(&self.endpoint(false), SECRETS)
    }

    /// Clients that try again, without waiting.
    pub(crate) fn retrying(&self) -> Engines {
        let engine = |is_reader| -> Arc<dyn Engine> {
            let once = self.client(&self.endpoint(is_reader), SECRETS);
            Arc::new(Retrying::new(once, Arc::new(Constant(0))))
        };
        let cluster = engine(false);
        Engines {
            graph: NeptuneGraph::new(Arc::clone(&cluster), engine(true)),
            cluster,
        }
    }
}

/// What the double expects.
pub(crate) const SECRETS: (&str, Option<&str>) = ("a-secret-of-tests", Some("a-token-of-tests"));
