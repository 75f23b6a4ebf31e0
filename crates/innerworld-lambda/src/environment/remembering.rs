//! What is remembered, where and for how long, and the function that remembers.

use innerworld_aws::{Table, TableNames};
use innerworld_core::identity::consent::MemoryMode;

use super::{Common, Environment, Models, Variables, tables::tables};
use crate::map::variable;

/// Where graphs are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GraphBackend {
    /// In the tables.
    Tables,
    /// In a graph database, which only functions inside of its network reach.
    Database(GraphAccess),
}

/// How those use a graph database who cannot reach it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GraphAccess {
    /// The function that reads it.
    pub reader: String,
    /// The queue of its writes; `None` for a function that writes nothing.
    pub queue: Option<String>,
}

impl GraphBackend {
    /// For a function that reads graphs.
    pub(super) fn reading(variables: &mut Variables) -> Option<Self> {
        if !Self::is_database(variables)? {
            return Some(Self::Tables);
        }
        let reader = variables.text(variable::GRAPH_READER_FUNCTION)?;
        Some(Self::Database(GraphAccess {
            reader,
            queue: None,
        }))
    }

    /// For a function that also writes them.
    pub(super) fn writing(variables: &mut Variables) -> Option<Self> {
        if !Self::is_database(variables)? {
            return Some(Self::Tables);
        }
        let reader = variables.text(variable::GRAPH_READER_FUNCTION);
        let queue = variables.text(variable::GRAPH_QUEUE_URL);
        Some(Self::Database(GraphAccess {
            reader: reader?,
            queue: Some(queue?),
        }))
    }

    fn is_database(variables: &mut Variables) -> Option<bool> {
        let name = variables.text(variable::GRAPH_BACKEND)?;
        let known = match name.as_str() {
            "dynamodb" => Ok(false),
            "neptune" => Ok(true),
            _ => Err("must be dynamodb or neptune"),
        };
        variables.valid(variable::GRAPH_BACKEND, known)
    }
}

/// The operator's ceiling of what is remembered.
pub(super) fn memory_mode_max(variables: &mut Variables) -> Option<MemoryMode> {
    let name = variables.text(variable::MEMORY_MODE_MAX)?;
    let known = match name.as_str() {
        "off" => Ok(MemoryMode::Off),
        "facts_only" => Ok(MemoryMode::FactsOnly),
        "full" => Ok(MemoryMode::Full),
        _ => Err("must be full, facts_only or off"),
    };
    variables.valid(variable::MEMORY_MODE_MAX, known)
}

/// Tables that it uses.
const USED: &[Table] = &[
    Table::LiveConversations,
    Table::Connections,
    Table::Sessions,
    Table::Teens,
    Table::Memory,
    Table::TeenKeys,
];

/// Environment of `session-processor`.
#[derive(Clone, Debug)]
pub struct SessionProcessor {
    /// What every function is told.
    pub common: Common,
    /// Names of the tables that hold sessions, teens, memories and sockets; the others are not known.
    pub tables: TableNames,
    /// The KMS key.
    pub kms_key: String,
    /// Where the gateway's connections are posted to, with the stage.
    pub endpoint: String,
    /// Which models read what was said.
    pub models: Models,
    /// Where graphs are kept.
    pub graph: GraphBackend,
    /// Days that the graph keeps what nobody speaks of.
    pub graph_days: u32,
    /// Days that evidence is kept.
    pub evidence_days: u32,
    /// The ceiling of what is remembered.
    pub memory_mode_max: MemoryMode,
}

impl Environment for SessionProcessor {
    const FUNCTION: &'static str = "session-processor";

    fn read(variables: &mut Variables) -> Option<Self> {
        let common = Common::read(variables);
        let tables = tables(variables, USED);
        let kms_key = variables.text(variable::TEEN_KEY_KMS_ID);
        let endpoint = variables.text(variable::WEBSOCKET_ENDPOINT);
        let models = Models::read(variables);
        let graph = GraphBackend::writing(variables);
        let graph_days = variables.days(variable::GRAPH_DAYS);
        let evidence_days = variables.days(variable::EVIDENCE_DAYS);
        let memory_mode_max = memory_mode_max(variables);
        Some(Self {
            common: common?,
            tables: tables?,
            kms_key: kms_key?,
            endpoint: endpoint?,
            models: models?,
            graph: graph?,
            graph_days: graph_days?,
            evidence_days: evidence_days?,
            memory_mode_max: memory_mode_max?,
        })
    }

    fn common(&self) -> &Common {
        &self.common
    }
}
