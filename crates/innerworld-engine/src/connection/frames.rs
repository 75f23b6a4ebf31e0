//! What each frame of a client does.

use std::time::Duration;

use innerworld_core::{
    conversation::record::EndReason,
    identity::{
        consent::{ConsentRecord, Purpose},
        token::TokenError,
    },
};
use innerworld_protocol::{
    ClientFrame, CloseCode, ErrorCode, FrameError, ServerFrame, VERSION,
    client::{Hello, Ping},
    server::ErrorFrame,
};
use std::sync::Arc;
use tokio::time::Instant;

use super::{Connection, End, RESYNC_EVERY, Sends};
use crate::{
    metrics::Kind,
    session::{
        budget, choice, join,
        lifecycle::{self, Refused},
        message,
        room::{StopReason, Watcher},
        safety,
        teen::TeenContext,
    },
};
impl Connection {
    /// A protocol error: told, and the third within a minute ends the connection.
    pub(super) async fn fault(
        &mut self,
        carrier: &mut impl Sends,
        code: ErrorCode,
    ) -> Result<(), End> {
        let per_minute = self.out.app.settings.limits.protocol_errors_per_min;
        let burst = per_minute.saturating_sub(1);
        if self
            .faults
            .take(burst, burst.max(1), self.out.app.now())
            .is_err()
        {
            return Err(self.out.fatal(carrier, code, CloseCode::Protocol).await);
        }
        self.out
            .refuse(carrier, ErrorFrame::new(code, self.out.app.request_id()))
            .await
    }

    pub(crate) async fn text(&mut self, carrier: &mut impl Sends, text: &str) -> Result<(), End> {
        let frame = match ClientFrame::parse(text) {
            Ok(frame) => frame,
            Err(FrameError::Bad) => return self.fault(carrier, ErrorCode::BadFrame).await,
            Err(FrameError::UnknownType) => {
                return self.fault(carrier, ErrorCode::UnknownType).await;
            }
        };
        self.out
            .app
            .metrics
            .frames
            .get_or_create(&Kind {
                kind: name_of(&frame),
            })
            .inc();
        // A message is looked at before anything may refuse it.
        let screened = match &frame {
            ClientFrame::Message(message) if self.out.cursor.is_some() => {
                let screened =
                    safety::screen(&self.out.app, &self.out.room, &self.context, message);
                if let Some(frame) = screened.frame() {
                    self.out.send(carrier, frame).await?;
                    carrier.deliver_at_once().await?;
                }
                Some(screened)
            }
            _ => None,
        };
        if let Some(end) = self.gate(carrier, &frame).await? {
            if let Some(screened) = &screened {
                let (app, room, ctx) = (&self.out.app, &self.out.room, &self.context);
                safety::settle_without_turn(app, room, ctx, screened).await;
            }
            return end;
        }
        let reference = reference_of(&frame);
        match self.dispatch(carrier, frame, screened).await {
            Ok(()) => Ok(()),
            Err(Failure::End(end)) => Err(end),
            Err(Failure::Refused(refused)) => {
                let mut error = lifecycle::refusal(&self.out.app, &refused);
                error.reference = reference;
                self.out.refuse(carrier, error).await
            }
        }
    }

    /// Rate, order and token of a frame. `Some` when it was answered already.
    async fn gate(
        &mut self,
        carrier: &mut impl Sends,
        frame: &ClientFrame,
    ) -> Result<Option<Result<(), End>>, End> {
        let (now, limits) = (self.out.app.now(), &self.out.app.settings.limits);
        let per_minute = limits.frames_per_s.saturating_mul(60);
        if let Err(wait) = self.frames.take(limits.frames_burst, per_minute, now) {
            let millis = u64::try_from(wait.as_millis()).unwrap_or(1_000);
            let error = lifecycle::refusal(&self.out.app, &Refused::Wait(millis));
            return self.out.refuse(carrier, error).await.map(|()| Some(Ok(())));
        }
        if self.out.cursor.is_none() && !matches!(frame, ClientFrame::Hello(_)) {
            let end = self
                .out
                .fatal(carrier, ErrorCode::HelloRequired, CloseCode::Protocol)
                .await;
            return Ok(Some(Err(end)));
        }
        if now >= self.bearer.expires_at && !matches!(frame, ClientFrame::Auth(_)) {
            let end = self
                .out
                .fatal(carrier, ErrorCode::TokenExpired, CloseCode::Token)
                .await;
            return Ok(Some(Err(end)));
        }
        Ok(None)
    }

    async fn dispatch(
        &mut self,
        carrier: &mut impl Sends,
        frame: ClientFrame,
        screened: Option<safety::Screened>,
    ) -> Result<(), Failure> {
        match frame {
            ClientFrame::Hello(hello) => self.hello(carrier, &hello).await,
            ClientFrame::Message(message) => match screened {
                Some(screened) => Ok(message::take(
                    &self.out.app,
                    &self.out.room,
                    &self.context,
                    &message,
                    screened,
                )
                .await?),
                None => Ok(()),
            },
            ClientFrame::DisclosureAck(ack) => self.acknowledge_disclosure(&ack.version).await,
            ClientFrame::PersonaChoose(choice) => Ok(choice::choose_persona(
                &self.out.app,
                &self.out.room,
                &self.context,
                &choice.persona,
            )
            .await?),
            ClientFrame::Cancel(cancel) => {
                // Cancelling what has ended is fine: the two may cross on the wire.
                self.out
                    .room
                    .stop_turn(Some(cancel.turn), StopReason::Cancelled);
                Ok(())
            }
            ClientFrame::Ack(_) => Ok(()),
            ClientFrame::Typing => {
                self.typing();
                Ok(())
            }
            ClientFrame::SafetyAck(ack) => {
                safety::acknowledge(&self.out.app, &self.out.room, &self.context, ack.event).await;
                Ok(())
            }
            ClientFrame::SafetyReply(reply) => {
                let (event, choice) = (reply.event, reply.choice);
                Ok(
                    safety::reply(&self.out.app, &self.out.room, &self.context, event, &choice)
                        .await?,
                )
            }
            ClientFrame::SessionEnd(_) => self.end_session(EndReason::Client).await,
            ClientFrame::Auth(auth) => self.renew(carrier, auth.token.reveal()).await,
            ClientFrame::Ping(ping) => self.pong(carrier, ping).await,
        }
    }

    async fn hello(&mut self, carrier: &mut impl Sends, hello: &Hello) -> Result<(), Failure> {
        if hello.protocol != VERSION {
            let end = self
                .out
                .fatal(carrier, ErrorCode::Version, CloseCode::Version)
                .await;
            return Err(Failure::End(end));
        }
        if self.hello_at.is_some_and(|at| at.elapsed() < RESYNC_EVERY) {
            return Err(Refused::Wait(5_000).into());
        }
        self.hello_at = Some(Instant::now());
        if self.out.cursor.is_some() {
            // Settings may have changed since the handshake.
            if let Ok(context) = TeenContext::load(&self.out.app, self.bearer.teen).await {
                self.context = context;
            }
        }
        let watcher = Watcher {
            id: self.id,
            signal: Arc::clone(&self.out.signal),
        };
        let joined =
            join::join(&self.out.app, &self.out.room, watcher, &self.context, hello).await?;
        if self.is_signed_out().await? {
            let (code, close) = (ErrorCode::TokenInvalid, CloseCode::Token);
            return Err(Failure::End(self.out.fatal(carrier, code, close).await));
        }
        self.out.cursor = Some(joined.cursor);
        self.out.rollup = Duration::from_millis(u64::from(joined.rollup_ms));
        for frame in &joined.frames {
            self.out.send(carrier, frame).await.map_err(Failure::End)?;
        }
        Ok(())
    }

    /// Signing out closes the sockets that have joined; this finds the one that was let in before
    /// it and joins after it.
    async fn is_signed_out(&self) -> Result<bool, Failure> {
        let accounts = &self.out.app.services.accounts;
        let mark = accounts.denied_before(self.bearer.teen).await;
        let mark = mark.map_err(Refused::Port)?;
        Ok(mark.is_some_and(|mark| self.bearer.issued_at < mark))
    }

    async fn acknowledge_disclosure(&mut self, version: &str) -> Result<(), Failure> {
        if self.context.accepted_disclosure(version) {
            return Ok(());
        }
        let shown = self.out.app.safeguards().desk.disclosure(
            &self.context.profile.locale,
            &self.context.profile.country,
            self.context.profile.region.as_deref(),
        );
        if shown.version != version {
            return Err(Refused::Code(ErrorCode::DisclosureRequired).into());
        }
        let hash = message::hash_of(&shown.text);
        let record = ConsentRecord {
            purpose: Purpose::Disclosure,
            recipient: String::new(),
            text_version: shown.version,
            text_hash: innerworld_core::hex::encode(&hash),
            jurisdiction: self.context.jurisdiction(),
            band: self.context.profile.band_at(self.out.app.now()),
            granted: true,
            recorded_at: self.out.app.now(),
            evidence: "ui".to_owned(),
            mode: None,
            persona: None,
        };
        let consents = &self.out.app.services.consents;
        consents
            .append(self.bearer.teen, std::slice::from_ref(&record))
            .await
            .map_err(Refused::Port)?;
        self.context.add_consent(record);
        Ok(())
    }

    fn typing(&mut self) {
        if self
            .typed_at
            .is_none_or(|at| at.elapsed() >= Duration::from_secs(2))
        {
            self.typed_at = Some(Instant::now());
        }
    }

    async fn end_session(&mut self, reason: EndReason) -> Result<(), Failure> {
        self.out.room.stop_turn(None, StopReason::Cancelled);
        let mut inner = self.out.room.inner.lock().await;
        budget::charge(&self.out.app, &self.out.room, &mut inner, &self.context).await?;
        let persona = inner
            .session
            .as_ref()
            .and_then(|session| session.persona.clone());
        let mode = self.context.memory_mode(&self.out.app, persona.as_ref());
        lifecycle::end(&self.out.app, &self.out.room, &mut inner, mode, reason).await?;
        self.ended_at = Some(Instant::now());
        Ok(())
    }

    async fn renew(&mut self, carrier: &mut impl Sends, token: &str) -> Result<(), Failure> {
        let renewed = if token.len() > 8_192 {
            Err(TokenError::Invalid)
        } else {
            self.out
                .app
                .services
                .verifier
                .verify(token, self.out.app.now())
                .await
        };
        let (code, close) = match renewed {
            Ok(claims) if claims.teen == self.bearer.teen => {
                self.bearer = claims.into();
                self.expiry_told = false;
                return Ok(());
            }
            Ok(_other_teen) => (ErrorCode::Forbidden, CloseCode::Forbidden),
            Err(TokenError::Expired) => (ErrorCode::TokenExpired, CloseCode::Token),
            Err(TokenError::Unavailable) => {
                return Err(Refused::Code(ErrorCode::StorageUnavailable).into());
            }
            Err(TokenError::Invalid | TokenError::Revoked) => {
                (ErrorCode::TokenInvalid, CloseCode::Token)
            }
        };
        Err(Failure::End(self.out.fatal(carrier, code, close).await))
    }

    async fn pong(&mut self, carrier: &mut impl Sends, ping: Ping) -> Result<(), Failure> {
        let t = ping.t.filter(|echo| echo.len() <= 32);
        let frame = ServerFrame::Pong {
            t,
            now: self.out.app.now().to_rfc3339(),
        };
        self.out
            .send(carrier, &frame.encode())
            .await
            .map_err(Failure::End)
    }
}

/// Why a frame was not carried out.
enum Failure {
    Refused(Refused),
    End(End),
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

pub(crate) fn reference_of(frame: &ClientFrame) -> Option<String> {
    match frame {
        ClientFrame::Message(message) => Some(message.id.to_string()),
        ClientFrame::Cancel(cancel) => Some(cancel.turn.to_string()),
        ClientFrame::SafetyAck(ack) => Some(ack.event.to_string()),
        ClientFrame::SafetyReply(reply) => Some(reply.event.to_string()),
        _ => None,
    }
}

const fn name_of(frame: &ClientFrame) -> &'static str {
    match frame {
        ClientFrame::Hello(_) => "hello",
        ClientFrame::DisclosureAck(_) => "disclosure.ack",
        ClientFrame::PersonaChoose(_) => "persona.choose",
        ClientFrame::Message(_) => "message",
        ClientFrame::Cancel(_) => "cancel",
        ClientFrame::Ack(_) => "ack",
        ClientFrame::Typing => "typing",
        ClientFrame::SafetyAck(_) => "safety.ack",
        ClientFrame::SafetyReply(_) => "safety.reply",
        ClientFrame::SessionEnd(_) => "session.end",
        ClientFrame::Auth(_) => "auth",
        ClientFrame::Ping(_) => "ping",
    }
}
