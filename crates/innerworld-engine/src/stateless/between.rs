//! What is kept between two frames of a connection.

use std::{sync::Arc, time::Duration};

use innerworld_core::{
    clock::Timestamp,
    conversation::{
        cursor::Cursor,
        limits::Bucket,
        record::{TurnRecord, TurnState},
        store::SessionLog,
    },
};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::{
    connection::Connection,
    session::{
        budget, join,
        lifecycle::Refused,
        room::{Inner, Room, Running, Watcher},
        safety,
        turn::Accepted,
    },
};

/// Messages that are heard again, so that a new one is judged together with them.
const HEARD: usize = 5;

/// What one frame of a connection leaves for the next one. To be kept sealed with the session.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Between {
    /// The connection that joined the session last: no other is served.
    pub connection: String,
    rollup_ms: u64,
    hello_at: Option<Timestamp>,
    expiry_told: bool,
    faults: Bucket,
    messages: Option<Bucket>,
    soft_at: Option<Timestamp>,
    language_offered: bool,
    /// How often the unacknowledged safety frame was sent, and when it is due again.
    sent: u32,
    resend_at: Option<Timestamp>,
}

impl Between {
    /// What a frame leaves.
    pub(super) async fn of(connection: &Connection, id: &str) -> Self {
        let room = &connection.out.room;
        let inner = room.inner.lock().await;
        let view = room.view();
        let safety = &view.safety;
        Self {
            connection: id.to_owned(),
            rollup_ms: u64::try_from(connection.out.rollup.as_millis()).unwrap_or_default(),
            hello_at: connection
                .hello_at
                .map(|at| connection.out.app.now().minus(at.elapsed())),
            expiry_told: connection.expiry_told,
            faults: connection.faults,
            messages: inner.bucket,
            soft_at: safety.soft_at,
            language_offered: safety.language_offered,
            sent: safety.sent,
            resend_at: safety.resend_at,
        }
    }

    /// Puts a connection where the frame before left it, on the session as it is stored now.
    pub(super) async fn take_up(
        &self,
        connection: &mut Connection,
        log: Option<&SessionLog>,
    ) -> Result<(), Refused> {
        let (app, room) = (
            Arc::clone(&connection.out.app),
            Arc::clone(&connection.out.room),
        );
        let mut inner = room.inner.lock().await;
        inner.loaded = true;
        inner.bucket = self.messages;
        room.view().watcher = Some(Watcher {
            id: connection.id,
            signal: Arc::clone(&connection.out.signal),
        });
        self.remind(connection);
        let newest = log.map_or(0, |log| log.session.seq);
        connection.out.cursor = Some(Cursor::at(newest, None));
        let Some(log) = log else {
            return Ok(());
        };
        join::adopt(&room, &mut inner, log);
        safety::load(&app, &room).await;
        budget::take_up(&app, &room, &mut inner, &connection.context).await?;
        await_turns(&room, &mut inner, log);
        Ok(())
    }

    /// Whether both say the same of what the client was told.
    pub(super) fn told_the_same_as(&self, other: &Self) -> bool {
        let told = |between: &Self| {
            (
                (between.expiry_told, between.language_offered),
                (between.sent, between.resend_at, between.soft_at),
            )
        };
        told(self) == told(other)
    }

    fn remind(&self, connection: &mut Connection) {
        let now = connection.out.app.now();
        connection.out.rollup = Duration::from_millis(self.rollup_ms);
        connection.hello_at = self
            .hello_at
            .and_then(|at| Instant::now().checked_sub(now.since(at)));
        connection.expiry_told = self.expiry_told;
        connection.faults = self.faults;
        let mut view = connection.out.room.view();
        view.safety.soft_at = self.soft_at;
        view.safety.language_offered = self.language_offered;
        view.safety.sent = self.sent;
        view.safety.resend_at = self.resend_at;
    }
}

/// Hears the last messages again, before a new one is screened.
pub(super) fn hear_again(connection: &Connection, log: &SessionLog) {
    let out = &connection.out;
    safety::hear_again(&out.app, &out.room, last_messages(log));
}

/// The teen's last messages, oldest first.
fn last_messages(log: &SessionLog) -> impl Iterator<Item = (Timestamp, &str)> {
    let said: Vec<_> = log
        .turns
        .iter()
        .filter_map(|turn| {
            Some((
                turn.created_at,
                turn.message.as_ref()?.text.reveal().as_str(),
            ))
        })
        .collect();
    let from = said.len().saturating_sub(HEARD);
    said.into_iter().skip(from)
}

/// Turns that another process makes, or will.
pub(crate) fn await_turns(room: &Room, inner: &mut Inner, log: &SessionLog) {
    let mut turns = open_turns(log);
    room.view().running = turns.next().map(|turn| Running::of(turn.id));
    inner.queued = turns.next().map(|turn| {
        Box::new(Accepted {
            turn: turn.clone(),
            look: None,
        })
    });
}

/// Turns of messages that have no answer yet, in their order.
pub(super) fn open_turns(log: &SessionLog) -> impl Iterator<Item = &TurnRecord> {
    log.turns
        .iter()
        .filter(|turn| turn.state != TurnState::Ended && turn.message.is_some())
}
