//! A model server that misbehaves on purpose.
//!
//! A raw TCP server on a free port of this machine: it reads one request, plays a [`Script`] of
//! bytes, pauses, resets and silences, and records what it was asked. [`scripts`] has the scripts
//! of the hostile list, by point.

pub mod http2;
mod request;
pub mod scripts;
mod wire;

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::AsyncWriteExt as _,
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

pub use self::{
    request::SeenRequest,
    wire::{Framing, Wire, response},
};

/// One act of a script.
#[derive(Clone, Debug)]
pub enum Act {
    /// Writes the bytes in one piece.
    Send(Vec<u8>),
    /// Writes the bytes one by one, each after the pause.
    Drip(Vec<u8>, Duration),
    /// Writes the bytes over and over, at most so many times, until the client closes.
    Flood(Vec<u8>, usize),
    /// Waits.
    Pause(Duration),
    /// Says nothing more and keeps the connection open.
    Hang,
    /// Closes the connection in order.
    Close,
    /// Closes only the sending half.
    HalfClose,
    /// Breaks the connection with a reset.
    Reset,
}

/// What the server does with one request.
pub type Script = Vec<Act>;

/// The server. Dropping it ends every connection.
#[derive(Debug)]
pub struct HostileUpstream {
    address: SocketAddr,
    shared: Arc<Shared>,
    _tasks: JoinSet<()>,
}

#[derive(Debug)]
struct Shared {
    protocol: Protocol,
    scripts: Mutex<VecDeque<Script>>,
    requests: Mutex<Vec<SeenRequest>>,
    connections: AtomicUsize,
    open: AtomicUsize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Protocol {
    Http1,
    Http2,
}

impl HostileUpstream {
    /// Plays `scripts`, one for each request; the last one is repeated.
    pub async fn start(scripts: impl IntoIterator<Item = Script>) -> Self {
        Self::listen(Protocol::Http1, scripts).await
    }

    /// The same with HTTP/2 frames ([`http2`]), without TLS, one request at a time.
    pub async fn start_http2(scripts: impl IntoIterator<Item = Script>) -> Self {
        Self::listen(Protocol::Http2, scripts).await
    }

    async fn listen(protocol: Protocol, scripts: impl IntoIterator<Item = Script>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            protocol,
            scripts: Mutex::new(scripts.into_iter().collect()),
            requests: Mutex::default(),
            connections: AtomicUsize::new(0),
            open: AtomicUsize::new(0),
        });
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, Arc::clone(&shared)));
        Self {
            address,
            shared,
            _tasks: tasks,
        }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The base URL to configure.
    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// Every request so far, oldest first.
    pub fn requests(&self) -> Vec<SeenRequest> {
        lock(&self.shared.requests).clone()
    }

    /// Connections that were ever accepted.
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// Requests that are being answered on a connection which the client has not closed.
    pub fn open(&self) -> usize {
        self.shared.open.load(Ordering::SeqCst)
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut tasks = JoinSet::new();
    while let Ok((stream, _from)) = listener.accept().await {
        shared.connections.fetch_add(1, Ordering::SeqCst);
        stream.set_nodelay(true).unwrap();
        tasks.spawn(serve(stream, Arc::clone(&shared)));
    }
}

async fn serve(mut stream: TcpStream, shared: Arc<Shared>) {
    if shared.protocol == Protocol::Http2 && http2::greet(&mut stream).await.is_none() {
        return;
    }
    loop {
        let request = match shared.protocol {
            Protocol::Http1 => request::read(&mut stream).await,
            Protocol::Http2 => http2::read(&mut stream).await,
        };
        let Some(request) = request else { return };
        lock(&shared.requests).push(request);
        let script = shared.next_script();
        let _open = Open::new(&shared);
        if !play(&mut stream, script).await {
            return;
        }
    }
}

/// Whether the connection may serve another request.
async fn play(stream: &mut TcpStream, script: Script) -> bool {
    for act in script {
        let went_on = match act {
            Act::Send(bytes) => stream.write_all(&bytes).await.is_ok(),
            Act::Drip(bytes, pause) => drip(stream, &bytes, pause).await,
            Act::Flood(bytes, times) => flood(stream, &bytes, times).await,
            Act::Pause(pause) => tokio::select! {
                () = tokio::time::sleep(pause) => true,
                () = closed(stream) => false,
            },
            Act::Hang => {
                closed(stream).await;
                false
            }
            Act::HalfClose => {
                stream.shutdown().await.ok();
                closed(stream).await;
                false
            }
            Act::Close => false,
            Act::Reset => {
                // With zero linger the kernel answers the close with RST.
                stream.set_zero_linger().ok();
                false
            }
        };
        if !went_on {
            return false;
        }
    }
    true
}

async fn drip(stream: &mut TcpStream, bytes: &[u8], pause: Duration) -> bool {
    for byte in bytes {
        if stream.write_all(&[*byte]).await.is_err() {
            return false;
        }
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
    }
    true
}

async fn flood(stream: &mut TcpStream, bytes: &[u8], times: usize) -> bool {
    for _ in 0..times {
        if stream.write_all(bytes).await.is_err() {
            return false;
        }
    }
    true
}

/// Returns when the client has closed.
async fn closed(stream: &mut TcpStream) {
    use tokio::io::AsyncReadExt as _;
    let mut ignored = [0_u8; 256];
    while stream.read(&mut ignored).await.is_ok_and(|read| read > 0) {}
}

impl Shared {
    fn next_script(&self) -> Script {
        let mut scripts = lock(&self.scripts);
        if scripts.len() > 1 {
            return scripts.pop_front().unwrap_or_default();
        }
        scripts.front().cloned().unwrap_or_default()
    }
}

struct Open<'a>(&'a AtomicUsize);

impl<'a> Open<'a> {
    fn new(shared: &'a Shared) -> Self {
        shared.open.fetch_add(1, Ordering::SeqCst);
        Self(&shared.open)
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
