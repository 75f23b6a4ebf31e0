//! Open sockets at the gateway: one row a connection, in the table `websocket-connections`.
//!
//! The rows say where a teen can be reached and how long their token lasts. Nothing that must be
//! right depends on a row being deleted: `$disconnect` is best effort, so rows also end by time.

mod of_teen;

use std::{sync::Arc, time::Duration};

use innerworld_core::{
    clock::Timestamp,
    error::{ErrorKind, PortError},
    ids::{InvalidId, SessionId, TeenId},
};

use crate::{
    dynamo::{Change, Condition, Item, Key, Table},
    shared::Shared,
};

/// Partition key of the table.
const ID: &str = "connection_id";
/// Longest id of a connection; the gateway's have about 16 characters.
const MAX_ID_BYTES: usize = 128;

/// A row lives this long unless it is renewed; a connection may live for two hours.
pub const CONNECTION_LIFE: Duration = Duration::from_secs(30 * 60);

/// One open socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionRow {
    /// The gateway's id.
    pub connection: String,
    /// Whose it is.
    pub teen: TeenId,
    /// The session that `hello` joined or opened; `None` before.
    pub session: Option<SessionId>,
    /// When it was opened.
    pub connected_at: Timestamp,
    /// When the token that opened it ends; every frame is compared with it.
    pub token_expires_at: Timestamp,
    /// When it was last heard of, to some minutes.
    pub last_seen_at: Timestamp,
    /// The sub-protocol.
    pub protocol: String,
    /// It does not exist at or after this instant.
    pub expires_at: Timestamp,
}

/// Rows of the table `websocket-connections`.
#[derive(Clone, Debug)]
pub struct ConnectionStore {
    shared: Arc<Shared>,
}

impl ConnectionStore {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// Stores a row in the place of whatever lies there.
    pub async fn put(&self, row: &ConnectionRow) -> Result<(), PortError> {
        let mut item = Item::new()
            .with("user_id", row.teen.to_string())
            .with("connected_at", row.connected_at.as_millis())
            .with("token_expires_at", row.token_expires_at.as_millis())
            .with("last_seen_at", row.last_seen_at.as_millis())
            .with("protocol", row.protocol.as_str())
            .until(row.expires_at);
        if let Some(session) = row.session {
            item = item.with("session_id", session.to_string());
        }
        self.shared
            .dynamo
            .put("store a connection", (&key(&row.connection)?, item), None)
            .await
            .map(|_stored| ())
    }

    /// The row as it is stored now; `None` if there is none, or if it has ended.
    pub async fn find(
        &self,
        connection: &str,
        now: Timestamp,
    ) -> Result<Option<ConnectionRow>, PortError> {
        let place = key(connection)?;
        let found = self.shared.dynamo.get("read a connection", &place).await?;
        found
            .filter(|item| item.lives(now))
            .map(|item| row(connection, &item))
            .transpose()
    }

    /// Renews a row until `until`; `false` if there is none, or if it has ended.
    pub async fn touch(
        &self,
        connection: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<bool, PortError> {
        let change = Change::new()
            .set("last_seen_at", now.as_millis())
            .until(until);
        let there = Condition::All(vec![Condition::Present(ID), Condition::lives(now)]);
        self.shared
            .dynamo
            .update(
                "renew a connection",
                (&key(connection)?, change),
                Some(there),
            )
            .await
    }

    /// Notes what a frame changed of a row: the session that it joined, and when its token ends.
    /// `false` if there is none, or if it has ended.
    pub async fn change(
        &self,
        connection: &str,
        (session, token_expires_at): (Option<SessionId>, Timestamp),
        now: Timestamp,
    ) -> Result<bool, PortError> {
        let mut change = Change::new().set("token_expires_at", token_expires_at.as_millis());
        if let Some(session) = session {
            change = change.set("session_id", session.to_string());
        }
        let there = Condition::All(vec![Condition::Present(ID), Condition::lives(now)]);
        let place = key(connection)?;
        self.shared
            .dynamo
            .update("change a connection", (&place, change), Some(there))
            .await
    }

    /// Deletes a row and gives what it was; `None` if there was none.
    pub async fn delete(&self, connection: &str) -> Result<Option<ConnectionRow>, PortError> {
        let place = key(connection)?;
        let taken = self
            .shared
            .dynamo
            .take("delete a connection", &place, None)
            .await?;
        taken.map(|item| row(connection, &item)).transpose()
    }

    /// Marks that nobody listens to a session, if it was this connection that did; `false` if it was
    /// not, or if there is no such session.
    pub async fn leave(&self, session: SessionId, connection: &str) -> Result<bool, PortError> {
        let place = Key::of(Table::Sessions, session.to_string(), "meta");
        let change = Change::new().remove(ID);
        let ours = Condition::Is(ID, connection.into());
        self.shared
            .dynamo
            .update("leave a session", (&place, change), Some(ours))
            .await
    }
}

fn key(connection: &str) -> Result<Key, PortError> {
    if connection.is_empty() || connection.len() > MAX_ID_BYTES {
        return Err(PortError::new(ErrorKind::Invalid, "name a connection"));
    }
    Ok(Key::alone(Table::Connections, connection))
}

fn row(connection: &str, item: &Item) -> Result<ConnectionRow, PortError> {
    let corrupt =
        |cause: InvalidId| PortError::with_source(ErrorKind::Corrupt, "read a connection", cause);
    let instant = |name| item.number(name).map(Timestamp::from_millis);
    let session = item.maybe_text("session_id")?;
    Ok(ConnectionRow {
        connection: connection.to_owned(),
        teen: TeenId::from_verified_subject(item.text("user_id")?).map_err(corrupt)?,
        session: session.map(str::parse).transpose().map_err(corrupt)?,
        connected_at: instant("connected_at")?,
        token_expires_at: instant("token_expires_at")?,
        last_seen_at: instant("last_seen_at")?,
        protocol: item.text("protocol")?.to_owned(),
        expires_at: item.ends()?,
    })
}
