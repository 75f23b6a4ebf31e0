//! A deployment of a test: tables of its own, a key, and the functions' programs told of both.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use innerworld_aws::{Aws, AwsSettings, Clients, TableNames, Tables};
use innerworld_core::clock::Timestamp;
use innerworld_lambda::{FUNCTIONS, map::Function};
use innerworld_testkit::{
    FakeClock, SeededIds, aws_json,
    cutting_proxy::CuttingProxy,
    lambda::{self, LambdaDouble},
    user_pool::UserPoolDouble,
};
use serde_json::{Value, json};

use crate::rights;

/// Where a peer is. The stage sets it; without the stage there is nothing to test against.
#[expect(
    clippy::disallowed_methods,
    reason = "the stage tells where its peers are"
)]
pub(crate) fn address(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_absent| {
        panic!("{name} is not set: run `cargo xtask test --stage aws`, which starts the peers")
    })
}

/// The programs have no clock but the machine's, so the deployment has it too.
#[expect(
    clippy::disallowed_methods,
    reason = "rows must suit the programs' clock"
)]
pub(crate) fn wall_clock() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap())
}

/// A deployment nobody else uses.
pub(crate) struct Place {
    /// Its stores.
    pub(crate) aws: Aws,
    /// Its user pool.
    pub(crate) pool: UserPoolDouble,
    names: TableNames,
    kms_key: String,
    model_secret: String,
    /// Before the tables, one for each function: what it asks of them must be among its rights.
    watched: BTreeMap<&'static str, CuttingProxy>,
}

impl Place {
    pub(crate) async fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let prefix = format!("f{}-{number}", std::process::id());
        let made = call("KMS", ("kms", "TrentService.CreateKey"), json!({})).await;
        let kms_key = made["KeyMetadata"]["KeyId"].as_str().unwrap().to_owned();
        let settings = AwsSettings {
            kms_key: kms_key.clone(),
            ..AwsSettings::with_prefix(&prefix)
        };
        let names = settings.tables.clone();
        let clients = Clients::new(&at("INNERWORLD_TEST_DYNAMODB"), &settings)
            .with_kms(aws_sdk_kms::Client::new(&at("INNERWORLD_TEST_KMS")));
        let tables = Tables::new(&clients, names.clone());
        tables.create().await.expect("the peer makes the tables");
        let clock = Arc::new(FakeClock::new(wall_clock()));
        let ids = Arc::new(SeededIds::named(&prefix));
        let mut watched = BTreeMap::new();
        for function in FUNCTIONS {
            let proxy = CuttingProxy::start(&address("INNERWORLD_TEST_DYNAMODB")).await;
            watched.insert(function.name, proxy);
        }
        Self {
            watched,
            aws: Aws::new(clients, settings, clock, ids),
            pool: UserPoolDouble::start().await,
            names,
            kms_key,
            model_secret: format!("{prefix}/openai/api-key"),
        }
    }

    /// The same with a key in the model secret, for the provider at this address.
    pub(crate) async fn with_model(base_url: &str) -> Self {
        let place = Self::new().await;
        let text = json!({"api_key": "sk-test", "base_url": base_url}).to_string();
        let secret = json!({
            "Name": place.model_secret, "SecretString": text, "ClientRequestToken": "0".repeat(32),
        });
        let create = ("secretsmanager", "secretsmanager.CreateSecret");
        call("SECRETS", create, secret).await;
        place
    }

    /// The deployment as a process has it whose safety changes wait in this queue.
    pub(crate) fn spooling(&self, queue: &str) -> Aws {
        let settings = AwsSettings {
            tables: self.names.clone(),
            kms_key: self.kms_key.clone(),
            safety_spool_url: Some(queue.to_owned()),
            ..AwsSettings::with_prefix("spooling")
        };
        let clients = Clients::new(&at("INNERWORLD_TEST_DYNAMODB"), &settings)
            .with_kms(aws_sdk_kms::Client::new(&at("INNERWORLD_TEST_KMS")))
            .with_sqs(aws_sdk_sqs::Client::new(&at("INNERWORLD_TEST_SQS")));
        let clock = Arc::new(FakeClock::new(wall_clock()));
        Aws::new(clients, settings, clock, Arc::new(SeededIds::named(queue)))
    }

    /// A function's program, told what the map says.
    pub(crate) fn deployed(&self, name: &str, program: &str) -> LambdaDouble {
        LambdaDouble::new(self.deployment(name, program, &[]))
    }

    /// What is deployed of a function: its program, told what the map says, and what is not the
    /// deployment's own.
    pub(crate) fn deployment(
        &self,
        name: &str,
        program: &str,
        also: &[(&str, String)],
    ) -> lambda::Function {
        let function = Function::named(name).unwrap();
        let mut environment: Vec<(String, String)> = function
            .environment
            .iter()
            .filter(|name| !also.iter().any(|(known, _)| known == *name))
            .map(|name| ((*name).to_owned(), self.value_of(name)))
            .collect();
        let also = also.iter();
        environment.extend(also.map(|(name, value)| ((*name).to_owned(), value.clone())));
        for (service, at) in [
            ("DYNAMODB", self.watched[function.name].base_url()),
            ("KMS", address("INNERWORLD_TEST_KMS")),
            // One program stands for both.
            ("SECRETS_MANAGER", address("INNERWORLD_TEST_KMS")),
            ("SQS", address("INNERWORLD_TEST_SQS")),
            ("COGNITO_IDENTITY_PROVIDER", self.pool.endpoint()),
        ] {
            let variable = format!("AWS_ENDPOINT_URL_{service}");
            if !environment.iter().any(|(known, _)| *known == variable) {
                environment.push((variable, at));
            }
        }
        lambda::Function {
            program: Path::new(program).to_owned(),
            name: function.name.to_owned(),
            environment,
            timeout: Duration::from_secs(function.timeout_s.into()),
            memory_mb: function.memory_mb,
        }
    }

    fn value_of(&self, variable: &str) -> String {
        let names = &self.names;
        let text: &str = match variable {
            "TEEN_KEY_KMS_ID" => &self.kms_key,
            "MODEL_SECRET_ID" => &self.model_secret,
            "LIVE_CONVERSATIONS_TABLE" => &names.live_conversations,
            "WEBSOCKET_CONNECTIONS_TABLE" => &names.connections,
            "SESSION_CONTEXT_TABLE" => &names.session_context,
            "SESSIONS_TABLE" => &names.sessions,
            "TEENS_TABLE" => &names.teens,
            "MEMORY_TABLE" => &names.memory,
            "TEEN_KEYS_TABLE" => &names.teen_keys,
            "COUNTERS_TABLE" => &names.counters,
            // Sooner than in a deployment: a test waits for them.
            "DELTA_FLUSH_MS" => "50",
            "CHECKPOINT_MS" => "500",
            other => lambda::value_of(other),
        };
        text.to_owned()
    }

    /// An item of a table as it is stored, by its whole key.
    pub(crate) async fn item(&self, table: &str, key: Value) -> Value {
        let wanted = json!({"TableName": table, "Key": key, "ConsistentRead": true});
        let get = ("dynamodb", "DynamoDB_20120810.GetItem");
        call("DYNAMODB", get, wanted).await["Item"].clone()
    }

    /// Lets the lease on the turn of a message run out.
    pub(crate) async fn end_lease(&self, session: &str, message: &str) {
        let item = format!("turn#{message}");
        let update = json!({
            "TableName": self.names.sessions,
            "Key": {"session_id": {"S": session}, "item": {"S": item}},
            "UpdateExpression": "SET lease_until = :past",
            "ConditionExpression": "attribute_exists(session_id)",
            "ExpressionAttributeValues": {":past": {"N": "0"}},
        });
        let operation = ("dynamodb", "DynamoDB_20120810.UpdateItem");
        call("DYNAMODB", operation, update).await;
    }

    /// Changes an item of a table, by its whole key, to hold these values.
    pub(crate) async fn set(&self, table: &str, key: Value, values: &[(&str, Value)]) {
        let names = values.iter().enumerate();
        let names: serde_json::Map<String, Value> = names
            .map(|(number, (name, _))| (format!("#n{number}"), json!(name)))
            .collect();
        let held = values.iter().enumerate();
        let held: serde_json::Map<String, Value> = held
            .map(|(number, (_, value))| (format!(":v{number}"), value.clone()))
            .collect();
        let parts: Vec<String> = (0..values.len())
            .map(|number| format!("#n{number} = :v{number}"))
            .collect();
        let change = json!({
            "TableName": table, "Key": key, "UpdateExpression": format!("SET {}", parts.join(", ")),
            "ExpressionAttributeNames": names, "ExpressionAttributeValues": held,
        });
        let update = ("dynamodb", "DynamoDB_20120810.UpdateItem");
        call("DYNAMODB", update, change).await;
    }

    /// The KMS key.
    pub(crate) fn kms_key(&self) -> &str {
        &self.kms_key
    }

    /// Names of the tables.
    pub(crate) fn names(&self) -> &TableNames {
        &self.names
    }
}

/// A function that asks for what the map gives it no right to would be refused on AWS.
impl Drop for Place {
    fn drop(&mut self) {
        for function in FUNCTIONS {
            let asked = self.watched[function.name].asked();
            let refused: Vec<_> = asked
                .iter()
                .filter(|asked| !rights::has(function, &self.names, asked))
                .collect();
            if !std::thread::panicking() {
                assert!(refused.is_empty(), "{} may not {refused:?}", function.name);
            }
        }
    }
}

fn at(variable: &str) -> SdkConfig {
    at_address(&address(variable))
}

/// The configuration of whatever listens there.
pub(crate) fn at_address(endpoint: &str) -> SdkConfig {
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
            "test", "test", None, None, "tests",
        )))
        .endpoint_url(endpoint)
        .build()
}

/// Calls an operation of a peer, as whoever deploys would.
pub(crate) async fn call(peer: &str, operation: (&str, &str), body: Value) -> Value {
    aws_json::call(
        &address(&format!("INNERWORLD_TEST_{peer}")),
        operation,
        body,
    )
    .await
}
