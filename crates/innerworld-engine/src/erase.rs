//! Erasing a teen: the steps in order, each repeatable, and the closing of their sockets.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use innerworld_core::{
    clock::{Clock, Timestamp},
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
    /// The word by which servers tell each other.
    pub const fn word(self) -> &'static str {
        match self {
            Self::SignedOut => "signed-out",
            Self::Erased => "erased",
            Self::Suspended => "suspended",
        }
    }

    /// What such a word stands for.
    pub fn of_word(word: &str) -> Option<Self> {
        [Self::SignedOut, Self::Erased, Self::Suspended]
            .into_iter()
            .find(|closing| closing.word() == word)
    }

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

    /// The teen's memory changed: what was said before it may name what was forgotten. Whoever keeps no
    /// talks has nothing to do.
    fn memory_changed(&self, _teen: TeenId) {}
}

/// Takes back what another identity provider gave, also after the account is gone.
#[async_trait]
pub trait TakesBack: Send + Sync {
    /// Queues a grant to be taken back; durable when it returns.
    async fn queue(&self, refresh_token: &Text) -> Result<(), PortError>;
}

/// Keeps something of teens outside of the stores: a queue, a database of its own, an account at
/// another service.
///
/// # Contract
/// * The teen is fenced when this is asked, and their key is gone.
/// * Asking again, after it was done in whole or in part, leaves the same.
#[async_trait]
pub trait Keeps: Send + Sync {
    /// Removes what is kept of the teen, or has it removed. `false` while something of it is still
    /// there: then it is asked again.
    async fn erase(&self, teen: TeenId) -> Result<bool, PortError>;
}

/// Those outside of the stores. On one machine there is nobody.
#[derive(Clone, Default)]
pub struct Outside {
    /// Whoever is found by the teen's rows, or may still write some: the rows wait for them.
    pub before_rows: Vec<Arc<dyn Keeps>>,
    /// Whoever is found by the teen alone: they go when nothing leads to them any more.
    pub after_rows: Vec<Arc<dyn Keeps>>,
}

impl std::fmt::Debug for Outside {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Outside")
    }
}

/// How far an erasure came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Erasure {
    /// Nothing is left but the tombstone; so many rows went.
    Done {
        /// In this run.
        rows: usize,
    },
    /// Time was up, or somebody outside is not done: it is to be run again.
    Waits,
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
    /// Those who keep something outside of the stores.
    pub outside: Outside,
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

    /// All steps, from any point; the job runner calls it, removes the job once it is done, and
    /// cleans up. It begins nothing more after `until`.
    pub async fn run(&self, teen: TeenId, until: Option<Timestamp>) -> Result<Erasure, PortError> {
        self.hand_over(teen).await?;
        self.fence(teen).await?;
        if !all_gone(&self.outside.before_rows, teen).await? {
            return Ok(Erasure::Waits);
        }
        let mut rows = 0_usize;
        loop {
            if until.is_some_and(|until| self.clock.now() >= until) {
                return Ok(Erasure::Waits);
            }
            match self.store.delete_rows(teen, ROWS_PER_STEP).await? {
                0 => break,
                gone => rows = rows.saturating_add(gone),
            }
        }
        self.store.truncate_logs().await?;
        if !all_gone(&self.outside.after_rows, teen).await? {
            return Ok(Erasure::Waits);
        }
        self.store
            .bury(teen, self.clock.now().plus(TOMBSTONE))
            .await?;
        tracing::info!(teen.id = %teen, rows, "erased a teen");
        Ok(Erasure::Done { rows })
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

/// Asks each in turn; one who is not done holds up those behind.
async fn all_gone(keepers: &[Arc<dyn Keeps>], teen: TeenId) -> Result<bool, PortError> {
    for keeper in keepers {
        if !keeper.erase(teen).await? {
            return Ok(false);
        }
    }
    Ok(true)
}
