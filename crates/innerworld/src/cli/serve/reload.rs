//! Files that change while the server runs: the safety files at SIGHUP, the certificate at SIGHUP and when
//! it is written. Either the new ones are in force afterwards, or those of before.

use std::{path::PathBuf, sync::Arc, time::Duration};

use anyhow::{Context as _, ensure};
use innerworld_core::{calendar, safety::LocalScreen as _};
use innerworld_engine::{app::App, safeguards::Safeguards};
use tokio::task::JoinSet;

use crate::config::{
    safety_files::{SafetyFiles, UNREVIEWED},
    tls::{LiveCertificate, days_until},
};

/// How often it is looked whether somebody renewed the certificate.
const LOOK: Duration = Duration::from_secs(30);

/// Reads files anew.
#[derive(Clone)]
pub(super) struct Reload {
    pub(super) app: Arc<App>,
    pub(super) folder: Option<PathBuf>,
    /// The service key of the ledger.
    pub(super) ledger: [u8; 32],
    /// Whether files that no clinician reviewed are refused.
    pub(super) must_be_reviewed: bool,
    pub(super) certificate: Option<Arc<LiveCertificate>>,
}

impl std::fmt::Debug for Reload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reload").finish_non_exhaustive()
    }
}

impl Reload {
    /// Begins to catch the signal and to look, for as long as `tasks` lives.
    pub(super) fn start(self, tasks: &mut JoinSet<()>) -> anyhow::Result<()> {
        if let Some(certificate) = self.certificate.clone() {
            tell_end(&self.app, &certificate);
            let app = Arc::clone(&self.app);
            tasks.spawn(async move {
                loop {
                    tokio::time::sleep(LOOK).await;
                    if certificate.has_changed() {
                        renew(&app, &certificate);
                    }
                }
            });
        }
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            let mut hangups =
                signal(SignalKind::hangup()).context("SIGHUP cannot be waited for")?;
            tasks.spawn(async move {
                while hangups.recv().await.is_some() {
                    if let Some(certificate) = &self.certificate {
                        renew(&self.app, certificate);
                    }
                    self.once().await;
                }
            });
        }
        Ok(())
    }

    async fn once(&self) {
        let reload = self.clone();
        let made = tokio::task::spawn_blocking(move || reload.make()).await;
        match made.context("reading stopped").and_then(|made| made) {
            Ok((safeguards, version)) => {
                self.app.services.safeguards.replace(safeguards);
                tracing::info!(version, "the safety files were read anew");
            }
            Err(error) => {
                self.app.metrics.safety_reload_failures.inc();
                tracing::error!(
                    error = format!("{error:#}"),
                    "the safety files cannot be used; those of before stay in force"
                );
            }
        }
    }

    /// Everything, rules compiled: the first teen must not wait for it.
    fn make(&self) -> anyhow::Result<(Safeguards, String)> {
        let files = SafetyFiles::read(self.folder.as_deref())?;
        ensure!(files.is_reviewed() || !self.must_be_reviewed, UNREVIEWED);
        let screen = files.screen();
        screen
            .compile()
            .context("the phrase rules could not be compiled")?;
        let version = screen.version().to_owned();
        let today = calendar::day_in("UTC", self.app.now());
        Ok((files.safeguards(&self.ledger, today)?, version))
    }
}

/// Puts the certificate's new files in force. The files are small: no thread of its own is needed.
fn renew(app: &App, certificate: &LiveCertificate) {
    match certificate.reload() {
        Ok(()) => tracing::info!(
            days = days_until(certificate.ends()),
            "the certificate was read anew"
        ),
        Err(error) => {
            app.metrics.tls_reload_failures.inc();
            tracing::error!(
                error = format!("{error:#}"),
                "the certificate's files cannot be used; the one of before stays in force"
            );
        }
    }
    tell_end(app, certificate);
}

fn tell_end(app: &App, certificate: &LiveCertificate) {
    let seconds = certificate.ends().as_millis().div_euclid(1_000);
    app.metrics.tls_certificate_end.set(seconds);
}
