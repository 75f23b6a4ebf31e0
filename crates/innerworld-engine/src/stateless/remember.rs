//! What follows a session's end.

use std::{sync::Arc, time::Duration};

use innerworld_core::{
    conversation::{cursor::Cursor, record::SessionEvent, store::SessionLog},
    error::{ErrorKind, PortError},
    ids::{ConnectionId, SessionId},
    memory::{
        Remembered,
        job::{JobKind, MemoryJob},
    },
};

use super::between::open_turns;
use crate::{
    app::App,
    connection::{Outlet, Sends},
    session::{
        extraction::{Second, ended_at},
        jobs::{self, JobEnd},
        join, lifecycle,
        room::{Room, Watcher},
    },
};

/// An answer that was being made when its session ended is stored within this time, or by nobody: its
/// maker looks every second, and holds the turn for fifteen at most once it died.
const LAST_WORDS: Duration = Duration::from_secs(20);
/// How often it is looked whether it was.
const LOOK: Duration = Duration::from_millis(500);

/// Runs the job of an ended session: what was said becomes memory, whoever is there is told by
/// `carrier`, a model reads it too if it may, and the live rows go. Done when it returns: nothing goes
/// on in the background. Running it again, from wherever it was cut, changes nothing.
///
/// # Errors
/// What failed; the job was put back then. A teen who is being erased is no error: their job is gone.
pub async fn remember(
    app: &Arc<App>,
    job: &MemoryJob,
    carrier: Option<&mut impl Sends>,
) -> Result<JobEnd, PortError> {
    let ended = match job.kind {
        JobKind::Remember { session } => Box::pin(steps(app, (job, session), carrier)).await,
        JobKind::Erase => Err(PortError::new(
            ErrorKind::Invalid,
            "remember a session: the job erases",
        )),
    };
    jobs::settled(app, job, ended).await
}

async fn steps(
    app: &Arc<App>,
    (job, session): (&MemoryJob, SessionId),
    carrier: Option<&mut impl Sends>,
) -> Result<JobEnd, PortError> {
    let Some(log) = all_said(app, job, session).await? else {
        return jobs::finish(app, job.teen, session).await;
    };
    let local = jobs::read_locally(app, job, log).await?;
    if let (Some(news), Some(carrier)) = (&local.news, carrier) {
        tell(app, (&local.log, news), carrier).await;
    }
    match local.second_reading(app, job).await? {
        Second::None => jobs::finish(app, job.teen, session).await,
        Second::Later => Ok(JobEnd::Waits),
        Second::Now(reading) => reading.run(app).await,
    }
}

/// The session once nothing is said in it any more: the end of a session stops an answer that another
/// process makes, which takes a moment.
async fn all_said(
    app: &App,
    job: &MemoryJob,
    session: SessionId,
) -> Result<Option<SessionLog>, PortError> {
    let conversations = &app.services.conversations;
    loop {
        let log = conversations.session(job.teen, session, app.now()).await?;
        let goes_on = |log: &SessionLog| {
            let since = app.now().since(ended_at(&log.session));
            open_turns(log).next().is_some() && since < LAST_WORDS
        };
        if !log.as_ref().is_some_and(goes_on) {
            return Ok(log);
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Logs `memory.updated` and sends it. Nobody there: they read it later.
async fn tell(app: &Arc<App>, (log, news): (&SessionLog, &Remembered), carrier: &mut impl Sends) {
    let room = Room::new(log.session.teen);
    let mut outlet = Outlet::new(Arc::clone(app), Arc::clone(&room));
    // What another process logged since may be on its way: it goes out once more, before this.
    let end = log
        .events
        .iter()
        .rfind(|record| matches!(record.event, SessionEvent::Ended { .. }));
    let shown = end.map_or(log.session.seq, |record| record.seq);
    outlet.cursor = Some(Cursor::at(shown, None));
    room.view().watcher = Some(Watcher {
        id: ConnectionId::from_bits(app.services.ids.ulid(app.now())),
        signal: Arc::clone(&outlet.signal),
    });
    let logged = {
        let mut inner = room.inner.lock().await;
        join::adopt(&room, &mut inner, log);
        inner.loaded = true;
        lifecycle::log_events(app, &room, &mut inner, vec![jobs::updated(news)]).await
    };
    if let Err(refused) = logged {
        lifecycle::refusal(app, &refused);
        return;
    }
    if outlet.flush(carrier).await.is_err() {
        tracing::debug!("who was told that memory changed had gone");
    }
}
