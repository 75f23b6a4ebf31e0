//! What keeps a table from being lost, and what keeps its items longer than they live.

use innerworld_core::error::PortError;

use super::Tables;
use crate::{
    dynamo::{TABLES, Table},
    fault::failed,
};

/// A table that is there.
#[derive(Clone, Debug)]
pub(crate) struct Guarded {
    /// Which one.
    pub(crate) table: Table,
    /// Its name.
    pub(crate) name: String,
    /// It cannot be deleted by mistake.
    pub(crate) protected: bool,
}

impl Tables {
    /// The tables that are there, and whether each is protected against deletion.
    pub(crate) async fn guarded(&self) -> Result<Vec<Guarded>, PortError> {
        let mut found = Vec::new();
        for schema in TABLES {
            if let Some(description) = self.describe(schema).await? {
                found.push(Guarded {
                    table: schema.table,
                    name: self.names.of(schema.table).to_owned(),
                    protected: description.deletion_protection_enabled == Some(true),
                });
            }
        }
        Ok(found)
    }

    /// How many days back a table can be restored to any second; `None` if it cannot.
    pub(crate) async fn recoverable_days(&self, table: &str) -> Result<Option<i32>, PortError> {
        /// What the service keeps where it does not say.
        const ALL: i32 = 35;
        use aws_sdk_dynamodb::types::PointInTimeRecoveryStatus::Enabled;
        let answer = self
            .client
            .describe_continuous_backups()
            .table_name(table)
            .send()
            .await
            .map_err(|error| failed("describe the backups of a table", &error))?;
        let backups = answer.continuous_backups_description;
        let recovery = backups.and_then(|found| found.point_in_time_recovery_description);
        Ok(recovery
            .filter(|found| found.point_in_time_recovery_status == Some(Enabled))
            .map(|found| found.recovery_period_in_days.unwrap_or(ALL)))
    }
}
