//! All sockets of one teen.

use innerworld_core::{clock::Timestamp, error::PortError, ids::TeenId};

use super::{ConnectionRow, ConnectionStore, ID};
use crate::{
    dynamo::{Index, Key, Query, Table},
    erasure_store::OPEN,
};

/// Sockets of a teen that are looked for at most; nobody has that many who means well.
const MOST: usize = 20;

impl ConnectionStore {
    /// The rows of a teen's sockets. The index that tells of them may lag, so the one that listens to
    /// the open session is asked for by itself; each is read again, as it is stored now.
    pub async fn of_teen(
        &self,
        teen: TeenId,
        now: Timestamp,
    ) -> Result<Vec<ConnectionRow>, PortError> {
        let query = Query::of(Table::Connections, teen.to_string())
            .through(Index::User)
            // Rows whose time is over stay in the index for days: the newest come first.
            .descending()
            .limit(MOST);
        let entries = self.shared.dynamo.query("find a teen's connections", query);
        let mut names = Vec::new();
        for entry in entries.await? {
            names.push(entry.text(ID)?.to_owned());
        }
        names.extend(self.listening(teen).await?);
        names.sort_unstable();
        names.dedup();
        let mut rows = Vec::new();
        for name in &names {
            let row = self.find(name, now).await?;
            rows.extend(row.filter(|row| row.teen == teen));
        }
        Ok(rows)
    }

    /// The connection that listens to the teen's open session.
    async fn listening(&self, teen: TeenId) -> Result<Option<String>, PortError> {
        const OPERATION: &str = "find who listens";
        let dynamo = &self.shared.dynamo;
        let open = Key::teen(Table::Teens, teen, OPEN);
        let Some(open) = dynamo.get(OPERATION, &open).await? else {
            return Ok(None);
        };
        let meta = Key::of(Table::Sessions, open.text("session_id")?, "meta");
        let meta = dynamo.get(OPERATION, &meta).await?;
        let listens = meta.as_ref().map(|meta| meta.maybe_text(ID)).transpose()?;
        Ok(listens.flatten().map(str::to_owned))
    }
}
