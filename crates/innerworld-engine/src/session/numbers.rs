//! Numbers of a session's log, where other processes give them out too.

use innerworld_core::{
    conversation::cursor::Effect,
    error::{ErrorKind, PortError},
};

use super::room::{Inner, Room};
use crate::{app::App, stateless};

/// How often a commit is numbered anew before its caller is told to come again.
pub(crate) const NUMBERINGS: usize = 8;

/// Whether a commit came too late for its numbers: the session was read anew then, and the commit is to
/// be made again on it.
///
/// Where several processes hold a session, another one was quicker, and what it logged is shown from the
/// store. A process that holds it alone was overtaken by itself: a commit whose answer was lost took the
/// numbers. Nothing is shown under them.
pub(crate) async fn overtaken<T>(
    app: &App,
    room: &Room,
    inner: &mut Inner,
    stored: &Result<T, PortError>,
) -> Result<bool, PortError> {
    let late = stored
        .as_ref()
        .is_err_and(|error| error.kind() == ErrorKind::Conflict);
    let Some(known) = inner.session.as_ref().filter(|_session| late) else {
        return Ok(false);
    };
    let (session, known) = (known.id, known.seq);
    let log = app
        .services
        .conversations
        .session(room.teen, session, app.now())
        .await?
        .ok_or_else(|| PortError::new(ErrorKind::NotFound, "read a session anew"))?;
    let newest = log.session.seq;
    let part = app.settings.part;
    if part.is_shared() {
        room.view().feed.skip_to(newest);
    } else {
        skip(room, known, newest);
    }
    if !part.answers() {
        stateless::await_turns(room, inner, &log);
    }
    inner.session = Some(log.session);
    Ok(true)
}

/// Leaves out what was logged after `known` and not by this process: whoever watches got it in another way.
pub(crate) fn skip(room: &Room, known: u64, newest: u64) {
    let mut view = room.view();
    for seq in known.saturating_add(1)..=newest {
        view.push(seq, String::new(), Effect::None);
    }
}

/// Others were quicker each time.
pub(crate) fn crowded(operation: &'static str) -> PortError {
    PortError::new(ErrorKind::Throttled, operation)
}
