//! Safety changes that the tables could not take, in an SQS queue beside them.
//!
//! A change is about a child, so it is sealed before it leaves, under a key of the service: a teen's
//! own key lies in a table. That key is fetched while the tables still answer ([`Aws::prepare`]).
//!
//! A queue hands a message out to one process at a time and never says what else it holds. So each
//! process keeps a view: what it sent, and what it received, with the receipt that deletes it. What a
//! process received and did not delete before it died goes to another one after the queue's
//! visibility time-out. Two processes may store the same change; the store tells a repeat.
//!
//! A fence is not asked: it lies in the tables that fail. A change of an erased teen is refused by
//! the store when its turn comes, and then removed.
//!
//! [`Aws::prepare`]: crate::Aws::prepare

mod delivered;
mod line;
mod queue;
mod sender;
mod view;

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use innerworld_core::{
    error::{ErrorKind, PortError},
    ids::TeenId,
    safety::{SafetyCommit, store::SafetySpool},
    seal::Sealer,
};
use tokio::sync::OnceCell;

pub use self::delivered::DeliveredSpool;
use self::queue::Sent;
use self::view::{Place, View};
pub(crate) use self::{queue::SpoolQueue, sender::SpoolSender};
use crate::shared::Shared;

/// Name of the service key that seals it.
const KEY: &str = "spool";

/// The spool of one process.
pub(crate) struct Spool {
    /// `None` keeps changes in this process alone.
    queue: Option<SpoolQueue>,
    sealer: OnceCell<Sealer>,
    view: Mutex<View>,
}

impl fmt::Debug for Spool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Spool")
    }
}

impl Spool {
    pub(crate) fn new(queue: Option<SpoolQueue>) -> Self {
        Self {
            queue,
            sealer: OnceCell::new(),
            view: Mutex::default(),
        }
    }

    fn view(&self) -> MutexGuard<'_, View> {
        self.view.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// [`SafetySpool`] over the one spool of a process.
///
/// Without a queue it is a list in memory: what waits in it is lost with the process.
#[derive(Debug)]
pub(crate) struct SharedSpool {
    shared: Arc<Shared>,
}

impl SharedSpool {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// Fetches the key, so that it is there when the tables are not.
    pub(crate) async fn prepare(&self) -> Result<(), PortError> {
        if self.shared.spool.queue.is_some() {
            self.sealer().await?;
        }
        Ok(())
    }

    /// Removes every change of this teen that this process can get hold of. What another process
    /// holds is removed there, when the store refuses it.
    pub(crate) async fn forget(&self, teen: TeenId) -> Result<(), PortError> {
        self.collect().await?;
        let of_teen = self.shared.spool.view().of(teen);
        for handle in of_teen {
            self.remove(handle).await?;
        }
        Ok(())
    }

    /// Opens a message of the queue that somebody else received; `None` if it is damaged.
    pub(crate) async fn open(&self, body: &str) -> Result<Option<SafetyCommit>, PortError> {
        Ok(line::read(self.sealer().await?, body))
    }

    /// Sends a change to the queue, sealed. Gives the queue's name of it.
    async fn send(&self, queue: &SpoolQueue, commit: &SafetyCommit) -> Result<Sent, PortError> {
        let body = line::write(self.sealer().await?, &*self.shared.ids, commit)?;
        queue.send(commit.teen, body).await
    }

    async fn sealer(&self) -> Result<&Sealer, PortError> {
        let make = || async {
            let key = self.shared.teen_keys.service_key(KEY).await?;
            Sealer::new(&key)
        };
        self.shared.spool.sealer.get_or_try_init(make).await
    }

    /// Receives what the queue gives, and deletes of it what was removed before it could be.
    async fn collect(&self) -> Result<(), PortError> {
        let spool = &self.shared.spool;
        let Some(queue) = &spool.queue else {
            return Ok(());
        };
        let sealer = self.sealer().await?;
        let mut more = true;
        while more && !spool.view().is_full() {
            more = false;
            for message in queue.receive().await? {
                if spool.view().is_done(&message.id) {
                    queue.delete(&message.receipt).await?;
                    spool.view().deleted(&message.id);
                    more = true;
                } else if let Some(commit) = line::read(sealer, &message.body) {
                    let now = self.shared.clock.now();
                    more |= spool.view().received(message, commit, now);
                } else {
                    // It stays, and counts, until it lies among the dead letters.
                    tracing::error!("a spooled safety change is damaged and stays unread");
                }
            }
        }
        Ok(())
    }
}

#[async_trait]
impl SafetySpool for SharedSpool {
    async fn append(&self, commit: &SafetyCommit) -> Result<(), PortError> {
        const OPERATION: &str = "spool a safety change";
        let spool = &self.shared.spool;
        let Some(queue) = &spool.queue else {
            tracing::warn!("a safety change waits in this process alone: no queue is configured");
            if spool.view().keep(commit.clone(), self.shared.clock.now()) {
                return Ok(());
            }
            return Err(PortError::new(ErrorKind::Throttled, OPERATION));
        };
        let sent = self.send(queue, commit).await?;
        let now = self.shared.clock.now();
        spool.view().sent(sent, commit.clone(), now);
        Ok(())
    }

    /// What this process knows of where the queue cannot be asked.
    async fn pending(&self) -> Result<Vec<(u64, SafetyCommit)>, PortError> {
        if let Err(error) = self.collect().await {
            tracing::warn!(
                error.kind = ?error.kind(),
                "could not ask the queue for spooled safety changes"
            );
        }
        Ok(self.shared.spool.view().pending())
    }

    /// A change that cannot be deleted yet, because another process holds it, is deleted when this
    /// one receives it.
    async fn remove(&self, handle: u64) -> Result<(), PortError> {
        let spool = &self.shared.spool;
        let Some(queue) = &spool.queue else {
            spool.view().remove(handle);
            return Ok(());
        };
        let mut received = false;
        loop {
            let place = spool.view().place(handle);
            match place {
                Place::Gone => return Ok(()),
                Place::Held(receipt) => {
                    if queue.delete(&receipt).await? {
                        spool.view().remove(handle);
                        return Ok(());
                    }
                    spool.view().lost(handle, &receipt);
                }
                Place::Queued if received => {
                    spool.view().set_aside(handle);
                    return Ok(());
                }
                Place::Queued => {
                    self.collect().await?;
                    received = true;
                }
            }
        }
    }

    /// What this process knows of, and what the queue said within the last seconds that it holds
    /// beside that. SQS counts approximately: after the last change was removed it may speak of one
    /// for a minute.
    async fn depth(&self) -> Result<usize, PortError> {
        let spool = &self.shared.spool;
        let now = self.shared.clock.now();
        let asks = spool.view().asks(now);
        if let Some(queue) = &spool.queue
            && asks
        {
            let counted = async {
                self.prepare().await?;
                queue.count().await
            };
            match counted.await {
                Ok(count) => spool.view().counted(count, now),
                Err(error) => tracing::warn!(
                    error.kind = ?error.kind(),
                    "could not count the spooled safety changes in the queue"
                ),
            }
        }
        Ok(spool.view().depth())
    }
}
