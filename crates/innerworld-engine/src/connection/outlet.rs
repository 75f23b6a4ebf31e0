//! What a connection is sent: orders, control frames, events, and text as far as it lacks them.

use std::{sync::Arc, time::Duration};

use innerworld_core::{
    conversation::{
        cursor::{Cursor, Next},
        resume::{self, Position},
    },
    secret::Redacted,
};
use innerworld_protocol::{
    CloseCode, ErrorCode, FRAME_BYTES, ServerFrame, event,
    server::{ErrorFrame, GoingAwayReason},
};
use tokio::time::Instant;

use super::{DELTA_BYTES, End, Sends};
use crate::{
    app::App,
    metrics::Kind,
    session::{
        join, lifecycle,
        room::{Order, Room, Signal},
    },
};

/// The sending side of a connection. A cursor, not a queue.
pub(crate) struct Outlet {
    pub(crate) app: Arc<App>,
    pub(crate) room: Arc<Room>,
    pub(crate) signal: Arc<Signal>,
    /// `None` until `hello`.
    pub(crate) cursor: Option<Cursor>,
    pub(crate) rollup: Duration,
    pub(crate) delta_at: Option<Instant>,
}

impl Outlet {
    /// One that shows nothing before it has a cursor.
    pub(crate) fn new(app: Arc<App>, room: Arc<Room>) -> Self {
        Self {
            rollup: app.settings.limits.rollup,
            signal: Arc::default(),
            cursor: None,
            delta_at: None,
            room,
            app,
        }
    }

    /// Sends orders, control frames, events and text, as far as there is any.
    pub(crate) async fn flush(&mut self, carrier: &mut impl Sends) -> Result<(), End> {
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
        carrier.deliver().await?;
        if restart {
            return Err(End::Close(CloseCode::Restart));
        }
        Ok(())
    }

    /// Sends events and text; `all` of it, or deltas only at their pace.
    async fn show(&mut self, carrier: &mut impl Sends, all: bool) -> Result<(), End> {
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
                // Events of other processes lie between; without such, the peer reads too slowly.
                Next::Behind if self.app.settings.part.is_shared() => {
                    Box::pin(self.catch_up(carrier)).await?;
                }
                Next::Behind => {
                    let slow = self.fatal(carrier, ErrorCode::Slow, CloseCode::Slow);
                    return Err(Box::pin(slow).await);
                }
            }
        }
    }

    /// Sends what the store has beyond the cursor.
    async fn catch_up(&mut self, carrier: &mut impl Sends) -> Result<(), End> {
        let Some(cursor) = self.cursor else {
            return Ok(());
        };
        let log = {
            let inner = self.room.inner.lock().await;
            join::current_log(&self.app, &self.room, &inner).await
        };
        let log = match log {
            Ok(log) => log,
            // Without the log nobody can go on; the client comes back and is sent everything.
            Err(refused) => {
                lifecycle::refusal(&self.app, &refused);
                return Err(End::Close(CloseCode::Slow));
            }
        };
        let position = Position {
            epoch: log.session.epoch,
            seq: cursor.seq,
            turn: cursor.turn.map(|turn| (turn, cursor.off)),
        };
        for item in resume::items(&log, Some(position)) {
            if let Some(frame) = event::encode_item(&item, false) {
                self.send(carrier, &frame).await?;
            }
        }
        self.cursor = Some(join::cursor_after(&log));
        Ok(())
    }

    fn pop_control(&self) -> Option<Arc<str>> {
        self.cursor?;
        self.room.view().next_control()
    }

    async fn obey(&self, carrier: &mut impl Sends, order: Order) -> Result<(), End> {
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

    pub(crate) async fn send(&self, carrier: &mut impl Sends, frame: &str) -> Result<(), End> {
        debug_assert!(frame.len() < FRAME_BYTES, "a frame is too large");
        Ok(carrier.send(frame).await?)
    }

    /// Sends the fatal error that precedes a close.
    pub(crate) async fn fatal(
        &self,
        carrier: &mut impl Sends,
        code: ErrorCode,
        close: CloseCode,
    ) -> End {
        let error = ErrorFrame::new(code, self.app.request_id()).closing(close);
        self.count_error(code);
        match self.send(carrier, &lifecycle::encode_error(error)).await {
            Ok(()) => End::Close(close),
            Err(end) => end,
        }
    }

    pub(crate) async fn refuse(
        &self,
        carrier: &mut impl Sends,
        error: ErrorFrame,
    ) -> Result<(), End> {
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
}
