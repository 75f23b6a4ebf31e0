//! The second reading of an ended session, by a model: when it is due, and what its outcome means.
//!
//! The session's job waits in the outbox meanwhile: as long as it is there and the local list is
//! written, the session is marked as read by the local tier alone, to be read again. A crash at any
//! point leaves it so.

use std::{sync::Arc, time::Duration};

use innerworld_core::{
    clock::Timestamp,
    conversation::{record::SessionRecord, store::SessionLog},
    error::{ErrorKind, PortError},
    identity::consent::{self, ConsentRecord, MemoryMode, Purpose},
    memory::{
        RememberSettings,
        job::MemoryJob,
        model_tier::{
            excerpt::Excerpt,
            patch::{ModelPatch, ModelReading},
            reader::{ReadFailure, ReadOrder, ReadReport, SessionReader},
        },
    },
    persona::PersonaId,
};
use tokio::sync::OwnedSemaphorePermit;

use super::{
    jobs::{self, JobEnd},
    lifecycle::source_of,
};
use crate::{app::App, metrics::Kind};

/// After so long without success the local reading is final; the rows live for a day at most.
const GIVE_UP: Duration = Duration::from_secs(20 * 3_600);
/// Pauses between tries. The first is longer than a reading may take: it is also how long a try
/// counts as running should the process die in it.
const PAUSES: [Duration; 6] = [
    Duration::from_secs(2 * 60),
    Duration::from_secs(5 * 60),
    Duration::from_secs(15 * 60),
    Duration::from_secs(3_600),
    Duration::from_secs(2 * 3_600),
    Duration::from_secs(4 * 3_600),
];
/// How long a session waits when enough others are being read.
const BUSY: Duration = Duration::from_secs(30);
/// A text that was refused so often is not sent again.
const MOST_REFUSALS: u32 = 2;

/// Whether a model reads a session too.
pub(crate) enum Second {
    /// It does not: the local reading is final.
    None,
    /// It does, another time; the session's rows stay for it.
    Later,
    /// Now; the session's rows stay until it has.
    Now(Box<Try>),
}

/// One try.
pub(crate) struct Try {
    job: MemoryJob,
    log: SessionLog,
    persona: PersonaId,
    parts: Vec<Excerpt>,
    reader: Arc<dyn SessionReader>,
    _place: OwnedSemaphorePermit,
}

/// Finds out whether a model is to read the session now. The job is put back before it does: a try
/// that dies is one that failed.
pub(super) async fn begin(
    app: &App,
    job: &MemoryJob,
    log: SessionLog,
    (settings, consents): (&RememberSettings, &[ConsentRecord]),
) -> Result<Second, PortError> {
    let Some(reader) = app.services.reader.clone() else {
        return Ok(Second::None);
    };
    let Some(persona) = log.session.persona.clone() else {
        return Ok(Second::None);
    };
    let (now, final_at) = (app.now(), ended_at(&log.session).plus(GIVE_UP));
    if !is_allowed(app, &*reader, consents) || now >= final_at {
        return Ok(Second::None);
    }
    let memory = &app.services.memory;
    let parts = memory
        .parts_to_read(&log, settings, reader.version())
        .await?;
    if parts.is_empty() {
        return Ok(Second::None);
    }
    // Whoever was told of the job twice comes before the pause is over.
    if job.attempts > 0 && job.not_before > now {
        return Ok(Second::Later);
    }
    let place = Arc::clone(&app.extractions).try_acquire_owned().ok();
    let pause = if place.is_some() {
        pause(job.attempts)
    } else {
        BUSY
    };
    let next = now.plus(pause).min(final_at);
    app.services.jobs.defer(job, next).await?;
    let this = place.map(|place| Try {
        job: job.clone(),
        log,
        persona,
        parts,
        reader,
        _place: place,
    });
    Ok(this.map_or(Second::Later, |this| Second::Now(Box::new(this))))
}

/// Whether a stored consent names the company. The gate in front of the provider asks again.
fn is_allowed(app: &App, reader: &dyn SessionReader, consents: &[ConsentRecord]) -> bool {
    let version = app.services.catalogue.version(Purpose::ExtractionModel);
    consent::granted(
        consents,
        Purpose::ExtractionModel,
        reader.company(),
        version,
    )
    .is_some()
}

/// When a session ended.
pub(crate) fn ended_at(session: &SessionRecord) -> Timestamp {
    session.ended.map_or(session.last_activity_at, |(at, _)| at)
}

fn pause(attempts: u32) -> Duration {
    let at = usize::try_from(attempts).unwrap_or(usize::MAX);
    let longest = PAUSES.last().copied().unwrap_or(BUSY);
    PAUSES.get(at).copied().unwrap_or(longest)
}

impl Try {
    /// Runs it in a task of its own.
    pub(super) fn spawn(self, app: &Arc<App>) {
        let app_of_task = Arc::clone(app);
        app.tasks.spawn(async move {
            let (app, session) = (app_of_task, self.log.session.id);
            let kind = jobs::name_of(self.job.kind);
            match self.run(&app).await {
                Ok(JobEnd::Done) => {
                    app.metrics.jobs_done.get_or_create(&Kind { kind }).inc();
                }
                Ok(JobEnd::Waits) => {}
                // The teen was erased meanwhile: there is nothing left to read.
                Err(error) if matches!(error.kind(), ErrorKind::Denied | ErrorKind::NotFound) => {}
                Err(error) => {
                    tracing::error!(session.id = %session, error.kind = ?error.kind(), cause = source_of(&error), "a model's reading could not be stored; the session is read again");
                }
            }
        });
    }

    /// Asks the model, and stores what it found.
    pub(crate) async fn run(self, app: &App) -> Result<JobEnd, PortError> {
        let order = ReadOrder {
            teen: self.job.teen,
            session: self.log.session.id,
            persona: self.persona.clone(),
            parts: self.parts.clone(),
        };
        let outcome = tokio::select! {
            outcome = self.reader.read(order) => outcome,
            // The job is still there: the next process tries again.
            () = app.stopping.cancelled() => return Ok(JobEnd::Waits),
        };
        count(app, &outcome.report);
        match outcome.result {
            Ok(patch) => self.write(app, patch).await,
            Err(failure) => self.failed(app, failure).await,
        }
    }

    /// Writes the reading under the consents as they are now, then deletes the live rows.
    async fn write(&self, app: &App, patch: ModelPatch) -> Result<JobEnd, PortError> {
        let services = &app.services;
        let consents = services.consents.list(self.job.teen).await?;
        let settings = jobs::settings(app, &self.job, &self.log.session, &consents).await?;
        if settings.mode != MemoryMode::Off {
            let (nodes, edges) = (patch.nodes.len(), patch.edges.len());
            let reading = ModelReading {
                patch,
                version: self.reader.version().to_owned(),
            };
            services
                .memory
                .add_model_reading(&self.log, &settings, &reading)
                .await?;
            tracing::info!(session.id = %self.log.session.id, nodes, edges, "a session was read by the model");
        }
        ended(app, "model");
        self.finish(app).await
    }

    async fn failed(&self, app: &App, failure: ReadFailure) -> Result<JobEnd, PortError> {
        ended(app, failure.name());
        let refused = failure == ReadFailure::Refused && self.job.attempts + 1 >= MOST_REFUSALS;
        if failure == ReadFailure::NoConsent || refused {
            return self.finish(app).await;
        }
        tracing::warn!(session.id = %self.log.session.id, error.kind = failure.name(), attempts = self.job.attempts, "the model did not read a session; the local reading stands");
        Ok(JobEnd::Waits)
    }

    async fn finish(&self, app: &App) -> Result<JobEnd, PortError> {
        jobs::finish(app, self.job.teen, self.log.session.id).await
    }
}

fn ended(app: &App, kind: &'static str) {
    app.metrics
        .extraction_sessions
        .get_or_create(&Kind { kind })
        .inc();
}

fn count(app: &App, report: &ReadReport) {
    let calls = &app.metrics.extraction_calls;
    for (kind, many) in [
        ("call", report.calls),
        ("repair", report.repairs),
        ("fallback", report.fallbacks),
        ("split", report.splits),
    ] {
        calls.get_or_create(&Kind { kind }).inc_by(many.into());
    }
    for (reason, many) in &report.drops {
        let kind = reason.name();
        app.metrics
            .extraction_dropped
            .get_or_create(&Kind { kind })
            .inc_by(u64::from(*many));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_are_spaced_out_and_fit_into_the_time_until_the_local_reading_is_final() {
        assert_eq!(pause(0), PAUSES[0]);
        assert_eq!(pause(99), PAUSES[5]);
        assert!(PAUSES.iter().sum::<Duration>() < GIVE_UP);
        assert!(PAUSES.is_sorted());
    }
}
