//! A proxy in front of an HTTP/1.1 server that ends, loses or holds what passes through it.
//!
//! It stands between an adapter and the peer of a service, and makes a crash out of any of the
//! adapter's calls: so many requests pass, then nothing does any more. What the peer did with the
//! request at which it was cut is one of two: it never saw it, or it did it and nobody heard.
//! Requests can also be refused as `DynamoDB` does, and one can be held until the test lets it go on, which makes a process that lags behind.
//!
//! Every request gets a connection of its own to the server, so that the end of its answer is the
//! end of the connection.

mod asked;
mod refusal;

use std::{
    collections::{BTreeSet, HashSet},
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
};

pub use self::asked::Asked;

/// The longest request: what `DynamoDB` takes in one.
const LONGEST: usize = 16 * 1_024 * 1_024;

/// What happens once the last request passed. After a crash nothing passes, until
/// [`CuttingProxy::mend`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// A crash before the next request: it does not reach the server.
    Request,
    /// A crash after the next request: it reaches the server, and its answer is lost.
    Answer,
    /// The answer of the next request is lost, and what comes after it passes.
    OneAnswer,
}

/// The proxy. Dropping it ends every connection.
#[derive(Debug)]
pub struct CuttingProxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    _tasks: JoinSet<()>,
}

#[derive(Debug)]
struct Shared {
    server: String,
    plan: Mutex<Plan>,
    requests: AtomicUsize,
    was_cut: AtomicBool,
    /// A request whose answer will be lost is on its way.
    cutting: AtomicBool,
    held: watch::Sender<bool>,
    asked: Mutex<BTreeSet<Asked>>,
    meeting: AtomicBool,
    /// Transactions that have met another one.
    met: Mutex<HashSet<Vec<u8>>>,
}

#[derive(Clone, Copy, Debug)]
enum Plan {
    Pass,
    CutAfter(usize, Cut),
    HoldAfter(usize),
    Refuse,
    Throttle,
}

enum Fate {
    Pass,
    Throttle,
    Hold,
    LoseRequest,
    LoseAnswer,
}

impl CuttingProxy {
    /// A proxy in front of a server: `http://127.0.0.1:8000`. Everything passes.
    pub async fn start(server: &str) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = server.trim_start_matches("http://").trim_end_matches('/');
        let shared = Arc::new(Shared {
            server: server.to_owned(),
            plan: Mutex::new(Plan::Pass),
            requests: AtomicUsize::new(0),
            was_cut: AtomicBool::new(false),
            cutting: AtomicBool::new(false),
            held: watch::Sender::new(false),
            asked: Mutex::default(),
            meeting: AtomicBool::new(false),
            met: Mutex::default(),
        });
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, Arc::clone(&shared)));
        Self {
            address,
            shared,
            _tasks: tasks,
        }
    }

    /// Where to ask instead of the server.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// So many requests pass; then it is cut.
    pub fn cut_after(&self, requests: usize, cut: Cut) {
        self.shared.was_cut.store(false, Ordering::SeqCst);
        self.shared.cutting.store(false, Ordering::SeqCst);
        *self.shared.plan() = Plan::CutAfter(requests, cut);
    }

    /// So many requests pass; the one after them waits for [`CuttingProxy::mend`]. Those that come
    /// while it waits pass.
    pub fn hold_after(&self, requests: usize) {
        *self.shared.plan() = Plan::HoldAfter(requests);
    }

    /// From now on every transaction meets another one at its first try, and is done at its second.
    pub fn transactions_meet(&self) {
        self.shared.meeting.store(true, Ordering::SeqCst);
    }

    /// How many transactions have met another one.
    pub fn met(&self) -> usize {
        let met = self.shared.met.lock();
        met.unwrap_or_else(PoisonError::into_inner).len()
    }

    /// From now on everything is too much, until [`CuttingProxy::mend`].
    pub fn throttle(&self) {
        *self.shared.plan() = Plan::Throttle;
    }

    /// Returns once a request is held.
    pub async fn holds(&self) {
        let mut held = self.shared.held.subscribe();
        held.wait_for(|held| *held).await.unwrap();
    }

    /// Everything passes again, what was held too.
    pub fn mend(&self) {
        *self.shared.plan() = Plan::Pass;
        self.shared.held.send_replace(false);
    }

    /// Whether anything was cut since [`CuttingProxy::cut_after`].
    pub fn was_cut(&self) -> bool {
        self.shared.was_cut.load(Ordering::SeqCst)
    }

    /// What was asked of `DynamoDB` so far, each operation on each table or index once.
    pub fn asked(&self) -> BTreeSet<Asked> {
        let asked = self.shared.asked.lock();
        asked.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Requests that came so far, cut ones included.
    pub fn requests(&self) -> usize {
        self.shared.requests.load(Ordering::SeqCst)
    }
}

impl Shared {
    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, request: &[u8]) {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.extend(asked::of(request));
    }

    /// The refusal of a transaction that meets another one; the same one passes when it comes again.
    fn meets(&self, request: &[u8]) -> Option<Vec<u8>> {
        if !self.meeting.load(Ordering::SeqCst) {
            return None;
        }
        let refusal = refusal::met(request)?;
        let (_operation, body) = asked::operation(request)?;
        let mut met = self.met.lock().unwrap_or_else(PoisonError::into_inner);
        // The service's own token tells tries of one transaction apart from others.
        let body = body.get("TransactItems")?.to_string().into_bytes();
        met.insert(body).then_some(refusal)
    }

    fn fate(&self) -> Fate {
        self.requests.fetch_add(1, Ordering::SeqCst);
        let mut plan = self.plan();
        let (next, fate) = match *plan {
            Plan::Pass => (Plan::Pass, Fate::Pass),
            Plan::CutAfter(0, Cut::Request) | Plan::Refuse => (Plan::Refuse, Fate::LoseRequest),
            Plan::CutAfter(0, Cut::Answer) => (Plan::Refuse, Fate::LoseAnswer),
            Plan::CutAfter(0, Cut::OneAnswer) => (Plan::Pass, Fate::LoseAnswer),
            Plan::CutAfter(left, cut) => (Plan::CutAfter(left - 1, cut), Fate::Pass),
            Plan::HoldAfter(0) => (Plan::Pass, Fate::Hold),
            Plan::HoldAfter(left) => (Plan::HoldAfter(left - 1), Fate::Pass),
            Plan::Throttle => (Plan::Throttle, Fate::Throttle),
        };
        *plan = next;
        if matches!(fate, Fate::LoseAnswer) {
            self.cutting.store(true, Ordering::SeqCst);
        }
        fate
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut tasks = JoinSet::new();
    while let Ok((stream, _from)) = listener.accept().await {
        let shared = Arc::clone(&shared);
        tasks.spawn(async move { serve(stream, &shared).await.unwrap_or_default() });
        while tasks.try_join_next().is_some() {}
    }
}

/// Passes one request; `None` if either side ended early.
async fn serve(mut client: TcpStream, shared: &Shared) -> Option<()> {
    let request = read_request(&mut client).await?;
    shared.note(&request);
    let fate = shared.fate();
    match fate {
        Fate::LoseRequest => {
            if !shared.cutting.load(Ordering::SeqCst) {
                shared.was_cut.store(true, Ordering::SeqCst);
            }
            return None;
        }
        Fate::Hold => {
            let mut held = shared.held.subscribe();
            shared.held.send_replace(true);
            held.wait_for(|held| !held).await.ok()?;
        }
        Fate::Throttle => {
            client.write_all(&refusal::throttled()).await.ok()?;
            return client.shutdown().await.ok();
        }
        Fate::Pass | Fate::LoseAnswer => {}
    }
    if let Some(refusal) = shared.meets(&request) {
        client.write_all(&refusal).await.ok()?;
        return client.shutdown().await.ok();
    }
    let answer = forward(shared, &request).await;
    if matches!(fate, Fate::LoseAnswer) {
        // Whoever waits for the cut finds done what the server did.
        shared.was_cut.store(true, Ordering::SeqCst);
        shared.cutting.store(false, Ordering::SeqCst);
        return None;
    }
    client.write_all(&answer?).await.ok()?;
    client.shutdown().await.ok()
}

/// What the server answers to a request.
async fn forward(shared: &Shared, request: &[u8]) -> Option<Vec<u8>> {
    let mut server = TcpStream::connect(&shared.server).await.ok()?;
    server.write_all(request).await.ok()?;
    let mut answer = Vec::new();
    server.read_to_end(&mut answer).await.ok()?;
    Some(answer)
}

/// A whole request that asks the server to close after it.
async fn read_request(client: &mut TcpStream) -> Option<Vec<u8>> {
    const END: &[u8] = b"\r\n\r\n";
    let mut bytes = Vec::new();
    let head = loop {
        if let Some(end) = bytes.windows(END.len()).position(|four| four == END) {
            break end;
        }
        read_more(client, &mut bytes).await?;
    };
    let text = String::from_utf8_lossy(bytes.get(..head)?).into_owned();
    let mut lines = text.lines();
    let mut request = format!("{}\r\nconnection: close\r\n", lines.next()?);
    let mut length = 0;
    for line in lines {
        let (name, value) = line.split_once(':')?;
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().ok()?;
        }
        if !name.eq_ignore_ascii_case("connection") {
            request.push_str(line);
            request.push_str("\r\n");
        }
    }
    request.push_str("\r\n");
    let mut body = bytes.split_off(head + END.len());
    while body.len() < length {
        read_more(client, &mut body).await?;
    }
    let mut request = request.into_bytes();
    request.append(&mut body);
    Some(request)
}

async fn read_more(client: &mut TcpStream, bytes: &mut Vec<u8>) -> Option<()> {
    let read = client.read_buf(bytes).await.ok()?;
    (read > 0 && bytes.len() < LONGEST).then_some(())
}
