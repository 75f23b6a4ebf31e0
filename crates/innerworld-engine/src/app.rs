//! The running server: services, settings, metrics, and the rooms of teens who are there.

use std::{
    sync::{
        Arc, OnceLock, PoisonError, RwLock, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use innerworld_core::{
    clock::Timestamp,
    health::HealthCheck,
    ids::{RequestId, TeenId},
};
use tokio::sync::Semaphore;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    erase::{Closing, Forgets, Sockets},
    metrics::Metrics,
    safeguards::Safeguards,
    services::{Services, Settings},
    session::hub::Hub,
};

/// An interrupted turn may take this long to store what it has.
const INTERRUPTION: Duration = Duration::from_secs(2);

/// Close frames may take this long to be answered.
const FAREWELL: Duration = Duration::from_secs(3);

/// Most sessions that are with the extraction model at a time.
const EXTRACTIONS: usize = 8;

/// The running server.
pub struct App {
    /// Ports.
    pub services: Services,
    /// Settings.
    pub settings: Settings,
    /// What is measured.
    pub metrics: Metrics,
    pub(crate) hub: Hub,
    pub(crate) tasks: TaskTracker,
    pub(crate) jobs_ready: tokio::sync::Notify,
    /// Sessions that may be with the extraction model at a time.
    pub(crate) extractions: Arc<Semaphore>,
    /// Others who keep something of teens in RAM.
    forgetters: RwLock<Vec<Weak<dyn Forgets>>>,
    draining: AtomicBool,
    /// Cancelled when background work shall end.
    pub(crate) stopping: CancellationToken,
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("App")
    }
}

/// Touches the dependencies that a health report names.
#[async_trait::async_trait]
pub trait HealthSource: Send + Sync {
    /// One line a dependency.
    async fn check(&self) -> Vec<HealthCheck>;
}

impl App {
    /// A server that is not listening yet.
    pub fn new(services: Services, settings: Settings) -> Arc<Self> {
        Arc::new(Self {
            services,
            settings,
            metrics: Metrics::new(),
            hub: Hub::default(),
            tasks: TaskTracker::new(),
            jobs_ready: tokio::sync::Notify::new(),
            extractions: Arc::new(Semaphore::new(EXTRACTIONS)),
            forgetters: RwLock::default(),
            draining: AtomicBool::new(false),
            stopping: CancellationToken::new(),
        })
    }

    /// Takes up what an earlier process left: running turns and the jobs of ended sessions.
    pub async fn recover(self: &Arc<Self>) -> Result<usize, innerworld_core::error::PortError> {
        crate::session::recover::recover(self).await
    }

    /// Starts the job runner and the sweeper; they end when the process drains.
    pub fn start_background(self: &Arc<Self>) {
        let app = Arc::clone(self);
        self.tasks
            .spawn(async move { crate::session::jobs::run(&app).await });
        let app = Arc::clone(self);
        self.tasks
            .spawn(async move { crate::session::sweep::run(&app).await });
    }

    /// Whether the server takes no new connections any more.
    pub fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Acquire)
    }

    /// Drains: no new upgrades, connected clients are told to come back, running turns may end
    /// within the drain time, the rest is interrupted. Returns how many turns were interrupted.
    pub async fn drain(self: &Arc<Self>) -> usize {
        self.draining.store(true, Ordering::Release);
        let connections = self.hub.connections();
        let spread = Duration::from_millis(u64::try_from(connections).unwrap_or(0).min(5_000));
        self.hub.announce_drain(spread);
        until(self.settings.drain, || self.hub.turns_running() == 0).await;
        let interrupted = self.hub.interrupt_turns();
        // Each stores what it has and tells its teen before the sockets close.
        until(INTERRUPTION, || self.hub.turns_running() == 0).await;
        self.hub.close_all();
        until(FAREWELL, || self.hub.connections() == 0).await;
        self.stopping.cancel();
        self.tasks.close();
        // Turn tasks store what they have and end by themselves; a task that hangs on a dead
        // store must not keep the process alive for ever.
        if tokio::time::timeout(Duration::from_secs(10), self.tasks.wait())
            .await
            .is_err()
        {
            tracing::warn!("tasks were still running when the drain ended");
        }
        interrupted
    }

    /// A teen's memory changed under a running session: the next turn reads it anew, and nothing
    /// said before it is sent again, since it may name what was forgotten.
    pub fn refresh_memory(&self, teen: TeenId) {
        if let Some(room) = self.hub.existing(teen) {
            room.view().memory_stale = true;
        }
        for keeper in self.keepers() {
            keeper.memory_changed(teen);
        }
    }

    /// Tells `keeper` from now on when a teen is erased, and when their memory changes.
    pub fn tell_of_changes(&self, keeper: &Arc<impl Forgets + 'static>) {
        let keeper: Weak<dyn Forgets> = Arc::downgrade(keeper) as _;
        let mut forgetters = self
            .forgetters
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        forgetters.push(keeper);
    }

    /// Drops what this process keeps of a teen in RAM.
    pub fn forget(&self, teen: TeenId) {
        self.services.memory.forget_cached(teen);
        for keeper in self.keepers() {
            keeper.forget(teen);
        }
    }

    fn keepers(&self) -> Vec<Arc<dyn Forgets>> {
        let keepers = self.forgetters.read();
        let keepers = keepers.unwrap_or_else(PoisonError::into_inner);
        keepers.iter().filter_map(Weak::upgrade).collect()
    }

    /// Runs `task` until it ends by itself or the process has drained; it sees the latter.
    pub fn in_background<F: Future<Output = ()> + Send + 'static>(
        &self,
        task: impl FnOnce(CancellationToken) -> F,
    ) {
        self.tasks.spawn(task(self.stopping.clone()));
    }

    /// Connections that are open now.
    pub fn connections(&self) -> usize {
        self.hub.connections()
    }

    /// Touches every dependency.
    pub async fn check(&self) -> Vec<HealthCheck> {
        self.services.health.check().await
    }

    /// The local safety tier and the filter over answers, as they are now.
    pub fn safeguards(&self) -> Arc<Safeguards> {
        self.services.safeguards.now()
    }

    /// The present instant.
    pub fn now(&self) -> Timestamp {
        self.services.clock.now()
    }

    /// A fresh request id.
    pub fn request_id(&self) -> RequestId {
        RequestId::from_bits(self.services.ids.ulid(self.now()))
    }
}

/// Waits for a condition, but not for ever.
async fn until(patience: Duration, holds: impl Fn() -> bool) {
    let deadline = tokio::time::Instant::now() + patience;
    while !holds() && tokio::time::Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Closes sockets on behalf of sign-out and erasure. Made before the server, because the identity
/// provider needs it first; told about the server afterwards.
#[derive(Debug, Default)]
pub struct LateSockets(OnceLock<Weak<App>>);

impl LateSockets {
    /// The server whose sockets these are.
    pub fn attach(&self, app: &Arc<App>) {
        // A second server in one process keeps the first: there is only one set of sockets.
        self.0.get_or_init(|| Arc::downgrade(app));
    }
}

impl LateSockets {
    /// See [`App::refresh_memory`].
    pub fn refresh_memory(&self, teen: TeenId) {
        if let Some(app) = self.0.get().and_then(Weak::upgrade) {
            app.refresh_memory(teen);
        }
    }
}

impl Sockets for LateSockets {
    fn close(&self, teen: TeenId, why: Closing) {
        if let Some(app) = self.0.get().and_then(Weak::upgrade) {
            app.close_here(teen, why);
            app.close_elsewhere(teen, why);
        }
    }
}
