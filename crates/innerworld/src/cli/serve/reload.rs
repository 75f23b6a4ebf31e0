//! SIGHUP: the safety files are read anew. Either all of them are in force afterwards, or those of before.

use std::{path::PathBuf, sync::Arc};

use anyhow::Context as _;
use innerworld_core::{calendar, safety::LocalScreen as _};
use innerworld_server::{app::App, safeguards::Safeguards};
use tokio::task::JoinSet;

use crate::config::safety_files::SafetyFiles;

/// Reads the safety files anew.
#[derive(Clone)]
pub(super) struct Reload {
    pub(super) app: Arc<App>,
    pub(super) folder: Option<PathBuf>,
    /// The service key of the ledger.
    pub(super) ledger: [u8; 32],
}

impl std::fmt::Debug for Reload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reload").finish_non_exhaustive()
    }
}

impl Reload {
    /// Begins to catch the signal, and reads the files at each for as long as `tasks` lives.
    pub(super) fn start(self, tasks: &mut JoinSet<()>) -> anyhow::Result<()> {
        use tokio::signal::unix::{SignalKind, signal};
        let mut hangups = signal(SignalKind::hangup()).context("SIGHUP cannot be waited for")?;
        tasks.spawn(async move {
            while hangups.recv().await.is_some() {
                self.once().await;
            }
        });
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
        let screen = files.screen();
        screen
            .compile()
            .context("the phrase rules could not be compiled")?;
        let version = screen.version().to_owned();
        let today = calendar::day_in("UTC", self.app.now());
        Ok((files.safeguards(&self.ledger, today)?, version))
    }
}
