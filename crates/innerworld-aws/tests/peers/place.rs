//! A deployment of a test: tables of its own in the peer, a key of its own, a clock.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
    ProjectionType, ScalarAttributeType,
};
use innerworld_aws::{Aws, AwsSettings, Clients, KeyKind, TABLES, TableNames, TableSchema};
use innerworld_testkit::{FakeClock, SeededIds};

/// Where a peer is. The stage sets it; without the stage there is nothing to test against.
#[expect(clippy::disallowed_methods, reason = "the stage tells where its peers are")]
pub(crate) fn address(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_absent| {
        panic!("{name} is not set: run `cargo xtask test --stage aws`, which starts the peers")
    })
}

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
}

impl Place {
    /// Tables of their own, made now.
    pub(crate) async fn new() -> Self {
        let prefix = unique();
        let settings = AwsSettings {
            kms_key: kms_key().await,
            ..AwsSettings::with_prefix(&prefix)
        };
        let config = at(&address("INNERWORLD_TEST_DYNAMODB"));
        let tables = aws_sdk_dynamodb::Client::new(&config);
        for schema in TABLES {
            create(&tables, schema, &settings.tables).await;
        }
        let clients = Clients::new(&config, &settings)
            .with_kms(aws_sdk_kms::Client::new(&at(&address("INNERWORLD_TEST_KMS"))));
        let clock = Arc::new(FakeClock::default());
        let ids = Arc::new(SeededIds::named(&prefix));
        let names = settings.tables.clone();
        Self {
            aws: Aws::new(clients, settings, clock.clone(), ids),
            clock,
            tables,
            names,
        }
    }
}

/// A prefix that no test of this process or of another has.
fn unique() -> String {
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
async fn kms_key() -> String {
    static KEY: tokio::sync::OnceCell<String> = tokio::sync::OnceCell::const_new();
    KEY.get_or_init(|| async {
        let kms = aws_sdk_kms::Client::new(&at(&address("INNERWORLD_TEST_KMS")));
        let made = kms.create_key().send().await.expect("the peer makes a key");
        made.key_metadata.expect("a key has metadata").key_id
    })
    .await
    .clone()
}

async fn create(client: &aws_sdk_dynamodb::Client, schema: &TableSchema, names: &TableNames) {
    let mut attributes = vec![(schema.partition, KeyKind::Text)];
    attributes.extend(schema.sort);
    let mut request = client
        .create_table()
        .table_name(names.of(schema.table))
        .billing_mode(BillingMode::PayPerRequest)
        .key_schema(element(schema.partition, KeyType::Hash));
    if let Some((name, _kind)) = schema.sort {
        request = request.key_schema(element(name, KeyType::Range));
    }
    for index in schema.indexes {
        attributes.extend([index.partition, index.sort]);
        let projection = if index.also.is_empty() {
            Projection::builder().projection_type(ProjectionType::KeysOnly)
        } else {
            Projection::builder()
                .projection_type(ProjectionType::Include)
                .set_non_key_attributes(Some(index.also.iter().map(|&name| name.into()).collect()))
        };
        let made = GlobalSecondaryIndex::builder()
            .index_name(index.name)
            .key_schema(element(index.partition.0, KeyType::Hash))
            .key_schema(element(index.sort.0, KeyType::Range))
            .projection(projection.build());
        request = request.global_secondary_indexes(made.build().unwrap());
    }
    attributes.sort_by_key(|(name, _kind)| *name);
    attributes.dedup_by_key(|(name, _kind)| *name);
    for (name, kind) in attributes {
        let kind = match kind {
            KeyKind::Text => ScalarAttributeType::S,
            KeyKind::Number => ScalarAttributeType::N,
        };
        let made = AttributeDefinition::builder()
            .attribute_name(name)
            .attribute_type(kind);
        request = request.attribute_definitions(made.build().unwrap());
    }
    request.send().await.expect("the peer makes a table");
}

fn element(name: &str, kind: KeyType) -> KeySchemaElement {
    KeySchemaElement::builder()
        .attribute_name(name)
        .key_type(kind)
        .build()
        .unwrap()
}
