//! One connection: reads frames, drives the session, sends what its cursor lacks.

use std::{sync::Arc, time::Duration};

use axum::extract::ws::{Message, WebSocket};
use innerworld_core::{
    clock::Timestamp,
    conversation::{
        cursor::{Cursor, Next},
        limits::Bucket,
        record::EndReason,
    },
    identity::{
        consent::{ConsentRecord, Purpose},
        token::{Claims, TokenError},
    },
    ids::ConnectionId,
    secret::Redacted,
};
use innerworld_protocol::{
    ClientFrame, CloseCode, ErrorCode, FRAME_BYTES, FrameError, ServerFrame, VERSION,
    client::{Hello, Ping},
    server::{ErrorFrame, GoingAwayReason},
};
use tokio::time::Instant;

use super::outbound::{self, Gone};
use crate::{
    app::App,
    metrics::Kind,
    session::{
        join,
        lifecycle::{self, Refused},
        message,
        room::{Order, Room, Signal, StopReason, Watcher},
        safety,
        teen::TeenContext,
    },
};

/// The token's end is announced this long before.
const EXPIRY_NOTICE: Duration = Duration::from_secs(60);
/// A `hello` on a live connection (resync) at most this often.
const RESYNC_EVERY: Duration = Duration::from_secs(5);
/// Most bytes of text in one delta: escaped twice over it still fits a frame.
const DELTA_BYTES: usize = FRAME_BYTES / 3;
/// A socket stays open this long after its session ended, for `memory.updated`.
const AFTERLIFE: Duration = Duration::from_secs(30);

/// A teen whose credential, profile and terms were checked.
#[derive(Debug)]
pub(super) struct Authenticated {
    pub(super) claims: Claims,
    pub(super) context: TeenContext,
}

/// How a connection ends.
#[derive(Clone, Copy, Debug)]
enum End {
    /// With this close code, the fatal frame having been sent.
    Close(CloseCode),
    /// The peer is gone.
    Gone,
}

impl From<Gone> for End {
    fn from(gone: Gone) -> Self {
        match gone {
            Gone::Closed => Self::Gone,
            Gone::Slow => Self::Close(CloseCode::Slow),
        }
    }
}

/// Serves one socket until it ends.
pub(super) async fn serve(app: Arc<App>, mut socket: WebSocket, auth: Authenticated) {
    app.hub.connected();
    app.metrics.connections.inc();
    let mut connection = Connection::new(&app, auth);
    let end = connection.run(&mut socket).await;
    connection.leave().await;
    app.metrics.connections.dec();
    app.hub.disconnected();
    if let End::Close(code) = end {
        outbound::close(socket, code).await;
    }
}

struct Connection {
    app: Arc<App>,
    room: Arc<Room>,
    context: TeenContext,
    claims: Claims,
    id: ConnectionId,
    signal: Arc<Signal>,
    /// `None` until `hello`.
    cursor: Option<Cursor>,
    rollup: Duration,
    opened_at: Instant,
    heard_at: Instant,
    delta_at: Option<Instant>,
    hello_at: Option<Instant>,
    typed_at: Option<Instant>,
    ticked_at: Instant,
    ended_at: Option<Instant>,
    frames: Bucket,
    faults: Bucket,
    expiry_told: bool,
}

impl Connection {
    fn new(app: &Arc<App>, auth: Authenticated) -> Self {
        let (now, instant) = (app.now(), Instant::now());
        let limits = &app.settings.limits;
        Self {
            room: app.hub.room(auth.claims.teen),
            context: auth.context,
            claims: auth.claims,
            id: ConnectionId::from_bits(app.services.ids.ulid(now)),
            signal: Arc::default(),
            cursor: None,
            rollup: limits.rollup,
            opened_at: instant,
            heard_at: instant,
            delta_at: None,
            hello_at: None,
            typed_at: None,
            ticked_at: instant,
            ended_at: None,
            frames: Bucket::full(limits.frames_burst, now),
            faults: Bucket::full(limits.protocol_errors_per_min.saturating_sub(1), now),
            expiry_told: false,
            app: Arc::clone(app),
        }
    }

    async fn run(&mut self, socket: &mut WebSocket) -> End {
        loop {
            if let Err(end) = self.flush(socket).await {
                return end;
            }
            let due = self.next_deadline();
            tokio::select! {
                received = socket.recv() => {
                    if let Err(end) = self.received(socket, received).await {
                        return end;
                    }
                }
                () = self.signal.wake.notified() => {}
                () = tokio::time::sleep_until(due) => {
                    if let Err(end) = Box::pin(self.timer(socket)).await {
                        return end;
                    }
                }
            }
        }
    }

    /// Sends orders, control frames, events and text, as far as there is any.
    async fn flush(&mut self, socket: &mut WebSocket) -> Result<(), End> {
        while let Some(order) = self.signal.take() {
            self.obey(socket, order).await?;
        }
        while let Some(frame) = self.pop_control() {
            self.send(socket, &frame).await?;
        }
        loop {
            let Some(cursor) = self.cursor.as_mut() else {
                return Ok(());
            };
            let may_delta = self.delta_at.is_none_or(|at| at.elapsed() >= self.rollup);
            let next = cursor.next(&mut self.room.view().feed, DELTA_BYTES, may_delta);
            match next {
                Next::Idle => return Ok(()),
                Next::Frame(frame) if frame.is_empty() => {}
                Next::Frame(frame) => {
                    // A turn's first words never wait for the roll-up of the one before.
                    self.delta_at = None;
                    self.send(socket, &frame).await?;
                }
                Next::Delta { turn, off, text } => {
                    self.delta_at = Some(Instant::now());
                    let frame = ServerFrame::TurnDelta {
                        turn,
                        off,
                        d: Redacted::new(text),
                    };
                    self.send(socket, &frame.encode()).await?;
                }
                Next::Behind => {
                    return Err(self.fatal(socket, ErrorCode::Slow, CloseCode::Slow).await);
                }
            }
        }
    }

    fn pop_control(&self) -> Option<Arc<str>> {
        self.cursor?;
        self.room.view().control.pop_front()
    }

    async fn obey(&self, socket: &mut WebSocket, order: Order) -> Result<(), End> {
        match order {
            Order::Close(code, close) => Err(self.fatal(socket, code, close).await),
            Order::GoAway {
                after_ms,
                jitter_ms,
            } => {
                let reason = GoingAwayReason::Drain;
                let frame = ServerFrame::GoingAway {
                    reason,
                    after_ms,
                    jitter_ms,
                };
                self.send(socket, &frame.encode()).await
            }
            Order::Restart => Err(End::Close(CloseCode::Restart)),
        }
    }

    async fn send(&self, socket: &mut WebSocket, frame: &str) -> Result<(), End> {
        debug_assert!(frame.len() < FRAME_BYTES, "a frame is too large");
        Ok(outbound::send(socket, frame, self.app.settings.limits.write_timeout).await?)
    }

    /// Sends the fatal error that precedes a close.
    async fn fatal(&self, socket: &mut WebSocket, code: ErrorCode, close: CloseCode) -> End {
        let error = ErrorFrame::new(code, self.app.request_id()).closing(close);
        self.count_error(code);
        match self.send(socket, &lifecycle::encode_error(error)).await {
            Ok(()) => End::Close(close),
            Err(end) => end,
        }
    }

    async fn refuse(&self, socket: &mut WebSocket, error: ErrorFrame) -> Result<(), End> {
        self.count_error(error.code);
        self.send(socket, &lifecycle::encode_error(error)).await
    }

    fn count_error(&self, code: ErrorCode) {
        self.app
            .metrics
            .errors
            .get_or_create(&Kind {
                kind: code.as_str(),
            })
            .inc();
    }

    async fn received(
        &mut self,
        socket: &mut WebSocket,
        received: Option<Result<Message, axum::Error>>,
    ) -> Result<(), End> {
        self.heard_at = Instant::now();
        match received {
            Some(Ok(Message::Text(text))) => Box::pin(self.text(socket, text.as_str())).await,
            Some(Ok(Message::Binary(_))) => self.fault(socket, ErrorCode::BadFrame).await,
            // tungstenite answers control frames itself.
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(()),
            Some(Ok(Message::Close(_))) | None => Err(End::Gone),
            Some(Err(error)) if is_too_large(&error) => Err(End::Close(CloseCode::TooLarge)),
            Some(Err(_broken)) => Err(End::Gone),
        }
    }

    /// A protocol error: told, and the third within a minute ends the connection.
    async fn fault(&mut self, socket: &mut WebSocket, code: ErrorCode) -> Result<(), End> {
        let per_minute = self.app.settings.limits.protocol_errors_per_min;
        let burst = per_minute.saturating_sub(1);
        if self
            .faults
            .take(burst, burst.max(1), self.app.now())
            .is_err()
        {
            return Err(self.fatal(socket, code, CloseCode::Protocol).await);
        }
        self.refuse(socket, ErrorFrame::new(code, self.app.request_id()))
            .await
    }

    async fn text(&mut self, socket: &mut WebSocket, text: &str) -> Result<(), End> {
        let frame = match ClientFrame::parse(text) {
            Ok(frame) => frame,
            Err(FrameError::Bad) => return self.fault(socket, ErrorCode::BadFrame).await,
            Err(FrameError::UnknownType) => {
                return self.fault(socket, ErrorCode::UnknownType).await;
            }
        };
        self.app
            .metrics
            .frames
            .get_or_create(&Kind {
                kind: name_of(&frame),
            })
            .inc();
        // A message is looked at before anything may refuse it.
        let screened = match &frame {
            ClientFrame::Message(message) if self.cursor.is_some() => {
                let screened = safety::screen(&self.app, &self.room, &self.context, message);
                if let Some(frame) = screened.frame() {
                    self.send(socket, frame).await?;
                }
                Some(screened)
            }
            _ => None,
        };
        if let Some(end) = self.gate(socket, &frame).await? {
            if let Some(screened) = &screened {
                let (app, room, ctx) = (&self.app, &self.room, &self.context);
                safety::settle_without_turn(app, room, ctx, screened).await;
            }
            return end;
        }
        let reference = reference_of(&frame);
        match self.dispatch(socket, frame, screened).await {
            Ok(()) => Ok(()),
            Err(Failure::End(end)) => Err(end),
            Err(Failure::Refused(refused)) => {
                let mut error = lifecycle::refusal(&self.app, &refused);
                error.reference = reference;
                self.refuse(socket, error).await
            }
        }
    }

    /// Rate, order and token of a frame. `Some` when it was answered already.
    async fn gate(
        &mut self,
        socket: &mut WebSocket,
        frame: &ClientFrame,
    ) -> Result<Option<Result<(), End>>, End> {
        let (now, limits) = (self.app.now(), &self.app.settings.limits);
        let per_minute = limits.frames_per_s.saturating_mul(60);
        if let Err(wait) = self.frames.take(limits.frames_burst, per_minute, now) {
            let millis = u64::try_from(wait.as_millis()).unwrap_or(1_000);
            let error = lifecycle::refusal(&self.app, &Refused::Wait(millis));
            return self.refuse(socket, error).await.map(|()| Some(Ok(())));
        }
        if self.cursor.is_none() && !matches!(frame, ClientFrame::Hello(_)) {
            let end = self
                .fatal(socket, ErrorCode::HelloRequired, CloseCode::Protocol)
                .await;
            return Ok(Some(Err(end)));
        }
        if now >= self.claims.expires_at && !matches!(frame, ClientFrame::Auth(_)) {
            let end = self
                .fatal(socket, ErrorCode::TokenExpired, CloseCode::Token)
                .await;
            return Ok(Some(Err(end)));
        }
        Ok(None)
    }

    async fn dispatch(
        &mut self,
        socket: &mut WebSocket,
        frame: ClientFrame,
        screened: Option<safety::Screened>,
    ) -> Result<(), Failure> {
        match frame {
            ClientFrame::Hello(hello) => self.hello(socket, &hello).await,
            ClientFrame::Message(message) => match screened {
                Some(screened) => {
                    Ok(
                        message::take(&self.app, &self.room, &self.context, &message, screened)
                            .await?,
                    )
                }
                None => Ok(()),
            },
            ClientFrame::DisclosureAck(ack) => self.acknowledge_disclosure(&ack.version).await,
            ClientFrame::PersonaChoose(choice) => Ok(lifecycle::choose_persona(
                &self.app,
                &self.room,
                &self.context,
                &choice.persona,
            )
            .await?),
            ClientFrame::Cancel(cancel) => {
                // Cancelling what has ended is fine: the two may cross on the wire.
                self.room
                    .stop_turn(Some(cancel.turn), StopReason::Cancelled);
                Ok(())
            }
            ClientFrame::Ack(_) => Ok(()),
            ClientFrame::Typing => {
                self.typing();
                Ok(())
            }
            ClientFrame::SafetyAck(ack) => {
                safety::acknowledge(&self.app, &self.room, &self.context, ack.event).await;
                Ok(())
            }
            ClientFrame::SafetyReply(reply) => {
                let (event, choice) = (reply.event, reply.choice);
                Ok(safety::reply(&self.app, &self.room, &self.context, event, &choice).await?)
            }
            ClientFrame::SessionEnd(_) => self.end_session(EndReason::Client).await,
            ClientFrame::Auth(auth) => self.renew(socket, auth.token.reveal()).await,
            ClientFrame::Ping(ping) => self.pong(socket, ping).await,
        }
    }

    async fn hello(&mut self, socket: &mut WebSocket, hello: &Hello) -> Result<(), Failure> {
        if hello.protocol != VERSION {
            let end = self
                .fatal(socket, ErrorCode::Version, CloseCode::Version)
                .await;
            return Err(Failure::End(end));
        }
        if self.hello_at.is_some_and(|at| at.elapsed() < RESYNC_EVERY) {
            return Err(Refused::Wait(5_000).into());
        }
        self.hello_at = Some(Instant::now());
        if self.cursor.is_some() {
            // Settings may have changed since the handshake.
            if let Ok(context) = TeenContext::load(&self.app, self.claims.teen).await {
                self.context = context;
            }
        }
        let watcher = Watcher {
            id: self.id,
            signal: Arc::clone(&self.signal),
        };
        let joined = join::join(&self.app, &self.room, watcher, &self.context, hello).await?;
        self.cursor = Some(joined.cursor);
        self.rollup = Duration::from_millis(u64::from(joined.rollup_ms));
        for frame in &joined.frames {
            self.send(socket, frame).await.map_err(Failure::End)?;
        }
        Ok(())
    }

    async fn acknowledge_disclosure(&mut self, version: &str) -> Result<(), Failure> {
        if self.context.accepted_disclosure(version) {
            return Ok(());
        }
        let shown = self.app.services.desk.disclosure(
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
            text_hash: hex(&hash),
            jurisdiction: self.context.jurisdiction(),
            band: self.context.profile.band,
            granted: true,
            recorded_at: self.app.now(),
            evidence: "ui".to_owned(),
            mode: None,
            persona: None,
        };
        let consents = &self.app.services.consents;
        consents
            .append(self.claims.teen, std::slice::from_ref(&record))
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
        self.room.stop_turn(None, StopReason::Cancelled);
        let mut inner = self.room.inner.lock().await;
        lifecycle::charge(&self.app, &self.room, &mut inner, &self.context).await?;
        let persona = inner
            .session
            .as_ref()
            .and_then(|session| session.persona.clone());
        let mode = self.context.memory_mode(persona.as_ref());
        lifecycle::end(&self.app, &self.room, &mut inner, mode, reason).await?;
        self.ended_at = Some(Instant::now());
        Ok(())
    }

    async fn renew(&mut self, socket: &mut WebSocket, token: &str) -> Result<(), Failure> {
        let renewed = if token.len() > 8_192 {
            Err(TokenError::Invalid)
        } else {
            self.app
                .services
                .verifier
                .verify(token, self.app.now())
                .await
        };
        let (code, close) = match renewed {
            Ok(claims) if claims.teen == self.claims.teen => {
                self.claims = claims;
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
        Err(Failure::End(self.fatal(socket, code, close).await))
    }

    async fn pong(&mut self, socket: &mut WebSocket, ping: Ping) -> Result<(), Failure> {
        let t = ping.t.filter(|echo| echo.len() <= 32);
        let frame = ServerFrame::Pong {
            t,
            now: self.app.now().to_rfc3339(),
        };
        self.send(socket, &frame.encode())
            .await
            .map_err(Failure::End)
    }

    /// When something is due without anybody saying anything.
    fn next_deadline(&self) -> Instant {
        let limits = &self.app.settings.limits;
        let mut due = self.heard_at + limits.heartbeat.mul_f32(2.5);
        if self.cursor.is_none() {
            due = due.min(self.opened_at + limits.hello_timeout);
        }
        // The day's time, notices and the token are looked at once a second at most.
        due = due.min(self.ticked_at + Duration::from_secs(1));
        if let (Some(at), Some(_)) = (self.delta_at, self.cursor)
            && self.room.view().feed.open_turn().is_some()
        {
            due = due.min(at + self.rollup);
        }
        due
    }

    async fn timer(&mut self, socket: &mut WebSocket) -> Result<(), End> {
        let limits = &self.app.settings.limits;
        if self.cursor.is_none() && self.opened_at.elapsed() >= limits.hello_timeout {
            return Err(self
                .fatal(socket, ErrorCode::HelloRequired, CloseCode::Protocol)
                .await);
        }
        if self.heard_at.elapsed() >= limits.heartbeat.mul_f32(2.5) {
            return Err(self
                .fatal(socket, ErrorCode::Heartbeat, CloseCode::Heartbeat)
                .await);
        }
        if self.ticked_at.elapsed() < Duration::from_secs(1) {
            return Ok(());
        }
        self.ticked_at = Instant::now();
        self.token_time(socket).await?;
        if self.cursor.is_some() {
            self.tick().await;
        }
        if self.ended_at.is_some_and(|at| at.elapsed() >= AFTERLIFE) {
            return Err(End::Close(CloseCode::Normal));
        }
        Ok(())
    }

    async fn token_time(&mut self, socket: &mut WebSocket) -> Result<(), End> {
        let left = self.claims.expires_at.since(self.app.now());
        if left.is_zero() {
            return Err(self
                .fatal(socket, ErrorCode::TokenExpired, CloseCode::Token)
                .await);
        }
        if left <= EXPIRY_NOTICE && !self.expiry_told {
            self.expiry_told = true;
            let frame = ServerFrame::AuthExpiring {
                expires_in_s: left.as_secs(),
            };
            return self.send(socket, &frame.encode()).await;
        }
        Ok(())
    }

    /// Charges time, ends what is over, resends what was not acknowledged.
    async fn tick(&mut self) {
        safety::tick(&self.app, &self.room, &self.context).await;
        let persona = {
            let mut inner = self.room.inner.lock().await;
            if let Err(refused) =
                crate::session::clock::tick(&self.app, &self.room, &mut inner, &self.context).await
            {
                lifecycle::refusal(&self.app, &refused);
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
    async fn leave(&mut self) {
        let now: Timestamp = self.app.now();
        if join::detach(&self.room, self.id, now) {
            let mut inner = self.room.inner.lock().await;
            // The gap up to a reconnect within the grace counts; the sweeper stops the clock.
            if let Err(refused) =
                lifecycle::charge(&self.app, &self.room, &mut inner, &self.context).await
            {
                lifecycle::refusal(&self.app, &refused);
            }
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _written = write!(text, "{byte:02x}");
        text
    })
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

fn reference_of(frame: &ClientFrame) -> Option<String> {
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

/// Whether the peer sent more than a frame may hold.
fn is_too_large(error: &axum::Error) -> bool {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = cause {
        if error.to_string().contains("too long") || error.to_string().contains("Space limit") {
            return true;
        }
        cause = error.source();
    }
    false
}
