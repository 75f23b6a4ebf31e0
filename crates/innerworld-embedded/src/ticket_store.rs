//! One-use socket tickets, in `live.db`.

use std::sync::Arc;

use async_trait::async_trait;
use innerworld_core::{
    clock::Timestamp,
    error::PortError,
    identity::account::{Ticket, TicketStore},
};
use rusqlite::OptionalExtension;

use crate::shared::Shared;

/// [`TicketStore`] on `live.db`.
#[derive(Debug)]
pub(crate) struct SqliteTicketStore {
    shared: Arc<Shared>,
}

impl SqliteTicketStore {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }
}

#[async_trait]
impl TicketStore for SqliteTicketStore {
    async fn put(&self, ticket: &Ticket) -> Result<(), PortError> {
        let number = self.shared.teen_keys.for_writing(ticket.teen).await?.number;
        let ticket = ticket.clone();
        self.shared
            .live
            .write_single("store a ticket", Some(ticket.teen), move |connection| {
                connection
                    .prepare_cached(
                        "INSERT INTO ticket (hash, teen, origin, token_exp, iat, expires)
                         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                    )?
                    .execute((
                        ticket.hash,
                        number,
                        &ticket.origin,
                        ticket.token_expires_at.as_millis(),
                        ticket.token_issued_at.as_millis(),
                        ticket.expires_at.as_millis(),
                    ))?;
                Ok(())
            })
            .await
    }

    async fn take(&self, hash: [u8; 32], now: Timestamp) -> Result<Option<Ticket>, PortError> {
        let taken = self
            .shared
            .live
            .write_single("take a ticket", None, move |connection| {
                Ok(connection
                    .prepare_cached(
                        "DELETE FROM ticket WHERE hash = ?1
                         RETURNING teen, origin, token_exp, iat, expires",
                    )?
                    .query_row([hash], |row| {
                        Ok((
                            row.get::<_, i64>(0)?,
                            row.get::<_, String>(1)?,
                            [row.get::<_, i64>(2)?, row.get(3)?, row.get(4)?],
                        ))
                    })
                    .optional()?)
            })
            .await?;
        let Some((number, origin, [token_expires, issued, expires])) = taken else {
            return Ok(None);
        };
        if expires <= now.as_millis() {
            return Ok(None);
        }
        // A teen erased meanwhile has no number any more, and so no ticket.
        let seals = self.shared.teen_keys.by_number(number).await?;
        Ok(seals.map(|seals| Ticket {
            hash,
            teen: seals.teen(),
            origin,
            token_expires_at: Timestamp::from_millis(token_expires),
            token_issued_at: Timestamp::from_millis(issued),
            expires_at: Timestamp::from_millis(expires),
        }))
    }
}
