//! All sockets of one teen.

use innerworld_core::{clock::Timestamp, error::PortError, ids::TeenId};

use super::{ConnectionRow, ConnectionStore, ID};
use crate::dynamo::{Index, Query, Table};

/// Sockets of a teen that are looked for at most; nobody has that many who means well.
const MOST: usize = 20;

impl ConnectionStore {
    /// The rows of a teen's sockets. The index that tells of them may lag: each is read again, as it is
    /// stored now.
    pub async fn of_teen(
        &self,
        teen: TeenId,
        now: Timestamp,
    ) -> Result<Vec<ConnectionRow>, PortError> {
        let query = Query::of(Table::Connections, teen.to_string())
            .through(Index::User)
            .limit(MOST);
        let entries = self.shared.dynamo.query("find a teen's connections", query);
        let mut rows = Vec::new();
        for entry in entries.await? {
            let row = self.find(entry.text(ID)?, now).await?;
            rows.extend(row.filter(|row| row.teen == teen));
        }
        Ok(rows)
    }
}
