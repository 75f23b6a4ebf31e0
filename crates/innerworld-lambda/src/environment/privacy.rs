//! The function that erases and exports.

use innerworld_aws::{Table, TableNames};

use super::{Common, Environment, GraphBackend, Variables, tables::tables};
use crate::map::variable;

/// Tables that it uses.
const USED: &[Table] = &[
    Table::LiveConversations,
    Table::Connections,
    Table::SessionContext,
    Table::Sessions,
    Table::Teens,
    Table::Memory,
    Table::TeenKeys,
];

/// Environment of `privacy-worker`.
#[derive(Clone, Debug)]
pub struct Privacy {
    /// What every function is told.
    pub common: Common,
    /// Names of all tables but `counters`, which has nothing of a teen.
    pub tables: TableNames,
    /// The KMS key.
    pub kms_key: String,
    /// Where graphs are kept.
    pub graph: GraphBackend,
    /// Days that the graph keeps what nobody speaks of.
    pub graph_days: u32,
    /// The queue of sessions that ended.
    pub session_queue: String,
    /// The function's own queue.
    pub privacy_queue: String,
    /// Where the gateway's connections are closed, with the stage.
    pub endpoint: String,
    /// The bucket of exports.
    pub export_bucket: String,
    /// Where accounts are deleted.
    pub identity: Identity,
}

/// Who knows a teen by name.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The user pool's id.
    pub pool: String,
    /// The secret of Sign in with Apple.
    pub apple_secret: String,
    /// Apple's identity service where it is another one: for tests.
    pub apple_issuer: Option<String>,
}

impl Environment for Privacy {
    const FUNCTION: &'static str = "privacy-worker";

    fn read(variables: &mut Variables) -> Option<Self> {
        let common = Common::read(variables);
        let tables = tables(variables, USED);
        let kms_key = variables.text(variable::TEEN_KEY_KMS_ID);
        let graph = GraphBackend::writing(variables);
        let graph_days = variables.days(variable::GRAPH_DAYS);
        let session_queue = variables.text(variable::SESSION_QUEUE_URL);
        let privacy_queue = variables.text(variable::PRIVACY_QUEUE_URL);
        let endpoint = variables.text(variable::WEBSOCKET_ENDPOINT);
        let export_bucket = variables.text(variable::EXPORT_BUCKET);
        let pool = variables.text(variable::COGNITO_USER_POOL_ID);
        let apple_secret = variables.text(variable::APPLE_SECRET_ID);
        let apple_issuer = variables.optional(variable::APPLE_ISSUER);
        Some(Self {
            common: common?,
            tables: tables?,
            kms_key: kms_key?,
            graph: graph?,
            graph_days: graph_days?,
            session_queue: session_queue?,
            privacy_queue: privacy_queue?,
            endpoint: endpoint?,
            export_bucket: export_bucket?,
            identity: Identity {
                pool: pool?,
                apple_secret: apple_secret?,
                apple_issuer,
            },
        })
    }

    fn common(&self) -> &Common {
        &self.common
    }
}
