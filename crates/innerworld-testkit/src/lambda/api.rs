//! The Runtime API: a server on a free port of this machine, one for each start of a program, so
//! that nothing that a killed one still waits for meets the next.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, State},
    http::{HeaderValue, StatusCode},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use tokio::{
    sync::{Mutex, mpsc},
    task::JoinSet,
};

/// Longest answer: 6 MB and room for the envelope, as the service counts.
const MAX_ANSWER: usize = 6 * 1_024 * 1_024 + 100;
/// Read at all, to say that it is too much.
const MAX_READ: usize = 16 * 1_024 * 1_024;

/// Beginning of a function's full name.
pub(super) const ARN: &str = "arn:aws:lambda:us-east-1:123456789012:function:";

/// What came from the program.
#[derive(Debug)]
pub(super) enum Said {
    /// It asked for its first event.
    Ready,
    /// The answer to the event.
    Answer(String),
    /// An answer that is too long.
    TooLarge,
    /// An error instead of an answer.
    Error(String),
    /// It cannot start.
    InitError(String),
    /// Its output ended: it has.
    Ended,
}

struct Event {
    id: String,
    body: Vec<u8>,
    deadline_ms: u128,
}

struct Shared {
    /// The function's full name.
    arn: String,
    events: Mutex<mpsc::UnboundedReceiver<Event>>,
    said: mpsc::UnboundedSender<Said>,
}

/// The running server; it ends when it is dropped.
#[derive(Debug)]
pub(super) struct Api {
    address: SocketAddr,
    events: mpsc::UnboundedSender<Event>,
    said: mpsc::UnboundedReceiver<Said>,
    teller: mpsc::UnboundedSender<Said>,
    ready: bool,
    _serving: JoinSet<()>,
}

impl Api {
    /// Starts one for a program of this function.
    pub(super) async fn start(function: &str) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (events, wanted) = mpsc::unbounded_channel();
        let (teller, said) = mpsc::unbounded_channel();
        let shared = Arc::new(Shared {
            arn: format!("{ARN}{function}"),
            events: Mutex::new(wanted),
            said: teller.clone(),
        });
        let routes = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route(
                "/2018-06-01/runtime/invocation/{id}/response",
                post(response),
            )
            .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
            .route("/2018-06-01/runtime/init/error", post(init_error))
            .layer(DefaultBodyLimit::max(MAX_READ))
            .with_state(shared);
        let mut serving = JoinSet::new();
        serving.spawn(async move { axum::serve(listener, routes).await.unwrap() });
        Self {
            address,
            events,
            said,
            teller,
            ready: false,
            _serving: serving,
        }
    }

    /// The value of `AWS_LAMBDA_RUNTIME_API`.
    pub(super) fn address(&self) -> String {
        self.address.to_string()
    }

    /// Where the program's end is told.
    pub(super) fn teller(&self) -> mpsc::UnboundedSender<Said> {
        self.teller.clone()
    }

    /// Gives the program an event.
    pub(super) fn give(&mut self, id: &str, body: Vec<u8>, timeout: Duration) {
        let event = Event {
            id: id.to_owned(),
            body,
            deadline_ms: wall_clock_ms() + timeout.as_millis(),
        };
        self.events.send(event).unwrap();
    }

    /// What the program says next; that it is ready only once.
    pub(super) async fn said(&mut self) -> Said {
        loop {
            match self.said.recv().await.unwrap() {
                Said::Ready if self.ready => {}
                Said::Ready => {
                    self.ready = true;
                    return Said::Ready;
                }
                said => return said,
            }
        }
    }
}

/// Deadlines are of the real clock: the program compares them with its own.
#[expect(
    clippy::disallowed_methods,
    reason = "the program under test has no other clock"
)]
fn wall_clock_ms() -> u128 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_millis()
}

async fn next(State(shared): State<Arc<Shared>>) -> Response {
    shared.said.send(Said::Ready).unwrap_or_default();
    let event = shared.events.lock().await.recv().await;
    let Some(event) = event else {
        return StatusCode::GONE.into_response();
    };
    let mut response = event.body.into_response();
    let headers = response.headers_mut();
    for (name, value) in [
        ("content-type", "application/json".to_owned()),
        ("lambda-runtime-aws-request-id", event.id),
        ("lambda-runtime-deadline-ms", event.deadline_ms.to_string()),
        ("lambda-runtime-invoked-function-arn", shared.arn.clone()),
        (
            "lambda-runtime-trace-id",
            "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=0".to_owned(),
        ),
    ] {
        headers.insert(name, HeaderValue::from_str(&value).unwrap());
    }
    response
}

async fn response(
    State(shared): State<Arc<Shared>>,
    Path(_id): Path<String>,
    body: Bytes,
) -> StatusCode {
    if body.len() > MAX_ANSWER {
        shared.said.send(Said::TooLarge).unwrap_or_default();
        return StatusCode::PAYLOAD_TOO_LARGE;
    }
    shared
        .said
        .send(Said::Answer(text(&body)))
        .unwrap_or_default();
    StatusCode::ACCEPTED
}

async fn error(
    State(shared): State<Arc<Shared>>,
    Path(_id): Path<String>,
    body: Bytes,
) -> StatusCode {
    shared
        .said
        .send(Said::Error(text(&body)))
        .unwrap_or_default();
    StatusCode::ACCEPTED
}

async fn init_error(State(shared): State<Arc<Shared>>, body: Bytes) -> StatusCode {
    shared
        .said
        .send(Said::InitError(text(&body)))
        .unwrap_or_default();
    StatusCode::ACCEPTED
}

fn text(body: &[u8]) -> String {
    String::from_utf8(body.to_vec()).unwrap()
}
