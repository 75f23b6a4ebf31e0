//! Taking back grants at another identity provider after an erase: tried until it succeeds, for
//! seven days; then somebody must look.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use innerworld_core::{
    clock::{Clock, Timestamp},
    error::{ErrorKind, PortError},
    hash::sha256,
    identity::federation::{Revocation, RevocationStore},
    secret::Text,
};

use crate::{app::App, erase::TakesBack, metrics::Kind};

/// Tried this long, then given up with an alarm.
const PATIENCE: Duration = Duration::from_secs(7 * 24 * 3_600);
/// Longest pause between two attempts.
const MAX_PAUSE_S: u64 = 3_600;
/// How often the queue is looked at without being told.
const POLL: Duration = Duration::from_secs(5);
/// Most attempts in one round.
const BATCH: usize = 16;

/// Tells the other provider that a grant is over.
#[async_trait]
pub trait Revokes: Send + Sync {
    /// Takes back the grant of this refresh token; taking it back again succeeds.
    async fn revoke(&self, refresh_token: &Text, now: Timestamp) -> Result<(), PortError>;
}

/// What came of one look at the queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Round {
    /// Grants that were taken back.
    pub done: u64,
    /// Those that are tried again.
    pub failed: u64,
    /// Those that nobody tries again.
    pub given_up: u64,
    /// Those that wait now.
    pub waiting: usize,
}

/// Takes back grants, from a queue that outlives the account.
pub struct Revoker {
    store: Arc<dyn RevocationStore>,
    apple: Option<Arc<dyn Revokes>>,
    clock: Arc<dyn Clock>,
    ready: tokio::sync::Notify,
}

impl std::fmt::Debug for Revoker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Revoker")
    }
}

impl Revoker {
    /// Over this queue; without a provider everything waits, and is given up in the end.
    pub fn new(
        store: Arc<dyn RevocationStore>,
        apple: Option<Arc<dyn Revokes>>,
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
    pub async fn round(&self) -> Result<Round, PortError> {
        let now = self.clock.now();
        let mut round = Round::default();
        for revocation in self.store.due(now, BATCH).await? {
            match self.one(&revocation, now).await? {
                Ended::Done => round.done += 1,
                Ended::Failed => round.failed += 1,
                Ended::GivenUp => round.given_up += 1,
            }
        }
        round.waiting = self.store.waiting().await?;
        Ok(round)
    }

    async fn one(&self, revocation: &Revocation, now: Timestamp) -> Result<Ended, PortError> {
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
            return Ok(Ended::Done);
        };
        if now >= revocation.until {
            self.store.remove(revocation.id).await?;
            tracing::error!(
                error.kind = ?cause.kind(),
                attempts = revocation.attempts,
                "a grant at Apple could not be taken back for seven days and is given up: revoke \
                 it by hand"
            );
            return Ok(Ended::GivenUp);
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
        Ok(Ended::Failed)
    }
}

/// How an attempt ended.
enum Ended {
    Done,
    Failed,
    GivenUp,
}

#[async_trait]
impl TakesBack for Revoker {
    /// The same token is queued once.
    async fn queue(&self, token: &Text) -> Result<(), PortError> {
        let now = self.clock.now();
        self.store
            .put(&Revocation {
                id: sha256(token.reveal().as_bytes()),
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
            match revoker.round().await {
                Ok(round) => tell(&served, &round),
                Err(error) => {
                    tracing::error!(error.kind = ?error.kind(), "the queue of revocations could not be read");
                }
            }
            tokio::select! {
                () = revoker.ready.notified() => {}
                () = stopping.cancelled() => {}
                () = tokio::time::sleep(POLL) => {}
            }
        }
    });
}

fn tell(app: &App, round: &Round) {
    let kinds = [
        ("done", round.done),
        ("failed", round.failed),
        ("given_up", round.given_up),
    ];
    for (kind, count) in kinds.into_iter().filter(|(_, count)| *count > 0) {
        let kind = app.metrics.apple_revocations.get_or_create(&Kind { kind });
        kind.inc_by(count);
    }
    let waiting = i64::try_from(round.waiting).unwrap_or(i64::MAX);
    app.metrics.apple_revocations_waiting.set(waiting);
}
