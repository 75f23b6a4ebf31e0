//! `hello`: joining the teen's session or opening one, and what must be sent first.

use std::sync::Arc;

use innerworld_core::{
    clock::Timestamp,
    conversation::{
        cursor::{Cursor, Feed},
        limits::Bucket,
        record::{SessionState, TurnState},
        resume::{self, Position, Resume},
        store::SessionLog,
    },
    error::ErrorKind,
    ids::ConnectionId,
};
use innerworld_protocol::{
    CloseCode, ErrorCode, FRAME_BYTES, MESSAGE_BYTES, ServerFrame,
    client::Hello,
    event,
    server::{Limits, Resumed, ServerInfo, Welcome},
};

use super::{
    budget,
    lifecycle::{self, Refused},
    recover,
    room::{Inner, Order, Room, Watcher},
    safety,
    teen::TeenContext,
    turn,
};
use crate::{app::App, stateless};

/// What a connection starts with.
#[derive(Debug)]
pub(crate) struct Joined {
    /// Frames to send now, in order; the first is `welcome`.
    pub(crate) frames: Vec<String>,
    /// Where the connection stands after them.
    pub(crate) cursor: Cursor,
    /// How often deltas go out.
    pub(crate) rollup_ms: u32,
}

/// Joins or opens the teen's session for this connection.
pub(crate) async fn join(
    app: &Arc<App>,
    room: &Arc<Room>,
    watcher: Watcher,
    ctx: &TeenContext,
    hello: &Hello,
) -> Result<Joined, Refused> {
    let mut inner = room.inner.lock().await;
    load(app, room, &mut inner, ctx).await?;
    lifecycle::drop_expired(app, &mut inner);
    safety::load(app, room).await;
    let asked = hello.session;
    let joinable = inner.open().is_ok();
    let mut resumed = if asked.is_some() || hello.last.is_some() {
        Resumed::Lost
    } else {
        Resumed::New
    };
    if !joinable {
        open_or_join(app, room, &mut inner, (ctx, locale_of(hello))).await?;
    }
    if !app.settings.part.answers() && inner.budget.is_none() {
        budget::take_up(app, room, &mut inner, ctx).await?;
    }
    budget::charge(app, room, &mut inner, ctx).await?;
    attach(room, &watcher);
    let first = safety::at_start(app, room, &mut inner, ctx, !joinable).await;
    let log = current_log(app, room, &inner).await?;
    let log = answer_what_is_owed(app, room, &mut inner, ctx, log).await?;
    let same = joinable && asked.is_none_or(|session| session == log.session.id);
    let position = position_of(hello).filter(|_position| same);
    let resume = resume::decide(&log, position);
    if same && position.is_some() {
        resumed = match resume {
            Resume::New => Resumed::New,
            Resume::Full => Resumed::Full,
            Resume::Snapshot => Resumed::Snapshot,
            Resume::Lost => Resumed::Lost,
        };
    }
    app.metrics
        .resumes
        .get_or_create(&crate::metrics::Kind {
            kind: name_of(resumed),
        })
        .inc();
    if inner.open()?.state == SessionState::Active {
        if inner.talk.is_none() && app.settings.part.answers() {
            turn::talk::restore_talk(app, room, &mut inner, ctx, (&log, None)).await?;
        }
        budget::start_clock(app, &mut inner);
    }
    let position = position.filter(|_position| resumed == Resumed::Full);
    let items = if resumed == Resumed::Snapshot {
        resume::snapshot_items(&log)
    } else {
        resume::items(&log, position)
    };
    let rollup_ms = granted_rollup(app, hello);
    let mut frames = vec![welcome(app, &inner, &log, resumed, rollup_ms)?];
    frames.extend(first);
    frames.extend(
        items
            .iter()
            .filter_map(|item| event::encode_item(item, false)),
    );
    let cursor = cursor_after(&log);
    Ok(Joined {
        frames,
        cursor,
        rollup_ms,
    })
}

/// Sees to it that every answer of the log is made by somebody; gives the log as it is afterwards.
async fn answer_what_is_owed(
    app: &Arc<App>,
    room: &Arc<Room>,
    inner: &mut Inner,
    ctx: &TeenContext,
    log: SessionLog,
) -> Result<SessionLog, Refused> {
    if !app.settings.answers {
        return Ok(log);
    }
    if app.settings.part.answers() {
        return recover::take_up_unheard(app, room, inner, ctx, log).await;
    }
    // Whoever makes the answer that is owed may be dead, or end it before they know of this connection:
    // they are asked once more.
    inner.handed_over = stateless::next_of(&log);
    Ok(log)
}

/// Opens a session, or joins the one that another process opened meanwhile.
async fn open_or_join(
    app: &Arc<App>,
    room: &Arc<Room>,
    inner: &mut Inner,
    (ctx, locale): (&TeenContext, &str),
) -> Result<(), Refused> {
    match lifecycle::open(app, room, inner, ctx, locale).await {
        Err(Refused::Port(error))
            if error.kind() == ErrorKind::Conflict && app.settings.part.is_shared() =>
        {
            inner.loaded = false;
            load(app, room, inner, ctx).await?;
            inner.open().map(|_session| ())
        }
        opened => opened,
    }
}

/// Reads the teen's live session and bucket into an empty room.
pub(crate) async fn load(
    app: &Arc<App>,
    room: &Arc<Room>,
    inner: &mut Inner,
    _ctx: &TeenContext,
) -> Result<(), Refused> {
    let now = app.now();
    if inner.bucket.is_none() {
        inner.bucket = Some(Bucket::full(app.settings.limits.messages_burst, now));
    }
    if inner.loaded {
        return Ok(());
    }
    if let Some(log) = app
        .services
        .conversations
        .live_session(room.teen, now)
        .await?
    {
        adopt(room, inner, &log);
    }
    inner.loaded = true;
    Ok(())
}

/// Takes a stored session over into the room.
pub(crate) fn adopt(room: &Room, inner: &mut Inner, log: &SessionLog) {
    inner.turns = messages_of(log);
    room.view().feed = Feed::at(log.session.seq);
    inner.session = Some(log.session.clone());
}

/// How many messages of the teen a session has.
pub(crate) fn messages_of(log: &SessionLog) -> u32 {
    let messages = log.turns.iter().filter(|turn| turn.message.is_some());
    u32::try_from(messages.count()).unwrap_or(u32::MAX)
}

/// The log as stored, with the running turn's text as far as this process has it.
pub(crate) async fn current_log(
    app: &App,
    room: &Room,
    inner: &Inner,
) -> Result<SessionLog, Refused> {
    let Some(session) = inner.session.as_ref() else {
        return Err(Refused::Code(ErrorCode::SessionEnded));
    };
    let log = app
        .services
        .conversations
        .session(room.teen, session.id, app.now())
        .await?;
    let mut log = log.ok_or(Refused::Code(ErrorCode::SessionEnded))?;
    // Counters are kept in RAM between state changes, and another process may have counted further.
    let newest = log.session.seq.max(session.seq);
    log.session = session.clone();
    log.session.seq = newest;
    let view = room.view();
    if let Some((open, text)) = view.feed.open_turn() {
        for turn in &mut log.turns {
            if turn.id == open && turn.state == TurnState::Running {
                turn.answer = text.to_owned().into();
            }
        }
    }
    Ok(log)
}

/// Makes this connection the room's; an older one is closed.
fn attach(room: &Room, watcher: &Watcher) {
    let mut view = room.view();
    if let Some(older) = view.watcher.as_ref().filter(|older| older.id != watcher.id) {
        older
            .signal
            .give(Order::Close(ErrorCode::Replaced, CloseCode::Replaced));
    }
    view.watcher = Some(watcher.clone());
    view.detached_at = None;
    view.feed.clear();
    view.control.clear();
    view.urgent = None;
}

/// Releases the room if this connection still holds it.
pub(crate) fn detach(room: &Room, id: ConnectionId, now: Timestamp) -> bool {
    let mut view = room.view();
    let held = view
        .watcher
        .as_ref()
        .is_some_and(|watcher| watcher.id == id);
    if held {
        view.watcher = None;
        view.detached_at = Some(now);
        view.feed.clear();
        view.control.clear();
        view.urgent = None;
    } else if view.watcher.is_none() {
        // A socket that never said hello leaves a room that the sweeper may forget.
        view.detached_at.get_or_insert(now);
    }
    held
}

/// Where the connection stands once everything in the log was sent.
pub(crate) fn cursor_after(log: &SessionLog) -> Cursor {
    let open = log
        .turns
        .iter()
        .find(|turn| turn.state == TurnState::Running)
        .map(|turn| (turn.id, turn.answer.reveal().as_str()));
    Cursor::at(log.session.seq, open)
}

fn position_of(hello: &Hello) -> Option<Position> {
    let last = hello.last.as_ref()?;
    // An epoch that is not ours never matches; all bits set is never drawn.
    let epoch = u64::from_str_radix(&last.epoch, 16).unwrap_or(u64::MAX);
    Some(Position {
        epoch,
        seq: last.seq,
        turn: last.turn.zip(last.off),
    })
}

fn welcome(
    app: &App,
    inner: &Inner,
    log: &SessionLog,
    resumed: Resumed,
    rollup_ms: u32,
) -> Result<String, Refused> {
    let session = &log.session;
    let budget = inner
        .budget
        .as_ref()
        .ok_or(Refused::Code(ErrorCode::Internal))?;
    let limits = &app.settings.limits;
    let open_turn = log
        .turns
        .iter()
        .find(|turn| turn.state == TurnState::Running);
    let welcome = Welcome {
        session: session.id,
        epoch: format!("{:016x}", session.epoch),
        seq: session.seq,
        resumed,
        state: session.state.into(),
        persona: session.persona.clone(),
        open_turn: open_turn.map(|turn| turn.id),
        heartbeat_ms: u64::try_from(limits.heartbeat.as_millis()).unwrap_or(25_000),
        rollup_ms,
        remaining_s: budget.remaining_s(),
        resets_at: budget.resets_at.to_rfc3339(),
        limits: Limits {
            frame_bytes: FRAME_BYTES,
            message_bytes: MESSAGE_BYTES,
            messages_burst: limits.messages_burst,
            messages_per_min: limits.messages_per_min,
            queued_turns: 1,
        },
        resources_version: app.safeguards().desk.resources_version().to_owned(),
        request_id: app.request_id(),
        server: ServerInfo {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            carrier: "socket".to_owned(),
        },
    };
    Ok(ServerFrame::Welcome(Box::new(welcome)).encode())
}

fn granted_rollup(app: &App, hello: &Hello) -> u32 {
    let default = u32::try_from(app.settings.limits.rollup.as_millis()).unwrap_or(40);
    hello.rollup_ms.unwrap_or(default).min(500)
}

/// A client's language setting, cut to a sane length: it ends up in stored rows.
fn locale_of(hello: &Hello) -> &str {
    let fits = hello.locale.len() <= 35
        && hello
            .locale
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if fits { &hello.locale } else { "en" }
}

fn name_of(resumed: Resumed) -> &'static str {
    match resumed {
        Resumed::New => "new",
        Resumed::Full => "full",
        Resumed::Snapshot => "snapshot",
        Resumed::Lost => "lost",
    }
}
