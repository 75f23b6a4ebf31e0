//! What a process left behind that ended too early, and sessions that everybody left.

use std::sync::Arc;

use innerworld_core::{
    clock::Timestamp,
    conversation::{cursor::Cursor, record::TurnState},
    ids::{ConnectionId, MessageId, SessionId, TeenId},
};

use super::{
    answer::{Order, next_of, stored},
    between::open_turns,
};
use crate::{
    app::App,
    connection::{Outlet, Sends},
    session::{
        budget, join,
        lifecycle::Refused,
        recover,
        room::{Inner, Room, Watcher},
        safety, sweep,
        teen::{Refusal, TeenContext},
    },
};

/// Ends the turn of a message that was begun and that nobody makes any more, with the text so far, and
/// shows that to whoever is there. A turn that was not begun stays. Returns the message whose answer
/// comes next.
///
/// Whoever calls holds the turn: nobody else writes it meanwhile.
///
/// # Errors
/// The stores cannot be read or written; the turn stays as it is, or has ended.
pub async fn interrupt(
    app: &Arc<App>,
    order: Order,
    carrier: &mut impl Sends,
) -> Result<Option<MessageId>, Refusal> {
    let Some(log) = stored(app, order).await? else {
        return Ok(None);
    };
    let mut open = open_turns(&log);
    let turn = open.find(|turn| {
        let asked = turn.message.as_ref().map(|message| message.id);
        let begun = turn.upstream_started || turn.state == TurnState::Running;
        begun && asked == Some(order.message)
    });
    let Some(turn) = turn.cloned() else {
        return Ok(next_of(&log));
    };
    // A second look is judged by the rules of the teen's place; without one nothing of them is asked.
    let context = match turn.second_look {
        Some(_suspected) => readable(app, order.teen).await?,
        None => None,
    };
    let room = Room::new(order.teen);
    let mut outlet = Outlet::new(Arc::clone(app), Arc::clone(&room));
    // Nobody knows how far it was shown: all of it goes out, and the client drops what it has.
    let before = turn.seq_accepted.and_then(|seq| seq.checked_sub(1));
    outlet.cursor = Some(Cursor::at(before.unwrap_or(log.session.seq), None));
    room.view().watcher = Some(Watcher {
        id: ConnectionId::from_bits(app.services.ids.ulid(app.now())),
        signal: Arc::clone(&outlet.signal),
    });
    {
        let mut inner = room.inner.lock().await;
        join::adopt(&room, &mut inner, &log);
        inner.loaded = true;
        if let Some(context) = &context {
            safety::load(app, &room).await;
            recover::cut_short(app, &room, &mut inner, context, &turn).await;
        }
        recover::interrupt(app, &room, &mut inner, turn).await?;
    }
    // Who cannot be reached is sent it when they come back.
    outlet.flush(carrier).await.ok();
    let log = stored(app, order).await?;
    Ok(log.as_ref().and_then(next_of))
}

/// Ends a session in which nobody is and nothing happened since `since`, or since its day's clock was
/// last looked at; that clock stops at the end of the grace. Says whether the session ended by this
/// call, or by another that came first.
///
/// # Errors
/// The stores cannot be read or written; the session goes on, or has ended.
pub async fn end_idle(
    app: &Arc<App>,
    (teen, session): (TeenId, SessionId),
    since: Timestamp,
) -> Result<bool, Refusal> {
    let now = app.now();
    let store = &app.services.conversations;
    let log = store.session(teen, session, now).await;
    let log = log.map_err(Refusal::Store)?;
    let Some(log) = log.filter(|log| log.session.state.is_open()) else {
        return Ok(false);
    };
    let context = readable(app, teen).await?;
    let room = Room::new(teen);
    let mut inner = room.inner.lock().await;
    join::adopt(&room, &mut inner, &log);
    inner.loaded = true;
    let since = match &context {
        Some(context) => seen_since(app, (&room, &mut inner), context, since).await?,
        None => since,
    };
    let limits = &app.settings.limits;
    if now.since(since) < limits.idle_end {
        return Ok(false);
    }
    let grace_ends = since.plus(limits.detached_grace);
    budget::settle_at(app, &room, &mut inner, grace_ends).await?;
    sweep::end_idle(app, &room, &mut inner, context.as_ref()).await?;
    Ok(true)
}

/// When the teen was last seen: every frame of theirs looks at the day's clock.
async fn seen_since(
    app: &App,
    (room, inner): (&Room, &mut Inner),
    context: &TeenContext,
    since: Timestamp,
) -> Result<Timestamp, Refused> {
    safety::load(app, room).await;
    budget::take_up(app, room, inner, context).await?;
    let ticked_at = inner.budget.as_ref().map(|budget| budget.used.ticked_at);
    Ok(ticked_at.map_or(since, |ticked_at| ticked_at.max(since)))
}

/// What is known of a teen; `None` if they may not talk any more.
async fn readable(app: &App, teen: TeenId) -> Result<Option<TeenContext>, Refusal> {
    match TeenContext::load(app, teen).await {
        Ok(context) => Ok(Some(context)),
        Err(Refusal::Code(_)) => Ok(None),
        Err(refusal) => Err(refusal),
    }
}
