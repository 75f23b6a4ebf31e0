//! The job runner: what must happen after a session, whatever dies in between.

use std::{sync::Arc, time::Duration};

use innerworld_core::{
    conversation::{
        record::{SessionEvent, SessionRecord, SessionState},
        store::SessionLog,
    },
    error::{ErrorKind, PortError},
    identity::consent::{self, ConsentRecord, MemoryMode},
    ids::{SessionId, TeenId},
    memory::{
        RememberSettings, Remembered,
        job::{JobKind, MemoryJob},
        store::Applied,
    },
};

use super::{
    extraction::{self, Second},
    lifecycle::{self, source_of},
};
use crate::{app::App, erase::Erasure, metrics::Kind};

/// How often the outbox is looked at without being told.
const POLL: Duration = Duration::from_secs(5);
/// Most jobs taken at once.
const BATCH: usize = 16;

/// Runs due jobs until the server drains.
pub(crate) async fn run(app: &Arc<App>) {
    while !app.stopping.is_cancelled() {
        let busy = round(app).await;
        if !busy {
            tokio::select! {
                () = app.jobs_ready.notified() => {}
                () = app.stopping.cancelled() => {}
                () = tokio::time::sleep(POLL) => {}
            }
        }
    }
}

/// One look at the outbox; true if something was done.
async fn round(app: &Arc<App>) -> bool {
    let jobs = match app.services.jobs.due(app.now(), BATCH).await {
        Ok(jobs) => jobs,
        Err(error) => {
            tracing::error!(error.kind = ?error.kind(), cause = source_of(&error), "the job queue could not be read");
            return false;
        }
    };
    if let Ok((waiting, _oldest)) = app.services.jobs.backlog(app.now()).await {
        app.metrics
            .jobs_waiting
            .set(i64::try_from(waiting).unwrap_or(i64::MAX));
    }
    let mut done = false;
    for job in jobs {
        done |= Box::pin(one(app, &job)).await;
    }
    done
}

/// How a job went that did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobEnd {
    /// It is gone from the outbox.
    Done,
    /// Its first step is done; it stays for the next one.
    Waits,
}

/// Runs a job, unless another server holds its teen: that one does.
async fn one(app: &Arc<App>, job: &MemoryJob) -> bool {
    match app.holds(job.teen).await {
        Ok(true) => {}
        Ok(false) => return false,
        Err(error) => {
            tracing::warn!(error.kind = ?error.kind(), operation = error.operation(), "a job waits: it is not known who holds its teen");
            return false;
        }
    }
    let ended = match job.kind {
        JobKind::Remember { session } => remember(app, job, session).await,
        JobKind::Erase => erase(app, job).await.map(|()| JobEnd::Done),
    };
    settled(app, job, ended).await.is_ok()
}

/// Counts how a job went. One of a teen who was erased meanwhile is dropped; a failed one is put back
/// with a growing pause.
pub(crate) async fn settled(
    app: &App,
    job: &MemoryJob,
    ended: Result<JobEnd, PortError>,
) -> Result<JobEnd, PortError> {
    let kind = name_of(job.kind);
    match ended {
        Ok(JobEnd::Done) => {
            app.metrics.jobs_done.get_or_create(&Kind { kind }).inc();
            Ok(JobEnd::Done)
        }
        Ok(JobEnd::Waits) => Ok(JobEnd::Waits),
        // The teen was erased meanwhile: there is nothing left to remember.
        Err(error)
            if matches!(error.kind(), ErrorKind::Denied | ErrorKind::NotFound)
                && job.kind != JobKind::Erase =>
        {
            app.services.jobs.remove(job).await?;
            Ok(JobEnd::Done)
        }
        Err(error) => {
            app.metrics.jobs_failed.get_or_create(&Kind { kind }).inc();
            tracing::error!(kind, attempts = job.attempts, error.kind = ?error.kind(), cause = source_of(&error), "a job failed and was put back");
            let pause = Duration::from_secs(2_u64.saturating_pow(job.attempts.min(8)).min(300));
            if let Err(error) = app.services.jobs.defer(job, app.now().plus(pause)).await {
                tracing::error!(error.kind = ?error.kind(), "a job could not be put back; it stays due");
            }
            Err(error)
        }
    }
}

/// Turns an ended session into memory, tells whoever is there, deletes the live rows.
async fn remember(
    app: &Arc<App>,
    job: &MemoryJob,
    session: SessionId,
) -> Result<JobEnd, PortError> {
    let conversations = &app.services.conversations;
    let Some(log) = conversations.session(job.teen, session, app.now()).await? else {
        return finish(app, job.teen, session).await;
    };
    let local = read_locally(app, job, log).await?;
    if let Some(news) = &local.news {
        tell(app, job, news).await;
    }
    // The local reading stands; where a model may read it too, its rows stay for that long.
    match local.second_reading(app, job).await? {
        Second::None => finish(app, job.teen, session).await,
        Second::Later => Ok(JobEnd::Waits),
        Second::Now(reading) => {
            reading.spawn(app);
            Ok(JobEnd::Waits)
        }
    }
}

/// A session as this machine read it.
pub(crate) struct Local {
    /// The session.
    pub(crate) log: SessionLog,
    /// What was written of it just now.
    pub(crate) news: Option<Remembered>,
    settings: RememberSettings,
    consents: Vec<ConsentRecord>,
}

/// Writes what this machine finds in a session, unless that was done before or is not wanted.
pub(crate) async fn read_locally(
    app: &App,
    job: &MemoryJob,
    log: SessionLog,
) -> Result<Local, PortError> {
    let services = &app.services;
    let consents = services.consents.list(job.teen).await?;
    let settings = settings(app, job, &log.session, &consents).await?;
    let mut news = None;
    if settings.mode != MemoryMode::Off {
        let remembered = services.memory.remember(&log, &settings).await?;
        news = (remembered.applied == Applied::Now).then_some(remembered);
    }
    Ok(Local {
        log,
        news,
        settings,
        consents,
    })
}

impl Local {
    /// Whether a model reads the session too.
    pub(crate) async fn second_reading(
        self,
        app: &App,
        job: &MemoryJob,
    ) -> Result<Second, PortError> {
        if self.settings.mode == MemoryMode::Off {
            return Ok(Second::None);
        }
        let by = (&self.settings, self.consents.as_slice());
        extraction::begin(app, job, self.log, by).await
    }
}

/// Deletes what was said in a session, and its job.
pub(crate) async fn finish(
    app: &App,
    teen: TeenId,
    session: SessionId,
) -> Result<JobEnd, PortError> {
    let conversations = &app.services.conversations;
    conversations.finish_session(teen, session).await?;
    Ok(JobEnd::Done)
}

/// What tells of a session that was remembered.
pub(crate) const fn updated(news: &Remembered) -> SessionEvent {
    SessionEvent::MemoryUpdated {
        added: news.added,
        changed: news.changed,
        closed: news.closed,
        digest_version: news.digest_version,
    }
}

/// What may be remembered of a session, by the consents as they are now.
pub(super) async fn settings(
    app: &App,
    job: &MemoryJob,
    session: &SessionRecord,
    consents: &[ConsentRecord],
) -> Result<RememberSettings, PortError> {
    let profile = app.services.profiles.load(job.teen).await?;
    Ok(RememberSettings {
        mode: app.settings.memory_mode(consents, session.persona.as_ref()),
        zone: profile.as_ref().map_or_else(
            || "UTC".to_owned(),
            |profile| profile.zone_at(app.now()).to_owned(),
        ),
        mood: consent::granted(
            consents,
            consent::Purpose::Mood,
            "",
            app.services.catalogue.version(consent::Purpose::Mood),
        )
        .is_some(),
        evidence_days: app.settings.evidence_days,
        graph_days: app.settings.graph_days,
        persona_name: persona_name(app, session),
        teen_name: profile.and_then(|profile| profile.name),
    })
}

fn persona_name(app: &App, session: &SessionRecord) -> String {
    session
        .persona
        .as_ref()
        .and_then(|persona| app.services.personas.get(persona))
        .map_or_else(|| "Persona".to_owned(), |persona| persona.name.clone())
}

/// Logs `memory.updated` for a connection that is still there. Nobody there: they read it later.
async fn tell(app: &App, job: &MemoryJob, news: &Remembered) {
    let Some(room) = app.hub.existing(job.teen) else {
        return;
    };
    let mut inner = room.inner.lock().await;
    let ended = inner
        .session
        .as_ref()
        .is_some_and(|session| session.state == SessionState::Queued);
    if !ended {
        return;
    }
    let event = vec![updated(news)];
    if let Err(refused) = lifecycle::log_events(app, &room, &mut inner, event).await {
        lifecycle::refusal(app, &refused);
    }
    if let Some(session) = inner.session.as_mut() {
        session.state = SessionState::Processed;
    }
}

async fn erase(app: &App, job: &MemoryJob) -> Result<(), PortError> {
    app.forget(job.teen);
    let eraser = app.services.eraser.as_ref();
    let eraser = eraser.ok_or_else(|| {
        PortError::new(ErrorKind::Unavailable, "erase a teen: another process does")
    })?;
    if eraser.run(job.teen, None).await? == Erasure::Waits {
        // Put back as a failed job is: it is tried again with a growing pause.
        return Err(PortError::new(
            ErrorKind::Unavailable,
            "erase what is outside of the stores",
        ));
    }
    app.services.jobs.remove(job).await?;
    eraser.clean_up().await;
    app.let_go(job.teen).await;
    Ok(())
}

pub(super) const fn name_of(kind: JobKind) -> &'static str {
    match kind {
        JobKind::Remember { .. } => "remember",
        JobKind::Erase => "erase",
    }
}
