//! Taking back grants at another identity provider after an erase: tried until it succeeds, for
//! seven days; then somebody must look.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use innerworld_core::{
    clock::{Clock, Timestamp},
    error::{ErrorKind, PortError},
    identity::federation::{Revocation, RevocationStore},
    secret::Text,
};

use innerworld_engine::{
    app::App,
    erase::TakesBack,
    metrics::{Kind, Metrics},
};

use crate::cognito::{apple::AppleProvider, tokens};

/// Tried this long, then given up with an alarm.
const PATIENCE: Duration = Duration::from_secs(7 * 24 * 3_600);
/// Longest pause between two attempts.
const MAX_PAUSE_S: u64 = 3_600;
/// How often the queue is looked at without being told.
const POLL: Duration = Duration::from_secs(5);
/// Most attempts in one round.
const BATCH: usize = 16;

/// Takes back grants, from a queue that outlives the account.
pub struct Revoker {
    store: Arc<dyn RevocationStore>,
    apple: Option<Arc<AppleProvider>>,
    clock: Arc<dyn Clock>,
    ready: tokio::sync::Notify,
}

impl std::fmt::Debug for Revoker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Revoker")
    }
}

impl Revoker {
    /// A revoker over this queue; without `apple` it only queues.
    pub fn new(
        store: Arc<dyn RevocationStore>,
        apple: Option<Arc<AppleProvider>>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            store,
            apple,
            clock,
            ready: tokio::sync::Notify::new(),
        }
    }

    /// Everything that is due, once.
    async fn round(&self, metrics: &Metrics) -> Result<(), PortError> {
        let now = self.clock.now();
        for revocation in self.store.due(now, BATCH).await? {
            let kind = self.one(&revocation, now).await?;
            metrics
                .apple_revocations
                .get_or_create(&Kind { kind })
                .inc();
        }
        let waiting = self.store.waiting().await?;
        metrics
            .apple_revocations_waiting
            .set(i64::try_from(waiting).unwrap_or(i64::MAX));
        Ok(())
    }

    async fn one(
        &self,
        revocation: &Revocation,
        now: Timestamp,
    ) -> Result<&'static str, PortError> {
        let tried = match &self.apple {
            Some(apple) => apple.revoke(&revocation.token, now).await,
            None => Err(PortError::new(
                ErrorKind::Unavailable,
                "revoke a grant: Sign in with Apple is off",
            )),
        };
        let Err(cause) = tried else {
            self.store.remove(revocation.id).await?;
            tracing::info!("a grant at Apple was taken back");
            return Ok("done");
        };
        if now >= revocation.until {
            self.store.remove(revocation.id).await?;
            tracing::error!(
                error.kind = ?cause.kind(),
                attempts = revocation.attempts,
                "a grant at Apple could not be taken back for seven days and is given up: revoke \
                 it by hand"
            );
            return Ok("given_up");
        }
        tracing::warn!(
            error.kind = ?cause.kind(),
            attempts = revocation.attempts,
            "a grant at Apple could not be taken back and is tried again"
        );
        let pause = 2_u64
            .saturating_pow(revocation.attempts.min(12))
            .min(MAX_PAUSE_S);
        let again = now.plus(Duration::from_secs(pause)).min(revocation.until);
        self.store.defer(revocation.id, again).await?;
        Ok("failed")
    }
}

#[async_trait]
impl TakesBack for Revoker {
    /// The same token is queued once.
    async fn queue(&self, token: &Text) -> Result<(), PortError> {
        let now = self.clock.now();
        self.store
            .put(&Revocation {
                id: tokens::hash(token.reveal()),
                token: token.clone(),
                attempts: 0,
                not_before: now,
                until: now.plus(PATIENCE),
            })
            .await?;
        self.ready.notify_one();
        Ok(())
    }
}

/// Works off the queue until the server drains.
pub fn run(app: &Arc<App>, revoker: Arc<Revoker>) {
    let served = Arc::clone(app);
    app.in_background(|stopping| async move {
        while !stopping.is_cancelled() {
            if let Err(error) = revoker.round(&served.metrics).await {
                tracing::error!(error.kind = ?error.kind(), "the queue of revocations could not be read");
            }
            tokio::select! {
                () = revoker.ready.notified() => {}
                () = stopping.cancelled() => {}
                () = tokio::time::sleep(POLL) => {}
            }
        }
    });
}
