//! After a restart: turns that were running, and jobs that were waiting.

use std::sync::Arc;

use innerworld_core::{
    conversation::{
        record::{Finish, SessionState, TurnRecord, TurnState},
        store::{SessionLog, Taken},
    },
    error::PortError,
    ids::{SessionId, TeenId},
};

use super::{
    budget, join,
    lifecycle::{self, Refused},
    look::{Look, Looked},
    numbers::{NUMBERINGS, crowded, overtaken, skip},
    room::{Inner, Room},
    safety,
    teen::{Refusal, TeenContext},
    turn::{self, Accepted},
};
use crate::app::App;

/// Takes up every unfinished session; returns how many turns were run again or closed.
pub(crate) async fn recover(app: &Arc<App>) -> Result<usize, PortError> {
    let mut turns = 0;
    for (teen, session) in app.services.conversations.unfinished(app.now()).await? {
        match take_up(app, teen, session).await {
            Ok(count) => turns += count,
            // One damaged session must not keep all others from being served.
            Err(refused) => {
                lifecycle::refusal(app, &refused);
                tracing::warn!(session.id = %session, "a session could not be taken up");
            }
        }
    }
    app.jobs_ready.notify_one();
    Ok(turns)
}

async fn take_up(app: &Arc<App>, teen: TeenId, session: SessionId) -> Result<usize, Refused> {
    if !app.holds(teen).await? {
        return Ok(0);
    }
    let now = app.now();
    let room = app.hub.room(teen);
    let mut inner = room.inner.lock().await;
    if inner.loaded {
        // Its teen was quicker: coming back, they took it up.
        return Ok(0);
    }
    // The sweeper ends the session if nobody comes back, and forgets the room.
    room.view().detached_at = Some(now);
    let Some(log) = app
        .services
        .conversations
        .session(teen, session, now)
        .await?
    else {
        return Ok(0);
    };
    let context = match TeenContext::load(app, teen).await {
        Ok(context) => context,
        Err(Refusal::Code(code)) => return Err(Refused::Code(code)),
        Err(Refusal::Store(error)) => return Err(error.into()),
    };
    safety::load(app, &room).await;
    join::adopt(&room, &mut inner, &log);
    inner.loaded = true;
    budget::charge(app, &room, &mut inner, &context).await?;
    if log.session.state == SessionState::Active {
        turn::talk::restore_talk(app, &room, &mut inner, &context, (&log, None)).await?;
    }
    take_up_turns(app, &room, &mut inner, &context, log.turns).await
}

/// Runs or closes those of these turns that nobody in this process answers; how many there were.
async fn take_up_turns(
    app: &Arc<App>,
    room: &Arc<Room>,
    inner: &mut Inner,
    context: &TeenContext,
    turns: Vec<TurnRecord>,
) -> Result<usize, Refused> {
    let mut count = 0;
    for turn in turns {
        if turn.state == TurnState::Ended || inner.answers(room, turn.id) {
            continue;
        }
        count += 1;
        let looked = cut_short(app, room, inner, context, &turn).await;
        if turn.upstream_started || turn.state == TurnState::Running {
            interrupt(app, room, inner, turn).await?;
        } else if app.settings.answers {
            run_again(app, room, inner, context, (turn, looked));
        }
    }
    Ok(count)
}

/// Takes up what was stored without this process having heard of it: by a write of an earlier process
/// that arrived after its death, or by one of this process whose answer got lost. Gives the log as it is
/// afterwards.
pub(crate) async fn take_up_unheard(
    app: &Arc<App>,
    room: &Arc<Room>,
    inner: &mut Inner,
    context: &TeenContext,
    log: SessionLog,
) -> Result<SessionLog, Refused> {
    let unheard =
        |turn: &&TurnRecord| turn.state != TurnState::Ended && !inner.answers(room, turn.id);
    let unheard: Vec<TurnRecord> = log.turns.iter().filter(unheard).cloned().collect();
    let Some(newest) = unheard.last() else {
        return Ok(log);
    };
    if let Some(session) = inner.session.as_mut() {
        skip(room, session.seq, log.session.seq);
        session.seq = session.seq.max(log.session.seq);
        session.next_sequence = session.next_sequence.max(newest.sequence + 2);
    }
    // Counted anew: a room that was just loaded has counted them.
    inner.turns = join::messages_of(&log);
    take_up_turns(app, room, inner, context, unheard).await?;
    join::current_log(app, room, inner).await
}

/// A second look that was not back counts as one that failed: the teen is asked.
pub(crate) async fn cut_short(
    app: &App,
    room: &Room,
    inner: &mut Inner,
    context: &TeenContext,
    turn: &TurnRecord,
) -> Option<Looked> {
    let what = (turn.message.as_ref()?.id, turn.second_look?);
    Some(safety::look_was_cut_short(app, room, inner, context, what).await)
}

/// A provider was asked, or words were shown: never a second answer to the same message.
pub(crate) async fn interrupt(
    app: &Arc<App>,
    room: &Room,
    inner: &mut Inner,
    mut turn: TurnRecord,
) -> Result<(), Refused> {
    turn.excluded |= turn.second_look.is_some();
    turn.state = TurnState::Ended;
    turn.finish = Some(Finish::Interrupted);
    for _numbering in 0..NUMBERINGS {
        let mut ended = turn.clone();
        let first = inner.session.as_ref().map_or(0, |session| session.seq) + 1;
        let seq_start = *ended.seq_start.get_or_insert(first);
        let seq = if seq_start == first { first + 1 } else { first };
        ended.seq_end = Some(seq);
        let store = &app.services.conversations;
        let taken = Taken::from(first);
        let stored = store.update_turn(room.teen, &ended, taken).await;
        if !overtaken(app, room, inner, &stored).await? {
            stored?;
            inner.took(seq);
            room.view().feed = innerworld_core::conversation::cursor::Feed::at(seq);
            return Ok(());
        }
    }
    Err(crowded("interrupt a turn").into())
}

/// Nothing left for a provider and nothing was shown: the message gets its answer now.
fn run_again(
    app: &Arc<App>,
    room: &Arc<Room>,
    inner: &mut Inner,
    context: &TeenContext,
    (mut turn, looked): (TurnRecord, Option<Looked>),
) {
    turn.support |= looked.is_some();
    let accepted = Accepted {
        look: looked.map(Look::done),
        turn,
    };
    if room.view().running.is_some() {
        inner.queued = Some(Box::new(accepted));
    } else {
        turn::spawn(app, room, context, accepted);
    }
}
