//! Several functions, each with its programs; events that somebody waits for and events that nobody
//! does.

mod http;

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use serde_json::Value;
use tokio::sync::{oneshot, watch};

use super::{Function, Invokes, Outcome, double::request_id, pool::Pool};
use crate::tasks::{Ending, Tasks};

/// How events are delivered that nobody waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// How often an event is tried again after an error or a timeout (`maximum_retry_attempts`).
    pub retries: usize,
    /// How long the service waits before it tries again; a minute on AWS.
    pub pause: Duration,
    /// Whether every event is delivered twice, at the same time: the service promises "at least
    /// once".
    pub twice: bool,
}

impl Default for Delivery {
    /// One retry, at once; delivered once.
    fn default() -> Self {
        Self {
            retries: 1,
            pause: Duration::ZERO,
            twice: false,
        }
    }
}

/// An event that was given up: what a failure destination is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LostEvent {
    /// The function it was for.
    pub function: String,
    /// The event.
    pub event: String,
    /// How often it was tried.
    pub attempts: usize,
    /// How the last attempt ended.
    pub outcome: Outcome,
}

struct Inner {
    functions: Mutex<HashMap<String, Arc<Pool>>>,
    delivery: Mutex<Delivery>,
    lost: Mutex<Vec<LostEvent>>,
    requests: AtomicUsize,
    /// Events that nobody waits for and that are not yet done.
    pending: watch::Sender<usize>,
}

/// The service. Clones speak of the same one; it ends, and its programs with it, when the last of
/// them is dropped.
#[derive(Clone)]
pub struct LambdaService {
    inner: Arc<Inner>,
    tasks: Tasks,
    address: SocketAddr,
    _ending: Arc<Ending>,
}

impl std::fmt::Debug for LambdaService {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let functions = self.inner.functions();
        f.debug_struct("LambdaService")
            .field("functions", &functions.keys())
            .finish_non_exhaustive()
    }
}

impl LambdaService {
    /// Starts the service without functions.
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let inner = Arc::new(Inner {
            functions: Mutex::default(),
            delivery: Mutex::default(),
            lost: Mutex::default(),
            requests: AtomicUsize::new(0),
            pending: watch::Sender::new(0),
        });
        let tasks = Tasks::default();
        let routes = http::routes(Arc::clone(&inner), tasks.clone());
        tasks.spawn(async move { axum::serve(listener, routes).await.unwrap() });
        Self {
            inner,
            address,
            _ending: Arc::new(Ending(tasks.clone())),
            tasks,
        }
    }

    /// Deploys a function, in the place of an older one of its name. Its programs start with its
    /// events.
    pub fn deploy(&self, function: Function) {
        let pool = Arc::new(Pool::new(function));
        let name = pool.name().to_owned();
        self.inner.functions().insert(name, pool);
    }

    /// The private endpoint to set: `AWS_ENDPOINT_URL_LAMBDA`.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on events that nobody waits for are delivered so.
    pub fn deliver(&self, delivery: Delivery) {
        *locked(&self.inner.delivery) = delivery;
    }

    /// Gives a function an event that nobody waits for; `false` if there is no such function.
    pub fn send(&self, function: &str, event: impl Into<Vec<u8>>) -> bool {
        let Some(pool) = self.inner.function(function) else {
            return false;
        };
        self.inner.send(&self.tasks, &pool, &event.into());
        true
    }

    /// Waits until no event is left that nobody waits for.
    pub async fn settled(&self) {
        let mut pending = self.inner.pending.subscribe();
        pending.wait_for(|count| *count == 0).await.unwrap();
    }

    /// Events that were given up, in order.
    pub fn lost(&self) -> Vec<LostEvent> {
        locked(&self.inner.lost).clone()
    }

    /// Kills, as SIGKILL does, every program of a function that works on an event now; how many
    /// there were. Their events end with [`Outcome::Ended`].
    pub fn kill(&self, function: &str) -> usize {
        self.inner.deployed(function).kill()
    }

    /// How many programs of a function work on an event now.
    pub fn busy(&self, function: &str) -> usize {
        self.inner.deployed(function).busy()
    }

    /// How often programs of a function were started.
    pub fn starts(&self, function: &str) -> usize {
        self.inner.deployed(function).book().starts()
    }

    /// How many events programs of a function were given, every attempt counted.
    pub fn events(&self, function: &str) -> usize {
        self.inner.deployed(function).book().events()
    }

    /// Numbers of a function's processes that work on nothing.
    pub fn processes(&self, function: &str) -> Vec<u32> {
        self.inner.deployed(function).processes()
    }

    /// All that programs of a function wrote. Those that work on nothing are ended for it, so that
    /// nothing is missing of theirs.
    pub fn written(&self, function: &str) -> String {
        let pool = self.inner.deployed(function);
        pool.stop_idle();
        pool.book().written()
    }
}

#[async_trait]
impl Invokes for LambdaService {
    async fn invoke(&self, function: &str, event: Value) -> Outcome {
        let Some(pool) = self.inner.function(function) else {
            return Outcome::Unknown;
        };
        let event = event.to_string().into_bytes();
        self.inner.invoke(&self.tasks, pool, event).await.1
    }
}

impl Inner {
    fn functions(&self) -> MutexGuard<'_, HashMap<String, Arc<Pool>>> {
        locked(&self.functions)
    }

    fn function(&self, name: &str) -> Option<Arc<Pool>> {
        self.functions().get(name).cloned()
    }

    fn deployed(&self, name: &str) -> Arc<Pool> {
        let found = self.function(name);
        found.unwrap_or_else(|| panic!("{name} is not deployed"))
    }

    fn request_id(&self) -> String {
        request_id(self.requests.fetch_add(1, Ordering::SeqCst) + 1)
    }

    /// Gives an event to a function and waits for the end of it. Whoever stops waiting does not end
    /// it: the function goes on, as on AWS.
    async fn invoke(&self, tasks: &Tasks, pool: Arc<Pool>, event: Vec<u8>) -> (String, Outcome) {
        let id = self.request_id();
        let (done, outcome) = oneshot::channel();
        let name = id.clone();
        tasks.spawn(async move {
            let outcome = pool.invoke(&name, event).await;
            done.send(outcome).unwrap_or_default();
        });
        (id, outcome.await.unwrap_or(Outcome::Ended(None)))
    }

    /// Gives an event to a function that nobody waits for; its id.
    fn send(self: &Arc<Self>, tasks: &Tasks, pool: &Arc<Pool>, event: &[u8]) -> String {
        let id = self.request_id();
        let delivery = *locked(&self.delivery);
        for _copy in 0..=usize::from(delivery.twice) {
            self.pending.send_modify(|count| *count += 1);
            let inner = Arc::clone(self);
            let (pool, id, event) = (Arc::clone(pool), id.clone(), event.to_vec());
            tasks.spawn(async move {
                inner.try_until_done(&pool, &id, event, delivery).await;
                inner.pending.send_modify(|count| *count -= 1);
            });
        }
        id
    }

    async fn try_until_done(&self, pool: &Pool, id: &str, event: Vec<u8>, delivery: Delivery) {
        let mut attempts = 0;
        loop {
            attempts += 1;
            let outcome = pool.invoke(id, event.clone()).await;
            if matches!(outcome, Outcome::Answered(_)) {
                return;
            }
            if attempts > delivery.retries {
                locked(&self.lost).push(LostEvent {
                    function: pool.name().to_owned(),
                    event: String::from_utf8_lossy(&event).into_owned(),
                    attempts,
                    outcome,
                });
                return;
            }
            if !delivery.pause.is_zero() {
                tokio::time::sleep(delivery.pause).await;
            }
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
