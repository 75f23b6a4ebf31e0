//! The function that looks after sessions, jobs and retention.

use super::{Common, Deployment, Environment, Variables};
use crate::map::variable;

/// Environment of `session-sweeper`.
#[derive(Clone, Debug)]
pub struct Sweeper {
    /// What every function is told.
    pub common: Common,
    /// What sessions are made of.
    pub deployment: Deployment,
    /// The queue of sessions that ended.
    pub session_queue: String,
    /// The queue of erasures and exports.
    pub privacy_queue: String,
    /// The queue of the graph's writes.
    pub graph_queue: String,
    /// The function that reads the graph.
    pub graph_reader: String,
    /// How memory is kept.
    pub keeping: Sweeping,
}

/// How memory is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sweeping {
    /// Where graphs are.
    pub graph: GraphBackend,
    /// Days that the graph keeps what nobody speaks of.
    pub graph_days: u32,
}

/// Where graphs are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GraphBackend {
    /// In the table `memory`, with all else.
    DynamoDb,
    /// In a graph database, which two other functions reach.
    Neptune,
}

impl Environment for Sweeper {
    const FUNCTION: &'static str = "session-sweeper";

    fn read(variables: &mut Variables) -> Option<Self> {
        let common = Common::read(variables);
        let deployment = Deployment::read(variables);
        let session_queue = variables.text(variable::SESSION_QUEUE_URL);
        let privacy_queue = variables.text(variable::PRIVACY_QUEUE_URL);
        let graph_queue = variables.text(variable::GRAPH_QUEUE_URL);
        let graph_reader = variables.text(variable::GRAPH_READER_FUNCTION);
        let graph = backend(variables);
        let graph_days = days(variables);
        Some(Self {
            common: common?,
            deployment: deployment?,
            session_queue: session_queue?,
            privacy_queue: privacy_queue?,
            graph_queue: graph_queue?,
            graph_reader: graph_reader?,
            keeping: Sweeping {
                graph: graph?,
                graph_days: graph_days?,
            },
        })
    }

    fn common(&self) -> &Common {
        &self.common
    }
}

fn backend(variables: &mut Variables) -> Option<GraphBackend> {
    let name = variables.text(variable::GRAPH_BACKEND)?;
    let backend = match name.as_str() {
        "dynamodb" => Ok(GraphBackend::DynamoDb),
        "neptune" => Ok(GraphBackend::Neptune),
        _ => Err("must be dynamodb or neptune"),
    };
    variables.valid(variable::GRAPH_BACKEND, backend)
}

fn days(variables: &mut Variables) -> Option<u32> {
    let text = variables.text(variable::GRAPH_DAYS)?;
    let days = text
        .parse::<u32>()
        .ok()
        .filter(|days| (1..=365).contains(days));
    variables.valid(
        variable::GRAPH_DAYS,
        days.ok_or("must be a number of days from 1 to 365"),
    )
}
