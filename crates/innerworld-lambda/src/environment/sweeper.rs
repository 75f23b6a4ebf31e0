//! The function that looks after sessions, jobs and retention.

use super::{Common, Deployment, Environment, GraphBackend, Variables};
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
    /// Where graphs are kept.
    pub graph: GraphBackend,
    /// Days that the graph keeps what nobody speaks of.
    pub graph_days: u32,
}

impl Environment for Sweeper {
    const FUNCTION: &'static str = "session-sweeper";

    fn read(variables: &mut Variables) -> Option<Self> {
        let common = Common::read(variables);
        let deployment = Deployment::read(variables);
        let session_queue = variables.text(variable::SESSION_QUEUE_URL);
        let privacy_queue = variables.text(variable::PRIVACY_QUEUE_URL);
        let graph = GraphBackend::writing(variables);
        let graph_days = variables.days(variable::GRAPH_DAYS);
        Some(Self {
            common: common?,
            deployment: deployment?,
            session_queue: session_queue?,
            privacy_queue: privacy_queue?,
            graph: graph?,
            graph_days: graph_days?,
        })
    }

    fn common(&self) -> &Common {
        &self.common
    }
}
