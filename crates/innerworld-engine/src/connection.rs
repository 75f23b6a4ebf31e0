//! One connection: reads frames, drives the session, sends what its cursor lacks.

mod frames;
mod timer;

use std::{sync::Arc, time::Duration};

use innerworld_core::{
    clock::Timestamp,
    conversation::{
        cursor::{Cursor, Next},
        limits::Bucket,
    },
    identity::token::Claims,
    ids::{ConnectionId, TeenId},
    secret::Redacted,
};
use innerworld_protocol::{
    CloseCode, ErrorCode, FRAME_BYTES, ServerFrame,
    server::{ErrorFrame, GoingAwayReason},
};
use tokio::time::Instant;

use crate::{
    app::App,
    metrics::Kind,
    session::{
        lifecycle,
        room::{Order, Room, Signal},
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

/// The connection cannot be written to any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gone {
    /// The peer went away.
    Closed,
    /// No progress within the deadline.
    Slow,
}

/// What came from the peer.
#[derive(Debug)]
pub enum Received {
    /// A text frame.
    Text(Redacted<String>),
    /// A binary frame: none of ours.
    Binary,
    /// A sign of life below the protocol.
    Alive,
    /// More than a frame may hold.
    TooLarge,
    /// A text frame that is no text.
    NotText,
    /// Nothing more will come.
    Closed,
}

/// What carries frames to a peer and back. Every write has a deadline.
pub trait Carrier: Send {
    /// Sends one text frame.
    fn send(&mut self, frame: &str) -> impl Future<Output = Result<(), Gone>> + Send;

    /// Waits for what comes next. Giving up the wait loses nothing.
    fn receive(&mut self) -> impl Future<Output = Received> + Send;

    /// Says why the connection ends, and lets the peer read it.
    fn close(self, code: CloseCode) -> impl Future<Output = ()> + Send;
}

/// What a connection keeps of a token: it lives for hours, and thousands of them at once.
#[derive(Clone, Copy, Debug)]
pub struct Bearer {
    teen: TeenId,
    issued_at: Timestamp,
    expires_at: Timestamp,
}

impl From<Claims> for Bearer {
    fn from(claims: Claims) -> Self {
        Self {
            teen: claims.teen,
            issued_at: claims.issued_at,
            expires_at: claims.expires_at,
        }
    }
}

/// A teen whose credential, profile and terms were checked.
#[derive(Debug)]
pub struct Authenticated {
    /// The credential.
    pub bearer: Bearer,
    /// What was read of the teen.
    pub context: TeenContext,
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

/// Serves one connection until it ends.
///
/// Not an `async fn`, which would keep room for its arguments beside what it makes of them.
pub fn serve(
    app: Arc<App>,
    mut carrier: impl Carrier,
    auth: Authenticated,
) -> impl Future<Output = ()> + Send {
    app.hub.connected();
    app.metrics.connections.inc();
    let mut connection = Connection::new(app, auth);
    async move {
        let end = connection.run(&mut carrier).await;
        // Boxed, like all that is not waiting for the next frame: the task of a connection is as
        // large as its largest step, for as long as it lives.
        Box::pin(connection.leave()).await;
        connection.app.metrics.connections.dec();
        if let End::Close(code) = end {
            Box::pin(carrier.close(code)).await;
        }
        // Only now: a drain waits for the close frames of all.
        connection.app.hub.disconnected();
    }
}

struct Connection {
    app: Arc<App>,
    room: Arc<Room>,
    context: TeenContext,
    bearer: Bearer,
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
    fn new(app: Arc<App>, auth: Authenticated) -> Self {
        let (now, instant) = (app.now(), Instant::now());
        let limits = &app.settings.limits;
        Self {
            room: app.hub.room(auth.bearer.teen),
            context: auth.context,
            bearer: auth.bearer,
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
            app,
        }
    }

    async fn run(&mut self, carrier: &mut impl Carrier) -> End {
        loop {
            if let Err(end) = self.flush(carrier).await {
                return end;
            }
            let due = self.next_deadline();
            tokio::select! {
                received = carrier.receive() => {
                    if let Err(end) = self.received(carrier, received).await {
                        return end;
                    }
                }
                () = self.signal.wake.notified() => {}
                () = tokio::time::sleep_until(due) => {
                    if let Err(end) = Box::pin(self.timer(carrier)).await {
                        return end;
                    }
                }
            }
        }
    }

    /// Sends orders, control frames, events and text, as far as there is any.
    async fn flush(&mut self, carrier: &mut impl Carrier) -> Result<(), End> {
        let mut restart = false;
        while let Some(order) = self.signal.take() {
            match order {
                // How a running answer ended is told before the door closes.
                Order::Restart => restart = true,
                order => Box::pin(self.obey(carrier, order)).await?,
            }
        }
        while let Some(frame) = self.pop_control() {
            self.send(carrier, &frame).await?;
        }
        self.show(carrier, restart).await?;
        if restart {
            return Err(End::Close(CloseCode::Restart));
        }
        Ok(())
    }

    /// Sends events and text; `all` of it, or deltas only at their pace.
    async fn show(&mut self, carrier: &mut impl Carrier, all: bool) -> Result<(), End> {
        loop {
            let Some(cursor) = self.cursor.as_mut() else {
                return Ok(());
            };
            let may_delta = all || self.delta_at.is_none_or(|at| at.elapsed() >= self.rollup);
            let next = cursor.next(&mut self.room.view().feed, DELTA_BYTES, may_delta);
            match next {
                Next::Idle => {
                    // Nothing waits for the roll-up: whatever comes next may go at once, and until
                    // then no clock need be looked at.
                    if may_delta {
                        self.delta_at = None;
                    }
                    return Ok(());
                }
                Next::Frame(frame) if frame.is_empty() => {}
                Next::Frame(frame) => {
                    // A turn's first words never wait for the roll-up of the one before.
                    self.delta_at = None;
                    self.send(carrier, &frame).await?;
                }
                Next::Delta { turn, off, text } => {
                    self.delta_at = Some(Instant::now());
                    let frame = ServerFrame::TurnDelta {
                        turn,
                        off,
                        d: Redacted::new(text),
                    };
                    self.send(carrier, &frame.encode()).await?;
                }
                Next::Behind => {
                    let slow = self.fatal(carrier, ErrorCode::Slow, CloseCode::Slow);
                    return Err(Box::pin(slow).await);
                }
            }
        }
    }

    fn pop_control(&self) -> Option<Arc<str>> {
        self.cursor?;
        self.room.view().next_control()
    }

    async fn obey(&self, carrier: &mut impl Carrier, order: Order) -> Result<(), End> {
        match order {
            Order::Close(code, close) => Err(self.fatal(carrier, code, close).await),
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
                self.send(carrier, &frame.encode()).await
            }
            Order::Restart => Err(End::Close(CloseCode::Restart)),
        }
    }

    async fn send(&self, carrier: &mut impl Carrier, frame: &str) -> Result<(), End> {
        debug_assert!(frame.len() < FRAME_BYTES, "a frame is too large");
        Ok(carrier.send(frame).await?)
    }

    /// Sends the fatal error that precedes a close.
    async fn fatal(&self, carrier: &mut impl Carrier, code: ErrorCode, close: CloseCode) -> End {
        let error = ErrorFrame::new(code, self.app.request_id()).closing(close);
        self.count_error(code);
        match self.send(carrier, &lifecycle::encode_error(error)).await {
            Ok(()) => End::Close(close),
            Err(end) => end,
        }
    }

    async fn refuse(&self, carrier: &mut impl Carrier, error: ErrorFrame) -> Result<(), End> {
        self.count_error(error.code);
        self.send(carrier, &lifecycle::encode_error(error)).await
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
        carrier: &mut impl Carrier,
        received: Received,
    ) -> Result<(), End> {
        self.heard_at = Instant::now();
        match received {
            Received::Text(text) => Box::pin(self.text(carrier, text.reveal())).await,
            Received::Binary => Box::pin(self.fault(carrier, ErrorCode::BadFrame)).await,
            Received::Alive => Ok(()),
            Received::Closed => Err(End::Gone),
            Received::TooLarge => Err(End::Close(CloseCode::TooLarge)),
            Received::NotText => {
                let fatal = self.fatal(carrier, ErrorCode::BadFrame, CloseCode::Protocol);
                Err(Box::pin(fatal).await)
            }
        }
    }
}
