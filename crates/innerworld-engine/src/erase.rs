//! Erasing a teen: the steps in order, each repeatable, and the closing of their sockets.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use innerworld_core::{
    clock::Clock,
    error::PortError,
    identity::{account::ErasureStore, federation::FederationStore},
    ids::TeenId,
    memory::job::{JobKind, JobStore, MemoryJob},
    secret::Text,
};
use innerworld_protocol::{CloseCode, ErrorCode};

/// How long the tombstone is kept: longer than any backup lives.
const TOMBSTONE: Duration = Duration::from_secs(42 * 24 * 3_600);
/// Rows deleted in one transaction, so that other writers get their turn.
const ROWS_PER_STEP: usize = 500;

/// Why a teen's sockets close.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closing {
    /// Signed out everywhere (4401).
    SignedOut,
    /// Erased (4403).
    Erased,
    /// Suspended (4403).
    Suspended,
}

impl Closing {
    /// What a client is told.
    pub const fn told(self) -> (ErrorCode, CloseCode) {
        match self {
            Self::SignedOut => (ErrorCode::TokenInvalid, CloseCode::Token),
            Self::Erased | Self::Suspended => (ErrorCode::Forbidden, CloseCode::Forbidden),
        }
    }
}

/// Closes live sockets; the socket server implements it.
pub trait Sockets: Send + Sync {
    /// Closes every socket of `teen` and cancels calls in flight.
    fn close(&self, teen: TeenId, why: Closing);
}

/// Keeps something of teens in RAM.
pub trait Forgets: Send + Sync {
    /// Drops what is kept of this teen.
    fn forget(&self, teen: TeenId);
}

/// Takes back what another identity provider gave, also after the account is gone.
#[async_trait]
pub trait TakesBack: Send + Sync {
    /// Queues a grant to be taken back; durable when it returns.
    async fn queue(&self, refresh_token: &Text) -> Result<(), PortError>;
}

/// Drives the erasure of a teen.
pub struct Eraser {
    /// The steps.
    pub store: Arc<dyn ErasureStore>,
    /// What another identity provider gave, which is to be taken back.
    pub federation: Arc<dyn FederationStore>,
    /// Takes it back.
    pub revoker: Arc<dyn TakesBack>,
    /// Where the job waits until the last step is done.
    pub jobs: Arc<dyn JobStore>,
    /// Forgets what it knew about the teen's tokens.
    pub verifier: Arc<dyn Forgets>,
    /// Closes the sockets.
    pub sockets: Arc<dyn Sockets>,
    /// Time.
    pub clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for Eraser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Eraser")
    }
}

impl Eraser {
    /// Queues the erasure and does at once what a teen must be able to rely on: nothing can be
    /// written or read any more when this returns. The job deletes the rows.
    pub async fn request(&self, teen: TeenId) -> Result<(), PortError> {
        // The job is durable before the fence: a crash in between still ends in an erasure.
        self.jobs.enqueue(&self.job(teen)).await?;
        self.hand_over(teen).await?;
        self.fence(teen).await
    }

    /// All steps, from any point; the job runner calls it, removes the job, and cleans up.
    pub async fn run(&self, teen: TeenId) -> Result<usize, PortError> {
        self.hand_over(teen).await?;
        self.fence(teen).await?;
        let mut rows = 0_usize;
        loop {
            match self.store.delete_rows(teen, ROWS_PER_STEP).await? {
                0 => break,
                gone => rows = rows.saturating_add(gone),
            }
        }
        self.store.truncate_logs().await?;
        self.store
            .bury(teen, self.clock.now().plus(TOMBSTONE))
            .await?;
        tracing::info!(teen.id = %teen, rows, "erased a teen");
        Ok(rows)
    }

    /// After the job's row went, which named the teen until now: no log may keep it.
    pub async fn clean_up(&self) {
        if let Err(error) = self.store.truncate_logs().await {
            tracing::warn!(
                error.kind = ?error.kind(),
                "a log names an erased teen until its next checkpoint"
            );
        }
    }

    /// What opens with the teen's key only, and is needed after it is gone, waits elsewhere.
    async fn hand_over(&self, teen: TeenId) -> Result<(), PortError> {
        match self.federation.grant(teen).await {
            Ok(Some(grant)) => self.revoker.queue(&grant.refresh_token).await,
            Ok(None) => Ok(()),
            Err(error) if error.is_retryable() => Err(error),
            Err(error) => {
                // The erase does not wait for what can never be read.
                tracing::error!(
                    error.kind = ?error.kind(),
                    "a provider's grant could not be read and is not taken back"
                );
                Ok(())
            }
        }
    }

    async fn fence(&self, teen: TeenId) -> Result<(), PortError> {
        self.store.fence(teen, self.clock.now()).await?;
        self.verifier.forget(teen);
        self.sockets.close(teen, Closing::Erased);
        self.store.destroy_key(teen).await
    }

    fn job(&self, teen: TeenId) -> MemoryJob {
        MemoryJob {
            teen,
            kind: JobKind::Erase,
            not_before: self.clock.now(),
            attempts: 0,
        }
    }
}
