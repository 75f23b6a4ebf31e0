//! Numbers of a session's log, where other processes give them out too.

use innerworld_core::error::{ErrorKind, PortError};

use super::room::{Inner, Room};
use crate::{app::App, stateless};

/// How often a commit is numbered anew before its caller is told to come again.
pub(crate) const NUMBERINGS: usize = 8;

/// Whether a commit came too late for its numbers: the session was read anew then, and the commit is to
/// be made again on it. What else was logged meanwhile is shown with it.
pub(crate) async fn overtaken<T>(
    app: &App,
    room: &Room,
    inner: &mut Inner,
    stored: &Result<T, PortError>,
) -> Result<bool, PortError> {
    let late = stored
        .as_ref()
        .is_err_and(|error| error.kind() == ErrorKind::Conflict);
    let Some(session) = inner.session.as_ref().map(|session| session.id) else {
        return Ok(false);
    };
    if !late || !app.settings.part.is_shared() {
        return Ok(false);
    }
    let log = app
        .services
        .conversations
        .session(room.teen, session, app.now())
        .await?
        .ok_or_else(|| PortError::new(ErrorKind::NotFound, "read a session anew"))?;
    room.view().feed.skip_to(log.session.seq);
    if !app.settings.part.answers() {
        stateless::await_turns(room, inner, &log);
    }
    inner.session = Some(log.session);
    Ok(true)
}

/// Others were quicker each time.
pub(crate) fn crowded(operation: &'static str) -> PortError {
    PortError::new(ErrorKind::Throttled, operation)
}
