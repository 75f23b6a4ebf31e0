//! What a table says of itself.

use aws_sdk_dynamodb::types::TableStatus;
use innerworld_core::error::PortError;

use super::{super::schema::Table, Dynamo};
use crate::fault::failed;

impl Dynamo {
    /// Whether the table is there and takes reads and writes.
    pub(crate) async fn is_active(&self, table: Table) -> Result<bool, PortError> {
        let answer = self
            .client
            .describe_table()
            .table_name(self.names.of(table))
            .send()
            .await
            .map_err(|error| failed("describe a table", &error))?;
        let status = answer.table.and_then(|table| table.table_status);
        // While it is being changed it still answers.
        Ok(matches!(
            status,
            Some(TableStatus::Active | TableStatus::Updating)
        ))
    }
}
