//! The gateway: a WebSocket API of API Gateway, over whatever runs functions.
//!
//! A handshake goes to the authoriser and then to the function of `$connect`; only then is the
//! connection up. Every frame of a client is an event of `$default`, whose answer nobody gets. What
//! functions post comes in over the management API at the same address, signed as on AWS. Limits are
//! those of the page "Quotas for configuring and running a WebSocket API in API Gateway". Idle time
//! and life are measured on a clock that the test moves, when it says [`Gateway::look`].
//!
//! Not played: routes but `$default`, throttling by itself, caching of the authoriser's answer.

mod connection;
mod event;
mod handshake;
mod integration;
mod management;
mod policy;
mod socket;

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{Router, body::Body, extract::State, http::Request, response::Response};
use innerworld_core::clock::Clock;
use tokio::{net::TcpSocket, sync::watch};

use self::connection::Connection;
pub use self::connection::Post;
use crate::{
    FakeClock, SeededIds,
    lambda::{Invokes, Outcome},
    signature::Caller,
    tasks::{Ending, Tasks},
};

/// Longest frame, either way; also the unit that messages are counted in.
pub const FRAME_BYTES: usize = 32 * 1_024;
/// Longest message.
pub const MESSAGE_BYTES: usize = 128 * 1_024;
/// A connection on which nothing is said is closed after this time.
pub const IDLE: Duration = Duration::from_secs(10 * 60);
/// A connection is closed after this time.
pub const LIFE: Duration = Duration::from_secs(2 * 60 * 60);
/// What the system may hold of what is sent to a client; small, so that one who does not read is
/// noticed.
const SYSTEM_BUFFER: u32 = 16 * 1_024;

/// Names of the functions; a route without one takes everything and does nothing.
#[derive(Clone, Debug, Default)]
pub struct Routes {
    /// The authoriser of `$connect`.
    pub authorizer: Option<String>,
    /// `$connect`.
    pub connect: Option<String>,
    /// `$default`: every frame.
    pub default: Option<String>,
    /// `$disconnect`.
    pub disconnect: Option<String>,
}

impl Routes {
    /// The functions under the names that they have in the product's own deployment.
    pub fn of_the_product() -> Self {
        let name = |name: &str| Some(name.to_owned());
        Self {
            authorizer: name("authorizer"),
            connect: name("connect-handler"),
            default: name("conversation-handler"),
            disconnect: name("disconnect-handler"),
        }
    }
}

/// A deployment.
#[derive(Clone)]
pub struct GatewaySettings {
    /// The stage.
    pub stage: String,
    /// The id of the API.
    pub api_id: String,
    /// Its functions.
    pub routes: Routes,
    /// Whether frames of one connection wait for each other. They do not on AWS.
    pub serial: bool,
    /// Bytes that may wait for a client that does not read.
    pub buffer_bytes: usize,
    /// How long the gateway waits for a function.
    pub integration_limit: Duration,
    /// The part of `$disconnect` events that is lost, from 0 to 1.
    pub disconnects_lost: f64,
    /// Measures idle time and life.
    pub clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for GatewaySettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GatewaySettings")
            .field("stage", &self.stage)
            .field("routes", &self.routes)
            .finish_non_exhaustive()
    }
}

impl Default for GatewaySettings {
    /// Stage `prod`, no functions, frames at once, 128 KB of buffer, 29 s for a function, nothing
    /// lost, a clock that stands.
    fn default() -> Self {
        Self {
            stage: "prod".to_owned(),
            api_id: "abcdef123".to_owned(),
            routes: Routes::default(),
            serial: false,
            buffer_bytes: 128 * 1_024,
            integration_limit: Duration::from_secs(29),
            disconnects_lost: 0.0,
            clock: Arc::new(FakeClock::default()),
        }
    }
}

/// A function that gave the gateway no answer it could use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedCall {
    /// Its name.
    pub function: String,
    /// How it ended; `None` if the gateway stopped waiting.
    pub outcome: Option<Outcome>,
}

struct Inner {
    settings: GatewaySettings,
    invokes: Arc<dyn Invokes>,
    caller: Caller,
    ids: SeededIds,
    disconnects_lost: Mutex<f64>,
    /// Every connection there ever was.
    connections: Mutex<HashMap<String, Arc<Connection>>>,
    failed: Mutex<Vec<FailedCall>>,
    /// What was wrong with calls of the management API that were refused.
    refused: Mutex<Vec<&'static str>>,
    /// Events of `$default` and `$disconnect` that are not yet done.
    pending: watch::Sender<usize>,
    tasks: Tasks,
}

/// The running double; it ends when it is dropped.
pub struct Gateway {
    inner: Arc<Inner>,
    address: SocketAddr,
    _ending: Ending,
}

impl std::fmt::Debug for Gateway {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gateway")
            .field("settings", &self.inner.settings)
            .finish_non_exhaustive()
    }
}

impl Gateway {
    /// Starts one over `invokes`; `caller` may post. Programs of [`crate::lambda`] are
    /// [`Caller::of_functions`].
    #[expect(
        clippy::unused_async,
        reason = "its tasks need a runtime, as those of every double"
    )]
    pub async fn start(
        settings: GatewaySettings,
        invokes: Arc<dyn Invokes>,
        caller: Caller,
    ) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        // Those that are accepted get it too.
        socket.set_send_buffer_size(SYSTEM_BUFFER).unwrap();
        socket.bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        let listener = socket.listen(1_024).unwrap();
        let address = listener.local_addr().unwrap();
        let tasks = Tasks::default();
        let inner = Arc::new(Inner {
            disconnects_lost: Mutex::new(settings.disconnects_lost),
            settings,
            invokes,
            caller,
            ids: SeededIds::named(&format!("gateway {}", address.port())),
            connections: Mutex::default(),
            failed: Mutex::default(),
            refused: Mutex::default(),
            pending: watch::Sender::new(0),
            tasks: tasks.clone(),
        });
        let routes = Router::new()
            .fallback(answer)
            .with_state(Arc::clone(&inner));
        tasks.spawn(async move { axum::serve(listener, routes).await.unwrap() });
        Self {
            inner,
            address,
            _ending: Ending(tasks),
        }
    }

    /// Where clients connect: `ws://127.0.0.1:PORT/STAGE`.
    pub fn url(&self) -> String {
        format!("ws://{}/{}", self.address, self.inner.settings.stage)
    }

    /// Where functions post: `http://127.0.0.1:PORT/STAGE`.
    pub fn management_endpoint(&self) -> String {
        format!("http://{}/{}", self.address, self.inner.settings.stage)
    }

    /// Ids of the connections that are up, the oldest first.
    pub fn connections(&self) -> Vec<String> {
        let mut up: Vec<_> = self.inner.all();
        up.retain(|connection| connection.is_up());
        up.sort_by_key(|connection| connection.number);
        up.iter().map(|connection| connection.id.clone()).collect()
    }

    /// What was posted to a connection and taken, in order.
    pub fn posts(&self, connection: &str) -> Vec<Post> {
        self.inner.known(connection).posts()
    }

    /// Waits until a connection is closed and its `$disconnect` has been answered or lost; the close
    /// code, 1006 if there was none.
    pub async fn over(&self, connection: &str) -> u16 {
        self.inner.known(connection).over().await
    }

    /// Waits until no event of `$default` or `$disconnect` is left.
    pub async fn settled(&self) {
        let mut pending = self.inner.pending.subscribe();
        pending.wait_for(|count| *count == 0).await.unwrap();
    }

    /// Answers the next `count` posts to a connection with this status, whatever they are: 429 is
    /// `LimitExceeded`.
    pub fn refuse_posts(&self, connection: &str, status: u16, count: usize) {
        self.inner.known(connection).refuse_posts(status, count);
    }

    /// From now on this part of `$disconnect` events is lost, from 0 to 1.
    pub fn lose_disconnects(&self, part: f64) {
        *locked(&self.inner.disconnects_lost) = part;
    }

    /// Looks at the clock: closes what has been idle or open for too long. How many those were.
    pub fn look(&self) -> usize {
        let now = self.inner.settings.clock.now();
        let all = self.inner.all();
        let ended = all.iter().filter(|connection| connection.end_by_time(now));
        ended.count()
    }

    /// Ends a connection as a lost network does: without a close frame.
    pub fn cut(&self, connection: &str) {
        self.inner.known(connection).cut();
    }

    /// Functions that gave no answer the gateway could use, in order.
    pub fn failed_calls(&self) -> Vec<FailedCall> {
        locked(&self.inner.failed).clone()
    }

    /// What was wrong with calls of the management API that were refused as not signed well.
    pub fn refused_calls(&self) -> Vec<&'static str> {
        locked(&self.inner.refused).clone()
    }
}

impl Inner {
    fn all(&self) -> Vec<Arc<Connection>> {
        locked(&self.connections).values().cloned().collect()
    }

    fn connection(&self, id: &str) -> Option<Arc<Connection>> {
        locked(&self.connections).get(id).cloned()
    }

    fn known(&self, id: &str) -> Arc<Connection> {
        let found = self.connection(id);
        found.unwrap_or_else(|| panic!("there never was a connection {id}"))
    }

    /// Counts an event as long as what this gives lives.
    fn pending(self: &Arc<Self>) -> Pending {
        self.pending.send_modify(|count| *count += 1);
        Pending(Arc::clone(self))
    }
}

/// An event that is not yet done.
struct Pending(Arc<Inner>);

impl Drop for Pending {
    fn drop(&mut self) {
        self.0.pending.send_modify(|count| *count -= 1);
    }
}

/// Everything that comes in: handshakes at the stage's address, the management API below it.
async fn answer(State(inner): State<Arc<Inner>>, request: Request<Body>) -> Response {
    let stage = format!("/{}", inner.settings.stage);
    let path = request.uri().path();
    match path.strip_prefix(&stage) {
        Some("" | "/") => handshake::answer(&inner, request).await,
        Some(rest) => match rest.strip_prefix("/@connections/") {
            Some(id) => {
                let id = management::decoded(id);
                management::answer(&inner, &id, request).await
            }
            None => handshake::status(403),
        },
        None => handshake::status(403),
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
