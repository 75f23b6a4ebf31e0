//! One answer.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use innerworld_core::{
    clock::Timestamp,
    conversation::{
        cursor::Cursor,
        record::{SessionState, TurnRecord, TurnState},
        store::SessionLog,
    },
    error::PortError,
    ids::{ConnectionId, MessageId, SessionId, TeenId, TurnId},
    safety::LocalVerdict,
};
use innerworld_protocol::event;
use tokio::time::{Instant, timeout_at};

use super::between::open_turns;
use crate::{
    app::App,
    connection::{Outlet, Sends},
    session::{
        join,
        lifecycle::Refused,
        look::{self, Look, Occasion},
        recover,
        room::{Inner, Room, Running, StopReason, Watcher},
        safety,
        teen::{Refusal, TeenContext},
        turn::{Accepted, Runner, talk},
    },
};

/// How often it is looked at what others want of a turn.
const LOOK: Duration = Duration::from_secs(1);

/// Which answer is to be made.
#[derive(Clone, Copy, Debug)]
pub struct Order {
    /// Whose message it was.
    pub teen: TeenId,
    /// In this session.
    pub session: SessionId,
    /// The message.
    pub message: MessageId,
    /// Whether somebody held the turn before, and did not come to an end: it is the caller's now.
    pub again: bool,
    /// When the teen's memory was last changed by hand during the session: what was said before may name
    /// what was forgotten, and is not sent again.
    pub memory_changed_at: Option<Timestamp>,
}

/// A turn that is to be stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stop {
    /// Which.
    pub turn: TurnId,
    /// Why.
    pub why: StopReason,
}

/// What others want of a turn.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Where the teen can be reached; `None` while they are not there.
    pub connection: Option<String>,
    /// A turn that is to be stopped.
    pub stop: Option<Stop>,
    /// Whether the turn that is watched is not the caller's any more.
    pub lost: bool,
}

/// Looks at what others want of a turn.
#[async_trait]
pub trait Watch: Send + Sync {
    /// Makes the turn the caller's before its first write does; `false` if it is another's.
    async fn hold(&self) -> Result<bool, PortError>;

    /// As it stands now.
    async fn look(&self) -> Result<Seen, PortError>;
}

/// Sends to whichever connection the teen has.
pub trait Follows: Sends {
    /// Sends to this connection from now on, or keeps nothing while there is none. What was not
    /// delivered is dropped. Returns whether it is another one than before.
    fn follow(&mut self, connection: Option<&str>) -> bool;
}

/// Makes the answer of a message, if it is that message's turn, and sends it. Returns the message
/// whose answer comes next.
///
/// Whoever calls holds the turn, or its first write decides who does: nobody else asks a provider for it.
///
/// # Errors
/// The teen may not talk any more, or the stores cannot be read; the turn stays as it is.
pub async fn answer(
    app: &Arc<App>,
    order: Order,
    (carrier, watch): (&mut impl Follows, &dyn Watch),
) -> Result<Option<MessageId>, Refusal> {
    let context = TeenContext::load(app, order.teen).await?;
    let room = Room::new(order.teen);
    safety::load(app, &room).await;
    let Some(log) = stored(app, order).await? else {
        return Ok(None);
    };
    let mut outlet = Outlet::new(Arc::clone(app), Arc::clone(&room));
    let taken = {
        let mut inner = room.inner.lock().await;
        take_up(app, &room, &mut inner, (&context, &log), (order, watch)).await?
    };
    let accepted = match taken {
        Take::Answer(accepted) => Some(*accepted),
        Take::Closed => None,
        Take::Nothing => return Ok(None),
    };
    let began_at = log.session.seq;
    outlet.cursor = Some(Cursor::at(began_at, None));
    room.view().watcher = Some(Watcher {
        id: ConnectionId::from_bits(app.services.ids.ulid(app.now())),
        signal: Arc::clone(&outlet.signal),
    });
    let mut show = Show {
        app,
        room: &room,
        watch,
        began_at,
        look_at: Instant::now(),
        begun_at: None,
        gone_since: None,
    };
    let over = AtomicBool::new(accepted.is_none());
    let run = async {
        if let Some(Accepted { turn, look }) = accepted {
            let running = Running::of(turn.id);
            room.view().running = Some(running.clone());
            let runner = Runner::new(app, &room, &context, running);
            Box::pin(runner.run(turn, look)).await;
        }
        over.store(true, Ordering::Release);
        room.view().wake();
    };
    let showing = show.run(&mut outlet, carrier, &over);
    tokio::join!(run, showing);
    // What a look found takes effect whatever became of the turn.
    app.tasks.close();
    app.tasks.wait().await;
    app.tasks.reopen();
    let log = stored(app, order).await?;
    // Still this one: another process makes it, or its end could not be stored.
    let next = log.as_ref().and_then(next_of);
    Ok(next.filter(|next| *next != order.message))
}

/// Shows how the answer of a message ended: whoever made it may have died before that was seen. Returns
/// the message whose answer comes next.
///
/// # Errors
/// The stores cannot be read.
pub async fn ended(
    app: &App,
    order: Order,
    carrier: &mut impl Sends,
) -> Result<Option<MessageId>, Refusal> {
    let Some(log) = stored(app, order).await? else {
        return Ok(None);
    };
    let is_of = |turn: &&TurnRecord| {
        let message = turn.message.as_ref().map(|message| message.id);
        turn.state == TurnState::Ended && message == Some(order.message)
    };
    if let Some(turn) = log.turns.iter().find(is_of) {
        let frames = event::turn_start(turn).into_iter();
        let frames = frames.chain([event::snapshot(turn)]);
        for frame in frames.chain(event::turn_end(turn, false)) {
            // Who cannot be reached comes back, and is sent what they lack.
            carrier.send(&frame.encode()).await.ok();
        }
        carrier.deliver().await.ok();
    }
    Ok(next_of(&log))
}

pub(super) async fn stored(app: &App, order: Order) -> Result<Option<SessionLog>, Refusal> {
    app.services
        .conversations
        .session(order.teen, order.session, app.now())
        .await
        .map_err(Refusal::Store)
}

/// The message of a session that is answered next.
pub(crate) fn next_of(log: &SessionLog) -> Option<MessageId> {
    let turn = open_turns(log).next()?;
    turn.message.as_ref().map(|message| message.id)
}

/// What is to be done for a message.
enum Take {
    /// Its answer is to be made.
    Answer(Box<Accepted>),
    /// It was closed: a provider was asked before, and nobody asks twice.
    Closed,
    /// Nothing: it was answered, or another one comes first.
    Nothing,
}

/// Takes up the session, and the turn if it is its turn.
async fn take_up(
    app: &Arc<App>,
    room: &Arc<Room>,
    inner: &mut Inner,
    (context, log): (&TeenContext, &SessionLog),
    (order, watch): (Order, &dyn Watch),
) -> Result<Take, Refused> {
    join::adopt(room, inner, log);
    inner.loaded = true;
    if next_of(log) != Some(order.message) {
        return Ok(Take::Nothing);
    }
    let Some(turn) = open_turns(log).next().cloned() else {
        return Ok(Take::Nothing);
    };
    let began = turn.upstream_started || turn.state == TurnState::Running;
    if began && !order.again {
        // Whoever came at the same time was quicker, and makes it.
        return Ok(Take::Nothing);
    }
    let cut_short = if began || order.again {
        recover::cut_short(app, room, inner, context, &turn).await
    } else {
        None
    };
    if began {
        recover::interrupt(app, room, inner, turn).await?;
        return Ok(Take::Closed);
    }
    if log.session.state == SessionState::Active {
        let said = (log, order.memory_changed_at);
        talk::restore_talk(app, room, inner, context, said).await?;
    }
    if turn.second_look.is_some() && cut_short.is_none() && !watch.hold().await? {
        // A look asks a provider too, and before anything is written.
        return Ok(Take::Nothing);
    }
    let mut turn = turn;
    turn.support |= cut_short.is_some();
    let look = match cut_short {
        Some(looked) => Some(Look::done(looked)),
        None => owed_look(app, room, inner, context, &turn),
    };
    Ok(Take::Answer(Box::new(Accepted { turn, look })))
}

/// Begins the second look that the message waits for since it was taken, if it is one of those.
fn owed_look(
    app: &Arc<App>,
    room: &Arc<Room>,
    inner: &Inner,
    context: &TeenContext,
    turn: &TurnRecord,
) -> Option<Look> {
    let category = turn.second_look?;
    let local = match turn.suspected {
        Some(suspected) => LocalVerdict::of_suspicion(category, suspected),
        None => safety::suspicion(category),
    };
    let occasion = Occasion::of(room, inner, turn, local)?;
    Some(look::begin(app, room, context, occasion))
}

/// Shows a turn to whoever is there.
struct Show<'a> {
    app: &'a App,
    room: &'a Room,
    watch: &'a dyn Watch,
    began_at: u64,
    look_at: Instant,
    /// Since when an answer has begun and shows no word.
    begun_at: Option<Instant>,
    gone_since: Option<Timestamp>,
}

impl Show<'_> {
    async fn run(&mut self, outlet: &mut Outlet, carrier: &mut impl Follows, over: &AtomicBool) {
        loop {
            self.look(outlet, carrier).await;
            // Read before what is shown: what comes later is shown in the next round.
            let last = over.load(Ordering::Acquire);
            let waits = !last && self.waits_for_words(outlet.rollup);
            if !waits && outlet.flush(carrier).await.is_err() {
                self.lost(outlet, carrier);
            }
            if last {
                // Whoever came back since the last look was sent the answer without its end.
                self.look_at = Instant::now();
                self.look(outlet, carrier).await;
                outlet.flush(carrier).await.ok();
                return;
            }
            let due = self.look_at.min(Instant::now() + outlet.rollup);
            // Woken or not: both lead to another look.
            timeout_at(due, outlet.signal.wake.notified()).await.ok();
        }
    }

    /// The start of an answer waits a little for its first words: both are one post then.
    fn waits_for_words(&mut self, patience: Duration) -> bool {
        let view = self.room.view();
        let urgent = view.urgent.is_some() || !view.control.is_empty();
        let open = view.feed.open_turn();
        let waits = !urgent && open.is_some_and(|(_, text)| text.is_empty());
        drop(view);
        if !waits {
            self.begun_at = None;
            return false;
        }
        self.begun_at.get_or_insert_with(Instant::now).elapsed() < patience
    }

    async fn look(&mut self, outlet: &mut Outlet, carrier: &mut impl Follows) {
        let now = Instant::now();
        if now < self.look_at {
            return;
        }
        self.look_at = now + LOOK;
        let seen = match self.watch.look().await {
            Ok(seen) => seen,
            Err(error) => {
                tracing::warn!(error.kind = ?error.kind(), operation = error.operation(), "it could not be seen who listens to a turn");
                return;
            }
        };
        if seen.lost {
            self.room.stop_turn(None, StopReason::Interrupted);
        }
        if let Some(stop) = seen.stop {
            self.room.stop_turn(Some(stop.turn), stop.why);
        }
        if carrier.follow(seen.connection.as_deref()) {
            // The other connection may lack anything since this answer began.
            outlet.cursor = Some(Cursor::at(self.began_at, None));
        }
        let there = seen.connection.is_some();
        self.gone_since = (!there).then(|| self.gone_since.unwrap_or_else(|| self.app.now()));
        let grace = self.app.settings.limits.detached_grace;
        if (self.gone_since).is_some_and(|since| self.app.now().since(since) >= grace) {
            self.room.stop_turn(None, StopReason::Cancelled);
        }
    }

    /// Nobody reads there any more: the next look tells where the teen is now.
    fn lost(&mut self, outlet: &mut Outlet, carrier: &mut impl Follows) {
        carrier.follow(None);
        outlet.cursor = Some(Cursor::at(self.began_at, None));
    }
}
