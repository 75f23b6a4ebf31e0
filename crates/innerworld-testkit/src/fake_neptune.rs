//! A graph database that stands for Neptune: real HTTPS with an authority of its own, signatures
//! recomputed, one fixed list of statements, and ways to fail on purpose.
//!
//! It runs statements by their name in the list it is given, against a graph in memory; a text
//! that is not in the list, or that holds a value, is refused.

mod execute;
mod graph;
mod request;
mod tls;

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    body::{Body, to_bytes},
    http::{Request, Response, request::Parts},
};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use innerworld_core::clock::Clock;
use serde_json::json;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Notify,
    task::JoinSet,
};
use tokio_rustls::TlsAcceptor;

pub use self::graph::{Contents, Link, Properties, Vertex};
use self::{
    execute::{Refusal, Values},
    request::Asked,
};
use crate::signature;
pub use crate::signature::Caller;

/// Bytes of a request.
const REQUEST_BYTES: usize = 16 * 1024 * 1024;

/// A way in which the next request fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is refused with this status and code, and nothing was done.
    Refused(u16, &'static str),
    /// It is never answered, and nothing was done.
    Hang,
    /// The connection ends instead of an answer, and nothing was done.
    Cut,
    /// The connection ends instead of an answer, but it was done.
    CutAfterCommit,
    /// The answer ends in the middle, under status 200, but it was done.
    HalfAnswer,
    /// The answer is longer than any client should read.
    Endless,
    /// It is sent on to somewhere else.
    Redirected,
}

impl Fault {
    /// Somebody else writes to the same node.
    pub const CONCURRENT: Self = Self::Refused(500, "ConcurrentModificationException");
    /// Too much is asked.
    pub const THROTTLED: Self = Self::Refused(429, "ThrottlingException");
}

#[derive(Default)]
struct State {
    graph: Contents,
    /// What readers still see, while they lag.
    older: Option<Contents>,
    /// What happens to each next request; to those behind them, nothing.
    faults: VecDeque<Option<Fault>>,
    ran: Vec<&'static str>,
    refused: Vec<&'static str>,
}

struct Inner {
    statements: Vec<(&'static str, &'static str)>,
    caller: Caller,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
    hung: Notify,
}

/// The running double; it ends when it is dropped.
pub struct FakeNeptune {
    inner: Arc<Inner>,
    /// Where writes and reads of them go.
    pub cluster: SocketAddr,
    /// Where reads go that may be a little old.
    pub readers: SocketAddr,
    /// The authority that its certificate comes from, in PEM.
    pub authority: String,
    _serving: JoinSet<()>,
}

impl std::fmt::Debug for FakeNeptune {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FakeNeptune").finish_non_exhaustive()
    }
}

impl FakeNeptune {
    /// Starts one that knows these statements (name and text) and this caller.
    pub async fn start(
        statements: Vec<(&'static str, &'static str)>,
        caller: Caller,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let inner = Arc::new(Inner {
            statements,
            caller,
            clock,
            state: Mutex::default(),
            hung: Notify::new(),
        });
        let (acceptor, authority) = tls::acceptor();
        let mut serving = JoinSet::new();
        let mut addresses = Vec::new();
        for is_reader in [false, true] {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            addresses.push(listener.local_addr().unwrap());
            let door = Door {
                inner: Arc::clone(&inner),
                acceptor: acceptor.clone(),
                is_reader,
            };
            serving.spawn(door.serve(listener));
        }
        let [cluster, readers] = addresses.try_into().unwrap();
        Self {
            inner,
            cluster,
            readers,
            authority,
            _serving: serving,
        }
    }

    /// The next request fails so.
    pub fn inject(&self, fault: Fault) {
        self.inject_after(0, fault);
    }

    /// So many requests pass, then one fails so. Faults that were injected before come first.
    pub fn inject_after(&self, requests: usize, fault: Fault) {
        let mut state = self.inner.state();
        state.faults.extend(std::iter::repeat_n(None, requests));
        state.faults.push_back(Some(fault));
    }

    /// No request fails any more.
    pub fn forget_faults(&self) {
        self.inner.state().faults.clear();
    }

    /// Waits until a request hangs.
    pub async fn hung(&self) {
        self.inner.hung.notified().await;
    }

    /// From now on readers see the graph as it is now.
    pub fn lag(&self) {
        let mut state = self.inner.state();
        state.older = Some(state.graph.clone());
    }

    /// Readers see every write again.
    pub fn catch_up(&self) {
        self.inner.state().older = None;
    }

    /// Everything that is stored.
    pub fn contents(&self) -> Contents {
        self.inner.state().graph.clone()
    }

    /// Names of the statements that were run, in order.
    pub fn ran(&self) -> Vec<&'static str> {
        self.inner.state().ran.clone()
    }

    /// What was wrong with the requests that were refused, in order.
    pub fn refused(&self) -> Vec<&'static str> {
        self.inner.state().refused.clone()
    }
}

/// One of the two addresses.
#[derive(Clone)]
struct Door {
    inner: Arc<Inner>,
    acceptor: TlsAcceptor,
    is_reader: bool,
}

/// The connection is to end without an answer.
#[derive(Debug)]
struct Cut;

impl std::fmt::Display for Cut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("cut")
    }
}

impl std::error::Error for Cut {}

impl Door {
    async fn serve(self, listener: TcpListener) {
        let mut connections = JoinSet::new();
        while let Ok((stream, _peer)) = listener.accept().await {
            connections.spawn(self.clone().connection(stream));
        }
    }

    /// Serves a connection until its end; those of clients that do not believe us end at once.
    async fn connection(self, stream: TcpStream) {
        let Ok(stream) = self.acceptor.accept(stream).await else {
            return;
        };
        let service = service_fn(|request| self.answer(request));
        let served = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        let _ended = served.await;
    }

    async fn answer(&self, request: Request<Incoming>) -> Result<Response<Body>, Cut> {
        let (parts, body) = request.into_parts();
        let body = to_bytes(Body::new(body), REQUEST_BYTES)
            .await
            .map_err(|_cause| Cut)?;
        let asked = match self.inner.admit(&parts, &body) {
            Ok(asked) => asked,
            Err(refusal) => return Ok(refuse(refusal)),
        };
        let fault = self.inner.state().faults.pop_front().flatten();
        match fault {
            Some(Fault::Refused(status, code)) => return Ok(refuse((status, code))),
            Some(Fault::Cut) => return Err(Cut),
            Some(Fault::Redirected) => {
                return Ok(answer(307, "", &[("location", "https://127.0.0.1/")]));
            }
            Some(Fault::Endless) => return Ok(answer(200, &" ".repeat(33 << 20), &[])),
            Some(Fault::Hang) => {
                self.inner.hung.notify_one();
                std::future::pending::<()>().await;
            }
            Some(Fault::CutAfterCommit | Fault::HalfAnswer) | None => {}
        }
        let text = match self.inner.run(&asked, self.is_reader) {
            Ok(rows) => json!({"results": rows}).to_string(),
            Err(refusal) => return Ok(refuse(refusal)),
        };
        match fault {
            Some(Fault::CutAfterCommit) => Err(Cut),
            Some(Fault::HalfAnswer) => Ok(answer(
                200,
                text.get(..text.len() / 2).unwrap_or_default(),
                &[],
            )),
            _ => Ok(answer(200, &text, &[])),
        }
    }
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Checks who asks, and what.
    fn admit(&self, parts: &Parts, body: &[u8]) -> Result<Asked, Refusal> {
        if let Err(wrong) = signature::check(
            (&self.caller, "neptune-db"),
            Some(self.clock.now()),
            parts,
            body,
        ) {
            self.state().refused.push(wrong);
            return Err((403, "AccessDeniedException"));
        }
        request::read(&self.statements, parts, body).inspect_err(|(_status, code)| {
            self.state().refused.push(*code);
        })
    }

    /// Runs a statement wholly or not at all.
    fn run(&self, asked: &Asked, is_reader: bool) -> Result<Vec<Properties>, Refusal> {
        let mut state = self.state();
        let writes = execute::writes(asked.name);
        if is_reader && writes {
            return Err((400, "ReadOnlyViolationException"));
        }
        let older = state.older.as_ref().filter(|_older| is_reader);
        let mut graph = older.unwrap_or(&state.graph).clone();
        let rows = execute::run(asked.name, &Values(&asked.values), &mut graph)?;
        if writes {
            state.graph = graph;
        }
        state.ran.push(asked.name);
        Ok(rows)
    }
}

fn refuse((status, code): Refusal) -> Response<Body> {
    // As Neptune does, the sentence speaks of what was asked; clients must not pass it on.
    let said = json!({
        "requestId": "0", "code": code, "detailedMessage": "the query with its parameters",
    });
    answer(status, &said.to_string(), &[])
}

fn answer(status: u16, body: &str, headers: &[(&str, &str)]) -> Response<Body> {
    let mut response = Response::builder()
        .status(status)
        .header("content-type", "application/json");
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    response.body(Body::from(body.to_owned())).unwrap()
}
