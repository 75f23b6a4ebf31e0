//! A session over a socket that may break: connect, greet, heartbeat, resume, fresh tokens.

use std::time::Duration;

use innerworld_core::{
    ids::MessageId,
    secret::{Redacted, Text},
};
use innerworld_protocol::{
    ClientFrame, ServerFrame,
    client::{Auth, ClientInfo, Hello, Message, Ping},
    server::{Welcome, WireSessionState},
};
use tokio::time::Instant;

use super::{
    account::Account,
    error::ClientError,
    socket::Socket,
    track::{Step, Track},
};

/// A repeated `hello` on a live connection is refused more often than this.
const RESYNC_PAUSE: Duration = Duration::from_secs(5);
const BACKOFF_BASE_MS: u64 = 500;
const BACKOFF_CAP_MS: u64 = 30_000;
/// Reconnecting is given up after so many attempts in a row (about five minutes).
const MAX_ATTEMPTS: u32 = 16;

/// How a client introduces itself.
#[derive(Clone, Debug)]
pub struct Introduction {
    /// Name of the client.
    pub name: String,
    /// Language setting, `en-US`.
    pub locale: String,
    /// Country setting.
    pub country: Option<String>,
    /// How often deltas may come.
    pub rollup_ms: Option<u32>,
}

/// A session of a signed-in teen.
#[derive(Debug)]
pub struct Link {
    /// Who is signed in.
    pub account: Account,
    /// What was received.
    pub track: Track,
    introduction: Introduction,
    socket: Option<Socket>,
    greeted_at: Instant,
    heartbeat: Duration,
    pause: Option<Duration>,
    resend_due: bool,
}

impl Link {
    /// Connects and says `hello`.
    pub async fn open(account: Account, introduction: Introduction) -> Result<Self, ClientError> {
        let mut link = Self {
            account,
            track: Track::default(),
            introduction,
            socket: None,
            greeted_at: Instant::now(),
            heartbeat: Duration::from_secs(25),
            pause: None,
            resend_due: false,
        };
        link.connect().await?;
        Ok(link)
    }

    /// How often [`Link::ping`] is due.
    pub const fn heartbeat(&self) -> Duration {
        self.heartbeat
    }

    /// The next frame as it came, and what follows from it. Safe to drop while it waits: nothing
    /// is awaited between the arrival of a frame and its return.
    pub async fn receive(&mut self) -> Result<(String, Vec<Step>), ClientError> {
        if self.resend_due {
            self.resend().await?;
            self.resend_due = false;
        }
        let Some(socket) = &mut self.socket else {
            return Err(ClientError::Cut);
        };
        let raw = match socket.receive().await {
            Ok(raw) => raw,
            Err(error) => {
                self.socket = None;
                return Err(error);
            }
        };
        let frame = ServerFrame::parse(&raw).ok_or(ClientError::NotUnderstood(
            "a frame has another form than protocol v1",
        ))?;
        if let ServerFrame::GoingAway {
            after_ms,
            jitter_ms,
            ..
        } = &frame
        {
            let jitter = self.below(*jitter_ms);
            self.pause = Some(Duration::from_millis(after_ms.saturating_add(jitter)));
        }
        let steps = self.track.apply(frame);
        for step in &steps {
            if let Step::Joined(welcome) = step {
                self.joined(welcome);
            }
        }
        Ok((raw, steps))
    }

    /// Sends a frame.
    pub async fn send(&mut self, frame: &ClientFrame) -> Result<(), ClientError> {
        let Some(socket) = &mut self.socket else {
            return Err(ClientError::Cut);
        };
        let sent = socket.send(frame).await;
        if sent.is_err() {
            self.socket = None;
        }
        sent
    }

    /// Sends a message under a new id and keeps it until it is accepted. A broken connection is no
    /// error: it is sent again after the reconnect.
    pub async fn say(&mut self, text: Text) -> MessageId {
        let id = self.message_id();
        self.track.sent(id, text.clone());
        // Kept as pending; the reader of this link notices the cut.
        self.send(&ClientFrame::Message(Message { id, text }))
            .await
            .ok();
        id
    }

    /// Sends again what was never accepted, under the same ids.
    pub async fn resend(&mut self) -> Result<(), ClientError> {
        for message in self.track.pending().to_vec() {
            self.send(&ClientFrame::Message(message)).await?;
        }
        Ok(())
    }

    /// A fresh message id.
    pub fn message_id(&self) -> MessageId {
        let ground = &self.account.ground;
        MessageId::from_bits(ground.ids.ulid(ground.clock.now()))
    }

    /// Heartbeat.
    pub async fn ping(&mut self) -> Result<(), ClientError> {
        self.send(&ClientFrame::Ping(Ping { t: None })).await
    }

    /// Gets a fresh token and shows it to the server, before the old one ends.
    pub async fn renew(&mut self) -> Result<(), ClientError> {
        self.account.renew().await?;
        let token = Redacted::new(self.account.tokens.access.reveal().to_owned());
        self.send(&ClientFrame::Auth(Auth { token })).await
    }

    /// Closes a hole in the text: `hello` again here, or on a new connection if the last one is
    /// too recent.
    pub async fn resync(&mut self) -> Result<(), ClientError> {
        if self.greeted_at.elapsed() < RESYNC_PAUSE {
            self.cut();
            return self.reconnect().await;
        }
        self.greet().await
    }

    /// Cuts the connection without a goodbye, as a dead spot would.
    pub fn cut(&mut self) {
        self.socket = None;
    }

    /// As [`Link::reconnect`], the first attempt after `wait`: for a caller that knows when the
    /// other side is back.
    pub async fn reconnect_after(&mut self, wait: Duration) -> Result<(), ClientError> {
        self.pause = Some(wait);
        self.reconnect().await
    }

    /// Connects again with growing pauses until it works, or until it cannot work. Full jitter, so
    /// that a restarted server is not met by everybody at once.
    pub async fn reconnect(&mut self) -> Result<(), ClientError> {
        let mut fresh_token = false;
        let mut pause = self.pause.take();
        let mut attempt = 0;
        loop {
            let ceiling = BACKOFF_CAP_MS.min(BACKOFF_BASE_MS << attempt.min(6));
            let wait = pause
                .take()
                .unwrap_or_else(|| Duration::from_millis(self.below(ceiling)));
            tokio::time::sleep(wait).await;
            match self.connect().await {
                Ok(()) => return Ok(()),
                Err(error) if error.wants_token() && !fresh_token => {
                    fresh_token = true;
                    self.account.renew().await?;
                }
                Err(error) if error.is_passing() && attempt < MAX_ATTEMPTS => {
                    if let ClientError::Refused {
                        retry_after_s: Some(seconds),
                        ..
                    } = &error
                    {
                        pause = Some(Duration::from_secs(*seconds));
                    }
                }
                Err(error) => return Err(error),
            }
            attempt += 1;
        }
    }

    /// Ends the connection properly.
    pub async fn close(&mut self) {
        if let Some(socket) = self.socket.take() {
            socket.close().await;
        }
    }

    async fn connect(&mut self) -> Result<(), ClientError> {
        let token = self.account.token().await?;
        let url = self.account.discovery.ws_url.clone();
        self.socket = Some(Socket::open(&self.account.server, &url, &token).await?);
        self.greet().await
    }

    async fn greet(&mut self) -> Result<(), ClientError> {
        let hello = Hello {
            protocol: innerworld_protocol::VERSION,
            client: ClientInfo {
                name: self.introduction.name.clone(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
            },
            session: self.track.session(),
            last: self.track.last(),
            rollup_ms: self.introduction.rollup_ms,
            locale: self.introduction.locale.clone(),
            country: self.introduction.country.clone(),
        };
        self.send(&ClientFrame::Hello(hello)).await?;
        self.track.greeted();
        self.greeted_at = Instant::now();
        Ok(())
    }

    fn joined(&mut self, welcome: &Welcome) {
        self.heartbeat = Duration::from_millis(welcome.heartbeat_ms.max(1_000));
        self.resend_due = welcome.state == WireSessionState::Active;
    }

    /// A random number below `ceiling`.
    fn below(&self, ceiling: u64) -> u64 {
        let mut bytes = [0_u8; 8];
        self.account.ground.ids.fill(&mut bytes);
        u64::from_le_bytes(bytes) % ceiling.max(1)
    }
}
