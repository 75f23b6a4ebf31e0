//! After a restart: turns that were running, and jobs that were waiting.

use std::sync::Arc;

use innerworld_core::{
    conversation::{
        record::{Finish, SessionState, TurnRecord, TurnState},
        store::Taken,
    },
    error::PortError,
    ids::{SessionId, TeenId},
};

use super::{
    budget, join,
    lifecycle::{self, Refused},
    look::{Look, Looked},
    numbers::{NUMBERINGS, crowded, overtaken},
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
    let now = app.now();
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
    let room = app.hub.room(teen);
    safety::load(app, &room).await;
    let mut inner = room.inner.lock().await;
    join::adopt(&room, &mut inner, &log);
    inner.loaded = true;
    // The sweeper ends the session if nobody comes back.
    room.view().detached_at = Some(now);
    budget::charge(app, &room, &mut inner, &context).await?;
    if log.session.state == SessionState::Active {
        turn::talk::restore_talk(app, &room, &mut inner, &context, (&log, None)).await?;
    }
    let mut count = 0;
    for unfinished in log
        .turns
        .into_iter()
        .filter(|turn| turn.state != TurnState::Ended)
    {
        count += 1;
        let looked = cut_short(app, &room, &mut inner, &context, &unfinished).await;
        if unfinished.upstream_started || unfinished.state == TurnState::Running {
            interrupt(app, &room, &mut inner, unfinished).await?;
        } else {
            run_again(app, &room, &mut inner, &context, (unfinished, looked));
        }
    }
    Ok(count)
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
