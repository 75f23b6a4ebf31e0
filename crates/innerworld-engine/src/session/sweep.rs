//! The sweeper: sessions that nobody is connected to, rows whose time came, spooled safety changes.

use std::{sync::Arc, time::Duration};

use innerworld_core::{clock::Timestamp, conversation::record::EndReason};

use super::{
    budget,
    helpers::Helpers,
    lifecycle::{self, source_of},
    room::{Inner, Room, StopReason},
    safety,
    teen::TeenContext,
};
use crate::app::App;

const EVERY: Duration = Duration::from_secs(1);
/// Rows are swept this often; reads filter on expiry anyway.
const ROWS_EVERY_ROUNDS: u64 = 60;
/// Most rows in one sweep, so that writers get their turn.
const ROWS: usize = 500;
const SPOOL_EVERY_ROUNDS: u64 = 5;

/// Sweeps until the server drains.
pub(crate) async fn run(app: &Arc<App>) {
    let mut round = 0_u64;
    let mut helpers = Helpers::default();
    helpers.look(app);
    while !app.stopping.is_cancelled() {
        tokio::select! {
            () = app.stopping.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
        for room in app.hub.all() {
            if !safety::unkept::is_empty(&room) {
                safety::reload(app, &room).await;
            }
            detached(app, &room).await;
        }
        if round.is_multiple_of(SPOOL_EVERY_ROUNDS) {
            safety::replay_spool(app).await;
        }
        if round.is_multiple_of(ROWS_EVERY_ROUNDS) {
            helpers.look(app);
            rows(app).await;
        }
        round += 1;
    }
}

/// A room without a connection: the clock stops after the grace, the turn soon after, the session
/// after ten minutes, and in the end the room is forgotten.
async fn detached(app: &Arc<App>, room: &Arc<Room>) {
    let now = app.now();
    let Some(since) = room.view().detached_at else {
        return;
    };
    if since > now {
        // The clock jumped back: without this the wait would last as long as the jump.
        room.view().detached_at = Some(now);
        return;
    }
    let gone = now.since(since);
    let limits = &app.settings.limits;
    if gone < limits.detached_grace {
        return;
    }
    if room.view().running.is_some() {
        room.stop_turn(None, StopReason::Cancelled);
        return;
    }
    // A lock that is held means that somebody is coming back just now.
    let Ok(mut inner) = room.inner.try_lock() else {
        return;
    };
    budget::stop_clock_at(app, &mut inner, since.plus(limits.detached_grace));
    if gone < limits.idle_end {
        return;
    }
    lifecycle::drop_expired(app, &mut inner);
    if inner.open().is_ok() {
        let context = TeenContext::load(app, room.teen).await.ok();
        if let Err(refused) = end_idle(app, room, &mut inner, context.as_ref()).await {
            lifecycle::refusal(app, &refused);
            return;
        }
    }
    drop(inner);
    forget(app, room, since);
}

/// Ends a session that nobody is in. `context` is `None` if the teen may not talk any more.
pub(crate) async fn end_idle(
    app: &App,
    room: &Room,
    inner: &mut Inner,
    context: Option<&TeenContext>,
) -> Result<(), lifecycle::Refused> {
    let persona = inner
        .session
        .as_ref()
        .and_then(|session| session.persona.clone());
    // Whoever cannot be read any more is remembered as nothing.
    let mode = context
        .map(|context| context.memory_mode(app, persona.as_ref()))
        .unwrap_or_default();
    lifecycle::end(app, room, inner, mode, EndReason::Idle).await
}

fn forget(app: &App, room: &Arc<Room>, since: Timestamp) {
    // A crisis that could not be kept anywhere else is not forgotten.
    if !safety::unkept::is_empty(room) {
        return;
    }
    if room.view().detached_at == Some(since) {
        app.hub.forget(room);
    }
}

async fn rows(app: &App) {
    let now = app.now();
    let graph_before = now.minus(Duration::from_secs(
        u64::from(app.settings.graph_days) * 24 * 3_600,
    ));
    let swept = async {
        while app.services.conversations.sweep(now, ROWS).await? == ROWS {}
        while app.services.memory.expire(now, graph_before, ROWS).await? == ROWS {}
        Ok::<(), innerworld_core::error::PortError>(())
    };
    if let Err(error) = swept.await {
        tracing::warn!(error.kind = ?error.kind(), cause = source_of(&error), "expired rows could not be deleted; they stay hidden");
    }
}
