//! A teen's graph over two engines: the cluster's, which sees every write, and the readers', which
//! lag behind.

mod read;
mod retention;
mod write;

use std::sync::Arc;

use innerworld_core::error::{ErrorKind, PortError};
use serde_json::Value;

use super::{
    engine::{Engine, Parameters, Row},
    rows::TeenNumber,
    statements::{self, Statement},
};

pub use self::{
    read::{Counts, Stored},
    retention::Erased,
    write::Written,
};

/// Rows or ids that one statement is sent at most.
pub const CHUNK: usize = 200;
/// Pages of one reading or deleting at most: twice what the largest memory takes, for what
/// retention and the bounds of memory have not got to yet.
const PAGES: usize = 100;

/// Reads and writes graphs by the fixed statements.
#[derive(Clone, Debug)]
pub struct NeptuneGraph {
    cluster: Arc<dyn Engine>,
    readers: Arc<dyn Engine>,
}

impl NeptuneGraph {
    /// A graph whose writes and whose reads of them go to `cluster`, and whose reads at the start
    /// of a session go to `readers`.
    pub fn new(cluster: Arc<dyn Engine>, readers: Arc<dyn Engine>) -> Self {
        Self { cluster, readers }
    }

    /// Whether both endpoints answer.
    pub async fn ping(&self) -> Result<(), PortError> {
        for engine in [&self.cluster, &self.readers] {
            let parameters = Parameters::from_iter([("one".to_owned(), Value::from(1))]);
            let rows = engine.run(statements::PING, &parameters).await?;
            if number(&rows, "one")? != 1 {
                return Err(wrong());
            }
        }
        Ok(())
    }
}

/// The parameter that every statement about a teen has.
fn of(teen: TeenNumber) -> Parameters {
    Parameters::from_iter([("teen".to_owned(), teen.value().into())])
}

/// A statement about a teen, with further values.
async fn run<const N: usize>(
    engine: &Arc<dyn Engine>,
    statement: Statement,
    teen: TeenNumber,
    values: [(&str, Value); N],
) -> Result<Vec<Row>, PortError> {
    let mut parameters = of(teen);
    parameters.extend(values.map(|(name, value)| (name.to_owned(), value)));
    engine.run(statement, &parameters).await
}

/// The number in the only row of an answer.
fn number(rows: &[Row], column: &str) -> Result<usize, PortError> {
    let [row] = rows else { return Err(wrong()) };
    row.get(column)
        .and_then(Value::as_u64)
        .and_then(|number| usize::try_from(number).ok())
        .ok_or_else(wrong)
}

/// An answer of another form than its statement's.
fn wrong() -> PortError {
    PortError::new(ErrorKind::Corrupt, "understand the graph's answer")
}

/// A memory of more pages than there can be.
fn endless() -> PortError {
    PortError::new(ErrorKind::Corrupt, "come to the end of a graph")
}
