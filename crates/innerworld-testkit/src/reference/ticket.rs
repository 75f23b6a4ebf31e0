//! Socket tickets.

use async_trait::async_trait;
use innerworld_core::{
    clock::Timestamp,
    error::PortError,
    identity::account::{Ticket, TicketStore},
};

use super::{Defect, Reference};

#[async_trait]
impl TicketStore for Reference {
    async fn put(&self, ticket: &Ticket) -> Result<(), PortError> {
        let mut state = self.writing(ticket.teen)?;
        state.tickets.insert(ticket.hash, ticket.clone());
        Ok(())
    }

    async fn take(&self, hash: [u8; 32], now: Timestamp) -> Result<Option<Ticket>, PortError> {
        let mut state = self.state();
        let ticket = state.tickets.get(&hash).cloned();
        if !self.is(Defect::KeepsEverything) {
            state.tickets.remove(&hash);
        }
        Ok(ticket.filter(|ticket| self.exists(ticket.expires_at, now)))
    }
}
