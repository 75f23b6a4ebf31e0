//! The function that serves the HTTP routes.

use innerworld_aws::{Table, TableNames, UserPool};
use innerworld_core::identity::consent::MemoryMode;

use super::{
    Common, Environment, GraphBackend, Variables, pool, remembering::memory_mode_max,
    tables::tables,
};
use crate::map::variable;

/// Tables that it uses.
const USED: &[Table] = &[
    Table::Connections,
    Table::Sessions,
    Table::Teens,
    Table::Memory,
    Table::TeenKeys,
];

/// Environment of `account-api`.
#[derive(Clone, Debug)]
pub struct Account {
    /// What every function is told.
    pub common: Common,
    /// The user pool.
    pub pool: UserPool,
    /// Names of the tables behind the routes; the others are not known.
    pub tables: TableNames,
    /// The KMS key.
    pub kms_key: String,
    /// Where the gateway's connections are closed, with the stage; clients find their socket there.
    pub endpoint: String,
    /// Origins of browsers that may ask.
    pub allowed_origins: Vec<String>,
    /// The queue of erasures and exports.
    pub privacy_queue: String,
    /// The bucket of exports.
    pub export_bucket: String,
    /// What the app is called at Apple, which tells something of people who signed in with it; nothing where
    /// nobody does.
    pub apple_client_ids: Vec<String>,
    /// Apple's identity service where it is another one: for tests.
    pub apple_issuer: Option<String>,
    /// The model that answers, and that teens are told of.
    pub model: String,
    /// Where graphs are kept.
    pub graph: GraphBackend,
    /// Days that the graph keeps what nobody speaks of.
    pub graph_days: u32,
    /// The ceiling of what is remembered.
    pub memory_mode_max: MemoryMode,
}

impl Environment for Account {
    const FUNCTION: &'static str = "account-api";

    fn read(variables: &mut Variables) -> Option<Self> {
        let common = Common::read(variables);
        let pool = pool(variables);
        let tables = tables(variables, USED);
        let kms_key = variables.text(variable::TEEN_KEY_KMS_ID);
        let endpoint = variables.text(variable::WEBSOCKET_ENDPOINT);
        let allowed_origins = variables.list(variable::ALLOWED_ORIGINS);
        let privacy_queue = variables.text(variable::PRIVACY_QUEUE_URL);
        let export_bucket = variables.text(variable::EXPORT_BUCKET);
        let apple_client_ids = variables.list(variable::APPLE_CLIENT_IDS);
        let apple_issuer = variables.optional(variable::APPLE_ISSUER);
        let model = variables.text(variable::MODEL_PRIMARY);
        let graph = GraphBackend::writing(variables);
        let graph_days = variables.days(variable::GRAPH_DAYS);
        let memory_mode_max = memory_mode_max(variables);
        Some(Self {
            common: common?,
            pool: pool?,
            tables: tables?,
            kms_key: kms_key?,
            endpoint: endpoint?,
            allowed_origins: allowed_origins?,
            privacy_queue: privacy_queue?,
            export_bucket: export_bucket?,
            apple_client_ids: apple_client_ids?,
            apple_issuer,
            model: model?,
            graph: graph?,
            graph_days: graph_days?,
            memory_mode_max: memory_mode_max?,
        })
    }

    fn common(&self) -> &Common {
        &self.common
    }
}
