//! A teen's sockets at the gateway, closed by a process that holds none of them.

use std::sync::Arc;

use futures_util::future::join_all;
use innerworld_aws::{ConnectionRow, ConnectionStore, Posting, TurnDesk};
use innerworld_core::{
    clock::Clock,
    conversation::{record::TurnState, store::ConversationStore},
    error::PortError,
    ids::{IdSource, RequestId, SessionId, TeenId},
};
use innerworld_engine::{erase::Closing, stateless::StopReason};

use crate::{posts::farewell, stop};

/// What sockets are found and closed by.
pub(super) struct GatewaySockets {
    pub(super) connections: ConnectionStore,
    pub(super) conversations: Arc<dyn ConversationStore>,
    pub(super) desk: TurnDesk,
    pub(super) posting: Posting,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) ids: Arc<dyn IdSource>,
}

impl GatewaySockets {
    /// Closes every socket of a teen. One that cannot be reached is lost to its client all the same:
    /// its row is gone, and a frame from a connection without one is not listened to.
    pub(super) async fn close(&self, teen: TeenId, why: Closing) -> Result<(), PortError> {
        let now = self.clock.now();
        let rows = self.connections.of_teen(teen, now).await?;
        for row in &rows {
            self.let_go(row, why).await?;
        }
        let told = rows.iter().map(|row| {
            let request = RequestId::from_bits(self.ids.ulid(now));
            farewell(&self.posting, &row.connection, why.told(), request)
        });
        join_all(told).await;
        Ok(())
    }

    /// Tells whoever answers a teen next that their memory changed.
    pub(super) async fn memory_changed(&self, teen: TeenId) -> Result<(), PortError> {
        let now = self.clock.now();
        let Some(log) = self.conversations.live_session(teen, now).await? else {
            return Ok(());
        };
        self.desk.memory_changed(log.session.id, now).await
    }

    /// Lets nothing come or go through a connection any more.
    async fn let_go(&self, row: &ConnectionRow, why: Closing) -> Result<(), PortError> {
        let connection = row.connection.as_str();
        if let Some(session) = row.session {
            self.connections.leave(session, connection).await?;
            // Of somebody who is being erased nothing can be read or written any more, and whoever
            // makes an answer of theirs finds the fence.
            if why == Closing::SignedOut {
                self.stop((row.teen, session)).await?;
            }
        }
        self.connections.delete(connection).await.map(|_row| ())
    }

    /// Has the answer stopped that is being made.
    async fn stop(&self, (teen, session): (TeenId, SessionId)) -> Result<(), PortError> {
        let now = self.clock.now();
        let Some(log) = self.conversations.session(teen, session, now).await? else {
            return Ok(());
        };
        let running = log.turns.iter().find(|turn| turn.state != TurnState::Ended);
        if let Some(turn) = running {
            let why = stop::word(StopReason::Cancelled);
            self.desk.stop(session, turn.id, why).await?;
        }
        Ok(())
    }
}
