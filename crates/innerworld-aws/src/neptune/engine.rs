//! What runs a statement.

use std::sync::Arc;

use async_trait::async_trait;
use innerworld_core::error::PortError;
use serde_json::{Map, Value};

use super::statements::Statement;

/// The values of a statement, by parameter name.
pub type Parameters = Map<String, Value>;

/// One row of an answer, by column.
pub type Row = Map<String, Value>;

/// Something that speaks our subset of openCypher.
///
/// # Contract
/// * A statement runs wholly or not at all; after an error of a writing one, it may have run.
/// * Passing failures are `Unavailable` or `Throttled`, a statement that it does not take is
///   `Invalid`. It never answers `Denied`, which means that the teen is being erased.
/// * Parameters never reach a log or an error.
#[async_trait]
pub trait Engine: Send + Sync + std::fmt::Debug {
    /// Runs a statement and returns its rows.
    async fn run(
        &self,
        statement: Statement,
        parameters: &Parameters,
    ) -> Result<Vec<Row>, PortError>;
}

#[async_trait]
impl<E: Engine + ?Sized> Engine for Arc<E> {
    async fn run(
        &self,
        statement: Statement,
        parameters: &Parameters,
    ) -> Result<Vec<Row>, PortError> {
        (**self).run(statement, parameters).await
    }
}
