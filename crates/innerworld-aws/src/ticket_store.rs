//! One-use socket tickets: the items `ticket#<hash>`, which belong to no teen's partition, since
//! whoever takes one knows the hash alone.

use std::sync::Arc;

use async_trait::async_trait;
use innerworld_core::{
    clock::Timestamp,
    error::{ErrorKind, PortError},
    hex,
    identity::account::{Ticket, TicketStore},
    ids::TeenId,
};

use crate::{
    dynamo::{Item, Key, Table},
    shared::Shared,
};

/// Sort key of the item.
const ITEM: &str = "ticket";

/// [`TicketStore`] on the table `teens`.
#[derive(Debug)]
pub(crate) struct DynamoTicketStore {
    shared: Arc<Shared>,
}

impl DynamoTicketStore {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }
}

#[async_trait]
impl TicketStore for DynamoTicketStore {
    async fn put(&self, ticket: &Ticket) -> Result<(), PortError> {
        self.shared.teen_keys.for_writing(ticket.teen).await?;
        let item = Item::new()
            .with("teen", ticket.teen.to_string())
            .with("origin", ticket.origin.as_str())
            .with("token_exp", ticket.token_expires_at.as_millis())
            .with("iat", ticket.token_issued_at.as_millis())
            .until(ticket.expires_at);
        self.shared
            .put_for(
                ticket.teen,
                "store a ticket",
                (key(ticket.hash), item),
                None,
            )
            .await
            .map(|_stored| ())
    }

    async fn take(&self, hash: [u8; 32], now: Timestamp) -> Result<Option<Ticket>, PortError> {
        const OPERATION: &str = "take a ticket";
        let taken = self.shared.dynamo.take(OPERATION, &key(hash), None).await?;
        let Some(item) = taken.filter(|item| item.lives(now)) else {
            return Ok(None);
        };
        let teen = TeenId::from_verified_subject(item.text("teen")?)
            .map_err(|cause| PortError::with_source(ErrorKind::Corrupt, OPERATION, cause))?;
        // A teen erased meanwhile has no ticket.
        if self.shared.teen_keys.is_fenced(teen).await? {
            return Ok(None);
        }
        Ok(Some(Ticket {
            hash,
            teen,
            origin: item.text("origin")?.to_owned(),
            token_expires_at: Timestamp::from_millis(item.number("token_exp")?),
            token_issued_at: Timestamp::from_millis(item.number("iat")?),
            expires_at: item.ends()?,
        }))
    }
}

fn key(hash: [u8; 32]) -> Key {
    let place = format!("{ITEM}#{}", hex::encode(&hash));
    Key::of(Table::Teens, place, ITEM)
}
