//! One connection: reads frames, drives the session, sends what its cursor lacks.

mod frames;
mod outlet;
mod timer;

use std::{future, sync::Arc, time::Duration};

use innerworld_core::{
    clock::Timestamp,
    conversation::limits::Bucket,
    identity::token::Claims,
    ids::{ConnectionId, TeenId},
    secret::Redacted,
};
use innerworld_protocol::{CloseCode, ErrorCode, FRAME_BYTES};
use tokio::time::Instant;

pub(crate) use self::{frames::reference_of, outlet::Outlet};
use crate::{
    app::App,
    session::{room::Room, teen::TeenContext},
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

/// What carries frames to a peer. Every write has a deadline.
pub trait Sends: Send {
    /// Sends one text frame, or keeps it until [`Sends::deliver`].
    fn send(&mut self, frame: &str) -> impl Future<Output = Result<(), Gone>> + Send;

    /// Sends what was kept.
    fn deliver(&mut self) -> impl Future<Output = Result<(), Gone>> + Send {
        future::ready(Ok(()))
    }

    /// Sends what was kept, whatever else would be waited for: help does not wait.
    fn deliver_at_once(&mut self) -> impl Future<Output = Result<(), Gone>> + Send {
        self.deliver()
    }
}

/// What carries frames to a peer and back.
pub trait Carrier: Sends {
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

impl Bearer {
    /// A credential that a gateway verified: nothing issued after `issued_at` is older than it.
    pub const fn verified(teen: TeenId, issued_at: Timestamp, expires_at: Timestamp) -> Self {
        Self {
            teen,
            issued_at,
            expires_at,
        }
    }

    pub(crate) const fn teen(&self) -> TeenId {
        self.teen
    }

    pub(crate) const fn expires_at(&self) -> Timestamp {
        self.expires_at
    }
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
pub(crate) enum End {
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
    let room = app.hub.room(auth.bearer.teen);
    let mut connection = Connection::new(app, room, auth);
    async move {
        let end = connection.run(&mut carrier).await;
        // Boxed, like all that is not waiting for the next frame: the task of a connection is as
        // large as its largest step, for as long as it lives.
        Box::pin(connection.leave()).await;
        connection.out.app.metrics.connections.dec();
        if let End::Close(code) = end {
            Box::pin(carrier.close(code)).await;
        }
        // Only now: a drain waits for the close frames of all.
        connection.out.app.hub.disconnected();
    }
}

pub(crate) struct Connection {
    pub(crate) out: Outlet,
    pub(crate) context: TeenContext,
    pub(crate) bearer: Bearer,
    pub(crate) id: ConnectionId,
    opened_at: Instant,
    heard_at: Instant,
    pub(crate) hello_at: Option<Instant>,
    typed_at: Option<Instant>,
    ticked_at: Instant,
    ended_at: Option<Instant>,
    frames: Bucket,
    pub(crate) faults: Bucket,
    pub(crate) expiry_told: bool,
}

impl Connection {
    pub(crate) fn new(app: Arc<App>, room: Arc<Room>, auth: Authenticated) -> Self {
        let (now, instant) = (app.now(), Instant::now());
        let limits = &app.settings.limits;
        Self {
            context: auth.context,
            bearer: auth.bearer,
            id: ConnectionId::from_bits(app.services.ids.ulid(now)),
            opened_at: instant,
            heard_at: instant,
            hello_at: None,
            typed_at: None,
            ticked_at: instant,
            ended_at: None,
            frames: Bucket::full(limits.frames_burst, now),
            faults: Bucket::full(limits.protocol_errors_per_min.saturating_sub(1), now),
            expiry_told: false,
            out: Outlet::new(app, room),
        }
    }

    async fn run(&mut self, carrier: &mut impl Carrier) -> End {
        loop {
            if let Err(end) = self.out.flush(carrier).await {
                return end;
            }
            let due = self.next_deadline();
            tokio::select! {
                received = carrier.receive() => {
                    if let Err(end) = self.received(carrier, received).await {
                        return end;
                    }
                }
                () = self.out.signal.wake.notified() => {}
                () = tokio::time::sleep_until(due) => {
                    if let Err(end) = Box::pin(self.timer(carrier)).await {
                        return end;
                    }
                }
            }
        }
    }

    async fn received(&mut self, carrier: &mut impl Sends, received: Received) -> Result<(), End> {
        self.heard_at = Instant::now();
        match received {
            Received::Text(text) => Box::pin(self.text(carrier, text.reveal())).await,
            Received::Binary => Box::pin(self.fault(carrier, ErrorCode::BadFrame)).await,
            Received::Alive => Ok(()),
            Received::Closed => Err(End::Gone),
            Received::TooLarge => Err(End::Close(CloseCode::TooLarge)),
            Received::NotText => {
                let fatal = self
                    .out
                    .fatal(carrier, ErrorCode::BadFrame, CloseCode::Protocol);
                Err(Box::pin(fatal).await)
            }
        }
    }
}
