//! What each function is told: one struct a function, read once at its start.
//!
//! The programs pass their own variables; nothing else reads them. Lambda sets many that are not
//! ours, so unknown ones are ignored. What is missing, empty or wrong is named, all of it at once,
//! and the function does not start.

mod account;
mod graph;
mod models;
mod privacy;
mod remembering;
mod sweeper;
mod tables;
mod variables;

use std::time::Duration;

use innerworld_aws::{Table, TableNames, UserPool};
use innerworld_core::identity::consent::MemoryMode;

use self::tables::{all_tables, tables};
pub use self::{
    account::Account,
    graph::{GraphReader, GraphWriter},
    models::Models,
    privacy::{Identity, Privacy},
    remembering::{GraphAccess, GraphBackend, SessionProcessor},
    sweeper::Sweeper,
    variables::{InvalidEnvironment, Variables},
};
use crate::map::variable;

/// What is read for one function.
pub trait Environment: Sized {
    /// Its name in [`FUNCTIONS`](crate::FUNCTIONS).
    const FUNCTION: &'static str;

    /// Reads it; `None` if something is missing or wrong, which `variables` has noted.
    fn read(variables: &mut Variables) -> Option<Self>;

    /// What every function is told.
    fn common(&self) -> &Common;
}

/// Reads the environment of a function from all variables of a process.
pub fn read<E: Environment>(
    all: impl IntoIterator<Item = (String, String)>,
) -> Result<E, InvalidEnvironment> {
    let mut variables = Variables::new(all);
    let read = E::read(&mut variables);
    variables.finish(read)
}

/// What every function is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Common {
    /// The deployment: `prod`. A dimension of every metric.
    pub environment: String,
    /// Whether more is logged; never content.
    pub debug: bool,
}

/// Tables with the teens' keys, and what unwraps them.
#[derive(Clone, Debug)]
pub struct Keys {
    /// Names of `teens` and `teen-keys`; the others are not known.
    pub tables: TableNames,
    /// The KMS key.
    pub kms_key: String,
}

impl Keys {
    fn read(variables: &mut Variables) -> Option<Self> {
        let tables = tables(variables, &[Table::Teens, Table::TeenKeys]);
        let kms_key = variables.text(variable::TEEN_KEY_KMS_ID);
        Some(Self {
            tables: tables?,
            kms_key: kms_key?,
        })
    }
}

/// Environment of `authorizer`.
#[derive(Clone, Debug)]
pub struct Authorizer {
    /// What every function is told.
    pub common: Common,
    /// The user pool.
    pub pool: UserPool,
    /// Where teens and their keys are.
    pub keys: Keys,
}

impl Environment for Authorizer {
    const FUNCTION: &'static str = "authorizer";

    fn read(variables: &mut Variables) -> Option<Self> {
        let common = Common::read(variables);
        let pool = pool(variables);
        let keys = Keys::read(variables);
        Some(Self {
            common: common?,
            pool: pool?,
            keys: keys?,
        })
    }

    fn common(&self) -> &Common {
        &self.common
    }
}

/// Environment of `connect-handler`.
#[derive(Clone, Debug)]
pub struct Connect {
    /// What every function is told.
    pub common: Common,
    /// Name of `websocket-connections`; the others are not known.
    pub tables: TableNames,
    /// Origins of browsers that may open a socket.
    pub allowed_origins: Vec<String>,
}

impl Environment for Connect {
    const FUNCTION: &'static str = "connect-handler";

    fn read(variables: &mut Variables) -> Option<Self> {
        let common = Common::read(variables);
        let tables = tables(variables, &[Table::Connections]);
        let allowed_origins = variables.list(variable::ALLOWED_ORIGINS);
        Some(Self {
            common: common?,
            tables: tables?,
            allowed_origins: allowed_origins?,
        })
    }

    fn common(&self) -> &Common {
        &self.common
    }
}

/// All of a deployment that sessions are made of.
#[derive(Clone, Debug)]
pub struct Deployment {
    /// Names of all tables.
    pub tables: TableNames,
    /// The KMS key.
    pub kms_key: String,
    /// The queue that takes safety changes while the tables fail.
    pub safety_spool: String,
    /// Where the gateway's connections are posted to, with the stage.
    pub endpoint: String,
    /// The function that makes answers.
    pub turn_worker: String,
}

impl Deployment {
    fn read(variables: &mut Variables) -> Option<Self> {
        let tables = all_tables(variables);
        let kms_key = variables.text(variable::TEEN_KEY_KMS_ID);
        let safety_spool = variables.text(variable::SAFETY_SPOOL_URL);
        let endpoint = variables.text(variable::WEBSOCKET_ENDPOINT);
        let turn_worker = variables.text(variable::TURN_WORKER_FUNCTION);
        Some(Self {
            tables: tables?,
            kms_key: kms_key?,
            safety_spool: safety_spool?,
            endpoint: endpoint?,
            turn_worker: turn_worker?,
        })
    }
}

/// Environment of `conversation-handler`.
#[derive(Clone, Debug)]
pub struct Conversation {
    /// What every function is told.
    pub common: Common,
    /// The user pool.
    pub pool: UserPool,
    /// What sessions are made of.
    pub deployment: Deployment,
    /// The queue of sessions that ended.
    pub session_queue: String,
    /// The ceiling of what is remembered.
    pub memory_mode_max: MemoryMode,
    /// Whether teens may talk in production under a safety protocol that no clinician reviewed.
    pub accept_unreviewed_protocol: bool,
    /// What a report tells of besides.
    pub around: Around,
}

impl Environment for Conversation {
    const FUNCTION: &'static str = "conversation-handler";

    fn read(variables: &mut Variables) -> Option<Self> {
        let common = Common::read(variables);
        let deployment = Deployment::read(variables);
        let pool = pool(variables);
        let session_queue = variables.text(variable::SESSION_QUEUE_URL);
        let memory_mode_max = remembering::memory_mode_max(variables);
        let accept_unreviewed_protocol = variables.flag(variable::ACCEPT_UNREVIEWED_PROTOCOL);
        let around = Around::read(variables);
        Some(Self {
            common: common?,
            pool: pool?,
            deployment: deployment?,
            session_queue: session_queue?,
            memory_mode_max: memory_mode_max?,
            accept_unreviewed_protocol: accept_unreviewed_protocol?,
            around: around?,
        })
    }

    fn common(&self) -> &Common {
        &self.common
    }
}

/// Environment of `turn-worker`.
#[derive(Clone, Debug)]
pub struct Turn {
    /// What every function is told.
    pub common: Common,
    /// What sessions are made of.
    pub deployment: Deployment,
    /// Who is asked for answers.
    pub models: Models,
    /// Between two posts of an answer.
    pub delta_flush: Duration,
    /// Between two times that an answer is stored while it is being made.
    pub checkpoint: Duration,
    /// Where graphs are kept.
    pub graph: GraphBackend,
    /// Days that the graph keeps what nobody speaks of.
    pub graph_days: u32,
    /// The ceiling of what is remembered.
    pub memory_mode_max: MemoryMode,
}

impl Environment for Turn {
    const FUNCTION: &'static str = "turn-worker";

    fn read(variables: &mut Variables) -> Option<Self> {
        let common = Common::read(variables);
        let deployment = Deployment::read(variables);
        let models = Models::read(variables);
        let delta_flush = variables.milliseconds(variable::DELTA_FLUSH_MS);
        let checkpoint = variables.milliseconds(variable::CHECKPOINT_MS);
        let graph = GraphBackend::reading(variables);
        let graph_days = variables.days(variable::GRAPH_DAYS);
        let memory_mode_max = remembering::memory_mode_max(variables);
        Some(Self {
            common: common?,
            deployment: deployment?,
            models: models?,
            delta_flush: delta_flush?,
            checkpoint: checkpoint?,
            graph: graph?,
            graph_days: graph_days?,
            memory_mode_max: memory_mode_max?,
        })
    }

    fn common(&self) -> &Common {
        &self.common
    }
}

/// Environment of `disconnect-handler`.
#[derive(Clone, Debug)]
pub struct Disconnect {
    /// What every function is told.
    pub common: Common,
    /// Names of `websocket-connections` and `sessions`; the others are not known.
    pub tables: TableNames,
}

impl Environment for Disconnect {
    const FUNCTION: &'static str = "disconnect-handler";

    fn read(variables: &mut Variables) -> Option<Self> {
        let common = Common::read(variables);
        let tables = tables(variables, &[Table::Connections, Table::Sessions]);
        Some(Self {
            common: common?,
            tables: tables?,
        })
    }

    fn common(&self) -> &Common {
        &self.common
    }
}

/// Environment of `health-check`.
#[derive(Clone, Debug)]
pub struct Health {
    /// What every function is told.
    pub common: Common,
    /// Names of all tables.
    pub tables: TableNames,
    /// What else it consists of.
    pub around: Around,
}

/// What a deployment consists of besides its tables.
#[derive(Clone, Debug)]
pub struct Around {
    /// The secret of the model provider.
    pub model_secret: String,
    /// The secret of Sign in with Apple.
    pub apple_secret: String,
    /// Where graphs are kept.
    pub graph: GraphBackend,
}

impl Around {
    fn read(variables: &mut Variables) -> Option<Self> {
        let model_secret = variables.text(variable::MODEL_SECRET_ID);
        let apple_secret = variables.text(variable::APPLE_SECRET_ID);
        let graph = GraphBackend::reading(variables);
        Some(Self {
            model_secret: model_secret?,
            apple_secret: apple_secret?,
            graph: graph?,
        })
    }
}

impl Environment for Health {
    const FUNCTION: &'static str = "health-check";

    fn read(variables: &mut Variables) -> Option<Self> {
        let common = Common::read(variables);
        let tables = all_tables(variables);
        let around = Around::read(variables);
        Some(Self {
            common: common?,
            tables: tables?,
            around: around?,
        })
    }

    fn common(&self) -> &Common {
        &self.common
    }
}

/// Environment of `cognito-pre-sign-up`.
#[derive(Clone, Debug)]
pub struct PreSignUp(Common);

impl Environment for PreSignUp {
    const FUNCTION: &'static str = "cognito-pre-sign-up";

    fn read(variables: &mut Variables) -> Option<Self> {
        Common::read(variables).map(Self)
    }

    fn common(&self) -> &Common {
        &self.0
    }
}

/// Environment of `cognito-post-confirmation`.
#[derive(Clone, Debug)]
pub struct PostConfirmation {
    /// What every function is told.
    pub common: Common,
    /// Where teens and their keys are.
    pub keys: Keys,
}

impl Environment for PostConfirmation {
    const FUNCTION: &'static str = "cognito-post-confirmation";

    fn read(variables: &mut Variables) -> Option<Self> {
        let common = Common::read(variables);
        let keys = Keys::read(variables);
        Some(Self {
            common: common?,
            keys: keys?,
        })
    }

    fn common(&self) -> &Common {
        &self.common
    }
}

/// Environment of `cognito-custom-message`.
#[derive(Clone, Debug)]
pub struct CustomMessage(Common);

impl Environment for CustomMessage {
    const FUNCTION: &'static str = "cognito-custom-message";

    fn read(variables: &mut Variables) -> Option<Self> {
        Common::read(variables).map(Self)
    }

    fn common(&self) -> &Common {
        &self.0
    }
}

impl Common {
    fn read(variables: &mut Variables) -> Option<Self> {
        let environment = variables.text(variable::ENVIRONMENT);
        let debug = variables.flag(variable::DEBUG);
        Some(Self {
            environment: environment?,
            debug: debug?,
        })
    }
}

fn pool(variables: &mut Variables) -> Option<UserPool> {
    let id = variables.text(variable::COGNITO_USER_POOL_ID);
    let client = variables.text(variable::COGNITO_USER_POOL_CLIENT_ID);
    let endpoint = variables.optional(variable::COGNITO_ENDPOINT);
    let pool = UserPool::new(&id?, &client?);
    let pool = variables.valid(variable::COGNITO_USER_POOL_ID, pool)?;
    match endpoint {
        None => Some(pool),
        Some(endpoint) => variables.valid(variable::COGNITO_ENDPOINT, pool.reached_at(&endpoint)),
    }
}
