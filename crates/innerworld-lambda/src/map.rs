//! The function map: every function of a deployment, as data.
//!
//! The one list: Terraform's tests compare with it, the reference is generated from it, and a test
//! starts each program with exactly the variables that stand here.

mod functions;
pub mod variable;

use innerworld_aws::Table;
use serde::{Serialize, Serializer};

pub use self::functions::FUNCTIONS;

/// One function.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Function {
    /// Its name after the prefix, and the name of its program.
    pub name: &'static str,
    /// What starts it.
    pub trigger: Trigger,
    /// Whether it runs inside the VPC. What does has no way to the internet.
    pub in_vpc: bool,
    /// Seconds after which it is ended.
    pub timeout_s: u32,
    /// Memory, megabytes.
    pub memory_mb: u32,
    /// Variables that it is told, beside those that Lambda sets itself.
    pub environment: &'static [&'static str],
    /// What it may do beyond writing into its own log group.
    pub rights: &'static [Right],
}

/// What starts a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// The authoriser of `$connect`: kind REQUEST, no identity source, no cached results.
    ConnectAuthorizer,
    /// Route `$connect` of the WebSocket API.
    Connect,
    /// Route `$default` of the WebSocket API, selected by `$request.body.type`; and a bare call.
    Default,
    /// Route `$disconnect` of the WebSocket API.
    Disconnect,
    /// `GET /health` of the HTTP API.
    HealthRoute,
    /// Trigger `PreSignUp` of the user pool.
    PreSignUp,
    /// Trigger `PostConfirmation` of the user pool.
    PostConfirmation,
    /// Trigger `CustomMessage` of the user pool.
    CustomMessage,
    /// A FIFO queue, one message a batch, with `ReportBatchItemFailures`.
    Queue(Queue),
    /// Every minute; and the queue `safety-spool`, as any queue.
    Schedule,
    /// Every route `/v1` of the HTTP API, most of them behind its JWT authoriser.
    AccountRoutes,
    /// Other functions call it, with or without waiting for the answer.
    Invoke,
}

/// A FIFO queue between functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Queue {
    /// Sessions that ended and are to be remembered.
    SessionEnded,
    /// Erasures and exports.
    PrivacyJobs,
    /// Jobs of the graph writer.
    GraphWrites,
    /// Safety changes that the tables could not take.
    SafetySpool,
}

impl Queue {
    /// Its name after the prefix, without `.fifo`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SessionEnded => "session-ended",
            Self::PrivacyJobs => "privacy-jobs",
            Self::GraphWrites => "graph-writes",
            Self::SafetySpool => "safety-spool",
        }
    }
}

/// Actions that are allowed on one resource.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Right {
    /// Names of IAM actions. A transaction has none of its own: it needs those of its parts.
    pub actions: &'static [&'static str],
    /// What they are allowed on.
    pub resource: Resource,
}

/// What a right is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resource {
    /// A table, without its indexes.
    Table(Table),
    /// The index of a table by which what is due is found.
    SweepIndex(Table),
    /// The index of a table by which a teen's items are found.
    UserIndex(Table),
    /// The product's KMS key, under the condition that the encryption context has `user_id`.
    TeenKey,
    /// The secret of the model provider.
    ModelSecret,
    /// The secret of Sign in with Apple.
    AppleSecret,
    /// A function, by its name in the map.
    Function(&'static str),
    /// Connections of the WebSocket API's stage.
    Connections,
    /// The graph database, by its cluster's resource id.
    Graph,
    /// A queue.
    Queue(Queue),
    /// The user pool.
    UserPool,
    /// The bucket of exports itself.
    ExportBucket,
    /// Objects of the bucket of exports.
    Exports,
}

impl Serialize for Resource {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Table(table) => {
                serializer.collect_str(&format_args!("table/{}", table.schema().suffix))
            }
            Self::SweepIndex(table) => serializer.collect_str(&format_args!(
                "table/{}/index/SweepIndex",
                table.schema().suffix
            )),
            Self::UserIndex(table) => serializer.collect_str(&format_args!(
                "table/{}/index/{}",
                table.schema().suffix,
                user_index(*table)
            )),
            Self::UserPool => serializer.serialize_str("userpool/product"),
            Self::ExportBucket => serializer.serialize_str("bucket/exports"),
            Self::Exports => serializer.serialize_str("bucket/exports/objects"),
            Self::TeenKey => serializer.serialize_str("key/product?context=user_id"),
            Self::ModelSecret => serializer.serialize_str("secret/openai/api-key"),
            Self::Function(name) => serializer.collect_str(&format_args!("function/{name}")),
            Self::Connections => serializer.serialize_str("websocket/connections"),
            Self::AppleSecret => serializer.serialize_str("secret/apple/signin-key"),
            Self::Graph => serializer.serialize_str("graph/cluster"),
            Self::Queue(queue) => serializer.collect_str(&format_args!("queue/{}", queue.name())),
        }
    }
}

fn user_index(table: Table) -> &'static str {
    let mut indexes = table.schema().indexes.iter();
    let of_users = indexes.find(|index| index.partition.0 == "user_id");
    of_users.map_or("", |index| index.name)
}

impl Function {
    /// The function of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        FUNCTIONS.iter().find(|function| function.name == name)
    }
}

/// The map as JSON, the same bytes for the same map.
pub fn to_json() -> Result<String, serde_json::Error> {
    #[derive(Serialize)]
    struct Document {
        functions: &'static [Function],
    }
    serde_json::to_string_pretty(&Document {
        functions: FUNCTIONS,
    })
}
