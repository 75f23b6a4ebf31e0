//! What happens when nobody says anything, and at the end.

use std::time::Duration;

use innerworld_core::clock::Timestamp;
use innerworld_protocol::{CloseCode, ErrorCode, ServerFrame};
use tokio::time::Instant;

use super::{AFTERLIFE, Connection, EXPIRY_NOTICE, End, Sends};
use crate::session::{budget, clock, join, lifecycle, safety};
impl Connection {
    /// When something is due without anybody saying anything.
    pub(super) fn next_deadline(&self) -> Instant {
        let limits = &self.out.app.settings.limits;
        let mut due = self.heard_at + limits.heartbeat.mul_f32(2.5);
        if self.out.cursor.is_none() {
            due = due.min(self.opened_at + limits.hello_timeout);
        }
        // The day's time, notices and the token are looked at once a second at most.
        due = due.min(self.ticked_at + Duration::from_secs(1));
        if let (Some(at), Some(_)) = (self.out.delta_at, self.out.cursor)
            && self.out.room.view().feed.open_turn().is_some()
        {
            due = due.min(at + self.out.rollup);
        }
        due
    }

    pub(super) async fn timer(&mut self, carrier: &mut impl Sends) -> Result<(), End> {
        let limits = &self.out.app.settings.limits;
        if self.out.cursor.is_none() && self.opened_at.elapsed() >= limits.hello_timeout {
            return Err(self
                .out
                .fatal(carrier, ErrorCode::HelloRequired, CloseCode::Protocol)
                .await);
        }
        if self.heard_at.elapsed() >= limits.heartbeat.mul_f32(2.5) {
            return Err(self
                .out
                .fatal(carrier, ErrorCode::Heartbeat, CloseCode::Heartbeat)
                .await);
        }
        if self.ticked_at.elapsed() < Duration::from_secs(1) {
            return Ok(());
        }
        self.ticked_at = Instant::now();
        self.token_time(carrier).await?;
        if self.out.cursor.is_some() {
            self.tick().await;
        }
        if self.ended_at.is_some_and(|at| at.elapsed() >= AFTERLIFE) {
            return Err(End::Close(CloseCode::Normal));
        }
        Ok(())
    }

    /// What a second of silence brings, in a process that does not wait for it.
    pub(crate) async fn look_at_clock(&mut self, carrier: &mut impl Sends) -> Result<(), End> {
        self.token_time(carrier).await?;
        self.tick().await;
        Ok(())
    }

    async fn token_time(&mut self, carrier: &mut impl Sends) -> Result<(), End> {
        let left = self.bearer.expires_at.since(self.out.app.now());
        if left.is_zero() {
            return Err(self
                .out
                .fatal(carrier, ErrorCode::TokenExpired, CloseCode::Token)
                .await);
        }
        if left <= EXPIRY_NOTICE && !self.expiry_told {
            self.expiry_told = true;
            let frame = ServerFrame::AuthExpiring {
                expires_in_s: left.as_secs(),
            };
            return self.out.send(carrier, &frame.encode()).await;
        }
        Ok(())
    }

    /// Charges time, ends what is over, resends what was not acknowledged.
    async fn tick(&mut self) {
        safety::tick(&self.out.app, &self.out.room, &self.context).await;
        let persona = {
            let mut inner = self.out.room.inner.lock().await;
            if let Err(refused) =
                clock::tick(&self.out.app, &self.out.room, &mut inner, &self.context).await
            {
                lifecycle::refusal(&self.out.app, &refused);
            }
            if inner.open().is_err() && inner.session.is_some() && self.ended_at.is_none() {
                self.ended_at = Some(Instant::now());
            }
            inner
                .session
                .as_ref()
                .and_then(|session| session.persona.clone())
        };
        tracing::trace!(
            persona.id = persona
                .as_ref()
                .map(innerworld_core::persona::PersonaId::as_str),
            "tick"
        );
    }

    /// Lets go of the room.
    pub(super) async fn leave(&mut self) {
        let now: Timestamp = self.out.app.now();
        if join::detach(&self.out.room, self.id, now) {
            let mut inner = self.out.room.inner.lock().await;
            // The gap up to a reconnect within the grace counts; the sweeper stops the clock.
            if let Err(refused) =
                budget::charge(&self.out.app, &self.out.room, &mut inner, &self.context).await
            {
                lifecycle::refusal(&self.out.app, &refused);
            }
        }
    }
}
