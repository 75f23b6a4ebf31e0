//! A deployment of a test: tables of its own in the peer, a key of its own, a clock.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_sdk_sqs::types::QueueAttributeName;
use innerworld_aws::{Aws, AwsSettings, Clients, TableNames, Tables, checkup::Checkup};
use innerworld_testkit::{FakeClock, SeededIds};

/// Where a peer is. The stage sets it; without the stage there is nothing to test against.
#[expect(
    clippy::disallowed_methods,
    reason = "the stage tells where its peers are"
)]
pub(crate) fn address(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_absent| {
        panic!(
            "{name} is not set: run this by `cargo xtask test --stage aws`, or beside `cargo xtask \
             peers` with the environment that it prints"
        )
    })
}

/// Where DynamoDB's peer is.
pub(crate) const DYNAMODB: &str = "INNERWORLD_TEST_DYNAMODB";

/// A deployment nobody else uses.
pub(crate) struct Place {
    /// Its stores.
    pub(crate) aws: Aws,
    /// Its clock.
    pub(crate) clock: Arc<FakeClock>,
    /// The bare service, for what no port tells.
    pub(crate) tables: aws_sdk_dynamodb::Client,
    /// What the tables are called.
    pub(crate) names: TableNames,
    settings: AwsSettings,
    prefix: String,
}

impl Place {
    /// Tables of their own, made now.
    pub(crate) async fn new() -> Self {
        Self::with(&unique(), None).await
    }

    /// Tables and a queue for safety changes, whose messages go to another process after so many
    /// seconds.
    pub(crate) async fn with_queue(visibility: u32) -> Self {
        let prefix = unique();
        let queue = queue(&format!("{prefix}-safety-spool.fifo"), visibility).await;
        Self::with(&prefix, Some(queue)).await
    }

    async fn with(prefix: &str, safety_spool_url: Option<String>) -> Self {
        let settings = AwsSettings {
            kms_key: kms_key().await,
            safety_spool_url,
            ..AwsSettings::with_prefix(prefix)
        };
        let config = at(&address(DYNAMODB));
        let tables = aws_sdk_dynamodb::Client::new(&config);
        Tables::new(&Clients::new(&config, &settings), settings.tables.clone())
            .create()
            .await
            .expect("the peer makes the tables");
        let clock = Arc::new(FakeClock::default());
        let names = settings.tables.clone();
        let aws = open(&settings, &clock, (&address(DYNAMODB), prefix));
        Self {
            aws,
            clock,
            tables,
            names,
            settings,
            prefix: prefix.to_owned(),
        }
    }

    /// What the names begin with.
    pub(crate) fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Whoever looks it over.
    pub(crate) fn checkup(&self) -> Checkup {
        self.checkup_with_key(&self.settings.kms_key)
    }

    /// The same, with another KMS key.
    pub(crate) fn checkup_with_key(&self, key: &str) -> Checkup {
        let settings = AwsSettings {
            kms_key: key.to_owned(),
            ..self.settings.clone()
        };
        let clients = Clients::new(&at(&address(DYNAMODB)), &settings)
            .with_kms(aws_sdk_kms::Client::new(&at(&address(
                "INNERWORLD_TEST_KMS",
            ))))
            .with_sqs(sqs());
        let ids = Arc::new(SeededIds::named(&unique()));
        let clock = Arc::clone(&self.clock) as _;
        Checkup::new(clients, settings, &self.prefix, clock, ids)
    }

    /// Whether a table has no items.
    pub(crate) async fn table_is_empty(&self, table: &str) -> bool {
        let found = self.tables.scan().table_name(table).limit(1).send().await;
        found.expect("the peer scans").count == 0
    }

    /// The same deployment as another process has it.
    pub(crate) fn beside(&self) -> Aws {
        self.beside_through(&address(DYNAMODB))
    }

    /// The same, which reaches the tables at `dynamodb`: a proxy.
    pub(crate) fn beside_through(&self, dynamodb: &str) -> Aws {
        open(&self.settings, &self.clock, (dynamodb, &unique()))
    }
}

fn open(settings: &AwsSettings, clock: &Arc<FakeClock>, (dynamodb, seed): (&str, &str)) -> Aws {
    let mut clients = Clients::new(&at(dynamodb), settings).with_kms(aws_sdk_kms::Client::new(
        &at(&address("INNERWORLD_TEST_KMS")),
    ));
    if settings.safety_spool_url.is_some() {
        clients = clients.with_sqs(sqs());
    }
    let ids = Arc::new(SeededIds::named(seed));
    Aws::new(clients, settings.clone(), Arc::clone(clock) as _, ids)
}

/// The bare service.
pub(crate) fn sqs() -> aws_sdk_sqs::Client {
    aws_sdk_sqs::Client::new(&at(&address("INNERWORLD_TEST_SQS")))
}

/// A queue of this name: its address.
pub(crate) async fn queue(name: &str, visibility: u32) -> String {
    let made = sqs()
        .create_queue()
        .queue_name(name)
        .attributes(QueueAttributeName::FifoQueue, "true")
        .attributes(
            QueueAttributeName::VisibilityTimeout,
            visibility.to_string(),
        )
        .send()
        .await
        .expect("the peer makes a queue");
    made.queue_url.expect("a queue has an address")
}

/// A prefix that no test of this process or of another has.
pub(crate) fn unique() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("t{}-{number}", std::process::id())
}

/// The configuration of a peer: the one account that every peer knows.
pub(crate) fn at(endpoint: &str) -> SdkConfig {
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
            "test", "test", None, None, "tests",
        )))
        .endpoint_url(endpoint)
        .build()
}

/// A key of the peer, made once.
pub(crate) async fn kms_key() -> String {
    static KEY: tokio::sync::OnceCell<String> = tokio::sync::OnceCell::const_new();
    KEY.get_or_init(|| async {
        let kms = aws_sdk_kms::Client::new(&at(&address("INNERWORLD_TEST_KMS")));
        let made = kms.create_key().send().await.expect("the peer makes a key");
        made.key_metadata.expect("a key has metadata").key_id
    })
    .await
    .clone()
}
